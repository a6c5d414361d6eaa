package rdf

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTermString(t *testing.T) {
	for _, tt := range []struct {
		term Term
		want string
	}{
		{Term{}, ""},
		{NewIRI("http://e/é"), "<http://e/é>"},
		{NewIRI("http://e/a b>"), `<http://e/a\u0020b\u003E>`},
		{NewBlank("b0"), "_:b0"},
		{NewString("a\"b\\c\n\r\t\b\f\x00\x1f\x7fé'"), `"a\"b\\c\n\r\t\b\f\u0000\u001F\u007Fé'"`},
		{NewLang("x", "en-GB"), `"x"@en-GB`},
		{NewTyped("1", XSDInteger), `"1"^^<http://www.w3.org/2001/XMLSchema#integer>`},
		{NewTyped("1", ""), `"1"`},
	} {
		if got := tt.term.String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	q := Quad{Triple: Triple{S: NewBlank("a"), P: NewIRI("a:p"), O: NewString("x")}, G: NewIRI("a:g")}
	if got, want := q.String(), `_:a <a:p> "x" <a:g> .`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

const written = `@prefix e: <http://e.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

[] e:p "x"@en, [ a e:C ;
        e:q 1 ], [] .

_:cycle e:next _:cycle .

_:shared e:p "two\nlines" .

e:a a e:A, e:B ;
    <http://e.org/ns/p> ( 1 ( e:b ) [ e:p true ] ), rdf:nil ;
    e:p "01"^^e:int, "1."^^xsd:decimal, -1.5, .5, 1.e3, 1E-3, _:shared, false .

e:b e:p _:shared .
`

func TestWriteTurtle(t *testing.T) {
	g, err := ReadTurtle(t.Context(), strings.NewReader(written), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	prefixes := Prefixes()
	prefixes["e"] = "http://e.org/"
	triples := slices.Collect(g.All())
	for seed := range uint64(8) {
		var b bytes.Buffer
		if err := WriteTurtle(&b, g, prefixes); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(written, b.String()); diff != "" {
			t.Fatalf("order %d (-want +got):\n%s", seed, diff)
		}
		rnd := rand.New(rand.NewPCG(seed, 1))
		rnd.Shuffle(len(triples), func(i, j int) { triples[i], triples[j] = triples[j], triples[i] })
		g = NewGraph()
		for _, x := range triples {
			g.Add(x)
		}
	}
	roundTrip(t, g)
}

func TestWriteTurtleShapes(t *testing.T) {
	deep := func(n int) string {
		return "<a:s> <a:p> " + strings.Repeat("[ <a:p> ", n) + "1" + strings.Repeat(" ]", n) + " ."
	}
	chain := func(n int, end string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "_:c%d <%s> %d ; <%s> ", i, RDFFirst, i, RDFRest)
			if i < n-1 {
				fmt.Fprintf(&b, "_:c%d .\n", i+1)
			}
		}
		return b.String() + end + " . <a:s> <a:p> _:c0 ."
	}
	for name, doc := range map[string]string{
		"deep nesting":            deep(100),
		"long list":               chain(300, "<"+RDFNil+">"),
		"list without end":        chain(300, "<a:o>"),
		"list in a circle":        chain(30, "_:c3"),
		"list back to its start":  chain(30, "_:c0"),
		"cell with two items":     chain(30, "<"+RDFNil+">") + " _:c7 <" + RDFFirst + "> 99 .",
		"cell with another owner": chain(30, "<"+RDFNil+">") + " <a:t> <a:p> _:c7 .",
		"cycle of two":            "_:a <a:p> _:b . _:b <a:p> _:a . _:b <a:q> [ <a:r> [] ] .",
		"tree on a cycle":         "_:z <a:p> _:z . _:z <a:q> _:a . _:a <a:r> 1 .",
		"list as subject":         "(1 2) <a:p> (3) .",
		"nothing":                 "",
	} {
		t.Run(name, func(t *testing.T) {
			g, err := ReadTurtle(t.Context(), strings.NewReader(doc), ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, g)
		})
	}
}

func TestWriteTurtlePrefixes(t *testing.T) {
	g := NewGraph()
	for _, iri := range []string{"http://e/ns/a", "http://e/a", "http://e/ns/-a", "http://e/a.", "http://e/a.b", "http://e/", "http://e/a/b", "http://e/é"} {
		g.Add(Triple{S: NewIRI(iri), P: NewIRI("http://e/p"), O: NewIRI(iri)})
	}
	var b bytes.Buffer
	if err := WriteTurtle(&b, g, map[string]string{"": "http://e/", "n": "http://e/ns/", "unused": "http://u/"}); err != nil {
		t.Fatal(err)
	}
	want := `@prefix : <http://e/> .
@prefix n: <http://e/ns/> .

: :p : .

:a :p :a .

:a.b :p :a.b .

<http://e/a.> :p <http://e/a.> .

<http://e/a/b> :p <http://e/a/b> .

<http://e/ns/-a> :p <http://e/ns/-a> .

<http://e/é> :p <http://e/é> .

n:a :p n:a .
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for prefix, ns := range map[string]string{"1a": "http://e/", "a b": "http://e/", "a": "rel/", "b": "http://e/>", "c.": "http://e/"} {
		if err := WriteTurtle(&b, g, map[string]string{prefix: ns}); !errors.Is(err, ErrPrefix) {
			t.Errorf("prefix %q of %q: %v", prefix, ns, err)
		}
	}
}

// full is a writer without space.
type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFails(t *testing.T) {
	g := NewGraph()
	g.Add(Triple{S: NewIRI("a:s"), P: NewIRI("a:p"), O: NewString(strings.Repeat("x", 100_000))})
	if err := WriteTurtle(full{}, g, nil); !errors.Is(err, errFull) {
		t.Errorf("Turtle: %v", err)
	}
	if err := WriteNTriples(full{}, g.All()); !errors.Is(err, errFull) {
		t.Errorf("N-Triples: %v", err)
	}
}

func TestPrefixesAreValid(t *testing.T) {
	if _, err := newNames(Prefixes()); err != nil {
		t.Error(err)
	}
}
