package store

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// OpenBlob implements Blobs. ErrNotFound, or ErrErased once its case was erased. The content is read
// chunk by chunk; a blob that was shortened gives ErrCorrupt instead of io.EOF.
func (r *Record) OpenBlob(ctx context.Context, id string) (io.ReadCloser, error) {
	return r.view.openBlob(ctx, id)
}

func (v view) openBlob(ctx context.Context, id string) (io.ReadCloser, error) {
	b := &blobReader{ctx: ctx, s: v.s, id: id}
	var caseNo int64
	var personal, erased bool
	var sealed []byte
	ok, err := v.s.one(ctx, "SELECT b.size, b.sealed, c.no, c.personal, c.erased FROM blob b JOIN case_file c ON c.no = b.case_no"+
		" WHERE b.id = $1 AND b.bound = 1", []any{id}, &b.left, &sealed, &caseNo, &personal, &erased)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: blob %s", ErrNotFound, id)
	}
	if b.key, err = v.keyOf(ctx, caseNo, personal, erased); err != nil || sealed == nil {
		return b, err
	}
	data, err := b.key.open(place("blob", id), sealed)
	if err != nil {
		return nil, err
	}
	if b.key, err = blobKey(data); err != nil {
		return nil, fmt.Errorf("%w: key of blob %s: %w", ErrCorrupt, id, err)
	}
	return b, nil
}

// blobKey is the cipher of one blob.
func blobKey(data []byte) (*caseKey, error) {
	aead, err := newGCM(data)
	return &caseKey{aead: aead}, err
}

type blobReader struct {
	ctx  context.Context
	s    *session
	id   string
	key  *caseKey
	next int64
	left int64 // bytes not yet given out
	buf  []byte
	err  error
}

func (b *blobReader) Read(p []byte) (int, error) {
	for len(b.buf) == 0 && b.err == nil {
		b.err = b.fill()
	}
	if len(b.buf) == 0 {
		return 0, b.err
	}
	n := copy(p, b.buf)
	b.buf = b.buf[n:]
	return n, nil
}

// fill reads the next chunk.
func (b *blobReader) fill() error {
	if b.left == 0 {
		return io.EOF
	}
	var sealed []byte
	ok, err := b.s.one(b.ctx, "SELECT sealed FROM blob_chunk WHERE blob_id = $1 AND n = $2", []any{b.id, b.next}, &sealed)
	if err != nil {
		return err
	}
	data, err := b.key.open(place("blob_chunk", b.id, b.next), sealed)
	if err != nil {
		return err
	}
	if !ok || len(data) == 0 || int64(len(data)) > b.left {
		return fmt.Errorf("%w: blob %s is not as long as it was", ErrCorrupt, b.id)
	}
	b.buf, b.next, b.left = data, b.next+1, b.left-int64(len(data))
	return nil
}

// Close ends reading.
func (b *blobReader) Close() error {
	b.buf, b.err = nil, errors.New("read of a closed blob")
	return nil
}

// MessageBlobs implements Blobs.
func (r *Record) MessageBlobs(ctx context.Context, iss, jti string) (map[string]Blob, error) {
	out := map[string]Blob{}
	err := r.view.s.each(ctx, "SELECT a.attachment, b.id, b.size, b.sha256 FROM message m JOIN message_blob a ON a.message_no = m.no"+
		" JOIN blob b ON b.id = a.blob_id WHERE m.iss = $1 AND m.jti = $2", []any{iss, jti}, func(scan func(...any) error) error {
		var attachment string
		var b Blob
		err := scan(&attachment, &b.ID, &b.Size, &b.SHA256)
		out[attachment] = b
		return err
	})
	return out, err
}
