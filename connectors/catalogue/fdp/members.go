package fdp

import (
	"maps"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// member is a resource that a document links to as its part.
type member struct {
	iri string
	// dataset says that it is linked as a dataset; the others may hold some.
	dataset bool
	// stated says that the membership is stated itself, not by ldp:contains alone. The reference server
	// keeps drafts in ldp:contains and leaves the statement out.
	stated bool
}

// members are the parts of a document's resources, in the order of their IRIs: what its containers
// contain (LDP §5.4.1) and what the membership relations say, whether or not a container stands for
// them. A part the document itself types as a container is one, whatever the relation calls it.
func (doc document) members() []member {
	all := map[string]member{}
	add := func(o rdf.Term, dataset, stated bool) {
		if o.Kind != rdf.IRI {
			return
		}
		m := all[o.Value]
		m.iri, m.dataset, m.stated = o.Value, m.dataset || dataset, m.stated || stated
		all[o.Value] = m
	}
	relations := append([]rdf.Term{dcatDataset}, relationsToContainers...)
	for t := range doc.Match(rdf.Term{}, ldpContains, rdf.Term{}) {
		relation, _ := doc.Object(t.S, ldpHasMemberRelation)
		if !slices.Contains(relationsElsewhere, relation) {
			add(t.O, relation == dcatDataset, false)
		}
	}
	for t := range doc.Match(rdf.Term{}, ldpHasMemberRelation, rdf.Term{}) {
		if t.O.Kind == rdf.IRI && !slices.Contains(relationsElsewhere, t.O) && !slices.Contains(relations, t.O) {
			relations = append(relations, t.O)
		}
	}
	for _, relation := range relations {
		for t := range doc.Match(rdf.Term{}, relation, rdf.Term{}) {
			add(t.O, relation == dcatDataset, true)
		}
	}
	out := make([]member, 0, len(all))
	for _, iri := range slices.Sorted(maps.Keys(all)) {
		m := all[iri]
		m.dataset = m.dataset && !doc.isA(rdf.NewIRI(iri), containerClasses...)
		out = append(out, m)
	}
	return out
}

// isA says whether a node has one of the classes.
func (doc document) isA(node rdf.Term, classes ...rdf.Term) bool {
	return slices.ContainsFunc(classes, func(c rdf.Term) bool { return doc.Has(node, rdfType, c) })
}

// child is one kind of parts of a resource, which the server may also give page by page.
type child struct {
	prefix  string // path segment of the kind, such as "dataset"
	under   string // IRI below which its resources are
	dataset bool
}

// children are the kinds of parts that the containers of a document stand for. The reference server
// names a container by the kind's path with a slash at its end.
func (doc document) children(point *wire) []child {
	var out []child
	for t := range doc.Match(rdf.Term{}, ldpHasMemberRelation, rdf.Term{}) {
		u, ok := point.within(t.S.Value)
		if !ok || t.S.Kind != rdf.IRI || slices.Contains(relationsElsewhere, t.O) {
			continue
		}
		path, ok := strings.CutSuffix(u.Path, "/")
		c := child{prefix: path[strings.LastIndexByte(path, '/')+1:], under: t.S.Value, dataset: t.O == dcatDataset}
		if ok && c.prefix != "" && u.RawQuery == "" && u.Fragment == "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// once are members of several pages, each once, in the order of their IRIs.
func once(members []member) []member {
	all := make(map[string]member, len(members))
	for _, m := range members {
		have := all[m.iri]
		all[m.iri] = member{iri: m.iri, dataset: m.dataset || have.dataset, stated: m.stated || have.stated}
	}
	out := make([]member, 0, len(all))
	for _, iri := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[iri])
	}
	return out
}

// listed counts the members of a kind, which are there once each.
func listed(members []member, c child) int {
	n := 0
	for _, m := range members {
		if strings.HasPrefix(m.iri, c.under) {
			n++
		}
	}
	return n
}

// described are the parts of one kind that a page describes, in the order of their IRIs.
func (doc document) described(c child) []member {
	seen := map[string]bool{}
	for t := range doc.Match(rdf.Term{}, rdfType, rdf.Term{}) {
		id, below := strings.CutPrefix(t.S.Value, c.under)
		if t.S.Kind == rdf.IRI && below && id != "" && !strings.ContainsAny(id, "/#?") {
			seen[t.S.Value] = true
		}
	}
	out := make([]member, 0, len(seen))
	for _, iri := range slices.Sorted(maps.Keys(seen)) {
		out = append(out, member{iri: iri, dataset: c.dataset, stated: true})
	}
	return out
}
