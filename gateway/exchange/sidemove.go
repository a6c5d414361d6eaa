package exchange

import (
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// sideMove is a step of a side machine: a data holder's delivery, the fees, a trusted data holder's
// assessment (Art. 72), the secure processing environment.
func sideMove(ev connectors.PermitEvent, at time.Time) (access.Event, error) {
	if ev.Side == nil {
		return nil, fault.New(fault.Invalid, "event-incomplete", "a step names its machine and what happened")
	}
	return access.SideMoved{
		Track: ev.Track, At: at, Machine: ehds.SideMachine(ev.Side.Machine), Subject: ev.Side.Subject,
		Event: ehds.SideEvent(ev.Side.Event), Reasons: ev.Reason, Actor: ev.Actor,
	}, nil
}
