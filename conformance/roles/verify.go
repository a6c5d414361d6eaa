package roles

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// maxMessageLife is the longest exp - iat over https (wire profile §3).
const maxMessageLife = 24 * time.Hour

// maxDate keeps arithmetic on times from overflowing: the year 9999.
const maxDate = 253402300799

// Errors of verification: all that a sender learns before it has proved itself. ErrUnavailable and
// forge.ErrTooLarge complete them.
var (
	// ErrMalformed means that a token is not in the strict form.
	ErrMalformed = errors.New("roles: malformed")
	// ErrNotAuthenticated means that a token proves no sender.
	ErrNotAuthenticated = errors.New("roles: not authenticated")
)

// Verified is a token whose signature held.
type Verified struct {
	Token  *forge.Token
	Iss    string
	Jti    string
	Iat    time.Time
	Exp    time.Time
	Digest string // of the content, without times
	Peer   *Peer
	At     time.Time // of verification
}

type registered struct {
	Iss string `json:"iss"`
	Aud any    `json:"aud"`
	Iat int64  `json:"iat"`
	Exp int64  `json:"exp"`
	Jti string `json:"jti"`
}

// Verify reads a message's token strictly and in the order of wire profile §3, up to and including
// the signature. Times and marks are the caller's to judge, after it has looked for a duplicate.
func (r *Resolver) Verify(ctx context.Context, raw, typ, audience string) (*Verified, error) {
	t, err := forge.Parse(raw, typ)
	if errors.Is(err, forge.ErrTooLarge) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var c registered
	if err := forge.DecodeKnown(t.Payload, &c); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	aud, single := c.Aud.(string)
	life := c.Exp - c.Iat
	switch {
	case c.Iss == "" || !single || c.Iat < 0 || c.Iat > maxDate || c.Exp > maxDate:
		return nil, fmt.Errorf("%w: claims", ErrMalformed)
	case life <= 0 || life > int64(maxMessageLife/time.Second):
		return nil, fmt.Errorf("%w: lifetime", ErrMalformed)
	case aud != audience:
		return nil, fmt.Errorf("%w: audience", ErrNotAuthenticated)
	}
	peer, err := r.signer(ctx, t, c.Iss)
	if err != nil {
		return nil, err
	}
	digest, err := forge.ContentDigest(t.Payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return &Verified{
		Token: t, Iss: c.Iss, Jti: c.Jti, Iat: time.Unix(c.Iat, 0), Exp: time.Unix(c.Exp, 0),
		Digest: digest, Peer: peer, At: r.Clock(),
	}, nil
}

// signer finds the issuer and checks the signature with the one fitting exchange key, after one
// refresh when the kid is new.
func (r *Resolver) signer(ctx context.Context, t *forge.Token, iss string) (*Peer, error) {
	peer, err := r.Resolve(ctx, iss, t.Header.TrustChain)
	if err == nil && peer.Gateway != nil {
		if _, keyErr := peer.Gateway.JWKS.Select(t.Header.Kid, t.Header.Alg); keyErr != nil && t.Header.TrustChain == nil {
			peer, err = r.Refresh(ctx, iss)
		}
	}
	switch {
	case errors.Is(err, ErrUnavailable):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotAuthenticated, err)
	case peer.Gateway == nil:
		return nil, fmt.Errorf("%w: the issuer is no gateway", ErrNotAuthenticated)
	}
	if err := t.Verify(peer.Gateway.JWKS); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotAuthenticated, err)
	}
	return peer, nil
}

// Current judges the token's times.
func (v *Verified) Current() bool {
	return !v.Iat.After(v.At.Add(forge.Leeway)) && !v.At.After(v.Exp.Add(forge.Leeway))
}

// ValidJTI says whether s is a UUIDv7 in its one spelling (RFC 9562 §5.7).
func ValidJTI(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.Version() == 7 && u.Variant() == uuid.RFC4122 && u.String() == s
}
