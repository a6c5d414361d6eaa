package rdf

import (
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestTriGW3C(t *testing.T) {
	const base = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-trig/"
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-trig")
	eachW3C(t, dir, base, func(t *testing.T, c w3cCase) {
		o := ReadOptions{File: c.action, Base: base + c.action}
		quads, err := ReadTriG(t.Context(), open(t, dir, c.action), o)
		slow, slowErr := ReadTriG(t.Context(), iotest.OneByteReader(open(t, dir, c.action)), o)
		if diff := cmp.Diff(err, slowErr); diff != "" {
			t.Errorf("error when read byte by byte (-at once +slow):\n%s", diff)
		}
		if diff := cmp.Diff(quads, slow); diff != "" {
			t.Errorf("quads when read byte by byte (-at once +slow):\n%s", diff)
		}
		switch c.kind {
		case "TestTrigPositiveSyntax":
			checkSyntax(t, err, true)
		case "TestTrigNegativeSyntax", "TestTrigNegativeEval":
			checkSyntax(t, err, false)
		case "TestTrigEval":
			if err != nil {
				t.Fatal(err)
			}
			want, err := ReadNQuads(t.Context(), open(t, dir, c.result), ReadOptions{File: c.result})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(canonicalQuads(t, want), canonicalQuads(t, quads)); diff != "" {
				t.Errorf("dataset (-want +got):\n%s", diff)
			}
		default:
			t.Fatalf("unknown kind of test %s", c.kind)
		}
	})
}

// canonicalQuads returns the canonical form of a dataset.
func canonicalQuads(t testing.TB, quads []Quad) string {
	t.Helper()
	b, err := Canonical(t.Context(), each(quads), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
