package exchange

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// MaxLifetimeHTTPS is the longest exp - iat of a message over https (wire profile §3).
const MaxLifetimeHTTPS = 24 * time.Hour

// Verifier proves a token.
type Verifier interface {
	Verify(ctx context.Context, raw []byte, x trust.Expectation) (*trust.Verified, error)
}

// Signer signs claims with the exchange key active now.
type Signer interface {
	Sign(typ string, claims any, chain []string) (string, error)
}

// Record is the part of the store the exchange uses.
type Record interface {
	store.Updater
	store.Reader
	store.Blobs
}

// Parts yields the attachment parts of a delivery, in the order they arrive.
type Parts interface {
	// Next returns the id and content of the next part, io.EOF after the last one. The content is
	// valid until the next call.
	Next() (id string, content io.Reader, err error)
}

// NoParts is a delivery without attachments.
type NoParts struct{}

// Next returns io.EOF.
func (NoParts) Next() (string, io.Reader, error) { return "", nil, io.EOF }

// Reply is the synchronous answer to a delivery. Receipt is empty for a sender that did not prove
// itself. Fault is nil for RECEIVED and for a DUPLICATE of a message that was received.
type Reply struct {
	Receipt string
	Fault   *fault.Error
	Status  ehds.ReceiptStatus
	Type    ehds.MessageType // "" until the sender proved itself
	Case    string
	Rule    string // label of the rule that refused, for log and metric only
}

// Inbox receives messages.
type Inbox struct {
	Entity   string // our entity identifier: the only audience accepted
	Verifier Verifier
	Signer   Signer
	Record   Record
	Schemas  *Schemas
	Handlers Handlers
	Compose  Composer
	Limits   Limits
	// Profiles are the message profiles this gateway lists in its metadata; empty means every one of
	// the wire profile.
	Profiles []string
	Clock    func() time.Time
	Logger   *slog.Logger
	// Across is what is exchanged with other hubs directly, and Open opens what they sealed.
	Across Across
	Open   Opener
	// Refusals limits how many permanently rejected messages one peer may add to the record.
	Refusals *RefusalLimiter
	// Wake is called after a commit that queued something.
	Wake func()

	staged stagedBytes
}

// delivery is one message on its way through Receive.
type delivery struct {
	v     *trust.Verified
	env   ehds.Envelope
	blobs map[string]string
	atts  []ehds.ReceiptAttachment
	// reserved is what this delivery takes of its sender's budget for staged bytes.
	reserved int64
	// Of a sealed message: the sealed attachments by id, what came out of them, the signed list and the
	// text that was sealed.
	sealed map[string]trust.SealedAttachment
	opened []ehds.Attachment
	signed []ehds.Attachment
	text   []byte
}

// Receive takes one token and its attachments through the order of wire profile §3 and answers.
// It never returns an error: everything that can go wrong is an answer.
func (in *Inbox) Receive(ctx context.Context, raw []byte, parts Parts) Reply {
	v, err := in.Verifier.Verify(ctx, raw, trust.Expectation{
		Typ: ehds.TypMessage, Audience: in.Entity, Purpose: trust.ForExchange,
		MaxLifetime: MaxLifetimeHTTPS, Limits: jose.Limits{MaxToken: in.Limits.MaxToken},
	})
	if err != nil {
		return Reply{Fault: unauthenticated(err), Rule: trust.Rule(err)}
	}
	d := &delivery{v: v}
	defer in.unstage(ctx, d)
	if !validJTI(v.JTI) {
		return in.refuse(ctx, d, fault.New(fault.Malformed, "jti-form", "jti is a UUIDv7").At("/jti"))
	}
	stored, known, err := in.Record.Message(ctx, v.Issuer, v.JTI)
	if err != nil {
		return in.refuse(ctx, d, unavailable(err))
	}
	if known {
		return in.repeat(ctx, d, stored)
	}
	if f := in.admit(ctx, d); f != nil {
		return in.refuse(ctx, d, f)
	}
	if f := in.reserve(ctx, d); f != nil {
		return in.refuse(ctx, d, f)
	}
	if f := in.stage(ctx, d, parts); f != nil {
		return in.refuse(ctx, d, f)
	}
	return in.commit(ctx, d, nil)
}

// unauthenticated is all that a sender learns before it has proved itself.
func unauthenticated(err error) *fault.Error {
	switch {
	case errors.Is(err, trust.ErrUnavailable):
		return fault.Wrap(err, fault.Unavailable, "try-later", "").After(30 * time.Second)
	case errors.Is(err, trust.ErrTooLarge):
		return fault.Wrap(err, fault.TooLarge, "too-large", "")
	case errors.Is(err, trust.ErrNotAuthenticated):
		return fault.Wrap(err, fault.Unauthenticated, "not-authenticated", "")
	}
	return fault.Wrap(err, fault.Malformed, "malformed", "")
}

