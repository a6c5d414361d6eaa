package shacl

import (
	"slices"
	"sort"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// origin tells from which document a triple of a merged graph is.
type origin struct {
	sources []Source
	ends    []int // how many triples there were after each document
}

// merge makes one graph of several documents (RDF 1.1 Semantics §4.1): blank nodes of two documents
// are kept apart. A triple that several say is of the first.
func merge(sources []Source) (*rdf.Graph, origin) {
	if len(sources) == 1 {
		return sources[0].Graph, origin{sources: sources, ends: []int{sources[0].Graph.Len()}}
	}
	g := rdf.NewGraph()
	o := origin{sources: sources}
	for i, s := range sources {
		if s.Graph != nil {
			label := blankPrefix(i)
			for t := range s.Graph.All() {
				t.S, t.P, t.O = apart(label, t.S), apart(label, t.P), apart(label, t.O)
				g.Add(t)
			}
		}
		o.ends = append(o.ends, g.Len())
	}
	return g, o
}

// blankPrefix stands before the labels of a document's blank nodes.
func blankPrefix(i int) string { return "f" + strconv.Itoa(i) + "-" }

// apart keeps blank nodes of different documents apart.
func apart(prefix string, t rdf.Term) rdf.Term {
	if t.Kind == rdf.Blank {
		t.Value = prefix + t.Value
	}
	return t
}

// file returns the number of the document that triple i is of.
func (o origin) file(i int) int {
	return min(sort.SearchInts(o.ends, i+1), len(o.sources)-1)
}

// order is the number of the first document with a name.
func (o origin) order(file string) int {
	return slices.IndexFunc(o.sources, func(s Source) bool { return s.File == file })
}

// placeOf returns file, line and column of triple i of g.
func (o origin) placeOf(g *rdf.Graph, i int) (file string, line, col int) {
	t := g.Triple(i)
	return o.sources[o.file(i)].File, t.Line, t.Col
}

// place is placeOf for a triple that g holds.
func (o origin) place(g *rdf.Graph, t rdf.Triple) (file string, line, col int) {
	s, _ := g.ID(t.S)
	p, _ := g.ID(t.P)
	obj, _ := g.ID(t.O)
	if cur := g.Find(s, p, obj); cur.Next() {
		return o.placeOf(g, cur.Index())
	}
	return "", t.Line, t.Col
}

// line returns the line where the subject of triple i of g is first written in its document.
func (o origin) line(g *rdf.Graph, i int) int {
	n := o.file(i)
	s := g.Triple(i).S
	if len(o.sources) > 1 && s.Kind == rdf.Blank {
		s.Value = s.Value[len(blankPrefix(n)):]
	}
	return o.sources[n].Graph.Line(s)
}
