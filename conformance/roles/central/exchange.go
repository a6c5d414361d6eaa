package central

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// refusal is why a message is not received. Below 500 it is the sender's to mend.
type refusal struct {
	status              int
	code, field, detail string
	broken              bool // the upload ended early: the sender may not even see the answer
}

func refuse(status int, code, field, detail string) *refusal {
	return &refusal{status: status, code: code, field: field, detail: detail}
}

func invalid(code, field, detail string) *refusal {
	return refuse(http.StatusUnprocessableEntity, code, field, detail)
}

// unavailable is what a sender is told when our own disk or the anchor fails.
func unavailable(code string) *refusal {
	return refuse(http.StatusServiceUnavailable, code, "", "try again later")
}

// permanent says whether sending the same message again cannot help: such a refusal is stored.
func (r *refusal) permanent() bool {
	switch r.status {
	case http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return false
	}
	return !r.broken
}

func (r *refusal) problem() ehds.Problem {
	p := roles.NewProblem(r.status, r.code, r.detail)
	p.Field = r.field
	return p
}

// delivery is one message on its way in.
type delivery struct {
	v           *roles.Verified
	env         ehds.Envelope
	rule        ehds.TypeRule
	stored      []ehds.ReceiptAttachment
	permitFault string
}

// serveExchange handles POST /exchange (wire profile §5).
func (c *Central) serveExchange(w http.ResponseWriter, r *http.Request) {
	in, v, proved := c.resolver.Receive(w, r, c.o.Entity)
	if !proved {
		return
	}
	status, receipt := c.receive(r.Context(), v, in)
	if receipt == "" {
		roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "try-later", ""))
		return
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "30")
	}
	roles.WriteToken(w, status, roles.MediaReceipt, receipt)
}

// receive takes a message of a proved sender through the rest of wire profile §3 and returns HTTP
// status and receipt. The receipt is empty only when none can be signed.
func (c *Central) receive(ctx context.Context, v *roles.Verified, in *roles.Delivery) (int, string) {
	d := &delivery{v: v}
	if !roles.ValidJTI(v.Jti) {
		return c.refuse(ctx, d, refuse(http.StatusBadRequest, "jti-form", "/jti", "jti is a UUIDv7"))
	}
	c.mu.Lock()
	known := c.state.inbox[messageRef{v.Iss, v.Jti}]
	c.mu.Unlock()
	if known != nil {
		return c.repeat(d, known)
	}
	if r := c.admit(d); r != nil {
		return c.refuse(ctx, d, r)
	}
	stored, err := in.Attachments(d.env.Attachments, c.blobs)
	switch {
	case errors.Is(err, roles.ErrUnavailable):
		return c.refuse(ctx, d, unavailable("storage-unavailable"))
	case errors.Is(err, forge.ErrTooLarge):
		return c.refuse(ctx, d, refuse(http.StatusRequestEntityTooLarge, "too-large", "/attachments", "the attachments exceed the limit"))
	case errors.Is(err, roles.ErrMalformed):
		r := refuse(http.StatusBadRequest, "multipart", "/attachments", "the parts cannot be read")
		r.broken = true
		return c.refuse(ctx, d, r)
	case err != nil:
		return c.refuse(ctx, d, invalid("attachments", "/attachments", "the parts are not those of the signed list"))
	}
	d.stored = stored
	if d.env.Type == ehds.PermitIssued || d.env.Type == ehds.PermitChanged {
		d.permitFault = c.provePermit(ctx, d)
	}
	return c.commit(ctx, d, nil)
}

// refuse answers with REJECTED: stored under (iss, jti) when sending it again cannot help.
func (c *Central) refuse(ctx context.Context, d *delivery, r *refusal) (int, string) {
	if r.permanent() && roles.ValidJTI(d.v.Jti) {
		if c.mayRecord(d.v.Iss) {
			return c.commit(ctx, d, r)
		}
		r = refuse(http.StatusTooManyRequests, "too-many-refusals", "", "too many refused messages")
	}
	return r.status, c.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(r)}, c.o.Clock())
}

// repeat answers a message already known: DUPLICATE with the first receipt when the content is the
// same, jti-conflict when it is not. Nothing is written.
func (c *Central) repeat(d *delivery, m *message) (int, string) {
	if m.Digest != d.v.Digest {
		r := refuse(http.StatusConflict, "jti-conflict", "/jti", "this jti was used for another message")
		return r.status, c.answer(d, ehds.Receipt{Status: ehds.Rejected, Problem: problemJSON(r)}, c.o.Clock())
	}
	return m.HTTPStatus, c.answer(d, ehds.Receipt{Status: ehds.Duplicate, Original: m.Receipt}, c.o.Clock())
}

// answer completes and signs a receipt; "" when it cannot be signed.
func (c *Central) answer(d *delivery, r ehds.Receipt, at time.Time) string {
	r.Iss, r.Aud, r.TokenSHA256 = c.o.Entity, d.v.Iss, d.v.Token.SHA256()
	r.Iat, r.ReceivedAt = at.Unix(), stamp(at)
	if r.Ref = d.v.Jti; !roles.ValidJTI(r.Ref) {
		r.Ref = "unreadable" // never repeat what may be anything
	}
	token, err := forge.Sign(c.exchange, ehds.TypReceipt, r)
	if err != nil {
		c.o.Logger.Error("a receipt cannot be signed", "error", err)
		return ""
	}
	return token
}

func problemJSON(r *refusal) json.RawMessage {
	raw, err := json.Marshal(r.problem())
	if err != nil { // strings and one number: cannot happen
		return json.RawMessage(`{"type":"about:blank","title":"error","status":500,"code":"internal"}`)
	}
	return raw
}

// refusalsPerMinute bounds how fast one peer can make the journal grow with refused messages.
const refusalsPerMinute = 120

type budget struct {
	minute time.Time
	used   int
}

func (c *Central) mayRecord(iss string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.refusals[iss]
	if b == nil { // only authenticated peers get here: the map stays small
		b = &budget{}
		c.refusals[iss] = b
	}
	if now := c.o.Clock(); now.Sub(b.minute) >= time.Minute {
		b.minute, b.used = now, 0
	}
	b.used++
	return b.used <= refusalsPerMinute
}
