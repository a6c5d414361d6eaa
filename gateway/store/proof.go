package store

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint implements Reader.
func (r *Record) Checkpoint(ctx context.Context) ([]byte, error) {
	_, note, err := r.view.checkpoint(ctx, 0)
	return note, err
}

// checkpoint reads the checkpoint of a commit group by tree size, the latest for 0.
func (v view) checkpoint(ctx context.Context, size int64) (int64, []byte, error) {
	query, args := "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1", []any(nil)
	if size != 0 {
		query, args = "SELECT size, note FROM checkpoint WHERE size = $1", []any{size}
	}
	var note []byte
	ok, err := v.s.one(ctx, query, args, &size, &note)
	if err == nil && !ok {
		err = fmt.Errorf("%w: no checkpoint of size %d", ErrNotFound, size)
	}
	return size, note, err
}

// Proof implements Reader. ErrNotFound when there is no such leaf or no checkpoint of that size.
func (r *Record) Proof(ctx context.Context, index, size int64) (evidence.Proof, error) {
	if size < 0 {
		return evidence.Proof{}, fmt.Errorf("%w: size %d", ErrNotFound, size)
	}
	size, note, err := r.view.checkpoint(ctx, size)
	if err != nil {
		return evidence.Proof{}, err
	}
	if index < 0 || index >= size {
		return evidence.Proof{}, fmt.Errorf("%w: leaf %d is not in a tree of %d", ErrNotFound, index, size)
	}
	hashes, err := tlog.ProveRecord(size, index, storedHashes{ctx, r.view.s, &r.cache})
	if err != nil {
		return evidence.Proof{}, fmt.Errorf("proof of leaf %d: %w", index, err)
	}
	return evidence.Proof{Index: index, Hashes: hashes, Checkpoint: note}, nil
}

// Evidence implements Reader. ErrErased when the case was erased: its leaves are no longer told apart
// from others.
func (r *Record) Evidence(ctx context.Context, caseID string) ([]Evidence, error) {
	c, ok, err := r.view.findCase(ctx, r.keys, caseID)
	if err != nil || !ok {
		return nil, err
	}
	key, err := r.view.keyOf(ctx, c.no, c.personal, c.erased)
	if err != nil {
		return nil, err
	}
	var out []Evidence
	err = r.view.s.each(ctx, "SELECT l.idx, l.class, l.at, l.leaf, m.sealed FROM leaf l JOIN leaf_material m ON m.idx = l.idx"+
		" WHERE l.case_no = $1 ORDER BY l.idx", []any{c.no}, func(scan func(...any) error) error {
		var e Evidence
		var class string
		var at int64
		var sealed []byte
		if err := scan(&e.Index, &class, &at, &e.Leaf, &sealed); err != nil {
			return err
		}
		e.Class, e.At = evidence.Class(class), micros(at)
		var err error
		e.Salt, e.Material, err = openMaterial(key, e.Index, sealed)
		out = append(out, e)
		return err
	})
	return out, err
}
