package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e AppealSubmitted) apply(r *run) error {
	t, err := r.decided(e.Track, e.DecisionID, "an appeal")
	if err != nil {
		return err
	}
	if e.AppealID == "" {
		return fault.New(fault.Invalid, CodeIncomplete, "an appeal needs an id")
	}
	if t.Decision.Outcome != ehds.Negative {
		return fault.New(fault.Invalid, CodeAnswer, "there is no appeal against a positive decision or its conditions")
	}
	return r.appeal(t, e.AppealID, e.At, e.Message)
}

// appeal opens the one appeal: the answer APPEAL and the appeal's text may come in either order. id
// is empty for the answer.
func (r *run) appeal(t *Track, id string, at time.Time, message string) error {
	d := t.Decision
	switch {
	case d.Appeal == nil:
		if err := r.moveDecision(t, ehds.DecisionEventAppeal, at, ""); err != nil {
			return err
		}
		d.Answered = at.UTC()
		d.Appeal = &Appeal{Opened: at.UTC()}
		r.do(HandToPermits{Track: t.Key, What: HandAnswer, Message: message, Date: at.UTC(),
			Answer: r.answerBody(d, ehds.AnswerAppeal, at)})
	case d.Status != ehds.DecisionNegativeAppealed:
		return illegal(ehds.AxisDecision, string(d.Status), string(ehds.DecisionEventAppeal))
	}
	switch {
	case id == "" || d.Appeal.ID == id:
		return nil
	case d.Appeal.ID != "":
		return fault.New(fault.Conflict, CodeAppeal, "another appeal against this decision is open")
	}
	d.Appeal.ID = id
	r.do(SendAck{t.Key, ehds.AppealAck, message, string(d.Status), r.now},
		HandToPermits{Track: t.Key, What: HandAppeal, Message: message, Date: at.UTC()})
	return nil
}

func (e AppealDecided) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if t.Decision == nil {
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	if e.DecisionID != "" && t.usedDecision(e.DecisionID) {
		return fault.New(fault.Conflict, CodeDecision, "the decision on an appeal has an id of its own")
	}
	ev := ehds.DecisionEventAppealRejected
	if e.Approved {
		ev = ehds.DecisionEventAppealApproved
	}
	if err := r.moveDecision(t, ev, e.At, e.Actor); err != nil {
		return err
	}
	t.Decision.Appeal.Decided, t.Decision.Appeal.DecisionID = e.At.UTC(), e.DecisionID
	r.do(SendStatus{t.Key, ehds.AxisDecision, string(t.Decision.Status), e.Reasons, e.At.UTC()})
	return nil
}
