package shacl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// TestBounds: hostile shapes and data end with ErrTooMuchWork, not with a stack or an hour.
func TestBounds(t *testing.T) {
	t.Parallel()
	chain := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "ex:n%d ex:next ex:n%d .\n", i, i+1)
		}
		return b.String()
	}
	doubling := "ex:S0 a sh:NodeShape ; sh:targetNode ex:n0 .\n"
	for i := range 60 {
		doubling += fmt.Sprintf("ex:S%d sh:and ( ex:S%d ex:S%d ) .\n", i, i+1, i+1)
	}
	star := strings.Builder{}
	for i := range 3_000 {
		fmt.Fprintf(&star, "ex:leaf%d ex:next ex:hub .\n", i)
	}
	for name, tc := range map[string]struct {
		shapes, data string
		o            Options
	}{
		"a recursive shape down a long chain": {"ex:S a sh:NodeShape ; sh:targetNode ex:n0 ; sh:property [ sh:path ex:next ; sh:node ex:S ] .", chain(5_000), Options{}},
		"shapes that double":                  {doubling + "ex:S60 sh:nodeKind sh:IRI .", "ex:n0 ex:next ex:n1 .", Options{MaxSteps: 1_000_000}},
		"closures from everywhere":            {"ex:S sh:targetSubjectsOf ex:next ; sh:property [ sh:path [ sh:zeroOrMorePath ex:next ] ; sh:minCount 1 ] .", chain(3_000), Options{MaxSteps: 500_000}},
		"a hub up and down":                   {"ex:S sh:targetSubjectsOf ex:next ; sh:property [ sh:path ( ex:next [ sh:inversePath ex:next ] ) ; sh:minCount 1 ] .", star.String(), Options{MaxSteps: 2_000_000}},
		"too many results":                    {"ex:S sh:targetSubjectsOf ex:next ; sh:nodeKind sh:Literal .", chain(200), Options{MaxResults: 100}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := compile(t, tc.shapes, tc.o).Validate(t.Context(), graph(t, tc.data))
			if !errors.Is(err, ErrTooMuchWork) || r != nil {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := compile(t, "ex:S sh:targetSubjectsOf ex:p ; sh:nodeKind sh:IRI .", Options{})
	if _, err := s.Validate(ctx, graph(t, "ex:a ex:p ex:b .")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if r := validate(t, s, "ex:a ex:p ex:b ."); !r.Conforms {
		t.Errorf("after an interrupted validation: %s", brief(r))
	}
}

// TestManyAtOnce: compiled shapes are used by many goroutines, with data of many sizes.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := compile(t, `ex:S sh:targetClass ex:C ; sh:property [ sh:path ( ex:p [ sh:zeroOrMorePath ex:p ] ) ; sh:maxCount 3 ; sh:class ex:C ; sh:node ex:S ] .`,
		Options{Background: []*rdf.Graph{graph(t, "ex:D rdfs:subClassOf ex:C . ex:n3 ex:p ex:n9 .")}})
	var wait sync.WaitGroup
	for i := range 8 {
		data := "ex:n0 a ex:C ; ex:p ex:n1 ."
		for j := 1; j < i; j++ {
			data += fmt.Sprintf("ex:n%d ex:p ex:n%d ; a ex:D .", j, j+1)
		}
		g := graph(t, data)
		first, err := s.Validate(t.Context(), g)
		if err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			for range 20 {
				if again, err := s.Validate(t.Context(), g); err != nil || brief(again) != brief(first) {
					t.Errorf("%d: %v\n%s\n%s", i, err, brief(first), brief(again))
					return
				}
			}
		})
	}
	wait.Wait()
}

// TestBackground: vocabularies count for classes, subclasses and paths, and are not judged themselves.
func TestBackground(t *testing.T) {
	t.Parallel()
	vocabulary := `ex:Registry rdfs:subClassOf ex:Dataset . ex:heal a ex:Theme ; ex:inScheme ex:themes . ex:other a ex:Dataset . _:b a ex:Theme ; ex:inScheme ex:themes .`
	shapes := `ex:S a sh:NodeShape ; sh:targetClass ex:Dataset ; sh:property [ sh:path ex:theme ; sh:class ex:Theme ; sh:minCount 1 ; sh:node [ sh:property [ sh:path ex:inScheme ; sh:hasValue ex:themes ] ] ] ,
		[ sh:path ( ex:theme [ sh:inversePath ex:theme ] ) ; sh:maxCount 1 ] .`
	data := `ex:r a ex:Registry ; ex:theme ex:heal , _:b .`
	for name, tc := range map[string]struct {
		o    Options
		want string
	}{
		"alone": {Options{}, ""}, // nobody knows that a registry is a dataset
		"with the vocabulary": {Options{Background: []*rdf.Graph{graph(t, vocabulary)}},
			"ex:r <ex:theme> Class _:b\nex:r <ex:theme> Node _:b\n"},
		"in two graphs": {Options{Background: []*rdf.Graph{graph(t, "ex:Registry rdfs:subClassOf ex:Data ."), graph(t, vocabulary+"ex:Data rdfs:subClassOf ex:Dataset .")}},
			"ex:r <ex:theme> Class _:b\nex:r <ex:theme> Node _:b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := compile(t, shapes, tc.o)
			for range 2 { // the second run uses the scratch space of the first
				if got := brief(validate(t, s, data)); got != tc.want {
					t.Errorf("results:\n%swant:\n%s", got, tc.want)
				}
			}
		})
	}
}

func TestValidateNodes(t *testing.T) {
	t.Parallel()
	s := compile(t, `ex:S a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .`, Options{})
	data := graph(t, "ex:a ex:p 1 . ex:b ex:q 1 . ex:c ex:q 1 .")
	name := func(s string) rdf.Term { return rdf.NewIRI("http://example.org/" + s) }
	r, err := s.ValidateNodes(t.Context(), data, name("S"), name("a"), name("b"), name("nobody"))
	if err != nil || brief(r) != "ex:b <ex:p> MinCount \n" {
		t.Errorf("%v, %v", r, err)
	}
	if r, err = s.Validate(t.Context(), data); err != nil || !r.Conforms {
		t.Errorf("without targets nothing is judged: %v, %v", r, err)
	}
	if _, err := s.ValidateNodes(t.Context(), data, name("T"), name("a")); err == nil || s.Has(name("T")) || !s.Has(name("S")) {
		t.Errorf("a shape that is not there: %v", err)
	}
	if _, err := Compile(nil, Options{}); err == nil {
		t.Error("no graph was compiled")
	}
}
