package access

import (
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e Rerouted) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if t.Status.Terminal() {
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	if err := e.check(r.app.Kind, t); err != nil {
		return err
	}
	from := t.Procedure
	t.Procedure = e.Procedure
	r.stopEach(t, ClockProposal, ClockVoid)
	if err := r.recall(t, e.At, e.Actor, e.Reasons, ehds.SideForwarded, ehds.SideProposed); err != nil {
		return err
	}
	r.step(t, ehds.AxisApplication, e.Name(), string(from), string(t.Procedure), e.At, e.Actor, "").Reasons = e.Reasons
	r.resumeDecision(t)
	return nil
}

// check says whether the case has what the procedure is for.
func (e Rerouted) check(kind ehds.ApplicationKind, t *Track) error {
	switch {
	case e.Procedure == t.Procedure:
		return fault.New(fault.Conflict, CodeProcedure, "the track is in this procedure already")
	case e.Reasons == "":
		return fault.New(fault.Invalid, CodeReasons, "another procedure needs written reasons")
	case e.Procedure == ehds.ProcedureStandard:
		return nil
	case e.Procedure == ehds.ProcedureTrustedHolder && e.Facts.OneTrustedHolder:
		return nil
	case e.Procedure == ehds.ProcedureTrustedHolder:
		return fault.New(fault.Invalid, CodeProcedure, "not all data asked for are those of one trusted data holder (Art. 72(1))")
	case e.Procedure != ehds.ProcedureAccelerated:
		return fault.New(fault.Invalid, CodeProcedure, "no such procedure is known")
	case kind == ehds.DataRequestApplication:
		return fault.New(fault.Invalid, CodeProcedure, "a data request has no accelerated procedure (Art. 69)")
	case !e.Facts.accelerated():
		return fault.New(fault.Invalid, CodeProcedure, "the accelerated procedure is for public bodies and the purposes a to c (Art. 68(6))")
	}
	return nil
}

// accelerated: a public body with a legal mandate, and no purpose but those reserved to such, a to c.
func (f RouteFacts) accelerated() bool {
	return f.PublicBody && ehds.ReservedOnly(f.Purposes)
}

func (e DueSet) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	c, ok := t.ClockOf(e.Kind, e.Subject)
	if !ok || c.State != ClockRunning {
		return fault.New(fault.Conflict, CodeNotRunning, "no such clock runs on this track")
	}
	cal := r.cal(t)
	if !e.Date.valid() || e.Date.before(DateOf(c.Start, cal.zone())) {
		return fault.New(fault.Invalid, CodeDate, "a due date is a day, and not before the period began")
	}
	end := cal.endOf(e.Date)
	from := ""
	if c.Due != nil {
		from = c.Due.Date
	}
	c.Due = &SetDate{Date: e.Date.String(), End: end, Set: e.At.UTC(), Reasons: e.Reasons, Actor: e.Actor}
	if end.After(c.End) {
		r.do(FlagForStaff{t.Key, "due-later-than-law", "the date set is later than the end of the period"})
	}
	r.step(t, ehds.AxisApplication, e.Name(), from, string(e.Kind)+" "+c.Due.Date, e.At, e.Actor, e.Subject).Reasons = e.Reasons
	return nil
}

func (e DecisionPublished) apply(r *run) error {
	t, err := r.decided(e.Track, e.DecisionID, e.Name())
	if err != nil {
		return err
	}
	if c, ok := t.Clock(ClockPublication); !ok || !c.outstanding() {
		return nil // published before
	}
	r.stop(t, ClockPublication, ClockMet)
	r.step(t, ehds.AxisDecision, e.Name(), string(t.Decision.Status), string(t.Decision.Status), e.At, e.Actor, t.Decision.ID)
	return nil
}

func (e ResultsPublished) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if len(t.Permits) == 0 && !t.approved() {
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	}
	if t.Results.IsZero() {
		t.Results = e.At.UTC()
	}
	r.stop(t, ClockResults, ClockMet)
	r.step(t, ehds.AxisApplication, e.Name(), string(t.Status), string(t.Status), e.At, e.Actor, "")
	return nil
}
