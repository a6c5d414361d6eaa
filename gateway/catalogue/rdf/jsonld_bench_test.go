package rdf

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"testing"

	"github.com/piprate/json-gold/ld"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// ldCatalogue is a JSON-LD catalogue of n synthetic datasets with its context
// in front and everything else in one @graph.
func ldCatalogue(tb testing.TB, n int) []byte {
	tb.Helper()
	const page = 500
	pages := cataloguetest.Synthetic{Datasets: n, PerDocument: page, Seed: 1}
	var doc bytes.Buffer
	for i := range pages.Documents() {
		g, err := ReadTurtle(tb.Context(), bytes.NewReader(pages.Document(i)), ReadOptions{})
		if err != nil {
			tb.Fatal(err)
		}
		var one bytes.Buffer
		if err := WriteJSONLD(&one, g.Quads(), Prefixes()); err != nil {
			tb.Fatal(err)
		}
		const open = "\"@graph\": ["
		at := bytes.Index(one.Bytes(), []byte(open)) + len(open)
		end := bytes.LastIndexByte(one.Bytes(), ']')
		if i == 0 {
			context, err := json.Marshal(Prefixes())
			if err != nil {
				tb.Fatal(err)
			}
			doc.WriteString("{\"@context\": " + string(context) + ",\n" + open)
		} else {
			doc.WriteByte(',')
		}
		doc.Write(one.Bytes()[at:end])
	}
	doc.WriteString("]}\n")
	return doc.Bytes()
}

// BenchmarkJSONLDBesideJSONGold reads one catalogue of 20,000 datasets element
// by element, and whole with json-gold alone, in turn.
func BenchmarkJSONLDBesideJSONGold(b *testing.B) {
	doc := ldCatalogue(b, 20_000)
	ours, theirs, slow := 1e9, 1e9, 1e9
	for b.Loop() {
		var n, m, k int
		ours = min(ours, timed(func() { n = readLD(b, doc, ldTuning{whole: wholeJSONLD}) }).Seconds())
		slow = min(slow, timed(func() { m = readLD(b, doc, ldTuning{slow: true}) }).Seconds())
		runtime.GC()
		theirs = min(theirs, timed(func() { k = goldWhole(b, doc) }).Seconds())
		if n != m || n < 20_000*30 || k > n || k < n*9/10 {
			b.Fatalf("%d statements by element, %d with json-gold by element, %d with json-gold whole", n, m, k)
		}
	}
	b.ReportMetric(float64(len(doc))/ours/1e6, "MB/s")
	b.ReportMetric(theirs/ours, "×json-gold-whole")
	b.ReportMetric(slow/ours, "×json-gold-by-element")
}

func readLD(b *testing.B, doc []byte, tune ldTuning) int {
	n := 0
	err := parseJSONLD(b.Context(), bytes.NewReader(doc), ReadOptions{}, tune, func(Quad) error { n++; return nil })
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// goldWhole converts the document as json-gold's own processor does.
func goldWhole(b *testing.B, doc []byte) int {
	v, err := ld.DocumentFromReader(bytes.NewReader(doc))
	if err != nil {
		b.Fatal(err)
	}
	out, err := ld.NewJsonLdProcessor().ToRDF(v, ld.NewJsonLdOptions(""))
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, quads := range out.(*ld.RDFDataset).Graphs {
		n += len(quads)
	}
	return n
}

// BenchmarkWriteJSONLD writes the descriptions of 500 datasets.
func BenchmarkWriteJSONLD(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(cataloguetest.Synthetic{Datasets: 500, PerDocument: 500, Seed: 1}.Document(0)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := WriteJSONLD(io.Discard, g.Quads(), Prefixes()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJSONLD reads a catalogue of 2,000 datasets.
func BenchmarkJSONLD(b *testing.B) {
	doc := ldCatalogue(b, 2_000)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		readLD(b, doc, ldTuning{})
	}
}
