package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
)

// blobChunk is how much of a blob one row holds, in bytes.
const blobChunk = 1 << 20

// staging is one StageBlob under way, and what is known of the blob until it is bound.
type staging struct {
	r      *Record
	caseID string
	id     string
	data   []byte   // the key of the blob
	key    *caseKey // and its cipher
	chunks int64
	size   int64
	sum    hash.Hash
}

// StageBlob implements Blobs. Each chunk is a change of its own, so that a large attachment does not
// hold up other callers. A reader's error is returned as it is; what was staged is dropped then.
func (r *Record) StageBlob(ctx context.Context, caseID string, content io.Reader, max int64) (Blob, error) {
	st := &staging{r: r, caseID: caseID, sum: sha256.New()}
	if err := r.do(ctx, st.begin, nil); err != nil {
		return Blob{}, err
	}
	b, err := st.copy(ctx, content, max)
	if err != nil {
		// The caller may be gone; what cannot be dropped now is dropped at the next start.
		dropped := r.DropBlobs(context.WithoutCancel(ctx), st.id)
		if dropped != nil && !errors.Is(dropped, ErrClosed) {
			r.opts.Logger.WarnContext(ctx, "a staged blob stays until the next start", "blob", st.id, "error", dropped)
		}
		return Blob{}, err
	}
	r.staged.add(st)
	return b, nil
}

func (st *staging) begin(g *group) error {
	raw := make([]byte, 16+32)
	if _, err := io.ReadFull(g.rand, raw); err != nil {
		return fmt.Errorf("blob id and key: %w", err)
	}
	c, _, err := g.view.findCase(g.ctx, g.r.keys, st.caseID)
	if err != nil {
		return err
	}
	if c.erased {
		return ErrErased
	}
	st.id, st.data = hex.EncodeToString(raw[:16]), raw[16:]
	if st.key, err = blobKey(st.data); err != nil {
		return err
	}
	_, err = g.s.exec(g.ctx, "INSERT INTO blob (id, case_no, bound, size, sha256) VALUES ($1, 0, 0, -1, '')", st.id)
	return err
}

func (st *staging) copy(ctx context.Context, content io.Reader, max int64) (Blob, error) {
	for {
		// A buffer a chunk: the writer may still hold the last one when we are cancelled.
		buf := make([]byte, min(blobChunk, max-st.size+1))
		n, err := io.ReadFull(content, buf)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n < len(buf)
		if err != nil && !end {
			return Blob{}, err
		}
		if st.size+int64(n) > max {
			return Blob{}, ErrTooLarge
		}
		if n > 0 {
			st.sum.Write(buf[:n])
			chunk := st.chunks
			if err := st.r.do(ctx, func(g *group) error { return st.put(g, chunk, buf[:n]) }, nil); err != nil {
				return Blob{}, err
			}
			st.chunks, st.size = st.chunks+1, st.size+int64(n)
		}
		if end {
			break
		}
	}
	b := Blob{ID: st.id, Size: st.size, SHA256: hex.EncodeToString(st.sum.Sum(nil))}
	return b, st.r.do(ctx, func(g *group) error {
		_, err := g.s.exec(g.ctx, "UPDATE blob SET size = $1, sha256 = $2 WHERE id = $3", b.Size, b.SHA256, b.ID)
		return err
	}, nil)
}

func (st *staging) put(g *group, n int64, data []byte) error {
	sealed, err := st.key.seal(g.rand, place("blob_chunk", st.id, n), data)
	if err != nil {
		return err
	}
	_, err = g.s.exec(g.ctx, "INSERT INTO blob_chunk (blob_id, n, sealed) VALUES ($1, $2, $3)", st.id, n, sealed)
	return err
}

// DropBlobs implements Blobs: staged blobs go; those of a message stay.
func (r *Record) DropBlobs(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	return r.do(ctx, func(g *group) error {
		for _, id := range ids {
			if err := g.dropBlob(id); err != nil {
				return err
			}
		}
		return nil
	}, func(g *group) error {
		r.staged.drop(ids...)
		return nil
	})
}

func (g *group) dropBlob(id string) error {
	n, err := g.s.exec(g.ctx, "DELETE FROM blob WHERE id = $1 AND bound = 0", id)
	if err != nil || n == 0 {
		return err
	}
	_, err = g.s.exec(g.ctx, "DELETE FROM blob_chunk WHERE blob_id = $1", id)
	return err
}

// dropStaged removes what a former run staged and never bound.
func (r *Record) dropStaged(ctx context.Context) error {
	return r.transact(ctx, func() error {
		if _, err := r.write.exec(ctx, "DELETE FROM blob_chunk WHERE blob_id IN (SELECT id FROM blob WHERE bound = 0)"); err != nil {
			return err
		}
		_, err := r.write.exec(ctx, "DELETE FROM blob WHERE bound = 0")
		return err
	})
}
