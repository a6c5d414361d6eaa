package store

import (
	"context"
	"fmt"
	"time"
)

// Cosignature is what a witness said of one of our checkpoints. Whoever saves it has verified it.
type Cosignature struct {
	Size    int64
	Witness string // its verifier key: a witness that changes keys is another one
	At      time.Time
	Line    string // the signature line with its end, to be appended to the checkpoint
}

// SaveCosignature keeps a cosignature of a checkpoint. The first of a witness for a size stays: it is
// the older proof. ErrNotFound when there is no checkpoint of that size.
func (r *Record) SaveCosignature(ctx context.Context, c Cosignature) error {
	return r.do(ctx, func(g *group) error {
		if _, _, err := g.view.checkpoint(g.ctx, c.Size); err != nil {
			return err
		}
		_, err := g.s.exec(g.ctx, "INSERT INTO cosignature (size, witness, at, line) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			c.Size, c.Witness, c.At.UnixMicro(), c.Line)
		return err
	}, nil)
}

// LastCosigned is the size of the largest tree a witness has cosigned; 0 when there is none.
func (r *Record) LastCosigned(ctx context.Context, witness string) (int64, error) {
	var size int64
	_, err := r.view.s.one(ctx, "SELECT size FROM cosignature WHERE witness = $1 ORDER BY size DESC LIMIT 1", []any{witness}, &size)
	return size, err
}

// Cosigned is the smallest cosigned checkpoint whose tree holds leaf index, and so the earliest proof
// of when it existed, with every cosignature of it appended. ok is false when no witness has seen the
// leaf.
func (r *Record) Cosigned(ctx context.Context, index int64) (size int64, note []byte, ok bool, err error) {
	ok, err = r.view.s.one(ctx, "SELECT size FROM cosignature WHERE size > $1 ORDER BY size LIMIT 1", []any{index}, &size)
	if err != nil || !ok {
		return 0, nil, false, err
	}
	if _, note, err = r.view.checkpoint(ctx, size); err != nil {
		return 0, nil, false, fmt.Errorf("cosigned checkpoint: %w", err)
	}
	err = r.view.s.each(ctx, "SELECT line FROM cosignature WHERE size = $1 ORDER BY witness", []any{size}, func(scan func(...any) error) error {
		var line string
		err := scan(&line)
		note = append(note, line...)
		return err
	})
	return size, note, err == nil, err
}
