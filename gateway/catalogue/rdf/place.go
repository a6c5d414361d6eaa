package rdf

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
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
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		s.line += bytes.Count(b[:i+1], []byte{'\n'})
		s.col = 1
		b = b[i+1:]
	}
	s.col += utf8.RuneCount(b)
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
