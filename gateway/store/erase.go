package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Erase implements Updater: content and key go from the database, then the case's secret from the
// key ring, which is what reaches the write-ahead log and backups. Evidence that it was done is a
// leaf of class operator. It is idempotent; ErrNotFound when there is no such case. When it returns
// another error the content may be gone while the ring still has the secret: repeat it, or open the
// record again, which completes it.
func (r *Record) Erase(ctx context.Context, caseID string) error {
	e := &erasing{caseID: caseID}
	return r.do(ctx, e.run, e.after)
}

type erasing struct {
	caseID  string
	caseNo  int64
	ringNos []int64
}

func (e *erasing) run(g *group) error {
	c, found, err := g.view.findCase(g.ctx, g.r.keys, e.caseID)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: case", ErrNotFound)
	}
	e.caseNo = c.no
	if c.erased {
		e.ringNos, err = g.view.erasedRingNos(g.ctx)
		return err
	}
	e.ringNos, err = g.eraseCase(c)
	return err
}

func (e *erasing) after(g *group) error {
	if err := g.r.keys.destroy(e.caseNo, e.ringNos...); err != nil {
		return fmt.Errorf("the content is erased, the key ring is not: %w", err)
	}
	g.r.changed(e.caseID)
	return nil
}

// eraseCase removes the content of a case and returns the places of the ring to puncture.
func (g *group) eraseCase(c caseRow) ([]int64, error) {
	tomb, err := g.r.keys.tombstone(c.id)
	if err != nil {
		return nil, err
	}
	if c.id == "" || !caseIdentifier(c.id) {
		tomb += ":" + strconv.FormatInt(c.no, 10) // such an id may be used again
	}
	var ringNos []int64
	if err := g.s.each(g.ctx, "SELECT ring_no FROM case_key WHERE case_no = $1", []any{c.no}, func(scan func(...any) error) error {
		var no int64
		err := scan(&no)
		ringNos = append(ringNos, no)
		return err
	}); err != nil {
		return nil, err
	}
	for _, no := range ringNos {
		if _, err := g.s.exec(g.ctx, "INSERT INTO erasure (ring_no, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
			no, g.now.UnixMicro()); err != nil {
			return nil, err
		}
	}
	if err := g.recount(c); err != nil {
		return nil, err
	}
	if !caseIdentifier(c.id) {
		if _, err := g.s.exec(g.ctx, eraseFiled, c.no); err != nil {
			return nil, err
		}
	}
	for _, q := range eraseContent {
		if _, err := g.s.exec(g.ctx, q, c.no); err != nil {
			return nil, err
		}
	}
	if _, err := g.s.exec(g.ctx, "UPDATE case_file SET id = $1, erased = 1, sealed = NULL, updated = $2 WHERE no = $3",
		tomb, g.now.UnixMicro(), c.no); err != nil {
		return nil, err
	}
	material, err := json.Marshal(struct {
		Action string `json:"action"`
		Case   string `json:"case"`
		At     int64  `json:"at_us"`
	}{"case-erased", tomb, g.now.UnixMicro()})
	if err != nil {
		return nil, err
	}
	_, err = g.leaf(0, nil, evidence.ClassOperator, material)
	return ringNos, err
}

// eraseFiled removes what case $1 keeps of messages that count in other cases; their order stays.
const eraseFiled = "UPDATE message SET sealed = NULL, receipt = NULL, leaf = NULL, token_sha256 = ''" +
	" WHERE case_no <> $1 AND leaf IN (SELECT idx FROM leaf WHERE case_no = $1)"

