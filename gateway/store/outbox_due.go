package store

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Due implements Reader.
func (r *Record) Due(ctx context.Context, now time.Time, limit int) ([]Outbox, error) {
	return r.view.outbox(ctx, " WHERE o.head = 1 AND o.due <= $1 ORDER BY o.due, o.id LIMIT $2", now.UnixMicro(), limit)
}

// DueExcept is Due without the rows of some lanes, for callers that know of lanes which wait. What
// waits in those lanes costs nothing, however much it is.
func (r *Record) DueExcept(ctx context.Context, now time.Time, except []Lane, limit int) ([]Outbox, error) {
	if len(except) == 0 {
		return r.Due(ctx, now, limit)
	}
	type head struct{ id, due int64 }
	var heads []head
	err := r.view.openLanes(ctx, except, func(l Lane) error {
		return r.view.s.each(ctx, "SELECT id, due FROM outbox WHERE head = 1 AND channel = $1 AND target = $2 AND due <= $3"+
			" ORDER BY due, id LIMIT $4", []any{string(l.Channel), l.Target, now.UnixMicro(), limit}, func(scan func(...any) error) error {
			var h head
			err := scan(&h.id, &h.due)
			heads = append(heads, h)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(heads, func(a, b head) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.id, b.id)) })
	var out []Outbox
	for _, h := range heads[:min(len(heads), limit)] {
		rows, err := r.view.outbox(ctx, " WHERE o.id = $1 AND o.head = 1", h.id) // it may be settled by now
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// NextDue implements Reader.
func (r *Record) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due int64
	ok, err := r.view.s.one(ctx, "SELECT due FROM outbox WHERE head = 1 ORDER BY due, id LIMIT 1", nil, &due)
	if err != nil || !ok {
		return time.Time{}, false, err
	}
	return micros(due), true, nil
}

// NextDueExcept is NextDue without the rows of some lanes.
func (r *Record) NextDueExcept(ctx context.Context, except []Lane) (at time.Time, ok bool, err error) {
	if len(except) == 0 {
		return r.NextDue(ctx)
	}
	err = r.view.openLanes(ctx, except, func(l Lane) error {
		var due int64
		found, err := r.view.s.one(ctx, "SELECT due FROM outbox WHERE head = 1 AND channel = $1 AND target = $2 ORDER BY due, id LIMIT 1",
			[]any{string(l.Channel), l.Target}, &due)
		if found && (!ok || micros(due).Before(at)) {
			at, ok = micros(due), true
		}
		return err
	})
	return at, ok, err
}

// openLanes calls f for each lane that has rows to try and is not excepted. It takes a step for each
// lane, not for each row.
func (v view) openLanes(ctx context.Context, except []Lane, f func(Lane) error) error {
	var at Lane
	for {
		next, ok, err := v.nextLane(ctx, at)
		if err != nil || !ok {
			return err
		}
		at = next
		if slices.Contains(except, next) || slices.Contains(except, Lane{Channel: next.Channel}) {
			continue
		}
		if err := f(next); err != nil {
			return err
		}
	}
}

// nextLane is the first lane after another that has rows to try. It asks for the next target of the
// channel and then for the next channel: SQLite seeks a pair by its first half only.
func (v view) nextLane(ctx context.Context, at Lane) (next Lane, ok bool, err error) {
	next.Channel = at.Channel
	ok, err = v.s.one(ctx, "SELECT target FROM outbox WHERE head = 1 AND channel = $1 AND target > $2 ORDER BY target LIMIT 1",
		[]any{string(at.Channel), at.Target}, &next.Target)
	if err != nil || ok {
		return next, ok, err
	}
	ok, err = v.s.one(ctx, "SELECT channel, target FROM outbox WHERE head = 1 AND channel > $1 ORDER BY channel, target LIMIT 1",
		[]any{string(at.Channel)}, &next.Channel, &next.Target)
	return next, ok, err
}
