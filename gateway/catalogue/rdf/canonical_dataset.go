package rdf

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// dataset is a set of quads by the numbers of their terms. Number 0 is the
// zero term, the default graph.
type dataset struct {
	terms  []Term
	quads  [][4]uint32
	blanks []uint32 // the numbers of the blank nodes

	// mentions of the term with number n are the quads
	// mention[start[n]:start[n+1]]; only blank nodes have any.
	start, mention []uint32
}

// newDataset takes in quads, with language tags in lower case.
func newDataset(ctx context.Context, quads iter.Seq[Quad], most int) (*dataset, error) {
	terms, set := newTermTable(), newTupleSet[[4]uint32]()
	number := func(t *Term) uint32 {
		if t.Lang != "" {
			t.Lang = strings.ToLower(t.Lang)
		}
		return terms.number(t)
	}
	number(&Term{})
	n := 0
	for q := range quads {
		if n++; n > most {
			return nil, fmt.Errorf("more than %d statements: %w", most, ErrPoison)
		}
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		set.add([4]uint32{number(&q.S), number(&q.P), number(&q.O), number(&q.G)})
	}
	d := &dataset{terms: terms.terms, quads: set.list}
	d.index()
	return d, nil
}

// datasetOf takes in a graph with the numbers its terms have there, plus one.
func datasetOf(ctx context.Context, g *Graph, most int) (*dataset, error) {
	if g.Len() > most {
		return nil, fmt.Errorf("more than %d statements: %w", most, ErrPoison)
	}
	for i := range g.terms.terms {
		if lang := g.terms.terms[i].Lang; lang != "" && strings.ToLower(lang) != lang {
			return newDataset(ctx, g.Quads(), most) // two terms may become one
		}
	}
	d := &dataset{terms: make([]Term, 1, 1+len(g.terms.terms)), quads: make([][4]uint32, g.Len())}
	d.terms = append(d.terms, g.terms.terms...)
	for i, k := range g.triples.list {
		d.quads[i] = [4]uint32{k[0] + 1, k[1] + 1, k[2] + 1, 0}
	}
	d.index()
	return d, nil
}

// index finds the quads each blank node occurs in.
func (d *dataset) index() {
	d.start = make([]uint32, len(d.terms)+1)
	d.eachMention(func(id, _ uint32) { d.start[id+1]++ })
	for id := range d.terms {
		if d.terms[id].Kind == Blank {
			d.blanks = append(d.blanks, uint32(id))
		}
		d.start[id+1] += d.start[id]
	}
	d.mention = make([]uint32, d.start[len(d.terms)])
	next := slices.Clone(d.start)
	d.eachMention(func(id, at uint32) {
		d.mention[next[id]] = at
		next[id]++
	})
}

// eachMention calls visit with each blank node of each quad, once for each.
func (d *dataset) eachMention(visit func(id, at uint32)) {
	for at, k := range d.quads {
		for i, id := range k {
			if d.terms[id].Kind == Blank && !slices.Contains(k[:i], id) {
				visit(id, uint32(at))
			}
		}
	}
}

// mentions returns the numbers of the quads a blank node occurs in.
func (d *dataset) mentions(id uint32) []uint32 { return d.mention[d.start[id]:d.start[id+1]] }

// appendQuad appends a quad and a line feed, with the blank nodes' labels
// from label.
func (d *dataset) appendQuad(b []byte, k *[4]uint32, label func(b []byte, id uint32) []byte) []byte {
	for _, id := range k {
		switch t := &d.terms[id]; t.Kind {
		case Blank:
			b = append(label(append(b, '_', ':'), id), ' ')
		case IRI, Literal:
			b = append(appendTerm(b, *t), ' ')
		}
	}
	return append(b, '.', '\n')
}

// nquads writes the dataset with canonical labels in code point order.
func (r *canonicalization) nquads() []byte {
	size := 0
	for i := range r.set.quads {
		for _, id := range r.set.quads[i] {
			t := &r.set.terms[id]
			size += len(t.Value) + len(t.Datatype) + len(t.Lang) + len(`""^^<> `)
		}
	}
	b := make([]byte, 0, size)
	lines := make([][]byte, len(r.set.quads))
	for i := range r.set.quads {
		from := len(b)
		b = r.set.appendQuad(b, &r.set.quads[i], func(b []byte, id uint32) []byte {
			return appendLabel(b, canonicalPrefix, r.canonical.issued[id])
		})
		lines[i] = b[from:]
	}
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
}
