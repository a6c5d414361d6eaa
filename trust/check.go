package trust

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Check is what a token is held against by somebody who has the keys at hand, as scripts and testers
// have: no chain, no resolver, no network. A gateway never uses it; see Verifier.
type Check struct {
	// Keys may have signed. The token's kid, alg and use select exactly one.
	Keys jose.KeySet
	// Typ is the exact typ expected.
	Typ string
	// Audience is the exact aud expected; empty accepts any.
	Audience string
	// At is the instant at which iat, nbf and exp are judged, each where the token has it.
	At time.Time
	// Algs are the algorithms accepted; empty means Ed25519, EdDSA, ES256, ML-DSA-65 and the composite.
	Algs []string
	// ExtraHeaders are header members accepted beyond the closed set; they are never followed.
	ExtraHeaders []string
}

// ErrNotYet: nbf lies ahead by more than the leeway.
var ErrNotYet = errors.New("not valid yet")

// Verify reads raw strictly, in the order of the wire profile §3, verifies its signature, in the nested
// form both of them, and judges the times. It returns the claims. The error's label, from Rule, says
// which rule refused.
func (c Check) Verify(raw []byte) ([]byte, error) {
	algs := c.Algs
	if len(algs) == 0 {
		algs = jose.ProfileAlgs()
	}
	token, err := ReadSigned(raw, jose.ParseOptions{Typ: []string{c.Typ}, Algs: algs, ExtraHeaders: c.ExtraHeaders})
	if err != nil {
		return nil, refuse(classOf(err), jose.Rule(err), err)
	}
	dates, err := c.claims(token.Payload())
	if err != nil {
		return nil, err
	}
	if err := token.Verify(c.Keys); err != nil {
		return nil, err
	}
	return token.Payload(), dates.judge(c.At)
}

type dates struct {
	Iat *int64           `json:"iat"`
	Nbf *int64           `json:"nbf"`
	Exp *int64           `json:"exp"`
	Aud *json.RawMessage `json:"aud"`
}

func (c Check) claims(payload []byte) (dates, error) {
	var d dates
	if err := jose.DecodeKnown(payload, &d); err != nil {
		return d, refuse(ErrMalformed, "claims", err)
	}
	for _, n := range []*int64{d.Iat, d.Nbf, d.Exp} {
		if n != nil && (*n < 0 || *n > maxNumericDate) {
			return d, refuse(ErrMalformed, "claims", nil)
		}
	}
	return d, checkAudience(d.Aud, c.Audience)
}

func (d dates) judge(at time.Time) error {
	after := func(n *int64) bool { return n != nil && time.Unix(*n, 0).After(at.Add(Leeway)) }
	switch {
	case after(d.Iat):
		return refuse(ErrFuture, "future", nil)
	case after(d.Nbf):
		return refuse(ErrNotYet, "not-yet", nil)
	case d.Exp != nil && at.After(time.Unix(*d.Exp, 0).Add(Leeway)):
		return refuse(ErrExpired, "expired", nil)
	}
	return nil
}
