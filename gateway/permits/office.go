package permits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Body is a health data access body this gateway hosts.
type Body struct {
	Entity string
	// Key is the permit key active now.
	Key func() (jose.SigningKey, error)
	// Keys gives the permit keys by algorithm, for hybrid permits; nil when there is only Key.
	Keys trust.AlgKeyring
	// Chain is the body's trust chain as it stands now, its own configuration first.
	Chain func(ctx context.Context) ([]string, error)
}

// ErrNotHosted: the body is not one of this gateway's.
var ErrNotHosted = errors.New("the body is not hosted here")

// StatusSource tells the entries of a list that are not valid.
type StatusSource interface {
	StatusBits(ctx context.Context, list string) (map[int64]int, bool, error)
}

// Office signs for the bodies of one gateway: permits, decisions and status lists, nothing else.
type Office struct {
	bodies map[string]Body
	status StatusSource
	size   int
	clock  func() time.Time
	lists  *listShelf
}

// NewOffice makes an office. size is the number of entries of each status list.
func NewOffice(bodies []Body, status StatusSource, size int, clock func() time.Time) *Office {
	o := &Office{bodies: map[string]Body{}, status: status, size: size, clock: clock, lists: newListShelf(clock)}
	for _, b := range bodies {
		o.bodies[b.Entity] = b
	}
	return o
}

// SignPermit signs claims with the permit key of a body, its trust chain in the header.
func (o *Office) SignPermit(ctx context.Context, hdab string, claims ehds.PermitClaims) (string, error) {
	if claims.Iss != hdab {
		return "", fmt.Errorf("a permit of %s cannot be signed by %s", claims.Iss, hdab)
	}
	// The chain in the header is the one of now: a permit dated otherwise could never be proved.
	if away := o.clock().Sub(time.Unix(claims.Iat, 0)); away > leeway || away < -leeway {
		return "", fmt.Errorf("a permit is signed when it is issued, not %s away", away)
	}
	seal, err := o.sealer(ctx, hdab, isLong(claims))
	if err != nil {
		return "", err
	}
	return seal(ehds.TypPermit, claims)
}

// isLong: a permit over five years should be hybrid (wire profile §6).
func isLong(c ehds.PermitClaims) bool {
	return time.Unix(c.Exp, 0).After(time.Unix(c.Nbf, 0).UTC().AddDate(5, 0, 0))
}

// sealer signs for a body with the keys and the trust chain of now; the keys are taken first, so that
// the chain lists them. hybrid asks for the nested form, where the body has the keys for it.
func (o *Office) sealer(ctx context.Context, hdab string, hybrid bool) (func(typ string, claims any) (string, error), error) {
	b, ok := o.bodies[hdab]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotHosted, hdab)
	}
	signer, err := b.signer(hybrid)
	if err != nil {
		return nil, err
	}
	chain, err := b.Chain(ctx)
	if err != nil {
		return nil, fmt.Errorf("trust chain of %s: %w", hdab, err)
	}
	return func(typ string, claims any) (string, error) { return signer.Sign(typ, claims, chain) }, nil
}

// signer holds the keys of this moment.
func (b Body) signer(hybrid bool) (*trust.Signer, error) {
	if hybrid && b.Keys != nil {
		held := heldKeys{}
		for _, alg := range []string{jose.AlgMLDSA65, jose.AlgEd25519} {
			if k, err := b.Keys.SigningKeyFor(alg); err == nil {
				held[alg] = k
			}
		}
		if len(held) == 2 {
			return trust.NewSigner(held).Under(trust.SignaturePolicies{Default: trust.Hybrid}), nil
		}
	}
	key, err := b.Key()
	if err != nil {
		return nil, err
	}
	return trust.NewSigner(heldKeys{"": key}), nil
}

// heldKeys are keys by algorithm; the one to sign alone with has none.
type heldKeys map[string]jose.SigningKey

func (h heldKeys) SigningKey() (jose.SigningKey, error)              { return h[""], nil }
func (h heldKeys) SigningKeyFor(alg string) (jose.SigningKey, error) { return h[alg], nil }
