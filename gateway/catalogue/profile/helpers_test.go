package profile

import (
	"bytes"
	"os"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// full reads the description in which no rule finds anything.
func full(t testing.TB) *rdf.Graph {
	t.Helper()
	doc, err := os.ReadFile("testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	return turtle(t, "full.ttl", doc)
}

func turtle(t testing.TB, name string, doc []byte) *rdf.Graph {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), bytes.NewReader(doc), rdf.ReadOptions{File: name, Base: "https://base.example.org/"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// record takes the one dataset out of a graph.
func record(t testing.TB, g *rdf.Graph) catalogue.Record {
	t.Helper()
	records, findings, err := catalogue.Records(t.Context(), g, "full.ttl")
	if err != nil || len(records) != 1 || len(findings) != 0 {
		t.Fatalf("%d records, findings %v, error %v", len(records), findings, err)
	}
	return records[0]
}

// edited is the full description without some statements and with others.
func edited(t testing.TB, drop func(rdf.Triple) bool, add ...rdf.Triple) catalogue.Record {
	t.Helper()
	out := rdf.NewGraph()
	for tr := range full(t).All() {
		if !drop(tr) {
			out.Add(tr)
		}
	}
	for _, tr := range add {
		out.Add(tr)
	}
	return record(t, out)
}

// open opens a rule set.
func open(t testing.TB, name string) *RuleSet {
	t.Helper()
	s, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
