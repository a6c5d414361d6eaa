package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// settle writes the outcome of an attempt with its evidence. A worker that is being stopped still
// settles: what the peer acknowledged must not be forgotten.
func (s *Sender) settle(ctx context.Context, row store.Outbox, st store.Settlement, leaves []store.NewLeaf, steps ...publicationStep) (store.Committed, error) {
	return s.Record.Update(context.WithoutCancel(ctx), row.Case, func(state store.State) (store.Change, error) {
		return store.Change{Doc: steppedPublication(state, row, steps), Settle: &st, Leaves: leaves}, nil
	})
}

// fail writes that a row is given up. Who waits for its answer learns it in the same transaction: a
// description would stand as pending for ever.
func (s *Sender) fail(ctx context.Context, row store.Outbox, st store.Settlement, leaves []store.NewLeaf, send ...store.Outgoing) error {
	_, err := s.Record.Update(context.WithoutCancel(ctx), row.Case, func(state store.State) (store.Change, error) {
		return store.Change{Doc: failedDoc(state, row, st.Reason), Settle: &st, Leaves: leaves, Send: send}, nil
	})
	return err
}

// delivered ends a row. The peer's receipt is evidence and becomes a leaf of our log.
func (s *Sender) delivered(ctx context.Context, row store.Outbox, r checkedReceipt) error {
	s.observe(row, "delivered")
	_, err := s.settle(ctx, row,
		store.Settlement{ID: row.ID, State: store.OutboxDelivered, Receipt: r.token, Counted: true},
		[]store.NewLeaf{{Class: "receipt", Material: []byte(r.token)}}, catalogue.Publication.Receipted)
	return err
}

// retry puts a row back after the backoff of its attempts, or gives it up when its time is spent.
func (s *Sender) retry(ctx context.Context, row store.Outbox, reason string) error {
	return s.again(ctx, row, 0, reason)
}

// again is retry with a wait the peer asked for.
func (s *Sender) again(ctx context.Context, row store.Outbox, wait time.Duration, reason string) error {
	now := s.Clock()
	if s.Backoff.Spent(row.Created, now) {
		return s.giveUp(ctx, row, "expired-"+reason)
	}
	delay := max(s.Backoff.Delay(row.Attempts+1), min(wait, s.Backoff.Max))
	s.observe(row, reason)
	return s.later(ctx, row, now.Add(delay), reason, true)
}

// later puts a row back. counted says whether an attempt was made.
func (s *Sender) later(ctx context.Context, row store.Outbox, at time.Time, reason string, counted bool) error {
	_, err := s.settle(ctx, row, store.Settlement{
		ID: row.ID, State: store.OutboxQueued, Due: at, Reason: reason, Counted: counted,
	}, nil)
	return err
}

// dead ends a row whose number the peer has consumed.
func (s *Sender) dead(ctx context.Context, row store.Outbox, reason, receipt string) error {
	s.observe(row, reason)
	s.Logger.ErrorContext(ctx, "a message became a dead letter", "peer", row.Target, "type", row.Type, "id", row.ID, "reason", reason)
	var leaves []store.NewLeaf
	if receipt != "" {
		leaves = []store.NewLeaf{{Class: "receipt", Material: []byte(receipt)}}
	}
	return s.fail(ctx, row, store.Settlement{
		ID: row.ID, State: store.OutboxDead, Reason: reason, Receipt: receipt, Counted: true,
	}, leaves)
}

// giveUp ends a row whose number the peer still waits for: exchange.void carries that number, so
// that the line does not stand still (wire profile §3).
func (s *Sender) giveUp(ctx context.Context, row store.Outbox, reason string) error {
	if row.Type == string(ehds.ExchangeVoid) {
		return s.dead(ctx, row, reason, "")
	}
	s.observe(row, reason)
	s.Logger.ErrorContext(ctx, "a message was given up", "peer", row.Target, "type", row.Type, "id", row.ID, "reason", reason)
	void := s.Compose.Message(Draft{
		To: row.Target, Type: ehds.ExchangeVoid, Case: row.Case, Body: ehds.VoidBody{Seq: row.Seq, Reason: reason},
	})
	void.Seq = row.Seq
	return s.fail(ctx, row, store.Settlement{ID: row.ID, State: store.OutboxDead, Reason: reason, Counted: true}, nil, void)
}

func (s *Sender) observe(row store.Outbox, label string) {
	if s.Observe != nil {
		s.Observe(row.Target, label)
	}
}

var codeForm = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// safeCode keeps a peer's problem code out of logs and metrics unless it looks like one.
func safeCode(code string) string {
	if codeForm.MatchString(code) {
		return code
	}
	return "unknown"
}
