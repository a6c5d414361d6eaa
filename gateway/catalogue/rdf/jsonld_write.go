package rdf

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// WriteJSONLD writes statements as JSON-LD 1.1. The prefixes map a prefix to
// its namespace; those in use are declared in a context of the document's own,
// so that nobody needs another document to read it. Without prefixes the form
// is the expanded one, without context. Blank nodes and lists are nested where
// WriteTurtle nests them, and the bytes depend on the same things.
//
// Language tags are written as they are, though readers take them in lower
// case.
func WriteJSONLD(w io.Writer, quads iter.Seq[Quad], prefixes map[string]string) error {
	d := newLDDataset(quads)
	names, err := newNames(d.usable(prefixes))
	if err != nil {
		return err
	}
	lw := &ldWriter{names: names, dataset: d, compact: prefixes != nil}
	nodes := lw.graph(Term{}, "    ")
	for _, name := range d.names() {
		nodes = append(nodes, lw.namedGraph(name))
	}
	bw := bufio.NewWriter(w)
	if lw.compact {
		bw.WriteString("{\n  \"@context\": " + lw.context() + ",\n  \"@graph\": [")
	} else {
		bw.WriteString("[")
	}
	for i, node := range nodes {
		if i > 0 {
			bw.WriteByte(',')
		}
		bw.WriteString("\n    " + node)
	}
	if len(nodes) > 0 {
		bw.WriteString("\n  ")
	}
	bw.WriteString("]\n")
	if lw.compact {
		bw.WriteString("}\n")
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("rdf: write JSON-LD: %w", err)
	}
	return nil
}

// ldDataset is a dataset by its graphs.
type ldDataset struct {
	graphs map[Term]*Graph
	places map[Term]int // of blank nodes: in how many graphs they are, or are the name of
}

func newLDDataset(quads iter.Seq[Quad]) *ldDataset {
	d := &ldDataset{graphs: map[Term]*Graph{{}: NewGraph()}, places: map[Term]int{}}
	for q := range quads {
		g := d.graphs[q.G]
		if g == nil {
			g = NewGraph()
			d.graphs[q.G] = g
		}
		g.Add(q.Triple)
	}
	for name, g := range d.graphs {
		seen := map[Term]bool{}
		if name.Kind == Blank {
			d.places[name]++
		}
		for t := range g.All() {
			for _, b := range [2]Term{t.S, t.O} {
				if b.Kind == Blank && !seen[b] {
					seen[b] = true
					d.places[b]++
				}
			}
		}
	}
	return d
}

// names are the names of the graphs but for the default graph.
func (d *ldDataset) names() []Term {
	var out []Term
	for name := range d.graphs {
		if !name.IsZero() {
			out = append(out, name)
		}
	}
	slices.SortFunc(out, func(a, b Term) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// usable are the prefixes that no IRI of the dataset has as its scheme: such
// an IRI would be taken for a compact one (JSON-LD 1.1 §3.3, API §5.2).
func (d *ldDataset) usable(prefixes map[string]string) map[string]string {
	out := map[string]string{}
	for prefix, ns := range prefixes {
		if prefix != "" {
			out[prefix] = ns
		}
	}
	drop := func(t Term) {
		iri := t.Value
		if t.Kind == Literal {
			iri = t.Datatype
		}
		if n := schemeLength(iri); n > 0 && !strings.HasPrefix(iri[n:], "://") {
			delete(out, iri[:n])
		}
	}
	for name, g := range d.graphs {
		drop(name)
		for t := range g.All() {
			drop(t.S)
			drop(t.P)
			drop(t.O)
		}
	}
	return out
}
