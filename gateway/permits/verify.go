package permits

import (
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

// Verdict of a verification.
type Verdict string

// The verdicts.
const (
	Valid      Verdict = "valid"
	Invalid    Verdict = "invalid"
	CannotTell Verdict = "cannot-tell"
)

// DefaultStatusAge is how old a status may be before the verdict is "cannot tell": the longest
// lifetime of a status list.
const DefaultStatusAge = 24 * time.Hour

// leeway is the clock difference tolerated (wire profile §3).
const leeway = time.Minute

// Options of a verification.
type Options struct {
	Anchors   []federation.Anchor // pinned
	Status    string              // statuslist+jwt; empty when not at hand
	At        time.Time           // the instant to judge for
	StatusAge time.Duration       // DefaultStatusAge when zero
	// Historical is the body's signed list of historical keys (jwk-set+jwt); empty when not at hand.
	Historical string
	// ProvenBefore reports whether the permit itself, as a compact token, is proved to have existed
	// before an instant, by a checkpoint a known witness cosigned; nil when nothing proves it.
	ProvenBefore func(token string, at time.Time) bool
	// Policy is the least that the permit's signature must be made of; empty takes every form of the
	// wire profile §2 but ML-DSA-65 alone. The status list is of today and may be classical.
	Policy trust.SignaturePolicy
}

// Result says what a permit proves.
type Result struct {
	Verdict  Verdict            `json:"verdict"`
	Reason   string             `json:"reason,omitempty"` // stable code, empty when valid
	Detail   string             `json:"detail,omitempty"`
	Permit   *ehds.PermitClaims `json:"permit,omitempty"` // only when the signature holds
	Issuer   string             `json:"issuer,omitempty"`
	Anchor   string             `json:"anchor,omitempty"`
	StatusAt *time.Time         `json:"status_as_of,omitempty"`
}

func (r Result) because(v Verdict, reason, detail string) Result {
	r.Verdict, r.Reason, r.Detail = v, reason, detail
	return r
}

// Verify judges a permit at an instant (wire profile §6).
func Verify(token string, o Options) Result {
	var r Result
	p, err := prove(token, reading[ehds.PermitClaims]{
		typ: ehds.TypPermit, decode: jose.DecodeStrict,
		names: func(c ehds.PermitClaims) (string, int64) { return c.Iss, c.Iat },
	}, o.Anchors)
	if err != nil {
		return r.because(Invalid, "not-proved", err.Error())
	}
	if !o.Policy.Admits(p.form) {
		return r.because(Invalid, "signature-policy", "the signature holds, but is not of a form that the policy takes")
	}
	claims := p.claims
	r.Permit, r.Issuer, r.Anchor = &claims, p.entity.ID, p.entity.Anchor
	if reason, detail := checkClaims(claims, p.entity); reason != "" {
		return r.because(Invalid, reason, detail)
	}
	switch {
	case o.At.Before(time.Unix(claims.Nbf, 0)):
		return r.because(Invalid, "not-yet-valid", "the permit's period has not begun")
	case !o.At.Before(time.Unix(claims.Exp, 0)):
		return r.because(Invalid, "expired", "the permit's period is over")
	}
	past, reason, detail := o.past(claims.Iss)
	if reason != "" {
		return r.because(CannotTell, reason, detail)
	}
	r, open, decided := r.pastKeys(p, past, o)
	if decided {
		return r
	}
	return r.status(p, past, open, o)
}

// reading says how one kind of token is read.
type reading[C any] struct {
	typ    string
	decode func(payload []byte, v any) error
	names  func(C) (iss string, iat int64)
}

// proved is what holds about a token.
type proved[C any] struct {
	token  string
	claims C
	entity *federation.Entity
	form   trust.Form
	keys   []jose.PublicKey // that signed it: one, or two in the nested form
}

// prove verifies a token signed with a permit key of a body, under the trust chain in its own header,
// as the chain stood when the token was issued.
func prove[C any](token string, how reading[C], anchors []federation.Anchor) (*proved[C], error) {
	t, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{how.typ}, Algs: jose.ProfileAlgs()})
	if err != nil {
		return nil, err
	}
	var claims C
	if err := how.decode(t.Payload(), &claims); err != nil {
		return nil, err
	}
	if len(t.Header().TrustChain) == 0 {
		return nil, errors.New("the token carries no trust chain")
	}
	iss, iat := how.names(claims)
	issued := time.Unix(iat, 0)
	entity, err := federation.VerifyChain(t.Header().TrustChain, anchors, issued)
	if err != nil {
		return nil, err
	}
	if entity.ID != iss || entity.HDAB == nil {
		return nil, errors.New("the chain is not that of the issuing body")
	}
	if !holdsHDABMark(entity) {
		return nil, errors.New("the issuer held no hdab mark when it signed")
	}
	keys, err := t.VerifiedBy(entity.HDAB.Keys)
	if err != nil {
		return nil, err
	}
	return &proved[C]{token: token, claims: claims, entity: entity, form: t.Form(), keys: keys}, nil
}

