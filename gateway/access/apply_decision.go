package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e DecisionIssued) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if err := e.possible(t); err != nil {
		return err
	}
	if err := e.check(r.app, t); err != nil {
		return err
	}
	if t.Decision != nil {
		t.SetAside = append(t.SetAside, *t.Decision)
	}
	t.Decision = &Decision{ID: e.Card.DecisionID, Outcome: e.Card.Outcome, Issued: e.At.UTC(),
		Replaces: e.Card.Replaces, ConvertedTo: e.ConvertedTo}
	if e.Grant != nil {
		g := cloneGrant(*e.Grant)
		g.ApplicationID, g.DecisionID = r.app.ID, e.Card.DecisionID
		t.Decision.Grant = &g
	}
	if err := r.move(t, ehds.EventDecisionIssued, e.At, e.Actor); err != nil {
		return err
	}
	ev := ehds.DecisionEventPositive
	if e.Card.Outcome == ehds.Negative {
		ev = ehds.DecisionEventNegative
	}
	if err := r.moveDecision(t, ev, e.At, e.Actor); err != nil {
		return err
	}
	e.announce(r, t)
	return nil
}

// possible says whether a decision can be issued now: the first out of PROCESSING, another only once
// an appeal has set the one before aside.
func (e DecisionIssued) possible(t *Track) error {
	if t.Status == ehds.StateDecisionIssued {
		if t.Decision.Status != ehds.DecisionAppealApproved {
			return illegal(ehds.AxisDecision, string(t.Decision.Status), e.Name())
		}
		return nil
	}
	if len(ehds.Next(ehds.ApplicationTransitions(), t.Status, ehds.EventDecisionIssued)) == 0 {
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	return nil
}

// announce sends the card and starts what runs from it.
func (e DecisionIssued) announce(r *run, t *Track) {
	card := e.Card
	card.Conditions = append([]string(nil), card.Conditions...)
	r.do(SendDecision{t.Key, card})
	r.sendState(t, e.At, "")
	r.stop(t, ClockDecision, ClockMet)
	r.stopEach(t, ClockAssessment, ClockVoid)
	r.stopEach(t, ClockProposal, ClockMet)
	if e.Card.Outcome == ehds.Positive {
		r.start(t, r.cal(t).Clock(ClockAnswer, e.At, Length(ClockAnswer, t.Procedure, false)))
	} else if e.Card.Reasons == "" {
		r.do(FlagForStaff{t.Key, CodeReasons, "a refusal needs reasons"})
	}
	r.start(t, r.cal(t).Clock(ClockPublication, e.At, Length(ClockPublication, t.Procedure, false)))
}

// check compares the decision with the case: ids, outcome, and that a grant comes with a positive
// decision on an access application and with nothing else.
func (e DecisionIssued) check(a Application, t *Track) error {
	if e.Card.DecisionID == "" || e.At.IsZero() || e.Card.ApplicationID != a.ID ||
		(e.Card.Outcome != ehds.Positive && e.Card.Outcome != ehds.Negative) {
		return fault.New(fault.Invalid, CodeIncomplete, "a decision needs an id, a time, an outcome and the application it is about")
	}
	used := map[string]bool{}
	for _, d := range t.SetAside {
		used[d.ID] = true
	}
	replaces := ""
	if t.Decision != nil {
		replaces = t.Decision.ID
		used[replaces] = true
	}
	if used[e.Card.DecisionID] || e.Card.Replaces != replaces {
		return fault.New(fault.Conflict, CodeDecision, "a new decision has a new id and names the decision it replaces, if there is one")
	}
	converted := e.ConvertedTo != ""
	if converted && (e.ConvertedTo != ehds.DataRequestApplication || a.Kind != ehds.DataAccessApplication || e.Card.Outcome != ehds.Positive) {
		return fault.New(fault.Invalid, CodeGrant, "only a positive answer to an access application can be converted, to a data request")
	}
	wants := e.Card.Outcome == ehds.Positive && a.Kind == ehds.DataAccessApplication && !converted
	if wants != (e.Grant != nil) {
		return fault.New(fault.Invalid, CodeGrant, "a grant comes with a positive decision on an access application and with nothing else")
	}
	if e.Grant != nil && ((e.Grant.ApplicationID != "" && e.Grant.ApplicationID != a.ID) ||
		(e.Grant.DecisionID != "" && e.Grant.DecisionID != e.Card.DecisionID)) {
		return fault.New(fault.Invalid, CodeGrant, "the grant names another application or decision")
	}
	return nil
}

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
	return r.lapse(t, at, ClockVoid)
}

// lapse withdraws a track whose positive decision nobody answered, dated at the legal end.
func (r *run) lapse(t *Track, at time.Time, s ClockState) error {
	if err := r.moveDecision(t, ehds.DecisionEventNoResponse, at, ""); err != nil {
		return err
	}
	if err := r.move(t, ehds.EventDecisionUnanswered, at, ""); err != nil {
		return err
	}
	r.stop(t, ClockAnswer, s)
	r.sendState(t, at, "no answer to the decision in time")
	r.do(HandToPermits{Track: t.Key, What: HandAnswer, Date: at.UTC(),
		Answer: r.answerBody(t.Decision, ehds.AnswerNoResponse, at)})
	return nil
}

func (r *run) answerBody(d *Decision, a ehds.Answer, at time.Time) *ehds.DecisionAnswerBody {
	return &ehds.DecisionAnswerBody{ApplicationID: r.app.ID, DecisionID: d.ID, Answer: a, RespondedAt: stamp(at)}
}

// decided finds a track with exactly this decision.
func (r *run) decided(key ehds.Track, id, event string) (*Track, error) {
	t, err := r.track(key)
	if err != nil {
		return nil, err
	}
	if t.Decision == nil {
		return nil, illegal(ehds.AxisApplication, string(t.Status), event)
	}
	if t.Decision.ID != id {
		return nil, fault.New(fault.Conflict, CodeDecision, "this is not the decision in force")
	}
	return t, nil
}

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
	ev := ehds.DecisionEventAppealRejected
	if e.Approved {
		ev = ehds.DecisionEventAppealApproved
	}
	if err := r.moveDecision(t, ev, e.At, e.Actor); err != nil {
		return err
	}
	t.Decision.Appeal.Decided = e.At.UTC()
	r.do(SendStatus{t.Key, ehds.AxisDecision, string(t.Decision.Status), e.Reasons, e.At.UTC()})
	return nil
}
