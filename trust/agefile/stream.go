package agefile

import (
	"errors"
	"fmt"
	"io"
)

// maxHeader bounds what is read before the header holds: the library reads a line however long it is.
const maxHeader = 4 << 10

// source is the file as it comes. It keeps the reader's own failures apart from the sender's.
type source struct {
	src    io.Reader
	header int   // bytes left before the header has to be over; -1 when it is
	err    error // of src
}

func (s *source) Read(p []byte) (int, error) {
	switch {
	case s.header == 0:
		return 0, ErrUnsealable
	case s.header > 0:
		p = p[:min(len(p), s.header)]
	}
	n, err := s.src.Read(p)
	if s.header > 0 {
		s.header -= n
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// blame says whose failure it was that the file could not be opened.
func (s *source) blame() error {
	if s.err != nil {
		return fmt.Errorf("opening an attachment: %w", s.err)
	}
	return ErrUnsealable
}

// target takes the plaintext up to a limit.
type target struct {
	dst  io.Writer
	room int64
	err  error // of dst, or ErrSize
}

func (t *target) Write(p []byte) (int, error) {
	if int64(len(p)) > t.room {
		t.err = ErrSize
		return 0, t.err
	}
	n, err := t.dst.Write(p)
	t.room -= int64(n)
	if err != nil {
		t.err = fmt.Errorf("opening an attachment: %w", err)
	}
	return n, err
}
