package rdf

import (
	"fmt"
	"io"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// catalogue makes a Turtle document of n dataset descriptions.
func catalogue(n int) []byte {
	return cataloguetest.Synthetic{Datasets: n, PerDocument: n, Seed: 1}.Document(0)
}

// appendMadeLines appends three N-Triples with names that no other number has.
func appendMadeLines(b []byte, i int) []byte {
	return fmt.Appendf(b, `<https://data.example.org/dataset/%[1]d> <http://purl.org/dc/terms/title> "Dataset \"number\" %[1]d"@en .
<https://data.example.org/dataset/%[1]d> <http://purl.org/dc/terms/publisher> _:agent%[1]d .
_:agent%[1]d <http://xmlns.com/foaf/0.1/name%[1]d> "%[1]d"^^<http://www.w3.org/2001/XMLSchema#type%[1]d> .
`, i)
}

// endless reads what is appended piece by piece, up to size bytes and the end
// of a piece.
type endless struct {
	next  func(b []byte, i int) []byte
	buf   []byte
	piece []byte // what is left of buf
	i     int
	size  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.piece) == 0 {
		if e.size <= 0 {
			return 0, io.EOF
		}
		e.buf = e.next(e.buf[:0], e.i)
		e.piece = e.buf
		e.i++
		e.size -= int64(len(e.piece))
	}
	n := copy(p, e.piece)
	e.piece = e.piece[n:]
	return n, nil
}