// caseErased is final: what comes for an erased case is kept nowhere.
func caseErased() *fault.Error {
	return fault.New(fault.Conflict, "case-erased", "this case was erased; nothing more is taken for it")
}

func unavailable(err error) *fault.Error {
	return fault.Wrap(err, fault.Unavailable, "record-unavailable", "the record cannot be used now").After(5 * time.Second)
}

// admit applies the rules after the signature that need no attachment: times, marks, type and
// direction, form, reference, schema.
func (in *Inbox) admit(ctx context.Context, d *delivery) *fault.Error {
	if err := d.v.Current(); err != nil {
		code := "expired"
		if errors.Is(err, trust.ErrFuture) {
			code = "issued-in-future"
		}
		return fault.Wrap(err, fault.Forbidden, code, "the token is outside its time; sign the message again")
	}
	env, unread := readEnvelope(d.v.Claims)
	d.env = env
	// Who may not speak now leaves nothing behind, so this comes before what is stored as a rejection.
	if f := in.authorise(d); f != nil {
		return f
	}
	if unread != nil {
		return unread
	}
	if _, f := checkEnvelope(&d.env, in.Limits); f != nil {
		return f
	}
	if len(in.Profiles) > 0 && !slices.Contains(in.Profiles, env.Profile) {
		return invalid("unknown-profile", "/profile", "this message profile is not spoken here")
	}
	if f := in.spoken(d); f != nil {
		return f
	}
	if _, handled := in.handler(env); !handled {
		return invalid("type-not-supported", "/type", "this gateway does not handle this message type")
	}
	if f := in.resolveReference(ctx, d); f != nil {
		return f
	}
	if f := in.open(d); f != nil {
		return f
	}
	return in.Schemas.Check(d.env.Type, d.env.Body)
}

// authorise checks that the sender's mark allows the type in this direction. In HealthData@EU a contact
// point only listens downwards, to the centre (TEHDAS2 D7.3 §4, a star), so the one mark that counts is
// the centre's, whatever the type; other hubs are heard when they are configured (profile peer-1). A type nobody knows is a fault of form, told later.
func (in *Inbox) authorise(d *delivery) *fault.Error {
	if in.Across.With(d.v.Issuer) {
		return in.authoriseAcross(d)
	}
	const detail = "the sender's role does not allow this message type in this direction"
	err := d.v.Holds(string(ehds.MarkCentralPlatform))
	switch {
	case errors.Is(err, trust.ErrUnavailable):
		return fault.Wrap(err, fault.Unavailable, "mark-unknown", "the sender's role cannot be confirmed now").After(time.Minute)
	case errors.Is(err, trust.ErrSuspended):
		return fault.Wrap(err, fault.Forbidden, "suspended", "the sender's role is suspended")
	case err != nil && d.env.Origin != nil:
		return fault.Wrap(err, fault.Forbidden, "origin-not-allowed", "only the central platform states an origin").At("/origin")
	case err != nil:
		return fault.Wrap(err, fault.Forbidden, "not-allowed", detail)
	}
	rule, known := ehds.Lookup(d.env.Type)
	if known && !rule.Allowed(ehds.Down, func(m ehds.Mark) bool { return d.v.Holds(string(m)) == nil }) {
		return fault.New(fault.Forbidden, "not-allowed", detail)
	}
	return nil
}

// resolveReference checks that what a message answers was sent by us to this sender in this case,
// and that ref_sha256 is a token we signed for it.
func (in *Inbox) resolveReference(ctx context.Context, d *delivery) *fault.Error {
	e := &d.env
	if e.Ref == "" {
		return nil
	}
	row, ok, err := in.Record.OutboxByJTI(ctx, e.Ref)
	if err != nil {
		return unavailable(err)
	}
	unknown := invalid("unknown-ref", "/ref", "ref names no message sent to this peer in this case")
	if !ok || row.Target != e.Iss || row.Case != e.Case {
		return unknown
	}
	if e.Type.IsResponse() && string(e.Type.Answers()) != row.Type {
		return unknown
	}
	attempts, err := in.Record.Attempts(ctx, row.ID)
	if err != nil {
		return unavailable(err)
	}
	for _, a := range attempts {
		if a.TokenSHA256 == e.RefSHA256 {
			return nil
		}
	}
	return invalid("unknown-ref", "/ref_sha256", "ref_sha256 is no token of the message answered")
}
