package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// unfiledCase holds permanently rejected messages whose case cannot be read.
const unfiledCase = "unfiled"

// refuse answers a sender that has proved itself: a permanent fault is stored and receipted under
// (iss, jti); what may pass later claims nothing.
func (in *Inbox) refuse(ctx context.Context, d *delivery, f *fault.Error) Reply {
	if permanent(f) && validJTI(d.v.JTI) && f.Code != caseErased().Code {
		if in.Refusals.Allow(d.v.Issuer, in.Clock()) {
			return in.commit(ctx, d, f)
		}
		f = fault.Wrap(f, fault.RateLimited, "too-many-refusals", "too many refused messages; slow down").After(time.Minute)
	}
	return in.turnAway(ctx, d, f)
}

// turnAway answers with a REJECTED receipt that claims nothing.
func (in *Inbox) turnAway(ctx context.Context, d *delivery, f *fault.Error) Reply {
	if f.Kind == fault.Unavailable {
		in.Logger.WarnContext(ctx, "a proved sender was told to come back later", "peer", d.v.Issuer, "code", f.Code, "error", f.Unwrap())
	}
	return in.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(f)}, in.Clock(), f)
}

// commit records the message, or its rejection when f is not nil, and signs the receipt afterwards.
func (in *Inbox) commit(ctx context.Context, d *delivery, f *fault.Error) Reply {
	caseID := d.env.Case
	if f != nil {
		caseID = d.recover()
	}
	// Once the transaction is under way a caller that hangs up changes nothing.
	ctx = context.WithoutCancel(ctx)
	var refusal *fault.Error
	c, err := in.Record.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		refusal = f
		if refusal == nil {
			var change store.Change
			if change, refusal = in.apply(s, d); refusal == nil {
				return change, nil
			}
			if !permanent(refusal) {
				return store.Change{}, refusal
			}
		}
		change, full := in.rejection(s, d, refusal)
		if full != nil {
			refusal = full
			return store.Change{}, full
		}
		return change, nil
	})
	var dup *store.DuplicateError
	switch {
	case errors.As(err, &dup):
		return in.repeat(ctx, d, dup.Stored)
	case err != nil:
		switch {
		case errors.Is(err, store.ErrErased):
			refusal = caseErased()
		case refusal == nil || permanent(refusal):
			refusal = unavailable(err)
		}
		return in.turnAway(ctx, d, refusal)
	}
	if refusal == nil {
		d.blobs = nil // the message has them
	}
	if len(c.Sent) > 0 && in.Wake != nil {
		in.Wake()
	}
	return in.acknowledge(ctx, d, c, refusal)
}

// acknowledge signs the receipt of a committed message and keeps it.
func (in *Inbox) acknowledge(ctx context.Context, d *delivery, c store.Committed, refusal *fault.Error) Reply {
	r, err := in.receiptOf(ctx, *c.Message, d.atts)
	if err != nil {
		in.Logger.ErrorContext(ctx, "a committed message has no provable receipt yet", "error", err)
		f := unavailable(err)
		return in.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(f)}, in.Clock(), f)
	}
	reply := in.answer(d, r, c.Message.ReceivedAt, refusal)
	if err := in.Record.SaveReceipt(ctx, d.v.Issuer, d.v.JTI, reply.Receipt); err != nil {
		in.Logger.WarnContext(ctx, "receipt given but not kept; it will be made again", "error", err)
	}
	return reply
}

// message is the delivery as the record keeps it.
func (d *delivery) message() *store.Inbound {
	class, kind := evidence.Class("in"), d.env.Type
	if d.env.Type.IsResponse() {
		class = "response"
	}
	if _, known := ehds.Lookup(kind); !known {
		kind = "" // the sender's own text, and the record keeps the type in the clear
	}
	return &store.Inbound{
		Iss: d.v.Issuer, Jti: d.v.JTI, Type: string(kind), Seq: d.env.Seq, Class: class,
		Digest: d.v.Digest, TokenSHA256: d.v.TokenSHA256, Token: d.v.Token, Claims: d.claims(),
		Blobs: d.blobs,
	}
}

// recover reads what a rejection needs from claims that could not be read whole, so that it consumes
// its number, and names the case it is filed under.
func (d *delivery) recover() string {
	if d.env.Seq == 0 || d.env.Case == "" {
		var partial struct {
			Type ehds.MessageType `json:"type"`
			Case string           `json:"case"`
			Seq  int64            `json:"seq"`
		}
		if json.Unmarshal(d.v.Claims, &partial) == nil {
			d.env.Type, d.env.Case, d.env.Seq = partial.Type, partial.Case, partial.Seq
		}
	}
	if _, err := ehds.ParseCaseID(d.env.Case); err != nil {
		return unfiledCase
	}
	return d.env.Case
}
