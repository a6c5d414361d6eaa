package store

import (
	"context"
	"time"
)

// HeldCases implements Reader.
func (r *Record) HeldCases(ctx context.Context, before time.Time, limit int) ([]string, error) {
	var out []string
	err := r.view.s.each(ctx, "SELECT DISTINCT c.id FROM message m JOIN case_file c ON c.no = m.case_no"+
		" WHERE m.held = 1 AND m.received_at <= $1 AND c.erased = 0 ORDER BY c.id LIMIT $2",
		[]any{before.UnixMicro(), limit}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			out = append(out, id)
			return err
		})
	return out, err
}

const heldQuery = "SELECT m.iss, m.jti, m.seq, m.rejected, m.received_at, coalesce(length(m.sealed), 0) + coalesce(length(l.sealed), 0)" +
	" FROM message m LEFT JOIN leaf_material l ON l.idx = m.leaf WHERE m.case_no = $1 AND m.held = 1"

// held lists what waits for an earlier number, without reading any content.
func (v view) held(ctx context.Context, caseNo int64) ([]Held, error) {
	return v.heldRows(ctx, heldQuery+" ORDER BY m.no", caseNo)
}

func (v view) heldRows(ctx context.Context, query string, args ...any) ([]Held, error) {
	var out []Held
	err := v.s.each(ctx, query, args, func(scan func(...any) error) error {
		var h Held
		var received int64
		err := scan(&h.Iss, &h.Jti, &h.Seq, &h.Rejected, &received, &h.Size)
		h.ReceivedAt = micros(received)
		out = append(out, h)
		return err
	})
	return out, err
}

// Standing implements Reader.
func (r *Record) Standing(ctx context.Context, caseID, sender string) (Standing, error) {
	var s Standing
	c, found, err := r.view.findCase(ctx, r.keys, caseID)
	if err != nil || !found {
		return s, err
	}
	if c.erased {
		return s, ErrErased
	}
	if _, err := r.view.s.one(ctx, "SELECT applied FROM inbound_seq WHERE case_no = $1 AND sender = $2",
		[]any{c.no, sender}, &s.Applied); err != nil {
		return s, err
	}
	s.Held, err = r.view.heldRows(ctx, heldQuery+" AND m.iss = $2 ORDER BY m.no", c.no, sender)
	return s, err
}
