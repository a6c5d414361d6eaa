package dispatcher

import (
	"context"
	"fmt"
	"io"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// chunk is how much of a file one entry of the mailbox holds, in bytes.
const chunk = 256 << 10

func chunkKey(id string, n int) string { return fmt.Sprintf("%s%s/%05d", filePrefix, id, n) }

// upload is a document a system sent with what it told.
type upload struct {
	Name, MediaType string
	Content         []byte
	SHA256          string // lower-case hex
}

// keep stores documents under their digests, sealed with the key of a case.
func (t *tx) keep(caseID string, documents []upload) (out []connectors.EventFile) {
	for _, u := range documents {
		f := connectors.EventFile{ID: connectors.Digest(caseID, u.SHA256), Name: u.Name, MediaType: u.MediaType, Size: int64(len(u.Content)), SHA256: u.SHA256}
		for n := 0; n*chunk < len(u.Content); n++ {
			part := u.Content[n*chunk : min((n+1)*chunk, len(u.Content))]
			t.puts = append(t.puts, connectors.Mail{Key: chunkKey(f.ID, n), Case: caseID, Value: part})
		}
		out = append(out, f)
	}
	return out
}

// fileReader reads a document chunk by chunk. One that was shortened, or erased, ends with
// io.ErrUnexpectedEOF.
type fileReader struct {
	ctx  context.Context
	box  connectors.Mailbox
	id   string
	next int
	left int64
	rest []byte
}

// Read implements io.Reader.
func (f *fileReader) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, io.EOF
	}
	if len(f.rest) == 0 {
		b, ok, err := f.box.Get(f.ctx, chunkKey(f.id, f.next))
		if err != nil {
			return 0, err
		}
		if !ok || len(b) == 0 || int64(len(b)) > f.left {
			return 0, io.ErrUnexpectedEOF
		}
		f.rest, f.next = b, f.next+1
	}
	n := copy(p, f.rest)
	f.rest, f.left = f.rest[n:], f.left-int64(n)
	return n, nil
}

// Close implements io.Closer.
func (f *fileReader) Close() error { return nil }
