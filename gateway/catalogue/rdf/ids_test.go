package rdf

import (
	"slices"
	"testing"
)

// TestFindIsMatch asks for every pattern over a small graph both ways.
func TestFindIsMatch(t *testing.T) {
	t.Parallel()
	g := NewGraph()
	names := []Term{NewIRI("x:a"), NewIRI("x:b"), NewBlank("c"), NewString("d")}
	for i, s := range names[:3] {
		for j, p := range names[:2] {
			for k, o := range names {
				if (i+j+k)%3 != 0 {
					g.Add(Triple{S: s, P: p, O: o, Line: i + 1, Col: k + 1})
				}
			}
		}
	}
	if g.IDs() != len(names) {
		t.Fatalf("%d numbers for %d terms", g.IDs(), len(names))
	}
	for _, s := range append([]Term{{}}, names...) {
		for _, p := range append([]Term{{}}, names...) {
			for _, o := range append([]Term{{}}, names...) {
				want := slices.Collect(g.Match(s, p, o))
				var got []Triple
				c := g.Find(id(t, g, s), id(t, g, p), id(t, g, o))
				for c.Next() {
					tr := g.Triple(c.Index())
					if g.Term(c.S()) != tr.S || g.Term(c.P()) != tr.P || g.Term(c.O()) != tr.O {
						t.Errorf("numbers and terms of %v differ", tr)
					}
					got = append(got, tr)
				}
				if !slices.Equal(want, got) {
					t.Errorf("%v %v %v: Match gives %v, Find %v", s, p, o, want, got)
				}
				if c.Steps() < len(got) || c.Steps() > g.Len() {
					t.Errorf("%d steps for %d of %d", c.Steps(), len(got), g.Len())
				}
			}
		}
	}
	if _, ok := g.ID(NewIRI("x:nobody")); ok {
		t.Error("a term nobody mentioned has a number")
	}
	empty := NewGraph().Find(AnyID, AnyID, AnyID)
	if empty.Next() {
		t.Error("an empty graph holds a triple")
	}
}

func id(t *testing.T, g *Graph, term Term) ID {
	t.Helper()
	if term.IsZero() {
		return AnyID
	}
	n, ok := g.ID(term)
	if !ok {
		t.Fatalf("%v has no number", term)
	}
	return n
}

func TestFindDoesNotAllocate(t *testing.T) {
	g := NewGraph()
	for _, o := range []string{"1", "2", "3"} {
		g.Add(Triple{S: NewIRI("x:s"), P: NewIRI("x:p"), O: NewString(o)})
	}
	s, p := id(t, g, NewIRI("x:s")), id(t, g, NewIRI("x:p"))
	n := 0
	if allocs := testing.AllocsPerRun(10, func() {
		for c := g.Find(s, p, AnyID); c.Next(); {
			n++
		}
	}); allocs != 0 || n != 33 {
		t.Errorf("%v allocations, %d triples", allocs, n)
	}
}
