package permits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Body is a health data access body this gateway hosts.
type Body struct {
	Entity string
	// Key is the permit key active now.
	Key func() (jose.SigningKey, error)
	// Chain is the body's trust chain as it stands now, its own configuration first.
	Chain func(ctx context.Context) ([]string, error)
}

// ErrNotHosted: the body is not one of this gateway's.
var ErrNotHosted = errors.New("the body is not hosted here")

// StatusSource tells the entries of a list that are not valid.
type StatusSource interface {
	StatusBits(ctx context.Context, list string) (map[int64]int, bool, error)
}

// Office signs for the bodies of one gateway: permits and status lists, nothing else.
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
	return o.sign(ctx, hdab, ehds.TypPermit, claims)
}

func (o *Office) sign(ctx context.Context, hdab, typ string, claims any) (string, error) {
	seal, err := o.sealer(ctx, hdab)
	if err != nil {
		return "", err
	}
	return seal(typ, claims)
}

// sealer signs for a body with the key and the trust chain of now.
func (o *Office) sealer(ctx context.Context, hdab string) (func(typ string, claims any) (string, error), error) {
	b, ok := o.bodies[hdab]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNotHosted, hdab)
	}
	key, err := b.Key()
	if err != nil {
		return nil, err
	}
	chain, err := b.Chain(ctx)
	if err != nil {
		return nil, fmt.Errorf("trust chain of %s: %w", hdab, err)
	}
	return func(typ string, claims any) (string, error) {
		payload, err := json.Marshal(claims)
		if err != nil {
			return "", err
		}
		return jose.Sign(key, typ, jose.SignOptions{TrustChain: chain}, payload)
	}, nil
}
