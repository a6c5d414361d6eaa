package gateway

import (
	"context"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// enrolAgain is what an operator has to do so that a superior knows our federation keys.
const enrolAgain = "enrol again with the set that 'ehdsgw keys export --purpose federation --owner ncp' prints"

// enrolled says whether keys are those by which somebody else's anchor or intermediate knows us. The
// bodies' are stated by our own head, which knows them at once.
func (d *keyDesk) enrolled(r KeyRequest) bool {
	return r.Purpose == keys.Federation && r.Owner == ownerNCP
}

// statedAbove refuses a rotation of the contact point's federation key as long as no superior states
// the next key: a configuration signed with it would belong to nobody.
func (d *keyDesk) statedAbove(ctx context.Context, r KeyRequest, when keys.When) error {
	if when == keys.AtOnce {
		return nil // the operator knows, and is warned
	}
	if when == keys.WhenDue {
		return fault.New(fault.Invalid, "when-unfit", "this rotation waits for the superiors and not for the clock: ask for it once they state the key").At("/when")
	}
	i := slices.IndexFunc(d.g.keys.List(), func(k keys.Info) bool {
		return k.Purpose == r.Purpose && k.Owner == r.Owner && k.Alg == r.Alg && k.State == keys.Next
	})
	if i < 0 {
		return nil // Rotate says what is missing
	}
	next := d.g.keys.List()[i]
	config, err := d.g.house.Head.Configuration()
	if err != nil {
		return err
	}
	above, err := d.g.resolver.Above(ctx, config)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "superior-unavailable", "no superior says now which keys it knows us by").After(time.Minute)
	}
	about, err := federation.ParseStatement(above[0])
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(about.JWKS.Keys, func(k jose.PublicKey) bool { return k.Kid == next.Kid }) {
		return fault.New(fault.Conflict, "superior-lacks-key",
			"the superior does not state the next key yet: have it enrol the set that 'ehdsgw keys export --purpose federation --owner ncp' prints, then rotate")
	}
	return nil
}
