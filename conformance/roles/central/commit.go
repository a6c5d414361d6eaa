package central

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Order of one sender in one case (wire profile §3).
const (
	maxHeld   = 256             // messages that may wait for a gap to close
	holdBound = 5 * time.Minute // after that they are applied without the missing ones
)

// commit writes the message with everything it causes, and returns its receipt. r is nil for a
// message received, else why it is rejected for good.
func (c *Central) commit(ctx context.Context, d *delivery, r *refusal) (int, string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.state.inbox[messageRef{d.v.Iss, d.v.Jti}]; known != nil {
		return c.repeat(d, known)
	}
	m := c.messageOf(d)
	l := line{m.Iss, m.Case}
	next := c.state.applied[l] + 1
	waits := m.Seq > next && !c.taken(l, m.Seq)
	if r == nil && m.Seq != next && !waits {
		r = refuse(http.StatusConflict, "seq-used", "/seq", "this number is used in this case")
	}
	if waits && len(c.state.held[l]) >= maxHeld {
		late := refuse(http.StatusTooManyRequests, "too-many-held", "/seq", "too many messages wait for an earlier number")
		return late.status, c.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(late)}, c.o.Clock())
	}
	ch := c.begin(ctx)
	m.Received, m.Held, ch.e.Message = ch.now, waits, m
	c.receipt(ch, d, m, r)
	if m.Seq == next {
		if r == nil {
			ch.handle(d.env, m, nil)
		}
		ch.advance(l, m.Seq)
	}
	if err := ch.write(); err != nil {
		c.o.Logger.Error("the journal cannot be written", "error", err)
		down := unavailable("record-unavailable")
		return down.status, c.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(down)}, c.o.Clock())
	}
	return m.HTTPStatus, m.Receipt
}

// messageOf is the delivery as the journal keeps it. Number and case of a message whose claims are
// not in form are read as far as they go: a rejected message still uses its number.
func (c *Central) messageOf(d *delivery) *message {
	if d.env.Case == "" {
		var partial struct {
			Type ehds.MessageType `json:"type"`
			Case string           `json:"case"`
			Seq  int64            `json:"seq"`
		}
		_ = json.Unmarshal(d.v.Token.Payload, &partial) // what cannot be read stays zero
		d.env.Type, d.env.Case, d.env.Seq = partial.Type, partial.Case, partial.Seq
	}
	m := &message{
		messageRef: messageRef{d.v.Iss, d.v.Jti}, Type: d.env.Type, Case: d.env.Case, Seq: d.env.Seq,
		Nation: d.v.Peer.Country, Digest: d.v.Digest, TokenSHA256: d.v.Token.SHA256(), Token: d.v.Token.Raw,
		PermitFault: d.permitFault,
	}
	if _, err := ehds.ParseCaseID(m.Case); err != nil || m.Seq > maxSeq {
		m.Case, m.Seq = "", 0 // belongs to no line
	}
	return m
}

func (c *Central) taken(l line, seq int64) bool {
	return slices.ContainsFunc(c.state.held[l], func(r messageRef) bool { return c.state.inbox[r].Seq == seq })
}

// receipt logs the message and signs its receipt.
func (c *Central) receipt(ch *change, d *delivery, m *message, r *refusal) {
	out := ehds.Receipt{Status: ehds.Received, Held: m.Held, Attachments: d.stored}
	class := forge.ClassIn
	m.HTTPStatus = http.StatusOK
	switch {
	case r != nil:
		out = ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(r)}
		m.Rejected, m.HTTPStatus, class = true, r.status, forge.ClassRefused
	case m.Type.IsResponse():
		class = forge.ClassResponse
	}
	out.Evidence = ch.leaf(class, m.Token)
	if m.Receipt = c.answer(d, out, ch.now); m.Receipt == "" {
		ch.fail(errNoReceipt)
	}
	if r == nil {
		ch.learn(m.Nation, m.Iss)
	}
}

// advance closes the gap behind a number: held messages are applied as long as their numbers follow.
func (ch *change) advance(l line, seq int64) {
	for {
		i := slices.IndexFunc(ch.c.state.held[l], func(r messageRef) bool { return ch.c.state.inbox[r].Seq == seq+1 })
		if i < 0 {
			break
		}
		ch.release(ch.c.state.held[l][i], nil)
		seq++
	}
	ch.e.Applied = append(ch.e.Applied, applied{l, seq})
}

// release applies one held message.
func (ch *change) release(ref messageRef, findings []ehds.Finding) {
	m := ch.c.state.inbox[ref]
	ch.e.Unheld = append(ch.e.Unheld, ref)
	if m.Rejected {
		return
	}
	t, err := forge.Parse(m.Token, ehds.TypMessage)
	if err != nil {
		ch.fail(err)
		return
	}
	var env ehds.Envelope
	if err := forge.DecodeExact(t.Payload, &env); err != nil {
		ch.fail(err)
		return
	}
	ch.handle(env, m, findings)
}

// releaseOverdue applies what has waited longer than the hold bound, in the order of its numbers, with
// a finding about the gap. It says whether there was something to release.
func (c *Central) releaseOverdue(ctx context.Context) (found bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := c.o.Clock().Add(-holdBound)
	for l, refs := range c.state.held {
		overdue := slices.ContainsFunc(refs, func(r messageRef) bool { return !c.state.inbox[r].Received.After(limit) })
		if !overdue {
			continue
		}
		first := slices.MinFunc(refs, func(a, b messageRef) int { return int(c.state.inbox[a].Seq - c.state.inbox[b].Seq) })
		ch := c.begin(ctx)
		ch.release(first, []ehds.Finding{{
			Pointer: "/seq", Code: "seq-gap", Severity: "warning", Message: "an earlier number never arrived",
		}})
		ch.advance(l, c.state.inbox[first].Seq)
		if err := ch.write(); err != nil {
			return found, err
		}
		found = true
	}
	return found, nil
}
