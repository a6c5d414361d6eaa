package access

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e DecisionIssued) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if e.ConvertedTo == "" {
		e.ConvertedTo = e.Card.ConvertedTo
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
		Replaces: e.Card.Replaces, ConvertedTo: e.ConvertedTo,
		Refused: append([]ehds.RefusedDataset(nil), e.Card.RefusedDatasets...)}
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
	// Whoever still assesses need not go on; a proposal may be answered with the decision or after it.
	if err := r.recall(t, e.At, e.Actor, "the body decided", ehds.SideForwarded); err != nil {
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
	card.ConvertedTo = t.Decision.ConvertedTo
	card.RefusedDatasets = append([]ehds.RefusedDataset(nil), card.RefusedDatasets...)
	r.do(SendDecision{t.Key, card})
	r.sendState(t, e.At, "")
	r.stop(t, ClockDecision, ClockMet)
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
	replaces := ""
	if t.Decision != nil {
		replaces = t.Decision.ID
	}
	if t.usedDecision(e.Card.DecisionID) || e.Card.Replaces != replaces {
		return fault.New(fault.Conflict, CodeDecision, "a new decision has a new id and names the decision it replaces, if there is one")
	}
	converted := e.ConvertedTo != ""
	if converted && e.Card.ConvertedTo != "" && e.Card.ConvertedTo != e.ConvertedTo {
		return fault.New(fault.Invalid, CodeGrant, "the card says another kind of answer than the decision")
	}
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
	return e.checkRefused()
}

// checkRefused: a positive decision may refuse some of the datasets, each once and with reasons, and
// none that it grants.
func (e DecisionIssued) checkRefused() error {
	if len(e.Card.RefusedDatasets) > 0 && e.Card.Outcome != ehds.Positive {
		return fault.New(fault.Invalid, CodeGrant, "a negative decision refuses everything: it lists no datasets")
	}
	taken := map[string]bool{}
	if e.Grant != nil {
		for _, g := range e.Grant.Granted {
			taken[g.DatasetID] = true
		}
	}
	for _, d := range e.Card.RefusedDatasets {
		switch {
		case d.DatasetID == "" || taken[d.DatasetID]:
			return fault.New(fault.Invalid, CodeGrant, "a dataset is granted or refused, and named once")
		case d.Reasons == "":
			return fault.New(fault.Invalid, CodeReasons, "a dataset is not refused without reasons")
		}
		taken[d.DatasetID] = true
	}
	return nil
}

// usedDecision says whether a decision of the track, or one on an appeal, has this id.
func (t *Track) usedDecision(id string) bool {
	all := t.SetAside
	if t.Decision != nil {
		all = append(slices.Clip(all), *t.Decision)
	}
	return slices.ContainsFunc(all, func(d Decision) bool {
		return d.ID == id || (d.Appeal != nil && d.Appeal.DecisionID == id)
	})
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
