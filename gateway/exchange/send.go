package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// Peers finds where and to whom to send.
type Peers interface {
	Resolve(ctx context.Context, entity string, chain []string) (*federation.Entity, error)
}

// Sender is the worker of the central channel: it signs an attempt, sends it, checks the receipt and
// settles the row.
type Sender struct {
	Record Record
	Peers  Peers
	Signer Signer
	// Sealing seals what goes to another hub; nil sends nothing there.
	Sealing *Sealing
	// Readable refuses to sign what a peer does not read; nil asks nothing.
	Readable  func(peer *federation.Entity) error
	Verifier  Verifier
	Transport connectors.Central
	Lifetime  time.Duration // exp - iat of each attempt
	Backoff   Backoff
	Breakers  *Breakers
	Compose   Composer
	Clock     func() time.Time
	Logger    *slog.Logger
	// Observe is told every outcome, for metrics; label is "delivered" or the reason.
	Observe func(peer, label string)
}

// suspendedWait is how often a suspended peer's mark is looked at: as often as its status is re-checked
// (wire profile §1).
const suspendedWait = 5 * time.Minute

// Marks that may receive messages from a contact point.
var receivers = []string{
	string(ehds.MarkCentralPlatform), string(ehds.MarkNCP), string(ehds.MarkUHDAS), string(ehds.MarkAuthorisedParticipant),
}

// Ready implements Gate: nothing is tried while the peer's breaker is open.
func (s *Sender) Ready(row store.Outbox, now time.Time) (ok bool, at time.Time) {
	return s.Breakers.Ready(row.Target, now)
}

// Try sends one row once. While the peer's breaker is open it leaves the row as it is: a wait of the
// peer is no business of each of its rows.
func (s *Sender) Try(ctx context.Context, row store.Outbox) error {
	now := s.Clock()
	if ok, _ := s.Breakers.Allow(row.Target, now); !ok {
		return nil
	}
	peer, err := s.Peers.Resolve(ctx, row.Target, nil)
	if err == nil && peer.Gateway == nil {
		err = errors.New("the peer's metadata names no gateway")
	}
	if err == nil {
		err = trust.MarkError(peer, now, receivers...)
	}
	if err != nil {
		s.Breakers.Cancel(row.Target) // nothing was sent: this says nothing about the peer's endpoint
		s.Logger.WarnContext(ctx, "a peer cannot be trusted now; its messages wait", "peer", row.Target, "error", err)
		if errors.Is(err, trust.ErrSuspended) {
			// However long a suspension lasts (Art. 75(12)), what waits for its end is not given up.
			at := now.Add(min(suspendedWait, s.Backoff.Max))
			s.Breakers.Pause(row.Target, at)
			s.observe(row, "peer-suspended")
			return s.later(ctx, row, at, "peer-suspended", false)
		}
		s.Breakers.Pause(row.Target, now.Add(min(suspendedWait, s.Backoff.Delay(row.Attempts+1))))
		return s.retry(ctx, row, "peer-not-trusted")
	}
	ready, prepared, err := s.seal(ctx, row, peer)
	if err != nil {
		s.Breakers.Cancel(row.Target)
		s.Logger.WarnContext(ctx, "a message cannot be sealed for its reader; it waits", "peer", row.Target, "type", row.Type, "id", row.ID, "error", err)
		return s.retry(ctx, row, "cannot-seal")
	}
	attempt, err := s.sign(ready, peer, now)
	if err != nil {
		s.unprepare(ctx, row, prepared)
		s.Breakers.Cancel(row.Target)
		s.Logger.ErrorContext(ctx, "a message cannot be signed", "peer", row.Target, "type", row.Type, "id", row.ID, "error", err)
		return s.retry(ctx, row, "cannot-sign")
	}
	// The attempt is kept before it leaves: whatever the peer acknowledges, we hold the token.
	if _, err := s.settle(ctx, row, store.Settlement{ID: row.ID, State: store.OutboxQueued, Attempt: &attempt, Prepared: prepared}, nil, catalogue.Publication.HandedOver); err != nil {
		s.Breakers.Cancel(row.Target)
		s.unprepare(ctx, row, prepared)
		return err
	}
	row = ready
	answer, err := s.Transport.Send(ctx, connectors.Peer{Entity: row.Target, Endpoint: peer.Gateway.ExchangeEndpoint},
		attempt.Token, s.attachments(row))
	s.Breakers.Report(row.Target, err == nil, s.Clock())
	if err != nil {
		s.Logger.InfoContext(ctx, "a peer could not be reached", "peer", row.Target, "type", row.Type, "attempt", row.Attempts+1, "error", err)
		return s.retry(ctx, row, "unreachable")
	}
	return s.conclude(ctx, row, peer, answer)
}

