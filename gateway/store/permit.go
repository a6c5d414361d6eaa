package store

import (
	"context"
	"errors"
	"fmt"
)

// permit inserts a permit version or changes the status of one.
func (w *writing) permit(p *PermitWrite) error {
	if p.Token == "" {
		n, err := w.s.exec(w.ctx, "UPDATE permit SET status = $1 WHERE id = $2", p.Status, p.ID)
		if err == nil && n != 1 {
			err = fmt.Errorf("%w: permit %s", ErrNotFound, p.ID)
		}
		return err
	}
	sealed, err := w.key.seal(w.rand, place("permit", p.ID), []byte(p.Token))
	if err != nil {
		return err
	}
	n, err := w.s.exec(w.ctx, "INSERT INTO permit (id, case_no, list, idx, status, issued_at, sealed)"+
		" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
		p.ID, w.file.no, p.List, p.Index, p.Status, w.now.UnixMicro(), sealed)
	if err != nil {
		return err
	}
	if n == 1 {
		w.tip.counts.Permits++
		return nil
	}
	var one int64
	exists, err := w.s.one(w.ctx, "SELECT 1 FROM permit WHERE id = $1", []any{p.ID}, &one)
	switch {
	case err != nil:
		return err
	case exists:
		return fmt.Errorf("%w: %s", ErrPermitExists, p.ID)
	}
	return ErrIndexUsed
}

func (v view) permits(ctx context.Context, where string, args ...any) ([]Permit, error) {
	type row struct {
		p                Permit
		caseNo           int64
		personal, erased bool
		sealed           []byte
	}
	var rows []row
	err := v.s.each(ctx, "SELECT p.id, p.list, p.idx, p.status, p.issued_at, p.sealed, c.no, c.id, c.personal, c.erased"+
		" FROM permit p JOIN case_file c ON c.no = p.case_no"+where, args, func(scan func(...any) error) error {
		var r row
		var issued int64
		err := scan(&r.p.ID, &r.p.List, &r.p.Index, &r.p.Status, &issued, &r.sealed, &r.caseNo, &r.p.Case, &r.personal, &r.erased)
		r.p.IssuedAt = micros(issued)
		rows = append(rows, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]Permit, 0, len(rows))
	for _, r := range rows {
		key, err := v.keyOf(ctx, r.caseNo, r.personal, r.erased)
		switch {
		case errors.Is(err, ErrErased):
			r.p.Case = ""
		case err != nil:
			return nil, err
		default:
			token, err := key.open(place("permit", r.p.ID), r.sealed)
			if err != nil {
				return nil, err
			}
			r.p.Token = string(token)
		}
		out = append(out, r.p)
	}
	return out, nil
}

// Permit implements Reader. Of an erased case only id, list, index and status are left.
func (r *Record) Permit(ctx context.Context, id string) (Permit, bool, error) {
	list, err := r.view.permits(ctx, " WHERE p.id = $1", id)
	if err != nil || len(list) == 0 {
		return Permit{}, false, err
	}
	return list[0], true, nil
}

// Permits implements Reader: the permit versions of a case in id order.
func (r *Record) Permits(ctx context.Context, caseID string) ([]Permit, error) {
	c, ok, err := r.view.findCase(ctx, r.keys, caseID)
	if err != nil || !ok {
		return nil, err
	}
	return r.view.permits(ctx, " WHERE p.case_no = $1 ORDER BY p.id", c.no)
}

// StatusBits implements Reader.
func (r *Record) StatusBits(ctx context.Context, list string) (map[int64]int, bool, error) {
	var one int64
	ok, err := r.view.s.one(ctx, "SELECT 1 FROM permit WHERE list = $1 LIMIT 1", []any{list}, &one)
	if err != nil || !ok {
		return nil, false, err
	}
	bits := map[int64]int{}
	err = r.view.s.each(ctx, "SELECT idx, status FROM permit WHERE list = $1 AND status <> 0", []any{list},
		func(scan func(...any) error) error {
			var idx int64
			var status int
			err := scan(&idx, &status)
			bits[idx] = status
			return err
		})
	return bits, err == nil, err
}
