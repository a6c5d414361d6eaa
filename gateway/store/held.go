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
