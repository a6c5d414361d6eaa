package access

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e ClockExpired) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	c, ok := t.Clock(e.Kind)
	if !ok || c.State != ClockRunning || r.now.Before(c.End) {
		return fault.New(fault.Conflict, CodeNotDue, "no such clock has run out")
	}
	end := c.End
	c.State = ClockFired
	r.do(StopClock{t.Key, e.Kind})
	switch e.Kind {
	case ClockCompletion:
		if err := r.move(t, ehds.EventCompletionLapsed, end, ""); err != nil {
			return err
		}
		r.stopCase(t)
		r.sendState(t, end, "the application was not completed in time")
		r.do(HandToPermits{Track: t.Key, What: HandWithdrawal, Reason: "the application was not completed in time", Date: end})
	case ClockAnswer:
		return r.lapse(t, end, ClockFired)
	case ClockDecision:
		r.do(FlagForStaff{t.Key, "decision-overdue", "the time to decide has ended"})
	case ClockPublication:
		r.do(FlagForStaff{t.Key, "publication-overdue", "the time to publish the decision has ended"})
	case ClockPermit:
		p, ok := t.Permit()
		if !ok {
			return illegal(ehds.AxisPermit, "", e.Name())
		}
		return PermitMoved{Track: e.Track, At: end, PermitID: p.ID, Event: ehds.PermitEventExpired,
			Reason: "the permit's duration ended"}.apply(r)
	}
	return nil
}

func (e StatusTold) apply(r *run) error {
	if r.app.ID == "" {
		return fault.New(fault.NotFound, CodeUnknownCase, "no such case or track is known here")
	}
	if _, ours := r.app.Track(e.Track); ours {
		return fault.New(fault.Conflict, CodeOwnTrack, "the status of our own track is ours to say")
	}
	if !knownStatus(e.Axis, e.Status) {
		return fault.New(fault.Invalid, CodeStatus, "the axis has no such status")
	}
	o := ObservedTrack{Key: e.Track, Nation: e.Nation, Axis: e.Axis, Status: e.Status, At: e.At.UTC()}
	for i := range r.app.Observed {
		k := &r.app.Observed[i]
		if k.Key != o.Key || k.Axis != o.Axis || k.Nation != o.Nation {
			continue
		}
		if !o.At.Before(k.At) {
			*k = o
		}
		return nil
	}
	r.app.Observed = append(r.app.Observed, o)
	return nil
}

// knownStatus says whether a status exists on an axis.
func knownStatus(axis ehds.Axis, status string) bool {
	switch axis {
	case ehds.AxisApplication:
		return slices.Contains(ehds.ApplicationStates(), ehds.ApplicationState(status))
	case ehds.AxisDecision:
		return slices.Contains(ehds.DecisionStates(), ehds.DecisionState(status))
	case ehds.AxisPermit:
		return slices.Contains(ehds.PermitStatusValues(), ehds.PermitStatusValue(status))
	}
	return false
}
