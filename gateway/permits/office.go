package permits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

// Lifetime and refresh of a status list (wire profile §6).
const (
	statusTTL  = 5 * time.Minute
	statusLife = 24 * time.Hour
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
}

// NewOffice makes an office. size is the number of entries of each status list.
func NewOffice(bodies []Body, status StatusSource, size int, clock func() time.Time) *Office {
	o := &Office{bodies: map[string]Body{}, status: status, size: size, clock: clock}
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

// StatusList is the URI of a body's list for permits issued in a year.
func (o *Office) StatusList(hdab string, year int) string {
	return fmt.Sprintf("%s/status/%d", hdab, year)
}

// SignedList is the current statuslist+jwt of a list; ok is false when the body never used it.
func (o *Office) SignedList(ctx context.Context, hdab string, year int) (token string, ok bool, err error) {
	if _, ok := o.bodies[hdab]; !ok {
		return "", false, fmt.Errorf("%w: %s", ErrNotHosted, hdab)
	}
	uri := o.StatusList(hdab, year)
	bits, ok, err := o.status.StatusBits(ctx, uri)
	if err != nil || !ok {
		return "", false, err
	}
	list := statuslist.New(o.size)
	for idx, v := range bits {
		if err := list.Set(idx, v); err != nil {
			return "", false, fmt.Errorf("entry %d: %w", idx, err)
		}
	}
	encoded, err := list.Encode()
	if err != nil {
		return "", false, err
	}
	now := o.clock()
	token, err = o.sign(ctx, hdab, ehds.TypStatusList, statuslist.Token{
		Iss: hdab, Sub: uri, Iat: now.Unix(), Exp: now.Add(statusLife).Unix(),
		TTL: int64(statusTTL / time.Second), StatusList: encoded,
	})
	return token, err == nil, err
}

func (o *Office) sign(ctx context.Context, hdab, typ string, claims any) (string, error) {
	b, ok := o.bodies[hdab]
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrNotHosted, hdab)
	}
	key, err := b.Key()
	if err != nil {
		return "", err
	}
	chain, err := b.Chain(ctx)
	if err != nil {
		return "", fmt.Errorf("trust chain of %s: %w", hdab, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return jose.Sign(key, typ, jose.SignOptions{TrustChain: chain}, payload)
}
