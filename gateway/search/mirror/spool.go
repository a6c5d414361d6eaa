package mirror

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// spool holds the documents of a pass on disk until the pass has ended.
type spool struct {
	file  *os.File
	out   *bufio.Writer
	bytes int64
}

// spooled is a document with its content.
type spooled struct {
	search.Document
	Content []byte `json:"content"`
}

func newSpool(f *os.File) *spool { return &spool{file: f, out: bufio.NewWriterSize(f, 1<<16)} }

func (s *spool) put(d search.Document) error {
	line, err := json.Marshal(spooled{d, d.Content})
	if err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	if s.bytes += int64(len(line)) + 1; s.bytes > maxSpool {
		return fmt.Errorf("%w: more than %d bytes of changes", ErrBounds, int64(maxSpool))
	}
	if _, err := s.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	return nil
}

// each gives the documents in batches.
func (s *spool) each(f func([]search.Document) error) error {
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	in := json.NewDecoder(bufio.NewReaderSize(s.file, 1<<16))
	var batch []search.Document
	bytes := 0
	for {
		var d spooled
		err := in.Decode(&d)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("mirror: %w", err)
		}
		if err == nil {
			d.Document.Content = d.Content
			batch = append(batch, d.Document)
			bytes += len(d.Content)
		}
		if len(batch) == batchSize || bytes >= batchBytes || err != nil && len(batch) > 0 {
			if failed := f(batch); failed != nil {
				return failed
			}
			batch, bytes = nil, 0
		}
		if err != nil {
			return nil
		}
	}
}
