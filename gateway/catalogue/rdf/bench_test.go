package rdf

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
)

func BenchmarkParseTurtle(b *testing.B) {
	doc := catalogue(4000)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		err := ParseTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{}, func(Triple) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadTurtle(b *testing.B) {
	doc := catalogue(4000)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseNTriples(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(2000)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var doc bytes.Buffer
	if err := WriteNTriples(&doc, g.All()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		err := ParseNTriples(b.Context(), bytes.NewReader(doc.Bytes()), ReadOptions{}, func(Triple) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCanonical canonicalises and digests one description, as publishing
// does for each, and a thousand at once.
func BenchmarkCanonical(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(n)), ReadOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				nquads, err := g.Canonical(b.Context(), Limits{})
				if err != nil || Digest(nquads) == "" {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1000/float64(b.N*n), "µs/record")
		})
	}
}

func BenchmarkWriteTurtle(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(1000)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteTurtle(&out, g, Prefixes()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGraphMemory reports what a graph holds for each triple, the text
// of its terms included, beside the bytes of the document for each triple.
func BenchmarkGraphMemory(b *testing.B) {
	doc := catalogue(3000)
	for b.Loop() {
		before := liveBytes()
		g, err := ReadTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(liveBytes()-before)/float64(g.Len()), "B/triple")
		b.ReportMetric(float64(len(doc))/float64(g.Len()), "B-of-text/triple")
		runtime.KeepAlive(g)
	}
}

// BenchmarkParseRecord reads one description as it comes in a message.
func BenchmarkParseRecord(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(1)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	nquads, err := g.Canonical(b.Context(), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadNQuads(b.Context(), bytes.NewReader(nquads), ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
