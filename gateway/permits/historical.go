package permits

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// past is the issuer's list of historical keys, proved from itself and of the time asked about; nil when none
// is at hand. A reason says why the one at hand does not count.
func (o Options) past(issuer string) (list *federation.Historical, reason, detail string) {
	if o.Historical == "" {
		return nil, "", ""
	}
	list, err := federation.VerifyHistorical(o.Historical, o.Anchors)
	if err == nil && list.Issuer != issuer {
		err = errors.New("the list is another body's")
	}
	switch {
	case err != nil:
		return nil, "historical-not-proved", err.Error()
	case o.At.Sub(list.IssuedAt) > o.statusAge():
		return nil, "historical-too-old", fmt.Sprintf("the historical keys are as of %s", list.IssuedAt.Format(time.RFC3339))
	}
	return list, "", ""
}

// pastKeys judges the keys that signed a permit by the issuer's historical keys, if any. open are those of
// which the list says nothing: the issuer must publish them still. decided is true when r is the verdict: a
// revoked key proves nothing by itself, because whoever holds it can write any iat (wire profile §6).
// In the nested form each key must stand. The list is believed as of its own time only.
func (r Result) pastKeys(permit *proved[ehds.PermitClaims], list *federation.Historical, o Options) (out Result, open []jose.PublicKey, decided bool) {
	if list == nil {
		return r, permit.keys, false
	}
	issued := time.Unix(permit.claims.Iat, 0)
	for _, k := range permit.keys {
		key, ok := list.Find(k.Kid, federation.TypeHDAB)
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

// mayHaveSigned says whether the list, if any, lets keys have signed something dated so. No witness can have
// seen a status list: one by a revoked key counts for nothing.
func mayHaveSigned(list *federation.Historical, keys []jose.PublicKey, at time.Time) bool {
	return list == nil || !slices.ContainsFunc(keys, func(k jose.PublicKey) bool {
		past, ok := list.Find(k.Kid, federation.TypeHDAB)
		return ok && !past.Signed(at)
	})
}

func (o Options) statusAge() time.Duration {
	if o.StatusAge == 0 {
		return DefaultStatusAge
	}
	return o.StatusAge
}
