package rdf

import (
	"slices"
	"strings"
)

// turtleWriter renders the nodes of one graph.
type turtleWriter struct {
	g      *Graph
	names  *names
	layout *layout
}

// subject renders a root with all it says, as a statement.
func (w *turtleWriter) subject(id uint32) string {
	t := w.g.term(id)
	head := "[]"
	if t.Kind != Blank || w.g.nodes[id].chain[2].count > 0 {
		head = w.names.term(t)
	}
	return head + " " + w.predicates(id, "    ") + " .\n"
}

// predicates renders what a node says. Lines after the first start with
// indent.
func (w *turtleWriter) predicates(id uint32, indent string) string {
	g := w.g
	objects := map[string][]string{}
	for at := g.nodes[id].chain[0].first; at != 0; at = g.links[at-1].next[0] {
		k := &g.triples.list[at-1]
		p := g.term(k[1])
		verb := w.names.term(p)
		if p == termType {
			verb = "a"
		}
		objects[verb] = append(objects[verb], w.object(k[2], indent+"    "))
	}
	verbs := sortedKeys(objects)
	if i := slices.Index(verbs, "a"); i > 0 {
		verbs = slices.Insert(slices.Delete(verbs, i, i+1), 0, "a")
	}
	var b strings.Builder
	for i, verb := range verbs {
		if i > 0 {
			b.WriteString(" ;\n" + indent)
		}
		list := objects[verb]
		slices.Sort(list)
		b.WriteString(verb + " " + strings.Join(list, ", "))
	}
	return b.String()
}

// object renders a term, with what it says if it is nested.
func (w *turtleWriter) object(id uint32, indent string) string {
	if !w.layout.inline[id] {
		return w.names.term(w.g.term(id))
	}
	if items, ok := w.layout.lists[id]; ok {
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = w.object(item, indent)
		}
		return "( " + strings.Join(parts, " ") + " )"
	}
	if w.g.nodes[id].chain[0].count == 0 {
		return "[]"
	}
	return "[ " + w.predicates(id, indent) + " ]"
}
