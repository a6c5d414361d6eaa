package rdf

import (
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestRDFXMLW3C(t *testing.T) {
	const base = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-xml/"
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-xml")
	eachW3C(t, dir, base, func(t *testing.T, c w3cCase) {
		o := ReadOptions{File: c.action, Base: base + c.action}
		g, err := ReadRDFXML(t.Context(), open(t, dir, c.action), o)
		slow, slowErr := ReadRDFXML(t.Context(), iotest.OneByteReader(open(t, dir, c.action)), o)
		if diff := cmp.Diff(err, slowErr); diff != "" {
			t.Errorf("error when read byte by byte (-at once +slow):\n%s", diff)
		}
		if err == nil && slowErr == nil {
			if diff := cmp.Diff(canonicalGraph(t, g), canonicalGraph(t, slow)); diff != "" {
				t.Errorf("triples when read byte by byte (-at once +slow):\n%s", diff)
			}
		}
		switch c.kind {
		case "TestXMLNegativeSyntax":
			checkSyntax(t, err, false)
		case "TestXMLEval":
			if err != nil {
				t.Fatal(err)
			}
			want, err := ReadNTriples(t.Context(), open(t, dir, c.result), ReadOptions{File: c.result})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(canonicalGraph(t, want), canonicalGraph(t, g)); diff != "" {
				t.Errorf("graph (-want +got):\n%s", diff)
			}
			roundTrip(t, g)
		default:
			t.Fatalf("unknown kind of test %s", c.kind)
		}
	})
}
