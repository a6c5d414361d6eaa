package publish

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// DefaultMaxSpool bounds a spool: about 700,000 descriptions of the usual size.
const DefaultMaxSpool int64 = 4 << 30

// ErrSpool is returned when more is to be told than the spool may hold: nothing was sent.
var ErrSpool = errors.New("more is to be told than the spool may hold")

// told is a description as the source has it, with what a publication says of it.
type told struct {
	catalogue.Told
	content []byte // canonical N-Quads
}

func toldOf(r catalogue.Record) *told {
	return &told{
		Told: catalogue.Told{
			Identifier: r.Identifier, IRI: r.IRI, File: r.Source.File, SourceDigest: r.Digest, Exchange: r.ExchangeDigest,
			Title: r.Title, AccessRights: r.AccessRights, HDAB: r.HDAB, Categories: r.Categories, Holder: r.Holder(), Trusted: r.TrustedHolder(),
		},
		content: r.NQuads,
	}
}

// spool holds what is to be told until the guard has spoken. Its file has no name any more once it is
// open, so that nothing of it outlasts the process. It is for one goroutine.
type spool struct {
	dir  string
	left int64
	file *os.File
	w    *bufio.Writer
	n    int
}

// add appends a description and returns its number.
func (s *spool) add(t *told) (int, error) {
	if err := s.open(); err != nil {
		return 0, err
	}
	head, err := json.Marshal(t.Told)
	if err != nil {
		return 0, fmt.Errorf("spool: %w", err)
	}
	for _, part := range [][]byte{head, t.content} {
		if s.left -= int64(len(part)) + binary.MaxVarintLen64; s.left < 0 {
			return 0, ErrSpool
		}
		size := binary.AppendUvarint(nil, uint64(len(part)))
		if _, err := s.w.Write(append(size, part...)); err != nil {
			return 0, fmt.Errorf("spool: %w", err)
		}
	}
	s.n++
	return s.n - 1, nil
}

func (s *spool) open() error {
	if s.file != nil {
		return nil
	}
	f, err := os.CreateTemp(s.dir, "ehdsgw-spool-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return errors.Join(fmt.Errorf("spool: %w", err), f.Close())
	}
	s.file, s.w = f, bufio.NewWriterSize(f, 1<<20)
	return nil
}

// each reads the descriptions in the order they were added.
func (s *spool) each(ctx context.Context, f func(n int, t *told) error) error {
	if s.file == nil {
		return nil
	}
	if err := s.w.Flush(); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	r := bufio.NewReaderSize(s.file, 1<<20)
	for n := range s.n {
		if err := ctx.Err(); err != nil {
			return err
		}
		head, err := frame(r)
		if err != nil {
			return err
		}
		t := &told{}
		if err := json.Unmarshal(head, &t.Told); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
		if t.content, err = frame(r); err != nil {
			return err
		}
		if err := f(n, t); err != nil {
			return err
		}
	}
	return nil
}

func frame(r *bufio.Reader) ([]byte, error) {
	size, err := binary.ReadUvarint(r)
	if err != nil || size > 64<<20 {
		return nil, fmt.Errorf("spool: a frame cannot be read: %w", err)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return b, nil
}

// close gives the file back to the system.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close() // nothing of it is needed
	}
}
