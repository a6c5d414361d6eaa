package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e Submitted) apply(r *run) error {
	if len(r.app.Tracks) > 0 || (r.app.ID != "" && r.app.ID != e.ID) {
		return illegal(ehds.AxisApplication, string(NationStatus(r.app)), e.Name())
	}
	if e.ID == "" || len(e.Tracks) == 0 || e.Version < 1 || e.Submitted.IsZero() || e.Received.IsZero() ||
		(e.Kind != ehds.DataAccessApplication && e.Kind != ehds.DataRequestApplication) {
		return fault.New(fault.Invalid, CodeIncomplete, "a submission needs id, kind, version, times and a track")
	}
	if e.Procedure == "" {
		e.Procedure = ehds.ProcedureStandard
	}
	r.app = Application{ID: e.ID, Kind: e.Kind, Version: e.Version, Submitted: e.Submitted.UTC(), Received: e.Received.UTC(),
		Observed: r.app.Observed, // other nations' tracks may have been told before ours began
		Versions: []Version{{e.Version, e.Submitted.UTC(), e.Received.UTC(), e.Message}},
	}
	seen := map[ehds.Track]bool{}
	for _, key := range e.Tracks {
		if seen[key] {
			return fault.New(fault.Invalid, CodeIncomplete, "a submission names a track once")
		}
		seen[key] = true
		if err := r.open(key, e.Procedure, Version{e.Version, e.Submitted, e.Received, e.Message}); err != nil {
			return err
		}
	}
	return nil
}

// open begins the track of a body with the version that first asks for its data.
func (r *run) open(key ehds.Track, p ehds.Procedure, v Version) error {
	t := Track{Key: key, Procedure: p}
	if err := r.move(&t, ehds.EventSubmitted, v.Submitted, ""); err != nil {
		return err
	}
	r.do(SendAck{key, ehds.ApplicationAck, v.Message, string(t.Status), v.Received.UTC()},
		HandToPermits{Track: key, What: HandSubmission, Message: v.Message, Date: v.Received.UTC()})
	r.start(&t, r.cal(&t).Clock(ClockDecision, v.Received, Length(ClockDecision, t.Procedure, false)))
	r.app.Tracks = append(r.app.Tracks, t)
	return nil
}

func (e Screened) apply(r *run) error {
	return r.advance(e.Track, ehds.EventScreeningStarted, e.At, e.Actor)
}

func (e ProcessingStarted) apply(r *run) error {
	return r.advance(e.Track, ehds.EventProcessingStarted, e.At, e.Actor)
}

func (r *run) advance(key ehds.Track, ev ehds.ApplicationEvent, at time.Time, actor string) error {
	t, err := r.track(key)
	if err != nil {
		return err
	}
	if err := r.move(t, ev, at, actor); err != nil {
		return err
	}
	r.sendState(t, at, "")
	return nil
}

func (e InfoRequested) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if err := r.move(t, ehds.EventInfoRequested, e.At, e.Actor); err != nil {
		return err
	}
	c := r.cal(t).Clock(ClockCompletion, e.At, Length(ClockCompletion, t.Procedure, false))
	if len(e.Sections) == 0 {
		r.sendState(t, e.At, e.Reason)
	} else {
		r.do(SendInfoRequest{t.Key, ehds.InfoRequestBody{ApplicationID: r.app.ID, Status: t.Status,
			Date: stamp(e.At), AnswerBy: stamp(c.End), Sections: append([]ehds.InfoSection(nil), e.Sections...)}})
	}
	r.stop(t, ClockDecision, ClockVoid)
	r.stopEach(t, ClockProposal, ClockVoid)
	r.start(t, c)
	return nil
}

func (e InfoReceived) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	if err := r.complete(t, ehds.EventInfoReceived, e.At, e.Received); err != nil {
		return err
	}
	r.do(SendAck{t.Key, ehds.ApplicationInfoAck, e.Message, string(t.Status), e.Received.UTC()},
		HandToPermits{Track: t.Key, What: HandInfo, Message: e.Message, Date: e.At.UTC()})
	r.sendState(t, e.At, "")
	return nil
}

// complete returns a waiting track to its phase, also one withdrawn by the clock when the applicant
// acted in time. The decision clock starts again in full at the receipt (assumption).
func (r *run) complete(t *Track, ev ehds.ApplicationEvent, act, received time.Time) error {
	c, ok := t.Clock(ClockCompletion)
	waiting := t.Status == ehds.StateAwaitingInformation
	reopen := t.Status == ehds.StateWithdrawn && t.Automatic && t.ResumeTo != ehds.StateNone
	switch {
	case ok && (waiting || reopen) && !c.Met(act):
		return fault.New(fault.Conflict, CodeTooLate, "the time for completion ended before the applicant acted")
	case reopen:
		ev = ehds.EventInfoInTime
		r.do(FlagForStaff{t.Key, "completed-in-time", "the completion was made in time and arrived late: the case is open again"})
	}
	if err := r.move(t, ev, act, ""); err != nil {
		return err
	}
	if reopen {
		c.State = ClockMet
	}
	r.stop(t, ClockCompletion, ClockMet)
	r.restartDecision(t, received)
	return nil
}

func (e Withdrawn) apply(r *run) error {
	if e.Track != nil {
		t, err := r.track(*e.Track)
		if err != nil {
			return err
		}
		return r.withdraw(t, e)
	}
	n := 0
	for i := range r.app.Tracks {
		if t := &r.app.Tracks[i]; !t.Status.Terminal() {
			n++
			if err := r.withdraw(t, e); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		return illegal(ehds.AxisApplication, string(NationStatus(r.app)), e.Name())
	}
	return nil
}

func (r *run) withdraw(t *Track, e Withdrawn) error {
	if err := r.move(t, ehds.EventWithdrawn, e.At, ""); err != nil {
		return err
	}
	if err := r.stopCase(t, e.At); err != nil {
		return err
	}
	r.sendState(t, e.At, e.Reason)
	r.do(HandToPermits{Track: t.Key, What: HandWithdrawal, Message: e.Message, Reason: e.Reason, Date: e.At.UTC()})
	return nil
}

func (e Extended) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	c, ok := t.Clock(ClockDecision)
	switch {
	case !ok || c.State != ClockRunning:
		return illegal(ehds.AxisApplication, string(t.Status), e.Name())
	case e.Reasons == "":
		return fault.New(fault.Invalid, CodeReasons, "an extension needs written reasons")
	case c.Extended || !c.Met(e.At):
		return fault.New(fault.Conflict, CodeExtension, "the time for the decision was extended already or has ended")
	}
	if r.app.Kind == ehds.DataRequestApplication {
		r.do(FlagForStaff{t.Key, "extension-not-in-law", "Art. 69 knows no extension for a data request"})
	}
	n := r.cal(t).extend(*c, t.Procedure, e.Reasons)
	r.do(SendExtension{t.Key, ehds.ExtensionBody{ApplicationID: r.app.ID, Date: stamp(e.At),
		NewDeadline: stamp(n.End), Reasons: e.Reasons}})
	r.start(t, n)
	r.step(t, ehds.AxisApplication, e.Name(), string(t.Status), string(t.Status), e.At, e.Actor, "")
	return nil
}

// stamp is a time as it travels: RFC 3339, UTC.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