// sign makes one attempt: only iat, exp and seq are added to what the row holds.
func (s *Sender) sign(row store.Outbox, peer *federation.Entity, now time.Time) (store.Attempt, error) {
	if s.Readable != nil {
		if err := s.Readable(peer); err != nil {
			return store.Attempt{}, err
		}
	}
	env, err := outward(row)
	if err != nil {
		return store.Attempt{}, err
	}
	env.Seq, env.Iat, env.Exp = row.Seq, now.Unix(), now.Add(s.Lifetime).Unix()
	token, err := s.Signer.Sign(ehds.TypMessage, env, nil)
	if err != nil {
		return store.Attempt{}, err
	}
	return store.Attempt{Token: token, TokenSHA256: sha256Hex(token), At: now}, nil
}

// attachments gives the transport access to the row's blobs, in the order of the signed list.
func (s *Sender) attachments(row store.Outbox) []connectors.Outbound {
	list := attachmentsOf(row.Payload)
	out := make([]connectors.Outbound, 0, len(list))
	for _, a := range list {
		blob, sealed := row.Blobs[sealedBlob(a.ID)]
		if !sealed {
			blob = row.Blobs[a.ID]
		}
		out = append(out, connectors.Outbound{Attachment: a, Open: func(ctx context.Context) (io.ReadCloser, error) {
			return s.Record.OpenBlob(ctx, blob)
		}})
	}
	return out
}

// conclude judges a peer's answer.
func (s *Sender) conclude(ctx context.Context, row store.Outbox, peer *federation.Entity, a connectors.Answer) error {
	if a.Receipt == "" {
		return s.concludeUnreceipted(ctx, row, a)
	}
	r, err := s.checkReceipt(ctx, row, peer, a.Receipt)
	if err != nil {
		s.Logger.WarnContext(ctx, "a receipt does not hold", "peer", row.Target, "type", row.Type, "error", err)
		return s.retry(ctx, row, "receipt-invalid")
	}
	switch r.final.Status {
	case ehds.Received:
		return s.delivered(ctx, row, r)
	case ehds.Rejected:
		return s.concludeRejected(ctx, row, a, r)
	}
	return s.retry(ctx, row, "receipt-invalid")
}

func (s *Sender) concludeRejected(ctx context.Context, row store.Outbox, a connectors.Answer, r checkedReceipt) error {
	var p ehds.Problem
	if json.Unmarshal(r.final.Problem, &p) != nil {
		return s.retry(ctx, row, "receipt-invalid")
	}
	if p.Status == http.StatusForbidden && p.Code == "suspended" {
		// It is we who are suspended (Art. 75(12)): what waits is held, not given up (wire profile §1).
		s.observe(row, "suspended-by-peer")
		return s.later(ctx, row, s.Clock().Add(s.Backoff.Delay(row.Attempts+1)), "suspended-by-peer", true)
	}
	switch p.Status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError:
		return s.again(ctx, row, a.RetryAfter, "rejected-"+safeCode(p.Code))
	}
	// A rejection consumes the number: the line goes on with the next message.
	return s.dead(ctx, row, "rejected-"+safeCode(p.Code), r.token)
}

func (s *Sender) concludeUnreceipted(ctx context.Context, row store.Outbox, a connectors.Answer) error {
	switch a.Status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
		// The peer did not read it, so the number is free: exchange.void takes its place.
		return s.giveUp(ctx, row, fmt.Sprintf("refused-%d", a.Status))
	}
	return s.again(ctx, row, a.RetryAfter, fmt.Sprintf("answered-%d", a.Status))
}
