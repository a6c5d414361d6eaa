package shacl

import (
	"sort"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// origin tells from which document a triple of a merged graph is.
type origin struct {
	files []string
	ends  []int // how many triples there were after each document
}

// merge makes one graph of several documents (RDF 1.1 Semantics §4.1): blank nodes of two documents
// are kept apart. A triple that several say is of the first.
func merge(sources []Source) (*rdf.Graph, origin) {
	if len(sources) == 1 {
		return sources[0].Graph, origin{files: []string{sources[0].File}, ends: []int{sources[0].Graph.Len()}}
	}
	g := rdf.NewGraph()
	var o origin
	for i, s := range sources {
		apart := func(t rdf.Term) rdf.Term {
			if t.Kind == rdf.Blank {
				t.Value = "f" + strconv.Itoa(i) + "-" + t.Value
			}
			return t
		}
		if s.Graph != nil {
			for t := range s.Graph.All() {
				t.S, t.P, t.O = apart(t.S), apart(t.P), apart(t.O)
				g.Add(t)
			}
		}
		o.files = append(o.files, s.File)
		o.ends = append(o.ends, g.Len())
	}
	return g, o
}

// file returns the number of the document that triple i is of.
func (o origin) file(i int) int {
	return min(sort.SearchInts(o.ends, i+1), len(o.files)-1)
}

// placeOf returns file, line and column of triple i of g.
func (o origin) placeOf(g *rdf.Graph, i int) (file string, line, col int) {
	t := g.Triple(i)
	return o.files[o.file(i)], t.Line, t.Col
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
