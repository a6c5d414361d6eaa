package rdf

import (
	"runtime"
	"testing"
)

// A reader that streams holds no more of a document than its longest token,
// however long the document and however many names it uses once.
func TestReadersHoldNothing(t *testing.T) {
	const size, bound = 24 << 20, 3 << 20
	turtle := func(b []byte, i int) []byte {
		if i == 0 {
			return append(b, madeHead()...)
		}
		return appendMade(b, i)
	}
	trig := func(b []byte, i int) []byte {
		if i == 0 {
			return append(b, madeHead()...)
		}
		return append(appendMade(append(b, "_:g { "...), i), '}')
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
