package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e ClockExpired) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	c, ok := e.find(t, r.now)
	if !ok {
		return fault.New(fault.Conflict, CodeNotDue, "no such clock has run out")
	}
	end := c.End
	c.State = ClockFired
	r.do(StopClock{Track: t.Key, Kind: e.Kind, Subject: c.Subject})
	switch e.Kind {
	case ClockCompletion:
		return r.completionLapsed(t, end)
	case ClockAnswer:
		return r.lapse(t, end)
	case ClockPermit:
		p, ok := t.Permit()
		if !ok {
			return illegal(ehds.AxisPermit, "", e.Name())
		}
		return PermitMoved{Track: e.Track, At: end, PermitID: p.ID, Event: ehds.PermitEventExpired,
			Reason: "the permit's duration ended"}.apply(r)
	}
	if row, ok := e.Kind.row(); ok {
		r.do(FlagForStaff{t.Key, row.Flag, row.Note})
	}
	return nil
}

// find is the clock meant: the subject's, or the earliest of the kind that has run out.
func (e ClockExpired) find(t *Track, now time.Time) (*Clock, bool) {
	var found *Clock
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if c.Kind != e.Kind || c.State != ClockRunning || now.Before(c.End) || (e.Subject != "" && c.Subject != e.Subject) {
			continue
		}
		if found == nil || c.End.Before(found.End) {
			found = c
		}
	}
	return found, found != nil
}

func (r *run) completionLapsed(t *Track, end time.Time) error {
	const why = "the application was not completed in time"
	if err := r.move(t, ehds.EventCompletionLapsed, end, ""); err != nil {
		return err
	}
	if err := r.stopCase(t, end); err != nil {
		return err
	}
	r.sendState(t, end, why)
	r.do(HandToPermits{Track: t.Key, What: HandWithdrawal, Reason: why, Date: end})
	return nil
}
