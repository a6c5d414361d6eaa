package access

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// sideClocks starts and stops what a step of a side machine starts and stops.
func (r *run) sideClocks(t *Track, e SideMoved) {
	switch e.Machine {
	case ehds.SideTrustedHolder:
		r.trustedClocks(t, e)
	case ehds.SideFees:
		r.feeClocks(t, e)
	case ehds.SideDelivery:
		r.deliveryClocks(t, e)
	case ehds.SideSPE:
		r.speClocks(t, e)
	case ehds.SideAnswer:
		r.answerClocks(t, e)
	case ehds.SideHearing:
		switch e.Event {
		case ehds.SideEventNotified:
			r.startFor(t, ClockHearing, e.Subject, e.At)
		case ehds.SideEventHeard:
			r.stopOf(t, ClockHearing, e.Subject, ClockMet)
		case ehds.SideEventUnheard:
			r.stopOf(t, ClockHearing, e.Subject, ClockVoid)
		}
	}
}

// trustedClocks: the two periods of Art. 72 take the place of the decision clock (assumption); it
// counts again from its old start when the holder's part ends without a proposal.
func (r *run) trustedClocks(t *Track, e SideMoved) {
	switch e.Event {
	case ehds.SideEventForwarded:
		r.stop(t, ClockDecision, ClockVoid)
		r.startFor(t, ClockAssessment, e.Subject, e.At)
	case ehds.SideEventAssessed:
		r.stopOf(t, ClockAssessment, e.Subject, ClockMet)
		if t.Status != ehds.StateAwaitingInformation { // else it starts when the answer comes
			r.startFor(t, ClockProposal, e.Subject, e.At)
		}
	case ehds.SideEventReturned, ehds.SideEventRecalled:
		r.stopOf(t, ClockAssessment, e.Subject, ClockVoid)
		r.stopOf(t, ClockProposal, e.Subject, ClockVoid)
		r.resumeDecision(t)
	}
}

// resumeDecision counts the decision clock again from its old start, unless the track waits for the
// applicant: then it starts when the answer comes.
func (r *run) resumeDecision(t *Track) {
	old, ok := t.Clock(ClockDecision)
	if !ok || t.Status.Terminal() || t.Status == ehds.StateAwaitingInformation {
		return
	}
	n := r.cal(t).Clock(ClockDecision, old.Start, Length(ClockDecision, t.Procedure, old.Extended))
	n.Extended, n.Reasons = old.Extended, old.Reasons
	n.Steps = append([]string{"Counted again from the same start: the procedure is " + string(t.Procedure) + " now."}, n.Steps...)
	r.start(t, n)
}

// restartDecision starts the body's time in full after a completion: the one for the proposal when
// a trusted data holder has made one, none while the holder assesses.
func (r *run) restartDecision(t *Track, received time.Time) {
	if t.Procedure == ehds.ProcedureTrustedHolder { // else an older proposal counts no more
		if len(t.sidesIn(ehds.SideTrustedHolder, ehds.SideForwarded)) > 0 {
			return
		}
		if by := t.sidesIn(ehds.SideTrustedHolder, ehds.SideProposed, ehds.SideAccepted, ehds.SideDeclined); len(by) > 0 {
			r.startFor(t, ClockProposal, by[0], received)
			return
		}
	}
	r.startFor(t, ClockDecision, "", received)
}

// feeClocks: a month from the permit to agree (Art. 62). Without a permit nothing runs yet.
func (r *run) feeClocks(t *Track, e SideMoved) {
	switch e.Event {
	case ehds.SideEventAgreed, ehds.SideEventSet:
		r.stopOf(t, ClockFees, e.Subject, ClockMet)
	case ehds.SideEventEstimated, ehds.SideEventDisputed:
		c, ok := t.ClockOf(ClockFees, e.Subject)
		if len(t.Permits) > 0 && (!ok || !c.outstanding()) {
			r.startFor(t, ClockFees, e.Subject, t.Permits[0].Issued)
		}
	}
}

func (r *run) deliveryClocks(t *Track, e SideMoved) {
	switch e.Event {
	case ehds.SideEventRequested:
		r.startFor(t, ClockDelivery, e.Subject, e.At)
	case ehds.SideEventExtended:
		if c, ok := t.ClockOf(ClockDelivery, e.Subject); ok {
			r.start(t, r.cal(t).extend(*c, t.Procedure, e.Reasons))
		}
	case ehds.SideEventDelivered:
		r.stopOf(t, ClockDelivery, e.Subject, ClockMet)
	case ehds.SideEventRefused:
		r.stopOf(t, ClockDelivery, e.Subject, ClockVoid)
		r.do(FlagForStaff{t.Key, "delivery-refused", "a data holder says that it will not or cannot deliver"})
	case ehds.SideEventCancelled:
		r.stopOf(t, ClockDelivery, e.Subject, ClockVoid)
	}
}

func (r *run) speClocks(t *Track, e SideMoved) {
	switch e.Event {
	case ehds.SideEventReceived:
		r.startFor(t, ClockSPE, e.Subject, e.At)
	case ehds.SideEventProvided:
		r.stopOf(t, ClockSPE, e.Subject, ClockMet)
	case ehds.SideEventClosed:
		r.stopOf(t, ClockSPE, e.Subject, ClockVoid)
		if len(t.sidesIn(ehds.SideSPE, ehds.SideReceived, ehds.SideAvailable)) == 0 {
			r.expectResults(t, e.At)
		}
	case ehds.SideEventReopened:
		r.stop(t, ClockResults, ClockVoid)
	case ehds.SideEventDeleted:
		r.stopOf(t, ClockDeletion, e.Subject, ClockMet)
		r.stop(t, ClockDeletion, ClockMet)
	}
}

func (r *run) answerClocks(t *Track, e SideMoved) {
	switch e.Event {
	case ehds.SideEventProvided:
		r.stop(t, ClockDataAnswer, ClockMet)
		r.expectResults(t, e.At)
	case ehds.SideEventNotPossible:
		r.stop(t, ClockDataAnswer, ClockVoid)
	}
}

// expectResults starts the time to publish results once, at the first end of the processing.
func (r *run) expectResults(t *Track, at time.Time) {
	if c, ok := t.Clock(ClockResults); (ok && c.outstanding()) || !t.Results.IsZero() {
		return
	}
	r.startFor(t, ClockResults, "", at)
}

// closeEnvironments ends the processing with the permit: access is closed, the data are to be
// deleted within six months (Art. 68(12)) and results published within eighteen (Art. 61(4)).
func (r *run) closeEnvironments(t *Track, at time.Time) error {
	for _, subject := range t.sidesIn(ehds.SideSPE, ehds.SideReceived, ehds.SideAvailable) {
		if err := r.moveSide(t, SideMoved{At: at, Machine: ehds.SideSPE, Subject: subject, Event: ehds.SideEventClosed}); err != nil {
			return err
		}
		r.stopOf(t, ClockSPE, subject, ClockVoid)
	}
	if !slices.ContainsFunc(t.Sides, func(s Side) bool { return s.Machine == ehds.SideSPE }) { // where the data went was never told: the duty runs all the same
		r.startFor(t, ClockDeletion, "", at)
	}
	for _, subject := range t.sidesIn(ehds.SideSPE, ehds.SideClosed) {
		r.startFor(t, ClockDeletion, subject, at)
	}
	r.expectResults(t, at)
	return nil
}
