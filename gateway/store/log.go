package store

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Tile gives the bytes of a hash tile of the committed log (C2SP tlog-tiles), the same for ever.
// ErrNotFound when the log has not grown so far. It holds commitments only: erasing a case changes none.
func (r *Record) Tile(ctx context.Context, t tlog.Tile) ([]byte, error) {
	size, _, err := r.view.checkpoint(ctx, 0)
	if err != nil {
		return nil, err
	}
	if t.H != evidence.TileHeight || t.L < 0 || t.N < 0 || t.W < 1 || t.W > evidence.TileWidth || !evidence.TileWithin(t, size) {
		return nil, fmt.Errorf("%w: a tile beyond the log", ErrNotFound)
	}
	data, err := tlog.ReadTileData(t, storedHashes{ctx, r.view.s, &r.cache})
	if err != nil {
		return nil, fmt.Errorf("tile %s: %w", evidence.TilePath(t), err)
	}
	return data, nil
}

// Consistency proves that the log of to leaves begins with the one of from leaves (RFC 6962 §2.1.2).
// It is empty where evidence.Consistent wants none. ErrNotFound when the log has fewer than to leaves.
func (r *Record) Consistency(ctx context.Context, from, to int64) (tlog.TreeProof, error) {
	size, _, err := r.view.checkpoint(ctx, 0)
	if err != nil {
		return nil, err
	}
	if from < 0 || from > to || to > size {
		return nil, fmt.Errorf("%w: no log of %d leaves after %d", ErrNotFound, to, from)
	}
	if from == 0 || from == to {
		return nil, nil
	}
	proof, err := tlog.ProveTree(to, from, storedHashes{ctx, r.view.s, &r.cache})
	if err != nil {
		return nil, fmt.Errorf("consistency of %d and %d: %w", from, to, err)
	}
	return proof, nil
}
