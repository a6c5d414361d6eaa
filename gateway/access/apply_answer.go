package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e DecisionAnswered) apply(r *run) error {
	t, err := r.decided(e.Track, e.DecisionID, "an answer")
	if err != nil {
		return err
	}
	d := t.Decision
	if !ehds.AnswerFits(d.Outcome, e.Answer) {
		return fault.New(fault.Invalid, CodeAnswer, "accept and reject fit a positive decision, accept and appeal a negative one")
	}
	switch {
	case e.Answer == ehds.AnswerAppeal:
		return r.appeal(t, "", e.At, e.Message)
	case e.Answer == ehds.AnswerNoResponse:
		return r.noResponse(t, e)
	case d.Outcome == ehds.Positive:
		if err := r.inTime(t, e.At); err != nil {
			return err
		}
	}
	ev := ehds.DecisionEventAccept
	if e.Answer == ehds.AnswerReject {
		ev = ehds.DecisionEventReject
	}
	if err := r.moveDecision(t, ev, e.At, ""); err != nil {
		return err
	}
	d.Answered = e.At.UTC()
	r.stop(t, ClockAnswer, ClockMet)
	r.do(HandToPermits{Track: t.Key, What: HandAnswer, Message: e.Message, Date: e.At.UTC(), Answer: r.answerBody(d, e.Answer, e.At)})
	switch {
	case e.Answer == ehds.AnswerReject:
		if err := r.move(t, ehds.EventDecisionRejected, e.At, ""); err != nil {
			return err
		}
		r.sendState(t, e.At, "")
	case d.Grant != nil:
		r.do(IssuePermit{t.Key, cloneGrant(*d.Grant), d.ID})
	case d.Outcome == ehds.Positive:
		return r.approve(t, e.At)
	}
	return nil
}

// approve begins the answer to a data request: an approval, never a permit. Its three months run from
// the decision, not from the acceptance (Art. 69(4)).
func (r *run) approve(t *Track, at time.Time) error {
	e := SideMoved{At: at, Machine: ehds.SideAnswer, Event: ehds.SideEventApproved}
	if err := r.moveSide(t, e); err != nil {
		return err
	}
	r.startFor(t, ClockDataAnswer, "", t.Decision.Issued)
	return nil
}

// inTime refuses a late answer and reopens a case that our timer closed before an answer given in
// time arrived.
func (r *run) inTime(t *Track, at time.Time) error {
	lapsed := t.Decision.Status == ehds.DecisionLapsed
	if t.Decision.Status != ehds.DecisionPositiveIssued && !lapsed {
		return nil // the machine refuses it with its state
	}
	c, ok := t.Clock(ClockAnswer)
	if ok && !c.Met(at) {
		return fault.New(fault.Conflict, CodeTooLate, "the time to answer the decision ended before the applicant acted")
	}
	if !lapsed {
		return nil
	}
	if err := r.move(t, ehds.EventAnswerInTime, at, ""); err != nil {
		return err
	}
	if err := r.moveDecision(t, ehds.DecisionEventAnswerInTime, at, ""); err != nil {
		return err
	}
	if ok {
		c.State = ClockMet
	}
	r.do(FlagForStaff{t.Key, "answered-in-time", "the answer was given in time and arrived late: the case is open again"})
	r.sendState(t, at, "")
	return nil
}

// noResponse and our own timer are one effect, whichever comes first.
func (r *run) noResponse(t *Track, e DecisionAnswered) error {
	if t.Decision.Status == ehds.DecisionLapsed {
		return nil
	}
	at := e.At
	if c, ok := t.Clock(ClockAnswer); ok && c.State == ClockRunning {
		if r.now.Before(c.End) {
			r.do(FlagForStaff{t.Key, "no-response-early", "the centre says there was no answer before our time ended"})
		} else {
			at = c.End
		}
	}
	return r.lapse(t, at)
}

// lapse withdraws a track whose positive decision nobody answered, dated at the legal end.
func (r *run) lapse(t *Track, at time.Time) error {
	if err := r.moveDecision(t, ehds.DecisionEventNoResponse, at, ""); err != nil {
		return err
	}
	if err := r.move(t, ehds.EventDecisionUnanswered, at, ""); err != nil {
		return err
	}
	r.stop(t, ClockAnswer, ClockVoid)
	r.sendState(t, at, "no answer to the decision in time")
	r.do(HandToPermits{Track: t.Key, What: HandAnswer, Date: at.UTC(),
		Answer: r.answerBody(t.Decision, ehds.AnswerNoResponse, at)})
	return nil
}

func (r *run) answerBody(d *Decision, a ehds.Answer, at time.Time) *ehds.DecisionAnswerBody {
	return &ehds.DecisionAnswerBody{ApplicationID: r.app.ID, DecisionID: d.ID, Answer: a, RespondedAt: stamp(at)}
}
