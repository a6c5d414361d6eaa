package permits

import (
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// pastKeys judges the keys that signed a permit by the issuer's historical keys. open are those of which
// the list says nothing: the issuer must publish them still. decided is true when r is the verdict: a
// revoked key proves nothing by itself, because whoever holds it can write any iat (wire profile §6).
// In the nested form each key must stand. The list is believed as of its own time only.
func (r Result) pastKeys(permit *proved[ehds.PermitClaims], o Options) (out Result, open []jose.PublicKey, decided bool) {
	if o.Historical == "" {
		return r, permit.keys, false
	}
	list, err := federation.VerifyHistorical(o.Historical, o.Anchors)
	if err == nil && list.Issuer != permit.claims.Iss {
		err = errors.New("the list is another body's")
	}
	if err != nil {
		return r.because(CannotTell, "historical-not-proved", err.Error()), nil, true
	}
	if o.At.Sub(list.IssuedAt) > o.statusAge() {
		return r.because(CannotTell, "historical-too-old", fmt.Sprintf("the historical keys are as of %s", list.IssuedAt.Format(time.RFC3339))), nil, true
	}
	issued := time.Unix(permit.claims.Iat, 0)
	for _, k := range permit.keys {
		key, ok := list.Find(k.Kid, k.Alg, federation.TypeHDAB)
		switch {
		case !ok:
			open = append(open, k)
		case issued.Before(key.IssuedAt.Add(-leeway)), key.Revoked == nil && !key.Signed(issued):
			return r.because(Invalid, "key-out-of-time", "the permit is dated outside the time in which its key signed"), nil, true
		case key.Revoked == nil: // retired, and it signed in its time
		case o.ProvenBefore != nil && o.ProvenBefore(permit.token, key.Revoked.At):
		default:
			return r.because(CannotTell, "key-revoked", fmt.Sprintf(
				"the key that signed the permit is revoked since %s, and nothing proves the permit older", key.Revoked.At.Format(time.RFC3339))), nil, true
		}
	}
	return r, open, false
}

func (o Options) statusAge() time.Duration {
	if o.StatusAge == 0 {
		return DefaultStatusAge
	}
	return o.StatusAge
}
