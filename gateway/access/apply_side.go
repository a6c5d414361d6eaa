package access

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e SideMoved) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	table := ehds.SideTransitions(e.Machine)
	if len(table) == 0 {
		return fault.New(fault.Invalid, CodeMachine, "no machine of this name runs beside a track")
	}
	from := t.sideState(e.Machine, e.Subject)
	if len(ehds.Next(table, from, e.Event)) != 1 {
		return illegal(ehds.Axis(e.Machine), string(from), string(e.Event))
	}
	if err := e.possible(t); err != nil {
		return err
	}
	switch {
	case e.Subject == "" && subjectOf(e.Machine):
		return fault.New(fault.Invalid, CodeIncomplete, "this machine runs once for every holder or environment: say which")
	case e.Reasons == "" && e.Event.NeedsReasons():
		return fault.New(fault.Invalid, CodeReasons, "this step needs written reasons")
	}
	if err := r.moveSide(t, e); err != nil {
		return err
	}
	r.sideClocks(t, e)
	return nil
}

// subjectOf says whether a machine is nothing without its subject.
func subjectOf(m ehds.SideMachine) bool {
	switch m {
	case ehds.SideTrustedHolder, ehds.SideDelivery, ehds.SideSPE, ehds.SideHearing:
		return true
	}
	return false
}

func (t *Track) sideState(m ehds.SideMachine, subject string) ehds.SideState {
	if s, ok := t.Side(m, subject); ok {
		return s.State
	}
	return ehds.SideNone
}

// possible says what the tables cannot: a side machine begins only where its track has got to.
func (e SideMoved) possible(t *Track) error {
	open := !t.Status.Terminal()
	switch {
	case e.Machine == ehds.SideCompleteness && !open,
		e.Machine == ehds.SideTrustedHolder && e.Event == ehds.SideEventForwarded && !open,
		e.Machine == ehds.SideTrustedHolder && e.Event == ehds.SideEventRecalled && !open,
		e.Machine == ehds.SideTrustedHolder && t.Status == ehds.StateWithdrawn,
		e.Machine == ehds.SideFees && t.Status == ehds.StateWithdrawn:
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	case e.Machine == ehds.SideTrustedHolder && e.Event == ehds.SideEventForwarded:
		return e.forwardable(t)
	case e.Event == ehds.SideEventApproved: // follows from the applicant's acceptance
		return illegal(ehds.Axis(e.Machine), "", string(e.Event))
	case e.Machine == ehds.SideHearing && len(t.Permits) == 0 && !t.approved():
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	switch e.Event {
	case ehds.SideEventRequested, ehds.SideEventReceived, ehds.SideEventReopened:
		return e.released(t)
	}
	return nil
}

// forwardable: only in the procedure for it, and to one holder, who has all the data (Art. 72(1)).
func (e SideMoved) forwardable(t *Track) error {
	if t.Procedure != ehds.ProcedureTrustedHolder {
		return fault.New(fault.Conflict, CodeProcedure, "the track is not in the procedure of trusted data holders (Art. 72)")
	}
	for _, s := range t.Sides {
		if s.Machine == e.Machine && s.Subject != e.Subject && assessing(s.State) {
			return illegal(ehds.Axis(e.Machine), string(s.State), string(e.Event))
		}
	}
	return nil
}

// assessing says whether a trusted data holder's part takes the place of the decision clock.
func assessing(s ehds.SideState) bool {
	switch s {
	case ehds.SideForwarded, ehds.SideProposed, ehds.SideAccepted, ehds.SideDeclined:
		return true
	}
	return false
}

// released says whether data may move: a permit in force, or an approved data request.
func (e SideMoved) released(t *Track) error {
	p, ok := t.Permit()
	switch {
	case ok && !p.Phase.State.Active():
		return illegal(ehds.AxisPermit, string(p.Phase.Export()), e.Name())
	case ok && !p.Suspended.IsZero():
		return illegal(ehds.AxisPermit, "suspended", e.Name())
	case !ok && !t.approved():
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	return nil
}

// approved says whether a data request was approved and the approval accepted (Art. 69(4)).
func (t *Track) approved() bool {
	return t.Decision != nil && t.Decision.Status == ehds.DecisionPositiveAccepted && t.Decision.Grant == nil
}

// moveSide takes the edge of a side machine.
func (r *run) moveSide(t *Track, e SideMoved) error {
	from := t.sideState(e.Machine, e.Subject)
	edges := ehds.Next(ehds.SideTransitions(e.Machine), from, e.Event)
	if len(edges) != 1 {
		return illegal(ehds.Axis(e.Machine), string(from), string(e.Event))
	}
	s, ok := t.Side(e.Machine, e.Subject)
	if !ok {
		t.Sides = append(t.Sides, Side{Machine: e.Machine, Subject: e.Subject})
		s = &t.Sides[len(t.Sides)-1]
	}
	s.State, s.Since = edges[0].To, e.At.UTC()
	r.step(t, ehds.Axis(e.Machine), string(e.Event), string(from), string(s.State), e.At, e.Actor, e.Subject).Reasons = e.Reasons
	return nil
}

// sidesIn lists the subjects of a machine that stand in one of some states.
func (t *Track) sidesIn(m ehds.SideMachine, states ...ehds.SideState) []string {
	var out []string
	for _, s := range t.Sides {
		if s.Machine == m && slices.Contains(states, s.State) {
			out = append(out, s.Subject)
		}
	}
	return out
}

// recall takes back what lies with a trusted data holder in some states: the track is withdrawn,
// re-routed or decided.
func (r *run) recall(t *Track, at time.Time, actor, reasons string, from ...ehds.SideState) error {
	for _, subject := range t.sidesIn(ehds.SideTrustedHolder, from...) {
		if err := r.moveSide(t, SideMoved{At: at, Machine: ehds.SideTrustedHolder, Subject: subject,
			Event: ehds.SideEventRecalled, Reasons: reasons, Actor: actor}); err != nil {
			return err
		}
		r.stopOf(t, ClockAssessment, subject, ClockVoid)
	}
	return nil
}
