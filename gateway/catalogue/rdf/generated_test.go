package rdf

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dice makes terms and datasets of every kind that the formats write in
// different ways.
type dice struct{ *rand.Rand }

func throw(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](d dice, of []T) T { return of[d.IntN(len(of))] }

// text is a string of awkward pieces.
func (d dice) text() string {
	var b strings.Builder
	for range d.IntN(4) {
		b.WriteString(pick(d, []string{
			"a", "1998–2024", "\"", "'", "\"\"\"", "\\", "\\u00e9", "é", "😀", "\n", "\r\n", "\t", "\x00", "\x7f", "\b\f",
			" ", "@en", "^^", "<", ">", "#", ".", "\u2028", "\uFEFF", "\U000E0001", "{", "}",
		}))
	}
	return b.String()
}

// iri is an IRI whose end may or may not be written as a prefixed name.
func (d dice) iri() Term {
	space := pick(d, []string{"http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#", "http://e.org/", "urn:x:", "http://e.org/é/../b?q#"})
	return NewIRI(space + pick(d, []string{"", "a", "a.b", "a.", ".a", "-a", "a-", "1", "a/b", "a:b", "é", "a%20b", "(a)", "~a", "a#b", "_"}))
}

func (d dice) blank() Term {
	return NewBlank(pick(d, []string{"a", "b", "c", "d", "e", "b0", "x.y", "1", "é", "anon-0", "a_b-c"}))
}

func (d dice) literal() Term {
	switch d.IntN(5) {
	case 0:
		return NewString(d.text())
	case 1:
		return NewLang(d.text(), pick(d, []string{"en", "EN", "en-GB", "fr-be", "de-1996"}))
	case 2:
		return NewTyped(pick(d, []string{"1", "-1", "+01", "1.0", ".5", "1.", "1e3", "1.E-3", "e3", "", "true", "false", "TRUE", "1 "}),
			pick(d, []string{XSDInteger, XSDDecimal, XSDDouble, XSDBoolean}))
	case 3:
		return NewTyped(d.text(), d.iri().Value)
	}
	return NewTyped("2024-05-01", XSDDate)
}

func (d dice) node() Term {
	if d.IntN(2) == 0 {
		return d.blank()
	}
	return d.iri()
}

func (d dice) object() Term {
	if d.IntN(3) == 0 {
		return d.literal()
	}
	return d.node()
}

// quads makes a dataset: loose statements, trees and collections.
func (d dice) quads(graphs bool) []Quad {
	var out []Quad
	put := func(s, p, o Term) {
		q := Quad{Triple: Triple{S: s, P: p, O: o}}
		if graphs && d.IntN(2) == 0 {
			q.G = d.node()
		}
		out = append(out, q)
	}
	for range d.IntN(12) {
		put(d.node(), d.iri(), d.object())
	}
	for i := range d.IntN(3) { // a collection, now and then a crooked one
		cell := NewBlank(fmt.Sprintf("list%d", i))
		put(d.node(), d.iri(), cell)
		for j := range d.IntN(4) {
			next := NewBlank(fmt.Sprintf("list%d.%d", i, j))
			put(cell, termFirst, d.object())
			put(cell, termRest, next)
			if d.IntN(6) == 0 {
				put(d.node(), d.iri(), next)
			}
			cell = next
		}
		put(cell, termFirst, d.object())
		put(cell, termRest, pick(d, []Term{termNil, termNil, termNil, d.node()}))
	}
	return out
}

// Whatever was written reads back as the same graph, in every format and
// through all of them in turn.
func TestGeneratedGraphsSurvive(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		g := NewGraph()
		for _, q := range throw(seed).quads(false) {
			g.Add(q.Triple)
		}
		want, err := g.Canonical(t.Context(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, g)
		h := g
		for _, f := range []Format{Turtle, NTriples, NQuads, Turtle, TriG} {
			var doc bytes.Buffer
			if f == Turtle || f == TriG { // a Turtle document is a TriG document
				err = WriteTurtle(&doc, h, Prefixes())
			} else {
				err = WriteNTriples(&doc, h.All())
			}
			if err != nil {
				t.Fatal(err)
			}
			text := doc.String()
			if h, err = Read(t.Context(), &doc, f, ReadOptions{}); err != nil {
				t.Fatalf("seed %d, own %s: %v\n%s", seed, f, err, text)
			}
		}
		if diff := cmp.Diff(string(want), canonicalGraph(t, h)); diff != "" {
			t.Errorf("seed %d, through all formats (-want +got):\n%s", seed, diff)
		}
	}
}

