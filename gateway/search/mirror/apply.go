package mirror

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// apply takes a pass that was read to its end over into the index. The marks are written last: a pass
// cut off here is read again, and what was applied of it is unchanged then.
func (p *pass) apply(ctx context.Context) error {
	err := p.spool.each(func(batch []search.Document) error {
		if err := p.m.room(); err != nil {
			return err
		}
		return p.m.Index.Apply(ctx, search.Batch{Put: batch})
	})
	if err != nil {
		return err
	}
	gone, marks, err := p.gone(ctx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(gone, batchSize) {
		if err := p.m.Index.Apply(ctx, search.Batch{Delete: part}); err != nil {
			return err
		}
	}
	p.report.Removed = len(gone)
	if until := p.until(); until.After(p.since) {
		marks[markSince] = until.UTC().Format(time.RFC3339Nano)
	}
	if len(marks) == 0 {
		return nil
	}
	if begun, err := p.m.Index.Mark(ctx, markPass); err != nil || begun != p.name {
		return errors.Join(ErrForgotten, err) // what was unchanged is not in it
	}
	return p.m.Index.Apply(ctx, search.Batch{Marks: marks})
}

// until is the time up to which no change was missed. While the pages are read, one that was read may
// change before one that is still to come: what changed during the pass is read again.
func (p *pass) until() time.Time {
	if p.latest.IsZero() {
		return p.latest
	}
	return p.latest.Add(-max(0, p.took))
}

// gone lists what a complete pass did not show any more. Much of it at once waits for the next complete
// pass: a centre that is being filled anew must not empty the mirror.
func (p *pass) gone(ctx context.Context) (keys []string, marks map[string]string, err error) {
	marks = map[string]string{}
	if !p.report.Complete {
		return nil, marks, nil
	}
	marks[markComplete] = p.m.Clock().UTC().Format(time.RFC3339Nano)
	for key := range p.have {
		if !p.seen[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	if len(keys) <= removedFew || float64(len(keys)) <= removedShare*float64(len(p.have)) {
		marks[markGone] = ""
		return keys, marks, nil
	}
	waited, err := p.m.Index.Mark(ctx, markGone)
	if err != nil {
		return nil, nil, err
	}
	if waited != "" {
		marks[markGone] = ""
		return keys, marks, nil
	}
	p.report.Withheld = len(keys)
	marks[markGone] = marks[markComplete]
	return nil, marks, nil
}
