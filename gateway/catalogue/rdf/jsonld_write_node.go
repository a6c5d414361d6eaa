package rdf

import (
	"slices"
	"strings"
)

// ldWriter renders node objects.
type ldWriter struct {
	names   *names
	dataset *ldDataset
	compact bool

	g      *Graph
	layout *layout
}

// quote is a JSON string.
func quote(s string) string { return string(appendJSONString(nil, s)) }

// context renders the prefixes in use. A namespace that does not end as one
// must be called a prefix (JSON-LD 1.1 API §4.2.2 step 14.2.5).
func (w *ldWriter) context() string {
	var rows []string
	for _, prefix := range sortedKeys(w.names.used) {
		ns := w.names.spaces[prefix]
		value := quote(ns)
		if !strings.ContainsRune(":/?#[]@", rune(ns[len(ns)-1])) {
			value = `{"@id": ` + value + `, "@prefix": true}`
		}
		rows = append(rows, "\n    "+quote(prefix)+": "+value)
	}
	if len(rows) == 0 {
		return "{}"
	}
	return "{" + strings.Join(rows, ",") + "\n  }"
}

// iri abbreviates an IRI where that is wanted.
func (w *ldWriter) iri(iri string) string {
	if !w.compact {
		return iri
	}
	if s := w.names.iri(iri); s[0] != '<' {
		return s
	}
	return iri
}

// id is what @id says of a node.
func (w *ldWriter) id(t Term) string {
	if t.Kind == Blank {
		return quote("_:" + t.Value)
	}
	return quote(w.iri(t.Value))
}

// graph renders the nodes of a graph, in the order of their text.
func (w *ldWriter) graph(name Term, indent string) []string {
	w.g = w.dataset.graphs[name]
	w.layout = newLayout(w.g)
	var nodes []string
	for i := range w.g.nodes {
		if id := uint32(i); w.g.nodes[id].chain[0].count > 0 && !w.layout.inline[id] {
			nodes = append(nodes, w.node(id, indent))
		}
	}
	slices.Sort(nodes)
	return nodes
}

// namedGraph renders a graph with its name.
func (w *ldWriter) namedGraph(name Term) string {
	nodes := w.graph(name, "        ")
	return "{\n      \"@id\": " + w.id(name) + ",\n      \"@graph\": [\n        " +
		strings.Join(nodes, ",\n        ") + "\n      ]\n    }"
}

// node renders a node object. A blank node that only the place where it stands
// leads to has no name.
func (w *ldWriter) node(id uint32, indent string) string {
	t := w.g.term(id)
	inner := indent + "  "
	var rows []string
	leads := int(w.g.nodes[id].chain[2].count)
	if t.Kind != Blank || w.dataset.places[t] > 1 || leads > 0 && !w.layout.inline[id] {
		rows = append(rows, `"@id": `+w.id(t))
	}
	values, types := map[string][]string{}, []string(nil)
	for at := w.g.nodes[id].chain[0].first; at != 0; at = w.g.links[at-1].next[0] {
		k := &w.g.triples.list[at-1]
		p, o := w.g.term(k[1]), w.g.term(k[2])
		if p == termType && o.Kind != Literal && !w.layout.inline[k[2]] {
			types = append(types, w.id(o))
			continue
		}
		key := w.iri(p.Value)
		values[key] = append(values[key], w.object(k[2], inner))
	}
	if len(types) > 0 {
		rows = append(rows, `"@type": `+w.several(types, inner))
	}
	for _, key := range sortedKeys(values) {
		rows = append(rows, quote(key)+": "+w.several(values[key], inner))
	}
	switch {
	case len(rows) == 0:
		return "{}"
	case len(values)+len(types) == 0:
		return "{" + rows[0] + "}"
	}
	return "{\n" + inner + strings.Join(rows, ",\n"+inner) + "\n" + indent + "}"
}

// several renders values: one by itself in the compact form, else an array in
// the order of the texts.
func (w *ldWriter) several(values []string, indent string) string {
	if w.compact && len(values) == 1 {
		return values[0]
	}
	slices.Sort(values)
	return "[" + strings.Join(values, ", ") + "]"
}

// object renders a value of a property.
func (w *ldWriter) object(id uint32, indent string) string {
	t := w.g.term(id)
	switch {
	case w.layout.inline[id]:
		if items, ok := w.layout.lists[id]; ok {
			return w.list(items, indent)
		}
		return w.node(id, indent)
	case t == termNil:
		return `{"@list": []}`
	case t.Kind == Literal:
		return w.literal(t)
	}
	return `{"@id": ` + w.id(t) + "}"
}

// list renders a list object.
func (w *ldWriter) list(items []uint32, indent string) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = w.object(item, indent)
	}
	return `{"@list": [` + strings.Join(parts, ", ") + "]}"
}

// literal renders a literal: as a JSON value where reading that gives it back.
func (w *ldWriter) literal(t Term) string {
	value := quote(t.Value)
	switch {
	case t.Lang != "":
		return `{"@language": ` + quote(t.Lang) + `, "@value": ` + value + "}"
	case t.Datatype == XSDString:
	case t.Datatype == XSDBoolean && bare(t), t.Datatype == XSDInteger && nativeInteger(t.Value):
		value = t.Value
	default:
		return `{"@type": ` + quote(w.iri(t.Datatype)) + `, "@value": ` + value + "}"
	}
	if w.compact {
		return value
	}
	return `{"@value": ` + value + "}"
}

// nativeInteger reports whether an integer is written as JSON has it and no
// reader loses digits of it.
func nativeInteger(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return len(s) > 0 && len(s) <= 15 && digits(s) == len(s) && (s[0] != '0' || len(s) == 1)
}
