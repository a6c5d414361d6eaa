package rdf

import (
	"bytes"
	"fmt"
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

func BenchmarkCanonical(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(n)), ReadOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Canonical(b.Context(), g.Quads(), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
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
