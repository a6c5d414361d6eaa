package gateway

import (
	"context"
	"maps"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// maxBundleHeads bounds the checkpoints of a bundle: five weeks of a busy witness. Leaves beyond are
// proven under the newest.
const maxBundleHeads = 1000

// bundleHeads are the checkpoints a bundle's leaves are proven under: for each leaf the earliest that a
// witness cosigned, for it says most about when the leaf existed; and the newest of ours, cosigned or
// not, whatever is appended meanwhile.
type bundleHeads struct {
	record *store.Record
	origin string
	newest evidence.Checkpoint
	notes  map[int64]string // by tree size, with cosignatures
}

func (g *Gateway) heads(ctx context.Context) (*bundleHeads, error) {
	newest, err := g.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &bundleHeads{g.record, LogOrigin(g.cfg.Entity), newest, map[int64]string{newest.Size: string(newest.Note)}}, nil
}

// prove proves one leaf.
func (h *bundleHeads) prove(ctx context.Context, index int64) (evidence.Proof, error) {
	size, note, ok, err := h.record.Cosigned(ctx, index)
	if err != nil {
		return evidence.Proof{}, err
	}
	if _, known := h.notes[size]; !ok || size > h.newest.Size || !known && len(h.notes) >= maxBundleHeads {
		size = h.newest.Size
	} else if len(note) > len(h.notes[size]) {
		h.notes[size] = string(note)
	}
	proof, err := h.record.Proof(ctx, index, size)
	proof.Checkpoint = []byte(h.notes[size])
	return proof, err
}

// joined lists the checkpoints by size, with the proofs that each extends the one before.
func (h *bundleHeads) joined(ctx context.Context) ([]string, []evidence.ConsistencyProof, error) {
	var notes []string
	var joints []evidence.ConsistencyProof
	var before int64
	for i, size := range slices.Sorted(maps.Keys(h.notes)) {
		notes = append(notes, h.notes[size])
		if i > 0 {
			proof, err := h.record.Consistency(ctx, before, size)
			if err != nil {
				return nil, nil, err
			}
			joints = append(joints, evidence.NewConsistencyProof(h.origin, before, size, proof))
		}
		before = size
	}
	return notes, joints, nil
}
