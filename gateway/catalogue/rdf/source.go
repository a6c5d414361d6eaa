package rdf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf8"
)

// eof is what peek returns after the last byte.
const eof = -1

// The window starts small, for records, and is large from the second piece on.
const (
	firstBuffer = 8 << 10
	fullBuffer  = 32 << 10
)

// source is a window over the document's bytes. It checks the encoding and
// the size as it reads, so that everything in buf is whole UTF-8, and knows
// the line and column of any place that the parser asks for in order.
type source struct {
	ctx    context.Context
	r      io.Reader
	file   string
	syntax string // code of plain syntax errors

	buf  []byte // readable bytes
	tail []byte // bytes read but not yet readable: an unfinished character
	pos  int    // next byte of buf
	mark int    // first byte that must stay in buf, or -1

	limit int64 // bytes that may still be read
	err   error // why there are no bytes after buf; io.EOF at the end

	starved bool // the parser asked for bytes after buf in vain

	at        int // place in buf that line and col describe
	line, col int
	cr        bool // the byte before at is a carriage return
}

// newSource opens the window.
func newSource(ctx context.Context, r io.Reader, o ReadOptions, syntax string) *source {
	return &source{
		ctx: ctx, r: r, file: o.File, syntax: syntax, limit: o.MaxBytes,
		mark: -1, line: 1, col: 1,
	}
}

// fill reads more bytes and reports whether there are any. It may move the
// bytes of buf: after it only pos, mark and at are valid indices.
func (s *source) fill() bool {
	s.starved = true
	if s.err != nil {
		return false
	}
	if s.err = s.ctx.Err(); s.err != nil {
		return false
	}
	s.makeRoom()
	for range 100 {
		free := s.buf[len(s.buf):cap(s.buf)]
		n := copy(free, s.tail)
		s.tail = s.tail[:0]
		m, err := s.r.Read(free[n:])
		if err != nil {
			s.err = err
		}
		if s.limit -= int64(m); s.limit < 0 {
			m += int(s.limit)
			s.err = errTooLarge
		}
		if s.accept(free[:n+m]) {
			s.starved = false
			return true
		}
		if s.err != nil {
			return false
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// errTooLarge and errEncoding stand for the errors that fail reports with a
// place.
var (
	errTooLarge = errors.New("too large")
	errEncoding = errors.New("not UTF-8")
)

// accept makes new bytes, which lie right after buf, readable as far as they
// are whole characters, and reports whether any are.
func (s *source) accept(fresh []byte) bool {
	n := len(fresh)
	if !utf8.Valid(fresh) {
		n = 0
		for n < len(fresh) {
			r, size := utf8.DecodeRune(fresh[n:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			n += size
		}
		if rest := fresh[n:]; s.err == nil && !utf8.FullRune(rest) {
			s.tail = append(s.tail, rest...)
		} else if s.err != errTooLarge || utf8.FullRune(rest) {
			s.err = errEncoding
		}
	}
	s.buf = s.buf[:len(s.buf)+n]
	return n > 0
}

// makeRoom sees to it that a good part of the buffer is free. It drops the
// bytes before mark and pos, and grows the buffer when what must stay fills
// more than half of it, so that slow readers and long tokens cost no more
// than a few copies of each byte.
func (s *source) makeRoom() {
	if size := cap(s.buf); size > 0 && size-len(s.buf) >= size/4 {
		return
	}
	keep := s.pos
	if s.mark >= 0 {
		keep = s.mark
	}
	s.advance(keep)
	rest := s.buf[keep:]
	switch size := cap(s.buf); {
	case size == 0:
		s.buf = make([]byte, 0, firstBuffer)
	case size < fullBuffer || len(rest) >= size/2:
		s.buf = append(make([]byte, 0, max(fullBuffer, 2*size)), rest...)
	default:
		s.buf = append(s.buf[:0], rest...)
	}
	s.pos -= keep
	s.at -= keep
	if s.mark >= 0 {
		s.mark = 0
	}
}

// peek returns the next byte, or eof.
func (s *source) peek() int {
	if s.pos < len(s.buf) || s.fill() {
		return int(s.buf[s.pos])
	}
	return eof
}

// peekAt returns the byte n places after the next one, or eof.
func (s *source) peekAt(n int) int {
	for s.pos+n >= len(s.buf) {
		if !s.fill() {
			return eof
		}
	}
	return int(s.buf[s.pos+n])
}

// peekRune returns the character n bytes after the next byte and its size.
func (s *source) peekRune(n int) (rune, int) {
	if s.peekAt(n) == eof {
		return utf8.RuneError, 0
	}
	return utf8.DecodeRune(s.buf[s.pos+n:])
}

// skip passes over bytes of the given class.
func (s *source) skip(class uint8) {
	for {
		b, i := s.buf, s.pos
		for i < len(b) && charClass[b[i]]&class != 0 {
			i++
		}
		s.pos = i
		if i < len(b) || !s.fill() {
			return
		}
	}
}

// skipLine passes over bytes up to the end of the line.
func (s *source) skipLine() {
	for {
		if i := bytes.IndexAny(s.buf[s.pos:], "\n\r"); i >= 0 {
			s.pos += i
			return
		}
		s.pos = len(s.buf)
		if !s.fill() {
			return
		}
	}
}

// token starts a token here; text returns its bytes so far; done ends it.
func (s *source) token()       { s.mark = s.pos }
func (s *source) text() []byte { return s.buf[s.mark:s.pos] }
func (s *source) done()        { s.mark = -1 }
