package store

import (
	"cmp"
	"fmt"
	"time"
)

// line is what outbox rows are ordered in: by number, then by age.
type line struct {
	channel, target string
	caseNo          int64
}

// send writes an outbox row; the channel to peers gets the next number of (us, target, case).
func (w *writing) send(o *Outgoing) (Sent, error) {
	file, key := w.file, w.key
	if o.Case != "" && o.Case != w.file.id {
		var err error
		if file, key, err = w.ensureCase(o.Case); err != nil {
			return Sent{}, err
		}
	}
	if o.Channel == "" || o.Target == "" {
		return Sent{}, fmt.Errorf("%w: an outbox row has a channel and a target", ErrChange)
	}
	seq, err := w.number(o, file.no)
	if err != nil {
		return Sent{}, err
	}
	id := w.tip.nextOutbox
	sealed, err := w.sealOutbox(id, file.no, key, o.Payload, o.Blobs)
	if err != nil {
		return Sent{}, err
	}
	due := w.now
	if !o.NotBefore.IsZero() {
		due = o.NotBefore
	}
	head, err := w.takeHead(line{string(o.Channel), o.Target, file.no}, seq, id)
	if err != nil {
		return Sent{}, err
	}
	if _, err := w.s.exec(w.ctx, "INSERT INTO outbox (id, channel, target, case_no, jti, type, seq, state, head, attempts, reason,"+
		" created, due, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, 0, '', $9, $10, $11)",
		id, string(o.Channel), o.Target, file.no, o.Jti, o.Type, seq, flag(head), w.now.UnixMicro(), due.UnixMicro(), sealed); err != nil {
		return Sent{}, err
	}
	w.tip.nextOutbox++
	w.tip.counts.Queued++
	return Sent{ID: id, Seq: seq, Jti: o.Jti}, nil
}

// number gives the next number of a line to a peer. An explicit one must have been given before.
func (w *writing) number(o *Outgoing, caseNo int64) (int64, error) {
	if o.Channel != ChannelCentral {
		return 0, nil
	}
	var last int64
	if o.Seq != 0 {
		if _, err := w.s.one(w.ctx, "SELECT last FROM outbound_seq WHERE case_no = $1 AND target = $2",
			[]any{caseNo, o.Target}, &last); err != nil {
			return 0, err
		}
		if o.Seq < 0 || o.Seq > last {
			return 0, fmt.Errorf("%w: number %d was never given", ErrChange, o.Seq)
		}
		return o.Seq, nil
	}
	_, err := w.s.one(w.ctx, "INSERT INTO outbound_seq (case_no, target, last) VALUES ($1, $2, 1)"+
		" ON CONFLICT (case_no, target) DO UPDATE SET last = outbound_seq.last + 1 RETURNING last",
		[]any{caseNo, o.Target}, &last)
	return last, err
}

// takeHead says whether a row that joins a line becomes its head, and demotes the one before.
func (w *writing) takeHead(l line, seq, id int64) (bool, error) {
	var headID, headSeq int64
	ok, err := w.s.one(w.ctx, "SELECT id, seq FROM outbox WHERE state = 'queued' AND channel = $1 AND target = $2"+
		" AND case_no = $3 ORDER BY seq, id LIMIT 1", []any{l.channel, l.target, l.caseNo}, &headID, &headSeq)
	if err != nil || !ok {
		return !ok, err
	}
	if cmp.Or(cmp.Compare(seq, headSeq), cmp.Compare(id, headID)) > 0 {
		return false, nil
	}
	_, err = w.s.exec(w.ctx, "UPDATE outbox SET head = 0 WHERE id = $1", headID)
	return true, err
}

// passHead makes the next queued row of a line its head.
func (g *group) passHead(l line) error {
	_, err := g.s.exec(g.ctx, "UPDATE outbox SET head = 1 WHERE id = (SELECT id FROM outbox WHERE state = 'queued'"+
		" AND channel = $1 AND target = $2 AND case_no = $3 ORDER BY seq, id LIMIT 1)", l.channel, l.target, l.caseNo)
	return err
}