// eraseContent removes what belongs to case $1. Claims of (iss, jti), permit ids with their status,
// and leaves stay; nothing leads from one to the other any more.
var eraseContent = []string{
	"DELETE FROM case_key WHERE case_no = $1",
	"DELETE FROM leaf_material WHERE idx IN (SELECT idx FROM leaf WHERE case_no = $1)",
	"UPDATE leaf SET case_no = NULL WHERE case_no = $1",
	"DELETE FROM attempt WHERE outbox_id IN (SELECT id FROM outbox WHERE case_no = $1)",
	"UPDATE outbox SET state = 'dead', reason = 'erased' WHERE case_no = $1 AND state = 'queued'",
	"UPDATE outbox SET head = 0, sealed = NULL, receipt = NULL WHERE case_no = $1",
	"UPDATE message SET sealed = NULL, receipt = NULL, leaf = NULL, token_sha256 = '', held = 0 WHERE case_no = $1",
	"UPDATE permit SET sealed = NULL WHERE case_no = $1",
	"DELETE FROM mail WHERE case_no = $1",
	"DELETE FROM description WHERE case_no = $1",
	"DELETE FROM timer WHERE case_no = $1",
	"DELETE FROM blob_chunk WHERE blob_id IN (SELECT id FROM blob WHERE case_no = $1)",
	"UPDATE blob SET sha256 = '', sealed = NULL WHERE case_no = $1",
	"DELETE FROM inbound_seq WHERE case_no = $1",
	"DELETE FROM outbound_seq WHERE case_no = $1",
}

// recount takes the case and its queued rows out of the totals.
func (g *group) recount(c caseRow) error {
	var queued int64
	if _, err := g.s.one(g.ctx, "SELECT count(*) FROM outbox WHERE case_no = $1 AND state = 'queued'", []any{c.no}, &queued); err != nil {
		return err
	}
	g.tip.counts.Queued -= queued
	g.tip.counts.Dead += queued
	return nil
}

func (v view) erasedRingNos(ctx context.Context) ([]int64, error) {
	var out []int64
	err := v.s.each(ctx, "SELECT ring_no FROM erasure", nil, func(scan func(...any) error) error {
		var no int64
		err := scan(&no)
		out = append(out, no)
		return err
	})
	return out, err
}

// settleErasures brings record and ring to the same erasures: those of the record that a crash kept
// from the ring, and those of a newer ring that an older copy of the record does not know.
func (r *Record) settleErasures(ctx context.Context) error {
	done, err := r.view.erasedRingNos(ctx)
	if err != nil {
		return err
	}
	if err := r.keys.ring.puncture(done...); err != nil {
		return err
	}
	_, generation := r.keys.ring.state()
	now := strconv.FormatUint(generation, 10)
	before, err := readMeta(ctx, r.write, metaGeneration)
	if err != nil || string(before) == now {
		return err
	}
	lost, err := r.lostCases(ctx)
	if err != nil {
		return err
	}
	ops := []*op{{ctx: ctx, run: func(g *group) error {
		for _, c := range lost {
			if _, err := g.eraseCase(c); err != nil {
				return err
			}
		}
		return writeMeta(g.ctx, g.s, metaGeneration, []byte(now))
	}}}
	results := make([]error, 1)
	err = r.attempt(ops, results)
	if errors.Is(err, ErrNoSpace) {
		// Without their secret these cases read as erased anyway.
		r.opts.Logger.WarnContext(ctx, "erasures known to the key ring wait for free space", "cases", len(lost))
		return nil
	}
	return errors.Join(err, results[0])
}

// lostCases lists cases whose secret the ring does not have any more.
func (r *Record) lostCases(ctx context.Context) ([]caseRow, error) {
	var lost []int64
	err := r.view.s.each(ctx, "SELECT case_no, ring_no FROM case_key", nil, func(scan func(...any) error) error {
		var caseNo, ringNo int64
		err := scan(&caseNo, &ringNo)
		if _, ok := r.keys.ring.secret(ringNo); !ok {
			lost = append(lost, caseNo)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []caseRow
	for _, no := range lost {
		c, found, err := r.view.caseByNo(ctx, no)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, c)
		}
	}
	return out, nil
}