func TestGeneratedDatasetsSurvive(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		quads := throw(seed).quads(true)
		want := canonicalQuads(t, quads)
		var nq bytes.Buffer
		if err := WriteNQuads(&nq, each(quads)); err != nil {
			t.Fatal(err)
		}
		again, err := ReadNQuads(t.Context(), bytes.NewReader(nq.Bytes()), ReadOptions{})
		if err != nil {
			t.Fatalf("seed %d, own N-Quads: %v\n%s", seed, err, nq.Bytes())
		}
		if diff := cmp.Diff(want, canonicalQuads(t, again)); diff != "" {
			t.Errorf("seed %d, N-Quads (-want +got):\n%s", seed, diff)
		}
		trig := trigOf(quads)
		if again, err = ReadTriG(t.Context(), bytes.NewReader(trig), ReadOptions{}); err != nil {
			t.Fatalf("seed %d, own TriG: %v\n%s", seed, err, trig)
		}
		if diff := cmp.Diff(want, canonicalQuads(t, again)); diff != "" {
			t.Errorf("seed %d, TriG (-want +got):\n%s", seed, diff)
		}
	}
}

// The canonical form of a graph is that of its quads, whichever way.
func TestGraphCanonical(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		g := NewGraph()
		for _, q := range throw(seed).quads(false) {
			g.Add(q.Triple)
			if q.O.Lang != "" && seed%2 == 0 { // a second spelling of the same
				q.O.Lang = strings.ToUpper(q.O.Lang)
				g.Add(q.Triple)
			}
		}
		got, err := g.Canonical(t.Context(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(canonicalQuads(t, quadsOf(g)), string(got)); diff != "" {
			t.Errorf("seed %d (-quads +graph):\n%s", seed, diff)
		}
	}
}

func TestWriteNQuadsSorted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		d := throw(seed)
		quads := d.quads(true)
		sorted := func(quads []Quad) string {
			var b bytes.Buffer
			if err := WriteNQuadsSorted(&b, each(quads)); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		text := sorted(quads)
		shuffled := append(slices.Clone(quads), quads...)
		d.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := sorted(shuffled); again != text {
			t.Errorf("seed %d: the order of the quads shows:\n%s\n%s", seed, text, again)
		}
		if lines := strings.SplitAfter(text, "\n"); !slices.IsSorted(lines[:len(lines)-1]) {
			t.Errorf("seed %d: not sorted:\n%s", seed, text)
		}
		want := map[string]bool{}
		for _, q := range quads {
			want[q.String()] = true
		}
		if n := strings.Count(text, "\n"); n != len(want) {
			t.Errorf("seed %d: %d lines for %d quads", seed, n, len(want))
		}
	}
	if err := WriteNQuadsSorted(full{}, each(throw(1).quads(true))); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

// A graph of many terms finds each again and refuses each twice.
func TestGraphAgainstMap(t *testing.T) {
	t.Parallel()
	d := throw(3)
	g, model := NewGraph(), map[Triple]int{}
	var order []Triple
	for range 20_000 {
		x := Triple{S: NewIRI(fmt.Sprint("x:", d.IntN(900))), P: d.iri(), O: d.object()}
		_, known := model[x]
		if g.Add(x) == known {
			t.Fatalf("%s: known %v", x, known)
		}
		if !known {
			model[x] = len(order)
			order = append(order, x)
		}
	}
	if g.Len() != len(order) {
		t.Fatalf("%d triples, want %d", g.Len(), len(order))
	}
	if !slices.Equal(order, slices.Collect(g.All())) {
		t.Error("the order of insertion is lost")
	}
	for _, x := range order {
		if !g.Has(x.S, x.P, x.O) {
			t.Fatalf("%s is not found", x)
		}
	}
	for _, near := range []Term{{Kind: Blank, Value: "x:1"}, {Kind: Literal, Value: "x:1", Datatype: XSDString}, {Kind: IRI, Value: "x:1", Lang: "en"}} {
		if g.Has(near, Term{}, Term{}) {
			t.Errorf("%+v is found", near)
		}
	}
}
