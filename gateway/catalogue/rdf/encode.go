package rdf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"slices"
)

// appendTerm appends t in canonical N-Triples form: the escapes of RDFC-1.0
// §5 (canonical N-Quads), everything else as UTF-8.
func appendTerm(b []byte, t Term) []byte {
	switch t.Kind {
	case IRI:
		b = append(b, '<')
		b = appendIRI(b, t.Value)
		return append(b, '>')
	case Blank:
		b = append(b, '_', ':')
		return append(b, t.Value...)
	case Literal:
		b = append(b, '"')
		b = appendEscaped(b, t.Value)
		b = append(b, '"')
		switch {
		case t.Lang != "":
			b = append(b, '@')
			b = append(b, t.Lang...)
		case t.Datatype != XSDString && t.Datatype != "":
			b = append(b, '^', '^', '<')
			b = appendIRI(b, t.Datatype)
			b = append(b, '>')
		}
	}
	return b
}

// appendIRI appends an IRI, with \u escapes for what may not stand between
// angle brackets, so that even a hand-made term gives a readable line.
func appendIRI(b []byte, iri string) []byte {
	for i := 0; i < len(iri); i++ {
		if c := iri[i]; charClass[c]&classIRI == 0 {
			b = append(b, iri[:i]...)
			for ; i < len(iri); i++ {
				if c := iri[i]; charClass[c]&classIRI == 0 {
					b = appendU(b, c)
				} else {
					b = append(b, c)
				}
			}
			return b
		}
	}
	return append(b, iri...)
}

// appendEscaped appends a literal's lexical form with the escapes of canonical
// N-Quads.
func appendEscaped(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0x7F {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			b = appendU(b, c)
		}
	}
	return append(b, s[from:]...)
}

// appendU appends the \u escape of an ASCII character.
func appendU(b []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// appendQuad appends a statement without a line break.
func appendQuad(b []byte, q Quad) []byte {
	b = append(appendTerm(b, q.S), ' ')
	b = append(appendTerm(b, q.P), ' ')
	b = append(appendTerm(b, q.O), ' ')
	if !q.G.IsZero() {
		b = append(appendTerm(b, q.G), ' ')
	}
	return append(b, '.')
}

// WriteNQuads writes the quads as N-Quads, one to a line, in the given order.
// Blank node labels are written as they are and must be valid labels, as those
// of the readers are.
func WriteNQuads(w io.Writer, quads iter.Seq[Quad]) error {
	bw := bufio.NewWriterSize(w, 1<<16)
	var line []byte
	for q := range quads {
		line = append(appendQuad(line[:0], q), '\n')
		if _, err := bw.Write(line); err != nil {
			return fmt.Errorf("rdf: write N-Quads: %w", err)
		}
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("rdf: write N-Quads: %w", err)
	}
	return nil
}

// WriteNQuadsSorted writes the quads as N-Quads in code point order and each
// once, so that the bytes depend on the set of quads and their blank node
// labels only. It holds the whole text in memory. To be free of the labels
// too, take the canonical form.
func WriteNQuadsSorted(w io.Writer, quads iter.Seq[Quad]) error {
	var b []byte
	ends := []int{0}
	for q := range quads {
		b = append(appendQuad(b, q), '\n')
		ends = append(ends, len(b))
	}
	lines := make([][]byte, len(ends)-1)
	for i := range lines {
		lines[i] = b[ends[i]:ends[i+1]]
	}
	slices.SortFunc(lines, bytes.Compare)
	bw := bufio.NewWriterSize(w, 1<<16)
	for _, line := range slices.CompactFunc(lines, bytes.Equal) {
		if _, err := bw.Write(line); err != nil {
			return fmt.Errorf("rdf: write N-Quads: %w", err)
		}
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("rdf: write N-Quads: %w", err)
	}
	return nil
}

// WriteNTriples writes the triples as N-Triples, one to a line, in the given
// order. Blank node labels are written as they are.
func WriteNTriples(w io.Writer, triples iter.Seq[Triple]) error {
	return WriteNQuads(w, func(yield func(Quad) bool) {
		for t := range triples {
			if !yield(Quad{Triple: t}) {
				return
			}
		}
	})
}