// settle writes what became of a row, with the evidence of an attempt.
func (w *writing) settle(st *Settlement) error {
	row, ok, err := w.view.outboxRow(w.ctx, st.ID)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: outbox row %d", ErrNotFound, st.ID)
	}
	if row.o.State == OutboxDelivered {
		return ErrSettled
	}
	key, err := w.view.keyOf(w.ctx, row.caseNo, row.personal, row.erased)
	if err != nil {
		return err
	}
	if err := w.attempt(st, row, key); err != nil {
		return err
	}
	if err := w.prepare(st, row, key); err != nil {
		return err
	}
	head, err := w.move(st.State, row)
	if err != nil {
		return err
	}
	due := row.o.Due
	if !st.Due.IsZero() {
		due = st.Due
	}
	reason := st.Reason
	if st.State == OutboxQueued && reason == "" {
		reason = row.o.Reason
	}
	receipt := row.receipt
	if st.Receipt != "" {
		if receipt, err = key.seal(w.rand, place("outbox_receipt", st.ID), []byte(st.Receipt)); err != nil {
			return err
		}
	}
	if _, err = w.s.exec(w.ctx, "UPDATE outbox SET state = $1, head = $2, attempts = attempts + $3, reason = $4, due = $5,"+
		" receipt = $6 WHERE id = $7", string(st.State), flag(head), flag(st.Counted), reason, due.UnixMicro(), receipt, st.ID); err != nil {
		return err
	}
	if row.head && !head {
		return w.passHead(row.line())
	}
	return nil
}

// sealOutbox makes the content of a row; its staged blobs become part of the case.
func (w *writing) sealOutbox(id, caseNo int64, key *caseKey, payload []byte, blobs map[string]string) ([]byte, error) {
	if err := w.bind(caseNo, blobs); err != nil {
		return nil, err
	}
	refs, err := blobRefs(blobs)
	if err != nil {
		return nil, err
	}
	return key.seal(w.rand, place("outbox", id), pack(payload, refs))
}

// prepare replaces the content of a row.
func (w *writing) prepare(st *Settlement, row outboxRow, key *caseKey) error {
	if st.Prepared == nil {
		return nil
	}
	sealed, err := w.sealOutbox(st.ID, row.caseNo, key, st.Prepared.Payload, st.Prepared.Blobs)
	if err != nil {
		return err
	}
	_, err = w.s.exec(w.ctx, "UPDATE outbox SET sealed = $1 WHERE id = $2", sealed, st.ID)
	return err
}

// move keeps heads and counts when a row changes its state.
func (w *writing) move(to OutboxState, row outboxRow) (head bool, err error) {
	switch row.o.State {
	case OutboxQueued:
		w.tip.counts.Queued--
	case OutboxDead:
		w.tip.counts.Dead--
	}
	switch to {
	case OutboxQueued:
		w.tip.counts.Queued++
		if row.o.State == OutboxQueued {
			return row.head, nil
		}
		return w.takeHead(row.line(), row.o.Seq, row.o.ID)
	case OutboxDead:
		w.tip.counts.Dead++
	case OutboxDelivered:
	default:
		return false, fmt.Errorf("%w: outbox state %q", ErrChange, to)
	}
	return false, nil
}

// attempt keeps a signed token before it leaves.
func (w *writing) attempt(st *Settlement, row outboxRow, key *caseKey) error {
	if st.Attempt == nil {
		return nil
	}
	ref, err := w.leaf(row.caseNo, key, "out", []byte(st.Attempt.Token))
	if err != nil {
		return err
	}
	_, err = w.s.exec(w.ctx, "INSERT INTO attempt (leaf, outbox_id, token_sha256, at) VALUES ($1, $2, $3, $4)",
		ref.Index, st.ID, st.Attempt.TokenSHA256, st.Attempt.At.Truncate(time.Microsecond).UnixMicro())
	return err
}
