package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// caseRow is a row of case_file.
type caseRow struct {
	no       int64
	id       string
	personal bool
	erased   bool
	revision int64
	updated  time.Time
	sealed   []byte
}

const caseColumns = "no, id, personal, erased, revision, updated, sealed"

func scanCase(scan func(...any) error) (caseRow, error) {
	var c caseRow
	var updated int64
	err := scan(&c.no, &c.id, &c.personal, &c.erased, &c.revision, &updated, &c.sealed)
	c.updated = micros(updated)
	return c, err
}

func micros(t int64) time.Time { return time.UnixMicro(t).UTC() }

// view reads rows and opens what is sealed; the writer's sees its own group.
type view struct {
	s   *session
	key func(ctx context.Context, caseNo int64) (*caseKey, error)
}

func newView(s *session, keys *caseKeys) view {
	return view{s: s, key: func(ctx context.Context, no int64) (*caseKey, error) { return keys.load(ctx, s, no) }}
}

// keyOf is the key of a case: nil when it is not personal, ErrErased when it is gone.
func (v view) keyOf(ctx context.Context, no int64, personal, erased bool) (*caseKey, error) {
	switch {
	case erased:
		return nil, ErrErased
	case !personal:
		return nil, nil
	}
	return v.key(ctx, no)
}

// findCase finds a case by its id, or by what erasure left of it.
func (v view) findCase(ctx context.Context, keys *caseKeys, id string) (c caseRow, found bool, err error) {
	if strings.HasPrefix(id, tombstonePrefix) {
		return c, false, nil
	}
	if c, found, err = v.oneCase(ctx, "id", id); err != nil || found {
		return c, found, err
	}
	tomb, err := keys.tombstone(id)
	if err != nil {
		return c, false, err
	}
	return v.oneCase(ctx, "id", tomb)
}

func (v view) caseByNo(ctx context.Context, no int64) (caseRow, bool, error) {
	return v.oneCase(ctx, "no", no)
}

func (v view) oneCase(ctx context.Context, column string, value any) (c caseRow, found bool, err error) {
	err = v.s.each(ctx, "SELECT "+caseColumns+" FROM case_file WHERE "+column+" = $1", []any{value},
		func(scan func(...any) error) (err error) {
			found = true
			c, err = scanCase(scan)
			return err
		})
	return c, found, err
}

// Case reads a case that has, or before erasure had, a document.
func (r *Record) Case(ctx context.Context, caseID string) (Case, bool, error) {
	c, ok, err := r.view.findCase(ctx, r.keys, caseID)
	if err != nil || !ok || c.revision == 0 && !c.erased {
		return Case{}, false, err
	}
	out, err := r.view.openCase(ctx, c)
	out.ID = caseID
	return out, err == nil, err
}

// openCase opens the document of a case.
func (v view) openCase(ctx context.Context, c caseRow) (Case, error) {
	out := Case{ID: c.id, Revision: c.revision, Updated: c.updated}
	key, err := v.keyOf(ctx, c.no, c.personal, c.erased)
	if errors.Is(err, ErrErased) {
		out.Erased = true
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Doc, err = key.open(place("case_file", c.no), c.sealed)
	return out, err
}

// Cases lists cases with a document in id order. Erased ones have no id any more and are left out.
func (r *Record) Cases(ctx context.Context, prefix, after string, limit int) ([]Case, error) {
	var rows []caseRow
	past := errors.New("past the prefix")
	err := r.view.s.each(ctx, "SELECT "+caseColumns+" FROM case_file WHERE id > $1 AND id >= $2"+
		" AND revision > 0 AND erased = 0 ORDER BY id LIMIT $3", []any{after, prefix, limit},
		func(scan func(...any) error) error {
			c, err := scanCase(scan)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(c.id, prefix) {
				return past
			}
			rows = append(rows, c)
			return nil
		})
	if err != nil && !errors.Is(err, past) {
		return nil, err
	}
	out := make([]Case, 0, len(rows))
	for _, c := range rows {
		one, err := r.view.openCase(ctx, c)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// ensureCase finds a case to write to, creating row and key of a new one. ErrErased when it was erased.
func (g *group) ensureCase(id string) (caseRow, *caseKey, error) {
	c, found, err := g.view.findCase(g.ctx, g.r.keys, id)
	if err != nil {
		return c, nil, err
	}
	if found {
		key, err := g.view.keyOf(g.ctx, c.no, c.personal, c.erased)
		return c, key, err
	}
	return g.createCase(id)
}

// createCase writes row and key of a case that is not there.
func (g *group) createCase(id string) (c caseRow, key *caseKey, err error) {
	if strings.HasPrefix(id, tombstonePrefix) {
		return c, nil, fmt.Errorf("%w: case id", ErrChange)
	}
	c = caseRow{no: g.tip.nextCase, id: id, personal: personal(id)}
	if _, err := g.s.exec(g.ctx, "INSERT INTO case_file (no, id, personal, erased, revision, updated) VALUES ($1, $2, $3, 0, 0, $4)",
		c.no, c.id, flag(c.personal), g.now.UnixMicro()); err != nil {
		return c, nil, err
	}
	g.tip.nextCase++
	if !c.personal {
		return c, nil, nil
	}
	key, err = g.newKey(c.no)
	return c, key, err
}

// newKey gives a case a key, at the next place of the ring that still has its secret.
func (g *group) newKey(caseNo int64) (*caseKey, error) {
	for ; g.tip.nextRing <= ringMaxNo; g.tip.nextRing++ {
		key, wrapped, err := g.r.keys.create(g.rand, caseNo, g.tip.nextRing)
		if errors.Is(err, ErrErased) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if _, err := g.s.exec(g.ctx, "INSERT INTO case_key (case_no, ring_no, wrapped) VALUES ($1, $2, $3)",
			caseNo, key.ringNo, wrapped); err != nil {
			return nil, err
		}
		g.tip.nextRing++
		g.keys[caseNo], g.made = key, append(g.made, caseNo)
		return key, nil
	}
	return nil, errors.New("the key ring is used up")
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
