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
	r.flagOverdue(t, e.Kind)
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

// flagOverdue tells staff of an end that changes nothing by itself.
func (r *run) flagOverdue(t *Track, kind ClockKind) {
	switch kind {
	case ClockDecision:
		r.do(FlagForStaff{t.Key, "decision-overdue", "the time to decide has ended"})
	case ClockAssessment:
		r.do(FlagForStaff{t.Key, "assessment-overdue", "the trusted data holder's time to propose a decision has ended"})
	case ClockProposal:
		r.do(FlagForStaff{t.Key, "proposal-overdue", "the time to decide on the trusted data holder's proposal has ended"})
	case ClockPublication:
		r.do(FlagForStaff{t.Key, "publication-overdue", "the time to publish the decision has ended"})
	case ClockDataAnswer:
		r.do(FlagForStaff{t.Key, "data-answer-overdue", "the time to answer the approved data request has ended"})
	case ClockFees:
		r.do(FlagForStaff{t.Key, "fees-not-agreed", "a month after the permit the fees are not agreed: the body may set them"})
	case ClockDelivery:
		r.do(FlagForStaff{t.Key, "delivery-overdue", "a data holder's time to deliver has ended"})
	case ClockSPE:
		r.do(FlagForStaff{t.Key, "spe-access-overdue", "the time to bring the data into the environment has ended"})
	case ClockDeletion:
		r.do(FlagForStaff{t.Key, "spe-deletion-overdue", "the environment's time to delete the data has ended"})
	case ClockResults:
		r.do(FlagForStaff{t.Key, "results-overdue", "the user's time to publish results has ended"})
	case ClockHearing:
		r.do(FlagForStaff{t.Key, "hearing-over", "the time to be heard has ended: the body may go on"})
	}
}
