package rdf

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sampleGraph holds every triple of 3 subjects, 4 predicates and 5 objects
// whose numbers add up to an even number, and some of the others.
func sampleGraph() (*Graph, []Triple) {
	g := NewGraph()
	var all []Triple
	for i := range 60 {
		s, p, o := i%3, i/3%4, i/12
		if (s+p+o)%2 == 1 && i%7 != 0 {
			continue
		}
		t := Triple{S: NewIRI(fmt.Sprint("s:", s)), P: NewIRI(fmt.Sprint("p:", p)), O: NewString(fmt.Sprint(o)), Line: i + 1, Col: 1}
		g.Add(t)
		all = append(all, t)
	}
	return g, all
}

func TestGraphMatchAgainstScan(t *testing.T) {
	g, all := sampleGraph()
	if g.Len() != len(all) {
		t.Fatalf("%d triples, want %d", g.Len(), len(all))
	}
	terms := []Term{{}, NewIRI("s:1"), NewIRI("p:2"), NewString("3"), NewIRI("none:1")}
	for _, s := range terms {
		for _, p := range terms {
			for _, o := range terms {
				var want []Triple
				for _, x := range all {
					if (s.IsZero() || s == x.S) && (p.IsZero() || p == x.P) && (o.IsZero() || o == x.O) {
						want = append(want, x)
					}
				}
				got := slices.Collect(g.Match(s, p, o))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Match(%v, %v, %v) (-want +got):\n%s", s, p, o, diff)
				}
				if g.Has(s, p, o) != (len(want) > 0) {
					t.Errorf("Has(%v, %v, %v) is wrong", s, p, o)
				}
			}
		}
	}
}

func TestGraphSet(t *testing.T) {
	g := NewGraph()
	first := Triple{S: NewIRI("a:s"), P: NewIRI("a:p"), O: NewLang("x", "en"), Line: 4, Col: 2}
	again := first
	again.Line = 9
	other := first
	other.O = NewLang("x", "EN")
	if !g.Add(first) || g.Add(again) || !g.Add(other) {
		t.Error("Add does not tell new triples from old ones")
	}
	if diff := cmp.Diff([]Triple{first, other}, slices.Collect(g.All())); diff != "" {
		t.Errorf("triples (-want +got):\n%s", diff)
	}
	if got := g.Line(first.S); got != 4 {
		t.Errorf("line %d of the subject, want 4", got)
	}
	if g.Line(first.O) != 0 || g.Line(NewIRI("a:none")) != 0 {
		t.Error("a line for a term that is no subject")
	}
}

func TestGraphQueries(t *testing.T) {
	g := NewGraph()
	for i, o := range []string{"b", "a", "b", "c"} {
		g.Add(Triple{S: NewIRI(fmt.Sprint("s:", i%2)), P: NewIRI("a:p"), O: NewString(o)})
	}
	s0, p := NewIRI("s:0"), NewIRI("a:p")
	if diff := cmp.Diff([]Term{NewString("b")}, g.Objects(s0, p)); diff != "" {
		t.Errorf("objects of one subject (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Term{NewString("b"), NewString("a"), NewString("c")}, g.Objects(Term{}, p)); diff != "" {
		t.Errorf("objects of all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Term{NewIRI("s:1")}, g.Subjects(p, NewString("c"))); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Term{s0, NewIRI("s:1")}, g.Subjects(p, Term{})); diff != "" {
		t.Errorf("subjects of all (-want +got):\n%s", diff)
	}
	if o, ok := g.Object(NewIRI("s:1"), p); !ok || o != NewString("a") {
		t.Errorf("first object %v, %v", o, ok)
	}
	if o, ok := g.Object(s0, NewIRI("a:q")); ok || !o.IsZero() {
		t.Errorf("an object of nothing: %v", o)
	}
	for range g.All() {
		g.Add(Triple{S: s0, P: p, O: NewString("new")})
		break
	}
	if g.Len() != 4 {
		t.Errorf("%d triples, want 4", g.Len())
	}
}

// Terms whose hashes collide are told apart all the same.
func TestTermTableCollision(t *testing.T) {
	t.Parallel()
	m := newTermTable()
	a := NewString("x")
	m.number(&a)
	for _, b := range []Term{NewLang("x", "en"), NewIRI("x"), NewBlank("x"), NewTyped("x", XSDInteger), NewString("y")} {
		if _, _, ok := m.probe(&b, m.hash(&a)); ok {
			t.Errorf("%s is taken for %s", b, a)
		}
	}
	if _, id, ok := m.probe(&a, m.hash(&a)); !ok || id != 0 {
		t.Error("the term itself is not found")
	}
}
