package permits

import (
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
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

// Options of a verification.
type Options struct {
	Anchors   []federation.Anchor // pinned
	Status    string              // statuslist+jwt; empty when not at hand
	At        time.Time           // the instant to judge for
	StatusAge time.Duration       // DefaultStatusAge when zero
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
	claims, entity, err := prove[ehds.PermitClaims](token, ehds.TypPermit, o.Anchors, func(c ehds.PermitClaims) (string, int64) { return c.Iss, c.Iat })
	if err != nil {
		return r.because(Invalid, "not-proved", err.Error())
	}
	r.Permit, r.Issuer, r.Anchor = &claims, entity.ID, entity.Anchor
	if reason, detail := checkClaims(claims, entity); reason != "" {
		return r.because(Invalid, reason, detail)
	}
	switch {
	case o.At.Before(time.Unix(claims.Nbf, 0)):
		return r.because(Invalid, "not-yet-valid", "the permit's period has not begun")
	case !o.At.Before(time.Unix(claims.Exp, 0)):
		return r.because(Invalid, "expired", "the permit's period is over")
	}
	return r.status(claims, o)
}

// prove verifies a token signed with a permit key of a body, under the trust chain in its own header,
// as the chain stood when the token was issued.
func prove[C any](token, typ string, anchors []federation.Anchor, names func(C) (iss string, iat int64)) (C, *federation.Entity, error) {
	var claims C
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{typ}})
	if err != nil {
		return claims, nil, err
	}
	if err := jose.DecodeStrict(t.Payload, &claims); err != nil {
		return claims, nil, err
	}
	if len(t.Header.TrustChain) == 0 {
		return claims, nil, errors.New("the token carries no trust chain")
	}
	iss, iat := names(claims)
	issued := time.Unix(iat, 0)
	entity, err := federation.VerifyChain(t.Header.TrustChain, anchors, issued)
	if err != nil {
		return claims, nil, err
	}
	if entity.ID != iss || entity.HDAB == nil {
		return claims, nil, errors.New("the chain is not that of the issuing body")
	}
	if !holdsHDABMark(entity) {
		return claims, nil, errors.New("the issuer held no hdab mark when it signed")
	}
	key, err := entity.HDAB.Keys.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err != nil {
		return claims, nil, err
	}
	return claims, entity, t.Verify(key)
}

func holdsHDABMark(e *federation.Entity) bool {
	for _, m := range e.Marks {
		if m.Name == string(ehds.MarkHDAB) && m.Status == federation.MarkActive {
			return true
		}
	}
	return false
}

// checkClaims checks that the permit says what its issuer may say.
func checkClaims(c ehds.PermitClaims, e *federation.Entity) (reason, detail string) {
	id, err := ehds.ParsePermitID(c.Jti)
	switch {
	case err != nil:
		return "permit-id", "jti is not a permit identifier"
	case id.Country != e.HDAB.Country:
		return "country", "the permit names another country than its issuer's metadata"
	case id.HDAB != "" && e.HDAB.Code != "" && id.HDAB != e.HDAB.Code:
		return "hdab-code", "the permit names another body than its issuer's metadata"
	case id.Version != c.Permit.Version:
		return "version", "the permit id and its content name different versions"
	case c.Exp <= c.Nbf || c.Nbf < c.Iat-int64(24*time.Hour/time.Second):
		return "period", "the permit's period is not in order"
	}
	return "", ""
}

// status adds what the status list says.
func (r Result) status(c ehds.PermitClaims, o Options) Result {
	if o.Status == "" {
		return r.because(CannotTell, "no-status", "signature and period hold; the status list is not at hand")
	}
	list, _, err := prove[statuslist.Token](o.Status, ehds.TypStatusList, o.Anchors, func(t statuslist.Token) (string, int64) { return t.Iss, t.Iat })
	if err != nil {
		return r.because(CannotTell, "status-not-proved", err.Error())
	}
	ref := c.Status.StatusList
	if list.Sub != ref.URI || list.Iss != c.Iss {
		return r.because(CannotTell, "status-of-another-list", "the status list is not the one the permit names")
	}
	asOf := time.Unix(list.Iat, 0).UTC()
	r.StatusAt = &asOf
	age := o.StatusAge
	if age == 0 {
		age = DefaultStatusAge
	}
	if o.At.Sub(asOf) > age || !o.At.Before(time.Unix(list.Exp, 0)) {
		return r.because(CannotTell, "status-too-old", fmt.Sprintf("the status is as of %s", asOf.Format(time.RFC3339)))
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
