// Package trust proves who said something. Verifier and Signer are the only two calls the rest of
// the system makes; the packages below do the work.
//
// A Verifier reads a token strictly, finds the issuer through a chain that ends at a pinned anchor,
// checks each signature with exactly one key under the policy for the issuer (SignaturePolicies), and
// hands out *Verified, the only thing accepted downstream. It knows no message types. The order of checks
// is the wire profile's §3: nothing is revealed, stored or fetched for a sender that has not proved itself.
package trust

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Leeway is the clock difference tolerated on iat and exp (wire profile §3: 60 seconds).
const Leeway = 60 * time.Second

// Resolver finds verified entities.
type Resolver interface {
	// Resolve returns the entity when it is onboarded, or when chain (from a trust_chain header) ends
	// at a pinned anchor. Any other issuer causes no outbound call and gives ErrUnknownIssuer.
	Resolve(ctx context.Context, entity string, chain []string) (*federation.Entity, error)
	// Refresh re-fetches an onboarded entity after an unknown kid, at most once a minute.
	Refresh(ctx context.Context, entity string) (*federation.Entity, error)
}

// Purpose says which of an entity's key sets may have signed.
type Purpose string

// The purposes.
const (
	ForExchange Purpose = "exchange" // ehds_gateway keys: messages and receipts
	ForPermits  Purpose = "permits"  // ehds_hdab keys: permits and status lists
)

// Expectation is what a caller is ready to accept.
type Expectation struct {
	Typ         string
	Audience    string // exact aud; empty when the token has none (permits)
	Purpose     Purpose
	MaxLifetime time.Duration // cap on exp - iat; zero means no cap
	NoExpiry    bool          // the token carries no exp (receipts)
	// Vouched: the token came verbatim within one of the same issuer that met the signature policy, as
	// the original within a DUPLICATE receipt. It may be of a time before the policy was raised.
	Vouched bool
	Limits  jose.Limits
}

// Verifier verifies tokens against pinned anchors.
type Verifier struct {
	resolver Resolver
	clock    func() time.Time
	policies SignaturePolicies
}

// NewVerifier makes a verifier that reads classical signatures from everybody.
func NewVerifier(r Resolver, clock func() time.Time) *Verifier {
	return &Verifier{resolver: r, clock: clock}
}

// Under returns a verifier that applies signature policies instead, to messages, receipts, responses
// and permits alike. They should have passed SignaturePolicies.Check.
func (v *Verifier) Under(p SignaturePolicies) *Verifier {
	under := *v
	under.policies = p
	return &under
}

type registered struct {
	Iss string           `json:"iss"`
	Aud *json.RawMessage `json:"aud"`
	Iat *int64           `json:"iat"`
	Exp *int64           `json:"exp"`
	Jti string           `json:"jti"`
}

// Verify reads raw strictly and checks it up to and including the signature. The error tells the
// class; its label says which rule refused.
func (v *Verifier) Verify(ctx context.Context, raw []byte, x Expectation) (*Verified, error) {
	token, err := ReadSigned(raw, jose.ParseOptions{Limits: x.Limits, Typ: []string{x.Typ}, Algs: v.policies.Algs})
	if err != nil {
		return nil, refuse(classOf(err), jose.Rule(err), err)
	}
	claims, err := cheapChecks(token.Payload(), x)
	if err != nil {
		return nil, err
	}
	// The issuer is not proved yet, but no signature of this form could be enough for it.
	if !x.Vouched && !v.policies.For(claims.Iss).Admits(token.Form()) {
		return nil, refuse(ErrNotAuthenticated, "signature-policy", ErrPolicy)
	}
	entity, err := v.checkSignature(ctx, token, claims.Iss, x.Purpose)
	if err != nil {
		return nil, err
	}
	digest, err := jose.ContentDigest(token.Payload())
	if err != nil {
		return nil, refuse(ErrMalformed, jose.Rule(err), err)
	}
	out := &Verified{
		Token: string(raw), TokenSHA256: token.outer.SHA256(), Digest: digest, Header: token.Header(), Form: token.Form(),
		Claims: token.Payload(), Issuer: claims.Iss, JTI: claims.Jti,
		IssuedAt: time.Unix(*claims.Iat, 0).UTC(), Entity: entity, at: v.clock(),
	}
	if claims.Exp != nil {
		out.Expires = time.Unix(*claims.Exp, 0).UTC()
	}
	return out, nil
}

// maxNumericDate bounds iat and exp to year 9999, so that arithmetic on them cannot overflow.
const maxNumericDate = 253402300799

// cheapChecks are the claim checks that need no key: they come before the signature so that a
// hostile token costs as little as possible.
func cheapChecks(payload []byte, x Expectation) (registered, error) {
	var c registered
	// A member that differs from a known one only in case is refused: two readers could otherwise see
	// two issuers.
	if err := jose.DecodeKnown(payload, &c); err != nil {
		return c, refuse(ErrMalformed, "claims", err)
	}
	if c.Iss == "" || c.Iat == nil || *c.Iat < 0 || *c.Iat > maxNumericDate {
		return c, refuse(ErrMalformed, "claims", nil)
	}
	if err := checkAudience(c.Aud, x.Audience); err != nil {
		return c, err
	}
	if c.Exp == nil {
		if !x.NoExpiry {
			return c, refuse(ErrMalformed, "exp-missing", nil)
		}
		return c, nil
	}
	if *c.Exp > maxNumericDate || *c.Exp <= *c.Iat {
		return c, refuse(ErrMalformed, "lifetime", nil)
	}
	if x.MaxLifetime > 0 && *c.Exp-*c.Iat > int64(x.MaxLifetime/time.Second) {
		return c, refuse(ErrMalformed, "lifetime", nil)
	}
	return c, nil
}

// checkAudience wants exactly one string: an array could name us beside somebody else.
func checkAudience(aud *json.RawMessage, want string) error {
	if want == "" {
		return nil
	}
	var got string
	if aud == nil || json.Unmarshal(*aud, &got) != nil {
		return refuse(ErrMalformed, "aud", nil)
	}
	if got != want {
		return refuse(ErrNotAuthenticated, "aud", nil)
	}
	return nil
}

func (v *Verifier) checkSignature(ctx context.Context, t *Signed, iss string, p Purpose) (*federation.Entity, error) {
	entity, err := v.resolver.Resolve(ctx, iss, t.Header().TrustChain)
	if err != nil {
		return nil, issuerError(err)
	}
	err = t.Verify(keysFor(entity, p))
	if errors.Is(err, jose.ErrKeyUnknown) {
		// The issuer may have rotated: one re-fetch, rate-limited by the resolver, which knows whether
		// the issuer may be fetched at all.
		fresh, refreshErr := v.resolver.Refresh(ctx, iss)
		switch {
		case refreshErr == nil:
			entity = fresh
			err = t.Verify(keysFor(entity, p))
		case !errors.Is(refreshErr, federation.ErrUnknownIssuer):
			return nil, issuerError(refreshErr)
		}
	}
	if err != nil {
		return nil, err
	}
	return entity, nil
}

func keysFor(e *federation.Entity, p Purpose) jose.KeySet {
	switch {
	case p == ForExchange && e.Gateway != nil:
		return e.Gateway.Keys
	case p == ForPermits && e.HDAB != nil:
		return e.HDAB.Keys
	}
	return jose.KeySet{}
}
