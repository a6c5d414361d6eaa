package store

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// Description is one version of what a dataset case describes.
type Description struct {
	Case    string
	Version int64 // from 1
	At      time.Time
	// Current says that it was the last told and is not withdrawn.
	Current bool
	// Digest is "sha256:" of Content, Exchange that of the exchange form (catalogue.Record).
	Digest, Exchange string
	Size             int64 // of Content, in bytes
	// Content is RDFC-1.0 canonical N-Quads; nil where only heads are asked for.
	Content []byte
}

// DescriptionWrite makes a new version current, or with Withdraw leaves the case without a current
// one. Packer makes those with content.
type DescriptionWrite struct {
	Withdraw bool

	digest, exchange string
	size             int64
	packed           []byte
}

// Bounds of descriptions.
const (
	// KeptDescriptions is how many versions of a case are kept: the oldest go first.
	KeptDescriptions = 32
	// MaxDescription is the largest content, in bytes.
	MaxDescription = 4 << 20
)

// Packer compresses descriptions before they are handed to the writer, which is one for all. The zero
// value works. It is for one goroutine at a time.
type Packer struct {
	w   *flate.Writer
	buf bytes.Buffer
}

// Pack makes the write of one version. exchange is the digest of its exchange form. The error is
// ErrTooLarge.
func (p *Packer) Pack(content []byte, exchange string) (*DescriptionWrite, error) {
	if len(content) > MaxDescription {
		return nil, fmt.Errorf("%w: a description of %d bytes", ErrTooLarge, len(content))
	}
	p.buf.Reset()
	if p.w == nil {
		var err error
		if p.w, err = flate.NewWriter(&p.buf, flate.BestSpeed); err != nil {
			return nil, fmt.Errorf("compressing a description: %w", err)
		}
	}
	p.w.Reset(&p.buf)
	if _, err := p.w.Write(content); err != nil {
		return nil, fmt.Errorf("compressing a description: %w", err)
	}
	if err := p.w.Close(); err != nil {
		return nil, fmt.Errorf("compressing a description: %w", err)
	}
	return &DescriptionWrite{
		digest: contentDigest(content), exchange: exchange, size: int64(len(content)), packed: bytes.Clone(p.buf.Bytes()),
	}, nil
}

// contentDigest is the digest of a description's content (wire profile §3).
func contentDigest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// unpack gives the content back. What is not the content the digest is of is ErrCorrupt.
func (d *Description) unpack(packed []byte) error {
	if d.Size < 0 || d.Size > MaxDescription {
		return fmt.Errorf("%w: a description of %d bytes", ErrCorrupt, d.Size)
	}
	content := make([]byte, d.Size)
	r := flate.NewReader(bytes.NewReader(packed))
	if _, err := io.ReadFull(r, content); err != nil {
		return fmt.Errorf("%w: a description cannot be read: %w", ErrCorrupt, err)
	}
	if contentDigest(content) != d.Digest {
		return fmt.Errorf("%w: a description is not that of its digest", ErrCorrupt)
	}
	d.Content = content
	return nil
}

// describe writes a version, or withdraws the current one.
func (w *writing) describe(d *DescriptionWrite) error {
	if d == nil {
		return nil
	}
	if _, err := w.s.exec(w.ctx, "UPDATE description SET current = 0 WHERE case_no = $1 AND current = 1", w.file.no); err != nil {
		return err
	}
	if d.Withdraw {
		return nil
	}
	if d.packed == nil {
		return fmt.Errorf("%w: a description without content", ErrChange)
	}
	var last int64
	if _, err := w.s.one(w.ctx, "SELECT version FROM description WHERE case_no = $1 ORDER BY version DESC LIMIT 1",
		[]any{w.file.no}, &last); err != nil {
		return err
	}
	sealed, err := w.key.seal(w.rand, place("description", w.file.no, last+1), d.packed)
	if err != nil {
		return err
	}
	if _, err := w.s.exec(w.ctx, "INSERT INTO description (case_no, version, at, current, size, digest, exchange, sealed)"+
		" VALUES ($1, $2, $3, 1, $4, $5, $6, $7)",
		w.file.no, last+1, w.now.UnixMicro(), d.size, d.digest, d.exchange, sealed); err != nil {
		return err
	}
	if last < KeptDescriptions {
		return nil
	}
	_, err = w.s.exec(w.ctx, "DELETE FROM description WHERE case_no = $1 AND version <= $2", w.file.no, last+1-KeptDescriptions)
	return err
}
