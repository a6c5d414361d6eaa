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

// dueSet is a date the national side set for one of its clocks. It stands beside the law's end and moves
// nothing.
func dueSet(ev connectors.PermitEvent, at time.Time) (access.Event, error) {
	if ev.Due == nil {
		return nil, fault.New(fault.Invalid, "event-incomplete", "a due date names its clock and the day")
	}
	day, err := access.ParseDate(ev.Due.Date)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "date-form", "a due date is a full-date")
	}
	return access.DueSet{Track: ev.Track, At: at, Kind: access.ClockKind(ev.Due.Clock), Date: day, Reasons: ev.Reason, Actor: ev.Actor}, nil
}
