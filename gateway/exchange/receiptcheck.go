package exchange

import (
	"context"
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// checkedReceipt is a receipt that holds. final is the receipt that decides: the original inside a
// DUPLICATE, otherwise the receipt itself.
type checkedReceipt struct {
	token string
	final ehds.Receipt
}

// checkReceipt checks signature, addressee, reference and evidence of a peer's receipt against what
// we sent (wire profile §4). A DUPLICATE counts for what its original says.
func (s *Sender) checkReceipt(ctx context.Context, row store.Outbox, peer *federation.Entity, token string) (checkedReceipt, error) {
	attempts, err := s.Record.Attempts(ctx, row.ID)
	if err != nil {
		return checkedReceipt{}, err
	}
	r, err := s.readReceipt(ctx, row, attempts, token, false)
	if err != nil {
		return checkedReceipt{}, err
	}
	if r.Status == ehds.Duplicate {
		if r, err = s.readReceipt(ctx, row, attempts, r.Original, true); err != nil {
			return checkedReceipt{}, fmt.Errorf("the original receipt: %w", err)
		}
		if r.Status == ehds.Duplicate {
			return checkedReceipt{}, errors.New("the original of a duplicate is a duplicate")
		}
	}
	if r.Status == ehds.Received {
		if err := s.checkEvidence(row, peer, attempts, r); err != nil {
			return checkedReceipt{}, err
		}
	}
	return checkedReceipt{token: token, final: r}, nil
}

// readReceipt reads a receipt of the row's target; vouched says that another one of it holds this one.
func (s *Sender) readReceipt(ctx context.Context, row store.Outbox, attempts []store.Attempt, token string, vouched bool) (ehds.Receipt, error) {
	var r ehds.Receipt
	v, err := s.Verifier.Verify(ctx, []byte(token), trust.Expectation{
		Typ: ehds.TypReceipt, Audience: s.Compose.Entity, Purpose: trust.ForExchange, NoExpiry: true, Vouched: vouched,
	})
	if err != nil {
		return r, err
	}
	if v.Issuer != row.Target {
		return r, errors.New("signed by another entity")
	}
	if err := v.Current(); err != nil {
		return r, err
	}
	if err := jose.DecodeStrict(v.Claims, &r); err != nil {
		return r, err
	}
	if r.Ref != row.Jti {
		return r, errors.New("for another message")
	}
	if attemptBy(attempts, r.TokenSHA256) == nil {
		return r, errors.New("for a token we did not sign")
	}
	return r, nil
}

func attemptBy(attempts []store.Attempt, sha string) *store.Attempt {
	for i := range attempts {
		if attempts[i].TokenSHA256 == sha {
			return &attempts[i]
		}
	}
	return nil
}

// checkEvidence recomputes the leaf from the token we sent and proves it in the peer's log, whose
// key comes from the peer's verified metadata.
func (s *Sender) checkEvidence(row store.Outbox, peer *federation.Entity, attempts []store.Attempt, r ehds.Receipt) error {
	log := peer.Gateway.EvidenceLog
	if log == nil || r.Evidence == nil {
		return errors.New("no evidence to check")
	}
	sent := attemptBy(attempts, r.TokenSHA256)
	e := evidence.ReceiptEvidence{Salt: r.Evidence.Salt, Leaf: r.Evidence.Leaf, Proof: r.Evidence.Proof}
	var last error = errors.New("the peer names no log key")
	for _, vkey := range log.VKeys {
		v, err := evidence.VerifierFor(vkey)
		if err == nil {
			_, err = e.Check([]byte(sent.Token), log.Origin, v)
		}
		if err == nil {
			return checkStored(row, r)
		}
		last = err
	}
	return fmt.Errorf("evidence: %w", last)
}

// checkStored compares the attachments the peer says it stored with those we signed.
func checkStored(row store.Outbox, r ehds.Receipt) error {
	sent := attachmentsOf(row.Payload)
	if len(sent) != len(r.Attachments) {
		return errors.New("the receipt lists other attachments")
	}
	for i, a := range sent {
		if got := r.Attachments[i]; got.ID != a.ID || got.SHA256 != a.SHA256 || got.Size != a.Size {
			return errors.New("the receipt lists other attachments")
		}
	}
	return nil
}

// attachmentsOf is the signed attachment list of an outbox row.
func attachmentsOf(payload []byte) []ehds.Attachment {
	env, err := outward(store.Outbox{Payload: payload})
	if err != nil {
		return nil
	}
	return env.Attachments
}