func holdsHDABMark(e *federation.Entity) bool {
	for _, m := range e.Marks {
		if m.Name == string(ehds.MarkHDAB) && m.Status == federation.MarkActive {
			return true
		}
	}
	return false
}

// checkClaims checks that the permit says what its issuer may say: country and code of the metadata
// are those its superiors stated, or its chain would not have held.
func checkClaims(c ehds.PermitClaims, e *federation.Entity) (reason, detail string) {
	id, err := ehds.ParsePermitID(c.Jti)
	switch {
	case err != nil:
		return "permit-id", "jti is not a permit identifier"
	case id.Country != e.HDAB.Country:
		return "country", "the permit names another country than its issuer's metadata"
	case id.HDAB != "" && id.HDAB != e.HDAB.Code:
		return "hdab-code", "the permit names another body than its issuer's metadata"
	case id.Version != c.Permit.Version:
		return "version", "the permit id and its content name different versions"
	case c.Exp <= c.Nbf || c.Nbf < c.Iat-int64(24*time.Hour/time.Second):
		return "period", "the permit's period is not in order"
	}
	return "", ""
}

// status adds what the status list says. past are the issuer's historical keys, if any; open are the keys
// that it must still list.
func (r Result) status(permit *proved[ehds.PermitClaims], past *federation.Historical, open []jose.PublicKey, o Options) Result {
	if o.Status == "" {
		return r.because(CannotTell, "no-status", "signature and period hold; the status list is not at hand")
	}
	answer, err := prove(o.Status, reading[statuslist.Token]{
		typ: statuslist.Typ, decode: jose.DecodeKnown,
		names: func(t statuslist.Token) (string, int64) { return t.Iss, t.Iat },
	}, o.Anchors)
	if err != nil {
		return r.because(CannotTell, "status-not-proved", err.Error())
	}
	list, ref := answer.claims, permit.claims.Status.StatusList
	asOf := list.AsOf()
	switch err := list.Check(permit.claims.Iss, ref.URI, o.At, o.statusAge()); {
	case errors.Is(err, statuslist.ErrForeign):
		return r.because(CannotTell, "status-of-another-list", "the status list is not the one the permit names")
	case errors.Is(err, statuslist.ErrLater):
		r.StatusAt = &asOf
		return r.because(CannotTell, "status-of-later", fmt.Sprintf("the status is as of %s, after the instant asked for", asOf.Format(time.RFC3339)))
	case errors.Is(err, statuslist.ErrOld):
		r.StatusAt = &asOf
		return r.because(CannotTell, "status-too-old", fmt.Sprintf("the status is as of %s", asOf.Format(time.RFC3339)))
	case err != nil:
		return r.because(CannotTell, "status-unreadable", err.Error())
	}
	if !mayHaveSigned(past, answer.keys, asOf) {
		return r.because(CannotTell, "status-not-proved", "the key that signed the status list is revoked, or signed in another time")
	}
	r.StatusAt = &asOf
	// A body lists a permit key until the last permit it signed is over (wire profile §1). One that is
	// gone may have been revoked, and then anybody who holds it could have dated a permit back: unless
	// the historical keys say that it was merely retired.
	for _, k := range open {
		if _, err := answer.entity.HDAB.Keys.Select(k.Kid, k.Alg, "sig"); err != nil {
			return r.because(CannotTell, "key-withdrawn", "the issuer no longer lists the key that signed the permit")
		}
	}
	bits, err := statuslist.Decode(list.StatusList)
	if err != nil {
		return r.because(CannotTell, "status-unreadable", err.Error())
	}
	return r.entry(bits, ref.Idx)
}

func (r Result) entry(bits *statuslist.List, idx int64) Result {
	value, err := bits.Get(idx)
	switch {
	case err != nil:
		return r.because(CannotTell, "status-unreadable", err.Error())
	case value == ehds.StatusValid:
		r.Verdict = Valid
		return r
	case value == ehds.StatusSuspended:
		return r.because(Invalid, "suspended", "the permit is suspended")
	}
	return r.because(Invalid, "revoked", "the permit was revoked or replaced by a newer version")
}
