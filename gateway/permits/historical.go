package permits

import (
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// standing is what the historical keys say of the key that signed a permit.
type standing int

const (
	unlisted standing = iota // it is not listed, or no list is at hand
	retired                  // it signed in the permit's time and was merely retired
)

// pastKeys judges the key that signed a permit by the issuer's historical keys. decided is true when r
// is the verdict: a revoked key proves nothing by itself, because whoever holds it can write any iat
// (wire profile §6). The list is believed as of its own time only.
func (r Result) pastKeys(permit *proved[ehds.PermitClaims], o Options) (out Result, s standing, decided bool) {
	if o.Historical == "" {
		return r, unlisted, false
	}
	list, err := federation.VerifyHistorical(o.Historical, o.Anchors)
	if err == nil && list.Issuer != permit.claims.Iss {
		err = errors.New("the list is another body's")
	}
	if err != nil {
		return r.because(CannotTell, "historical-not-proved", err.Error()), unlisted, true
	}
	if o.At.Sub(list.IssuedAt) > o.statusAge() {
		return r.because(CannotTell, "historical-too-old", fmt.Sprintf("the historical keys are as of %s", list.IssuedAt.Format(time.RFC3339))), unlisted, true
	}
	key, ok := list.Find(permit.key.Kid, permit.key.Alg, federation.TypeHDAB)
	switch issued := time.Unix(permit.claims.Iat, 0); {
	case !ok:
		return r, unlisted, false
	case issued.Before(key.IssuedAt.Add(-leeway)), key.Revoked == nil && !key.Signed(issued):
		return r.because(Invalid, "key-out-of-time", "the permit is dated outside the time in which its key signed"), unlisted, true
	case key.Revoked == nil:
		return r, retired, false
	case o.ProvenBefore != nil && o.ProvenBefore(permit.token, key.Revoked.At):
		return r, retired, false
	}
	return r.because(CannotTell, "key-revoked", fmt.Sprintf(
		"the key that signed the permit is revoked since %s, and nothing proves the permit older", key.Revoked.At.Format(time.RFC3339))), unlisted, true
}

func (o Options) statusAge() time.Duration {
	if o.StatusAge == 0 {
		return DefaultStatusAge
	}
	return o.StatusAge
}
