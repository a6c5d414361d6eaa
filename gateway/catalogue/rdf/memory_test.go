package rdf

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// A reader that streams holds no more of a document than its longest token,
// however long the document and however many names it uses once.
func TestReadersHoldNothing(t *testing.T) {
	const size, bound = 8 << 20, 2 << 20
	pages := cataloguetest.Synthetic{Datasets: 1 << 20, PerDocument: 10, Seed: 1}
	turtle := func(b []byte, i int) []byte { return append(b, pages.Document(i)...) }
	trig := func(b []byte, i int) []byte {
		return fmt.Appendf(turtle(b, i), "<x:graph/%[1]d> { _:n%[1]d a <x:Node/%[1]d> }\n", i)
	}
	long := strings.Repeat("long", 8<<10)
	names := func(b []byte, i int) []byte {
		return fmt.Appendf(b, "<x:%[1]d%[2]s> <x:p> _:b%[1]d%[2]s .\n", i, long)
	}
	for _, tt := range []struct {
		name   string
		format Format
		next   func([]byte, int) []byte
	}{
		{"descriptions", Turtle, turtle},
		{"graphs", TriG, trig},
		{"lines", NTriples, appendMadeLines},
		{"lines", NQuads, appendMadeLines},
		{"long names", Turtle, names},
		{"long names", NQuads, names},
	} {
		t.Run(string(tt.format)+" "+tt.name, func(t *testing.T) {
			doc := &endless{next: tt.next, size: size}
			start := liveBytes()
			n, most, end := 0, uint64(0), false
			err := Parse(t.Context(), doc, tt.format, ReadOptions{}, func(Quad) error {
				if n++; n%20_000 == 0 || doc.size <= 0 && !end {
					end = doc.size <= 0
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
