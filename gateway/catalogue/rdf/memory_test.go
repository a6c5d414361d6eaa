package rdf

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// A reader that streams holds no more of a document than its longest token,
// however long the document and however many names it uses once.
func TestReadersHoldNothing(t *testing.T) {
	const size, bound = 24 << 20, 3 << 20
	pages := cataloguetest.Synthetic{Datasets: 1 << 20, PerDocument: 10, Seed: 1}
	turtle := func(b []byte, i int) []byte { return append(b, pages.Document(i)...) }
	trig := func(b []byte, i int) []byte {
		return fmt.Appendf(turtle(b, i), "<x:graph/%[1]d> { _:n%[1]d a <x:Node/%[1]d> }\n", i)
	}
	for name, tt := range map[Format]func([]byte, int) []byte{
		Turtle: turtle, TriG: trig, NTriples: appendMadeLines, NQuads: appendMadeLines,
	} {
		t.Run(string(name), func(t *testing.T) {
			doc := &endless{next: tt, size: size}
			start := liveBytes()
			n, most := 0, uint64(0)
			err := Parse(t.Context(), doc, name, ReadOptions{}, func(Quad) error {
				if n++; n%20_000 == 0 {
					most = max(most, liveBytes())
				}
				return nil
			})
			if err != nil || most == 0 {
				t.Fatalf("%d statements, most %d: %v", n, most, err)
			}
			if most > start+bound {
				t.Errorf("%d bytes held while reading %d bytes", most-start, size)
			}
		})
	}
}

// liveBytes is what the program holds.
func liveBytes() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
