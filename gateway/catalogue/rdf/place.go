package rdf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
)

// advance moves the line and column on to buf[to].
func (s *source) advance(to int) {
	if to <= s.at {
		return
	}
	b := s.buf[s.at:to]
	s.at = to
	if s.cr || bytes.IndexByte(b, '\r') >= 0 {
		s.advanceCR(b)
		return
	}
	for i := bytes.IndexByte(b, '\n'); i >= 0; i = bytes.IndexByte(b, '\n') {
		s.line++
		s.col = 1
		b = b[i+1:]
	}
	s.col += countRunes(b)
}

// countRunes counts the characters of valid UTF-8, eight bytes at a time: all
// bytes but those that begin with the bits 10.
func countRunes(b []byte) int {
	n := len(b)
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		n -= bits.OnesCount64(x >> 7 &^ (x >> 6) & 0x0101010101010101)
	}
	for _, c := range b {
		if c&0xC0 == 0x80 {
			n--
		}
	}
	return n
}

// advanceCR counts lines that may end in LF, CR or CR LF.
func (s *source) advanceCR(b []byte) {
	for _, c := range b {
		switch {
		case c == '\n' && s.cr:
		case c == '\n' || c == '\r':
			s.line++
			s.col = 1
		case c&0xC0 != 0x80:
			s.col++
		}
		s.cr = c == '\r'
	}
}

// place is a line and column.
type place struct{ line, col int }

// here returns the place of the next byte.
func (s *source) here() place {
	return s.placeOf(s.pos)
}

// placeOf returns the place of buf[i], which no earlier call has passed.
func (s *source) placeOf(i int) place {
	s.advance(i)
	return place{s.line, s.col}
}

// errorAt returns a syntax error at a known place.
func (s *source) errorAt(p place, code, format string, args ...any) error {
	return &SyntaxError{File: s.file, Line: p.line, Col: p.col, Code: code, Msg: fmt.Sprintf(format, args...)}
}

// errorf returns a syntax error at the next byte, or what broke the document
// off when the parser ran into that.
func (s *source) errorf(code, format string, args ...any) error {
	if err := s.broken(); err != nil {
		return err
	}
	return s.errorAt(s.here(), code, format, args...)
}

// broken returns why the bytes that the parser asked for are not there, or
// nil when it got all of them or the document has simply ended.
func (s *source) broken() error {
	if !s.starved || s.err == nil || s.err == io.EOF {
		return nil
	}
	end := s.placeOf(len(s.buf))
	switch s.err {
	case errTooLarge:
		return s.errorAt(end, CodeTooLarge, "the document exceeds the allowed size")
	case errEncoding:
		return s.errorAt(end, CodeBadEncoding, "the bytes are not valid UTF-8")
	}
	return fmt.Errorf("rdf: read: %w", s.err)
}

// expected returns the error that what should come next does not.
func (s *source) expected(what string) error {
	return s.errorf(s.syntax, "expected %s, found %s", what, s.found())
}

// found describes the next character for a person.
func (s *source) found() string {
	r, size := s.peekRune(0)
	switch {
	case size == 0:
		return "the end of the document"
	case r == '\n' || r == '\r':
		return "the end of the line"
	case r == '/':
		return `'/' (in a prefixed name it must be written '\/')`
	}
	return fmt.Sprintf("%q", r)
}
