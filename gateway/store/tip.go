package store

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// tip is what the writer must know to write the next row. It is a value: an item that fails leaves
// the tip before it in force.
type tip struct {
	tree                    tree
	nextCase, nextRing      int64
	nextMessage, nextOutbox int64
	counts                  Counts
	checkpoint              []byte
	checkpointSize          int64 // -1 when there is none
}

// loadTip reads the tip from the record.
func loadTip(ctx context.Context, s *session) (tip, error) {
	t := tip{checkpointSize: -1}
	var leaves int64
	for _, q := range []struct {
		query string
		into  *int64
	}{
		{"SELECT coalesce(max(no), 0) + 1 FROM case_file", &t.nextCase},
		{"SELECT coalesce(max(no), -1) + 1 FROM (SELECT max(ring_no) AS no FROM case_key" +
			" UNION ALL SELECT max(ring_no) AS no FROM erasure) AS used", &t.nextRing},
		{"SELECT coalesce(max(no), 0) + 1 FROM message", &t.nextMessage},
		{"SELECT coalesce(max(id), 0) + 1 FROM outbox", &t.nextOutbox},
		{"SELECT coalesce(max(idx), -1) + 1 FROM leaf", &leaves},
		{"SELECT count(*) FROM message", &t.counts.Messages},
		{"SELECT count(*) FROM case_file WHERE revision > 0", &t.counts.Cases},
		{"SELECT count(*) FROM outbox WHERE state = 'queued'", &t.counts.Queued},
		{"SELECT count(*) FROM outbox WHERE state = 'dead'", &t.counts.Dead},
		{"SELECT count(*) FROM permit", &t.counts.Permits},
	} {
		if _, err := s.one(ctx, q.query, nil, q.into); err != nil {
			return tip{}, err
		}
	}
	t.counts.Leaves = leaves
	var err error
	if t.tree, err = loadTree(ctx, s, leaves); err != nil {
		return tip{}, err
	}
	_, err = s.one(ctx, "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1", nil, &t.checkpointSize, &t.checkpoint)
	return t, err
}

// checkTip refuses a record whose last checkpoint is not that of its tree, and signs the checkpoint
// of the empty tree in a new record.
func (r *Record) checkTip(ctx context.Context) error {
	root, err := r.tip.tree.root()
	if err != nil {
		return err
	}
	if r.tip.checkpointSize < 0 && r.tip.tree.size == 0 {
		note, err := evidence.SignCheckpoint(r.opts.Origin, 0, root, r.opts.LogSigner)
		if err != nil {
			return err
		}
		if err := r.transact(ctx, func() error { return r.putCheckpoint(ctx, 0, note) }); err != nil {
			return err
		}
		r.tip.checkpoint, r.tip.checkpointSize = note, 0
		return nil
	}
	size, hash := checkpointText(r.tip.checkpoint)
	if r.tip.checkpointSize != r.tip.tree.size || size != fmt.Sprint(r.tip.tree.size) || hash != root.String() {
		return fmt.Errorf("%w: the last checkpoint is not that of the log", ErrCorrupt)
	}
	return nil
}

func (r *Record) putCheckpoint(ctx context.Context, size int64, note []byte) error {
	_, err := r.write.exec(ctx, "INSERT INTO checkpoint (size, at, note) VALUES ($1, $2, $3)",
		size, r.opts.Clock().UnixMicro(), note)
	return err
}

// publish makes the counts of the tip visible.
func (r *Record) publish() {
	c := r.tip.counts
	r.counts.Store(&c)
}
