package exchange

import (
	"errors"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust"
)

// Across is what this hub exchanges with other hubs directly: profile peer-1, no part of HealthData@EU.
// The zero value exchanges nothing with anybody.
type Across struct {
	// Peers are the entities we speak with, by configuration. A proved contact point that is none of them
	// is turned away.
	Peers []string
	// Country is ours: the case of an application names the country it was filed in.
	Country string
	// Handlers are for both sides: what peers filed here, and what they say of what was filed with them.
	Handlers Handlers
}

// With says whether an entity is a peer.
func (a Across) With(entity string) bool { return slices.Contains(a.Peers, entity) }

// authoriseAcross checks that a peer may send the type on its side of the case. The side follows from
// the case and the country in the peer's metadata, which its superior vouches for.
func (in *Inbox) authoriseAcross(d *delivery) *fault.Error {
	if d.env.Origin != nil {
		return fault.New(fault.Forbidden, "origin-not-allowed", "only the central platform states an origin").At("/origin")
	}
	const detail = "the sender may not send this message type in this case"
	err := d.v.Holds(string(ehds.MarkNCP))
	switch {
	case errors.Is(err, trust.ErrUnavailable):
		return fault.Wrap(err, fault.Unavailable, "mark-unknown", "the sender's role cannot be confirmed now").After(time.Minute)
	case errors.Is(err, trust.ErrSuspended):
		return fault.Wrap(err, fault.Forbidden, "suspended", "the sender's role is suspended")
	case err != nil:
		return fault.Wrap(err, fault.Forbidden, "not-allowed", detail)
	}
	rule, known := ehds.Lookup(d.env.Type)
	id, err := ehds.ParseCaseID(d.env.Case)
	if !known || err != nil || id.Kind != ehds.CaseNational {
		return nil // a fault of form, told later
	}
	theirs := d.v.Entity.Gateway.Country
	side := ehds.SideOf(id, theirs)
	if theirs == in.Across.Country || side == ehds.Deciding && id.Country != in.Across.Country {
		return fault.New(fault.Forbidden, "not-allowed", detail)
	}
	if !rule.AllowedAcross(side, func(m ehds.Mark) bool { return d.v.Holds(string(m)) == nil }) {
		return fault.New(fault.Forbidden, "not-allowed", detail)
	}
	return nil
}

// spoken checks that a message is of a profile its sender speaks with us: to a peer it is peer-1 and
// nothing else, and the centre never sends that.
func (in *Inbox) spoken(d *delivery) *fault.Error {
	if (d.env.Profile == ehds.ProfilePeer1) != in.Across.With(d.v.Issuer) {
		return invalid("unknown-profile", "/profile", "this message profile is not spoken with this sender")
	}
	return nil
}

// handler finds what to do with a message.
func (in *Inbox) handler(env ehds.Envelope) (Handler, bool) {
	if env.Profile == ehds.ProfilePeer1 {
		h, ok := in.Across.Handlers[env.Type]
		return h, ok
	}
	h, ok := in.Handlers[env.Type]
	return h, ok
}
