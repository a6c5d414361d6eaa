package roles

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrJournal means that the journal cannot be written any more, or cannot be read back.
var ErrJournal = errors.New("roles: journal")

// Journal is an append-only file of JSON lines. It is not safe for concurrent use.
type Journal struct {
	f      *os.File
	size   int64
	broken error
}

// OpenJournal reads every line to replay and opens the file for more. A last line without its end is
// a write that never returned: it is cut off. A line that replay refuses is an error.
func OpenJournal(path string, replay func(line []byte) error) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	j := &Journal{f: f}
	if err := j.read(replay); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return j, nil
}

func (j *Journal) read(replay func([]byte) error) error {
	r := bufio.NewReaderSize(j.f, 1<<20)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return j.cut()
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrJournal, err)
		}
		if err := replay(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return fmt.Errorf("%w: entry at byte %d: %w", ErrJournal, j.size, err)
		}
		j.size += int64(len(line))
	}
}

// cut brings file and offset to the end of the last whole line.
func (j *Journal) cut() error {
	if err := j.f.Truncate(j.size); err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if _, err := j.f.Seek(j.size, io.SeekStart); err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return nil
}

// Append writes one entry and returns when it is on disk. After a failed sync nothing is written any
// more: what the disk holds is not known then.
func (j *Journal) Append(entry any) error {
	if j.broken != nil {
		return j.broken
	}
	line, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if _, err := j.f.Write(append(line, '\n')); err != nil {
		if cut := j.cut(); cut != nil {
			j.broken = cut
		}
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if err := j.f.Sync(); err != nil {
		j.broken = fmt.Errorf("%w: sync: %w", ErrJournal, err)
		return j.broken
	}
	j.size += int64(len(line)) + 1
	return nil
}

// Close closes the file.
func (j *Journal) Close() error { return j.f.Close() }
