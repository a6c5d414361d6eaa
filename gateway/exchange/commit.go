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
	in.dropStaged(ctx, d)
	if permanent(f) && validJTI(d.v.JTI) {
		if in.Refusals.Allow(d.v.Issuer, in.Clock()) {
			return in.commit(ctx, d, f)
		}
		f = fault.Wrap(f, fault.RateLimited, "too-many-refusals", "too many refused messages; slow down").After(time.Minute)
	}
	return in.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(f)}, in.Clock(), f)
}

func (in *Inbox) dropStaged(ctx context.Context, d *delivery) {
	if len(d.blobs) == 0 {
		return
	}
	ids := make([]string, 0, len(d.blobs))
	for _, id := range d.blobs {
		ids = append(ids, id)
	}
	d.blobs, d.atts = nil, nil
	if err := in.Record.DropBlobs(context.WithoutCancel(ctx), ids...); err != nil {
		in.Logger.WarnContext(ctx, "staged attachments stay until the next start", "error", err)
	}
}

// commit records the message, or its rejection when f is not nil, and signs the receipt afterwards.
func (in *Inbox) commit(ctx context.Context, d *delivery, f *fault.Error) Reply {
	caseID := d.env.Case
	if f != nil {
		if _, err := ehds.ParseCaseID(caseID); err != nil {
			caseID = unfiledCase
		}
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
		return in.rejection(s, d, refusal), nil
	})
	var dup *store.DuplicateError
	switch {
	case errors.As(err, &dup):
		in.dropStaged(ctx, d)
		return in.repeat(ctx, d, dup.Stored)
	case err != nil:
		in.dropStaged(ctx, d)
		if refusal == nil || permanent(refusal) {
			refusal = unavailable(err)
		}
		return in.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(refusal)}, in.Clock(), refusal)
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
	class := evidence.Class("in")
	if d.env.Type.IsResponse() {
		class = "response"
	}
	return &store.Inbound{
		Iss: d.v.Issuer, Jti: d.v.JTI, Type: string(d.env.Type), Seq: d.env.Seq, Class: class,
		Digest: d.v.Digest, TokenSHA256: d.v.TokenSHA256, Token: d.v.Token, Claims: d.v.Claims,
		Blobs: d.blobs,
	}
}

// rejection records a message without any domain effect. It consumes its number: at its turn when
// earlier ones are missing, at once otherwise.
func (in *Inbox) rejection(s store.State, d *delivery, f *fault.Error) store.Change {
	m := d.message()
	m.Class, m.Rejected, m.Problem, m.Blobs = "refused", true, problemJSON(f), nil
	change := store.Change{Message: m}
	switch next := s.Applied[m.Iss] + 1; {
	case m.Seq == next:
		change.Applied = map[string]int64{m.Iss: m.Seq}
		in.drain(s, m.Iss, &change)
	case m.Seq > next && m.Seq <= maxSafeInteger:
		m.Held = true
	}
	return change
}

// apply puts a good message in order and applies it and whatever it releases.
func (in *Inbox) apply(s store.State, d *delivery) (store.Change, *fault.Error) {
	m := d.message()
	change := store.Change{Message: m}
	next := s.Applied[m.Iss] + 1
	if m.Seq < next {
		return change, fault.New(fault.Conflict, "seq-used", "this number was already used in this case").At("/seq")
	}
	if taken(s.Held, m.Iss, m.Seq) {
		return change, fault.New(fault.Conflict, "seq-used", "this number is already held in this case").At("/seq")
	}
	if m.Seq > next {
		if len(s.Held) >= maxHeld {
			return change, fault.New(fault.RateLimited, "too-many-held", "too many messages wait for an earlier number").After(time.Minute)
		}
		m.Held = true
		return change, nil
	}
	if f := in.handle(s, d.env, m, &change); f != nil {
		return change, f
	}
	change.Applied = map[string]int64{m.Iss: m.Seq}
	in.drain(s, m.Iss, &change)
	return change, nil
}

// maxHeld bounds how many messages of one case wait for a gap to close.
const maxHeld = 256

func taken(held []store.Message, iss string, seq int64) bool {
	for _, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return true
		}
	}
	return false
}

// drain applies held messages of a sender as long as their numbers follow.
func (in *Inbox) drain(s store.State, iss string, change *store.Change) {
	for {
		next := change.Applied[iss] + 1
		i := indexHeld(s.Held, iss, next)
		if i < 0 {
			return
		}
		h := s.Held[i]
		change.Applied[iss] = next
		change.Unheld = append(change.Unheld, store.MessageRef{Iss: h.Iss, Jti: h.Jti})
		if h.Rejected || h.Erased {
			continue
		}
		var env ehds.Envelope
		if err := json.Unmarshal(h.Claims, &env); err != nil {
			in.Logger.Error("a held message cannot be read back", "case", s.Case, "error", err)
			continue
		}
		// A refusal now is a business matter: the receipt has left long ago.
		if f := in.handle(s, env, &h.Inbound, change); f != nil {
			in.respondRefused(s, env, &h.Inbound, change, f)
		}
	}
}

func indexHeld(held []store.Message, iss string, seq int64) int {
	for i, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return i
		}
	}
	return -1
}
