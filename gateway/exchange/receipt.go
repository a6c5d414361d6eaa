package exchange

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// receiptOf rebuilds the receipt of a recorded message. It is a function of the record alone, so
// that a receipt lost in a crash comes out the same.
func (in *Inbox) receiptOf(ctx context.Context, m store.Message, atts []ehds.ReceiptAttachment) (ehds.Receipt, error) {
	r := ehds.Receipt{Status: ehds.Received, Held: m.Held || m.WasHeld, Attachments: atts}
	if m.Rejected {
		r.Status, r.Held, r.Problem, r.Attachments = ehds.Rejected, false, m.Problem, nil
	}
	proof, err := in.Record.Proof(ctx, m.Leaf.Index, m.Leaf.Size)
	if err != nil {
		return r, fmt.Errorf("proof of leaf %d: %w", m.Leaf.Index, err)
	}
	leaf := evidence.NewLeaf(m.Class, m.Leaf.Salt, []byte(m.Token))
	r.Evidence = &ehds.ReceiptEvidence{
		Salt:  base64.StdEncoding.EncodeToString(m.Leaf.Salt),
		Leaf:  string(leaf.Bytes()),
		Proof: string(proof.Marshal()),
	}
	return r, nil
}

// answer completes and signs a receipt. at becomes received_at and iat.
func (in *Inbox) answer(d *delivery, r ehds.Receipt, at time.Time, f *fault.Error) Reply {
	r.Iss, r.Aud, r.Ref, r.TokenSHA256 = in.Entity, d.v.Issuer, quotable(d.v.JTI), d.v.TokenSHA256
	r.Iat, r.ReceivedAt = at.Unix(), stamp(at)
	reply := Reply{Fault: f, Status: r.Status, Type: d.env.Type, Case: d.env.Case}
	if f != nil {
		reply.Rule = f.Code
	}
	token, err := in.Signer.Sign(ehds.TypReceipt, r, nil)
	if err != nil {
		// Without a signature there is no acknowledgement.
		in.Logger.Error("receipt could not be signed", "error", err)
		return Reply{Fault: unavailable(err), Rule: "receipt-unsigned"}
	}
	reply.Receipt = token
	return reply
}

// quotable is a jti fit to be repeated in a receipt.
func quotable(jti string) string {
	if validJTI(jti) {
		return jti
	}
	return ""
}

// stamp is RFC 3339 in UTC with microseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// repeat answers a message whose (iss, jti) is recorded: DUPLICATE with the first receipt when the
// content is the same, jti-conflict when it differs. Either way nothing is written.
func (in *Inbox) repeat(ctx context.Context, d *delivery, m store.Message) Reply {
	if d.env.Type == "" {
		d.env, _ = readEnvelope(d.v.Claims)
	}
	if m.Digest != d.v.Digest {
		f := fault.New(fault.Conflict, "jti-conflict", "this jti was used for another message").At("/jti")
		return in.turnAway(ctx, d, f)
	}
	original := m.Receipt
	if original == "" {
		var err error
		if original, err = in.remakeReceipt(ctx, m); err != nil {
			f := unavailable(err)
			if errors.Is(err, store.ErrErased) {
				f = caseErased()
			}
			return in.turnAway(ctx, d, f)
		}
	}
	var f *fault.Error
	if m.Rejected {
		f = faultOf(m.Problem)
	}
	reply := in.answer(d, ehds.Receipt{Status: ehds.Duplicate, Original: original}, in.Clock(), f)
	reply.Rule = "duplicate"
	return reply
}

// remakeReceipt makes again a receipt that left, or would have left, just before a crash.
func (in *Inbox) remakeReceipt(ctx context.Context, m store.Message) (string, error) {
	if m.Erased {
		return "", store.ErrErased
	}
	var claims openedClaims
	if err := json.Unmarshal(m.Claims, &claims); err != nil && !m.Rejected {
		return "", err
	}
	signed := claims.Attachments
	if claims.Text != "" {
		signed = claims.Signed
	}
	var atts []ehds.ReceiptAttachment
	for _, a := range signed {
		atts = append(atts, ehds.ReceiptAttachment{ID: a.ID, SHA256: a.SHA256, Size: a.Size})
	}
	r, err := in.receiptOf(ctx, m, atts)
	if err != nil {
		return "", err
	}
	r.Iss, r.Aud, r.Ref, r.TokenSHA256 = in.Entity, m.Iss, m.Jti, m.TokenSHA256
	r.Iat, r.ReceivedAt = m.ReceivedAt.Unix(), stamp(m.ReceivedAt)
	token, err := in.Signer.Sign(ehds.TypReceipt, r, nil)
	if err != nil {
		return "", err
	}
	if err := in.Record.SaveReceipt(ctx, m.Iss, m.Jti, token); err != nil && !errors.Is(err, store.ErrErased) {
		in.Logger.WarnContext(ctx, "receipt made again but not kept", "error", err)
	}
	return token, nil
}

// faultOf reads a stored problem back, for the HTTP status of a repeated rejection.
func faultOf(problem []byte) *fault.Error {
	var p ehds.Problem
	if json.Unmarshal(problem, &p) != nil {
		return fault.New(fault.Invalid, "rejected", "this message was rejected before")
	}
	kind, ok := fault.KindOfHTTP(p.Status)
	if !ok {
		kind = fault.Invalid
	}
	return fault.New(kind, p.Code, p.Detail).At(p.Field)
}
