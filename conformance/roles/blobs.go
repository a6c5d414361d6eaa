package roles

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrBlob means that a blob is longer than announced, or is not there.
var ErrBlob = errors.New("roles: blob")

// Blobs keeps attachments in a folder under the SHA-256 of their content.
type Blobs struct{ Dir string }

// Put stores what r holds, at most limit bytes, and returns when it is on disk.
func (b Blobs) Put(r io.Reader, limit int64) (sha string, size int64, err error) {
	f, err := os.CreateTemp(b.Dir, ".part-*")
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(f.Name()) // gone after the rename; left over otherwise
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(r, limit+1))
	if err == nil && size > limit {
		err = fmt.Errorf("%w: longer than announced", ErrBlob)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, err
	}
	sha = hex.EncodeToString(h.Sum(nil))
	if err := os.Rename(f.Name(), filepath.Join(b.Dir, sha)); err != nil {
		return "", 0, err
	}
	return sha, size, syncDir(b.Dir)
}

// Open reads a blob.
func (b Blobs) Open(sha string) (io.ReadCloser, error) {
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size {
		return nil, fmt.Errorf("%w: not a name", ErrBlob)
	}
	return os.Open(filepath.Join(b.Dir, sha))
}
