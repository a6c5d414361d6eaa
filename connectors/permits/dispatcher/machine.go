package dispatcher

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// illegalError is the refusal of a transition. It says the state the track is in: a word of ours, not input.
type illegalError struct {
	fault *fault.Error
	Axis  ehds.Axis
	State string
}

// Error is the fault's text.
func (e illegalError) Error() string { return e.fault.Error() }

// Unwrap gives the fault.
func (e illegalError) Unwrap() error { return e.fault }

func illegal[S ~string](axis ehds.Axis, state S) error {
	word := string(state)
	if word == "" {
		word = "NONE"
	}
	f := fault.New(fault.Conflict, "illegal-transition", fmt.Sprintf("on the %s axis the track is in %s, which has no such transition", axis, word))
	return illegalError{f, axis, word}
}

// move takes an edge of the application machine (TEHDAS2 D6.4 §7.6).
func (t *track) move(e ehds.ApplicationEvent) error {
	for _, edge := range ehds.Next(ehds.ApplicationTransitions(), t.Status, e) {
		if edge.Resumes && edge.To != t.ResumeTo {
			continue
		}
		if e == ehds.EventInfoRequested {
			t.ResumeTo = t.Status
		}
		t.Status = edge.To
		return nil
	}
	return illegal(ehds.AxisApplication, t.Status)
}

// moveDecision takes an edge of the decision machine (TEHDAS2 D6.4 §9.3).
func (t *track) moveDecision(e ehds.DecisionEvent) error {
	next := ehds.Next(ehds.DecisionTransitions(), t.Phase, e)
	if len(next) == 0 {
		return illegal(ehds.AxisDecision, t.Phase)
	}
	t.Phase = next[0].To
	return nil
}

// decide issues a decision: the first out of PROCESSING, another only once an appeal has set the one
// before aside.
func (t *track) decide(id string, o ehds.Outcome) error {
	if t.Status == ehds.StateDecisionIssued && t.Phase != ehds.DecisionAppealApproved {
		return illegal(ehds.AxisDecision, t.Phase)
	}
	before := *t
	if err := t.move(ehds.EventDecisionIssued); err != nil {
		return err
	}
	if before.DecisionID != "" {
		t.SetAside = append(t.SetAside, before.DecisionID)
	}
	t.DecisionID, t.Outcome, t.Phase = id, o, ehds.DecisionPositiveIssued
	if o == ehds.Negative {
		t.Phase = ehds.DecisionNegativeIssued
	}
	return nil
}

// answered follows the applicant's answer. The gateway has judged it; what does not fit the mirror moves
// nothing.
func (t *track) answered(a ehds.Answer) {
	if t.Phase == ehds.DecisionLapsed && a != ehds.AnswerNoResponse { // given in time, arrived late
		_ = t.move(ehds.EventAnswerInTime)
		_ = t.moveDecision(ehds.DecisionEventAnswerInTime)
	}
	switch a {
	case ehds.AnswerAccept:
		_ = t.moveDecision(ehds.DecisionEventAccept)
	case ehds.AnswerReject:
		if t.moveDecision(ehds.DecisionEventReject) == nil {
			_ = t.move(ehds.EventDecisionRejected)
		}
	case ehds.AnswerNoResponse:
		if t.moveDecision(ehds.DecisionEventNoResponse) == nil {
			_ = t.move(ehds.EventDecisionUnanswered)
		}
	case ehds.AnswerAppeal:
		_ = t.moveDecision(ehds.DecisionEventAppeal)
	}
}
