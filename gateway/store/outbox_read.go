package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Lane is all rows of a channel to one target; without a target, all rows of the channel.
type Lane struct {
	Channel Channel
	Target  string
}

// outboxRow is a row as stored.
type outboxRow struct {
	o                      Outbox
	caseNo                 int64
	personal, erased, head bool
	sealed, receipt        []byte
}

func (r outboxRow) line() line { return line{string(r.o.Channel), r.o.Target, r.caseNo} }

const outboxQuery = "SELECT o.id, o.channel, o.target, o.jti, o.type, o.seq, o.state, o.head, o.attempts, o.reason, o.created," +
	" o.due, o.sealed, o.receipt, c.no, c.id, c.personal, c.erased FROM outbox o JOIN case_file c ON c.no = o.case_no"

func (v view) outboxRows(ctx context.Context, where string, args ...any) ([]outboxRow, error) {
	var out []outboxRow
	err := v.s.each(ctx, outboxQuery+where, args, func(scan func(...any) error) error {
		var r outboxRow
		var created, due int64
		err := scan(&r.o.ID, &r.o.Channel, &r.o.Target, &r.o.Jti, &r.o.Type, &r.o.Seq, &r.o.State, &r.head, &r.o.Attempts,
			&r.o.Reason, &created, &due, &r.sealed, &r.receipt, &r.caseNo, &r.o.Case, &r.personal, &r.erased)
		r.o.Created, r.o.Due = micros(created), micros(due)
		out = append(out, r)
		return err
	})
	return out, err
}

func (v view) outboxRow(ctx context.Context, id int64) (outboxRow, bool, error) {
	rows, err := v.outboxRows(ctx, " WHERE o.id = $1", id)
	if err != nil || len(rows) == 0 {
		return outboxRow{}, false, err
	}
	return rows[0], true, nil
}

// outbox reads rows and opens what is sealed; of an erased case content and case id are empty.
func (v view) outbox(ctx context.Context, where string, args ...any) ([]Outbox, error) {
	rows, err := v.outboxRows(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]Outbox, 0, len(rows))
	for _, r := range rows {
		o, err := v.openOutbox(ctx, r)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func (v view) openOutbox(ctx context.Context, r outboxRow) (Outbox, error) {
	o := r.o
	key, err := v.keyOf(ctx, r.caseNo, r.personal, r.erased)
	if errors.Is(err, ErrErased) {
		o.Case = ""
		return o, nil
	}
	if err != nil {
		return o, err
	}
	body, err := key.open(place("outbox", o.ID), r.sealed)
	if err != nil {
		return o, err
	}
	fields, err := unpack(body, 2)
	if err != nil {
		return o, err
	}
	o.Payload = fields[0]
	if len(fields[1]) > 0 {
		if err := json.Unmarshal(fields[1], &o.Blobs); err != nil {
			return o, fmt.Errorf("%w: blob references of outbox row %d", ErrCorrupt, o.ID)
		}
	}
	receipt, err := key.open(place("outbox_receipt", o.ID), r.receipt)
	o.Receipt = string(receipt)
	return o, err
}

// OutboxByJTI implements Reader.
func (r *Record) OutboxByJTI(ctx context.Context, jti string) (Outbox, bool, error) {
	rows, err := r.view.outbox(ctx, " WHERE o.jti = $1 AND o.jti <> '' ORDER BY o.id LIMIT 1", jti)
	if err != nil || len(rows) == 0 {
		return Outbox{}, false, err
	}
	return rows[0], true, nil
}

// OutboxList implements Reader.
func (r *Record) OutboxList(ctx context.Context, state OutboxState, after int64, limit int) ([]Outbox, error) {
	where := map[OutboxState]string{
		"":              "",
		OutboxQueued:    " AND o.state = 'queued'",
		OutboxDead:      " AND o.state = 'dead'",
		OutboxDelivered: " AND o.state = 'delivered'",
	}
	cond, ok := where[state]
	if !ok {
		return nil, fmt.Errorf("%w: outbox state %q", ErrNotFound, state)
	}
	return r.view.outbox(ctx, " WHERE o.id > $1"+cond+" ORDER BY o.id LIMIT $2", after, limit)
}

// Attempts implements Reader. Erasure removes them.
func (r *Record) Attempts(ctx context.Context, outboxID int64) ([]Attempt, error) {
	row, ok, err := r.view.outboxRow(ctx, outboxID)
	if err != nil || !ok {
		return nil, err
	}
	key, err := r.view.keyOf(ctx, row.caseNo, row.personal, row.erased)
	if errors.Is(err, ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Attempt
	err = r.view.s.each(ctx, "SELECT a.leaf, a.token_sha256, a.at, l.sealed FROM attempt a JOIN leaf_material l ON l.idx = a.leaf"+
		" WHERE a.outbox_id = $1 ORDER BY a.leaf", []any{outboxID}, func(scan func(...any) error) error {
		var a Attempt
		var leaf, at int64
		var sealed []byte
		if err := scan(&leaf, &a.TokenSHA256, &at, &sealed); err != nil {
			return err
		}
		_, token, err := openMaterial(key, leaf, sealed)
		a.Token, a.At = string(token), micros(at)
		out = append(out, a)
		return err
	})
	return out, err
}

// Counts implements Reader: totals of the last commit.
func (r *Record) Counts(context.Context) (Counts, error) { return *r.counts.Load(), nil }
