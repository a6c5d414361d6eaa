package filing

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Acknowledged opens a track: application.ack.
func (f Filing) Acknowledged(key ehds.Track, at time.Time) Filing {
	out := f.Clone()
	if _, known := out.Track(key); !known {
		out.Tracks = append(out.Tracks, Track{Key: key, Status: ehds.StateSubmitted, Since: at,
			History: []Step{{At: at, Axis: ehds.AxisApplication, To: string(ehds.StateSubmitted)}}})
	}
	return out
}

// tell applies what is told of a track to a copy.
func (f Filing) tell(key ehds.Track, do func(*Filing, *Track) error) (Filing, error) {
	out := f.Clone()
	t, ok := out.Track(key)
	if !ok {
		return f, fault.New(fault.NotFound, CodeUnknownTrack, "no such track was acknowledged").At("/track")
	}
	if err := do(&out, t); err != nil {
		return f, err
	}
	return out, nil
}

// Status is application.status.
func (f Filing) Status(key ehds.Track, b ehds.StatusBody, at time.Time) (Filing, error) {
	return f.tell(key, func(f *Filing, t *Track) error {
		known := b.Axis.Has(b.Status)
		switch {
		case known && b.Axis == ehds.AxisApplication:
			f.move(t, ehds.ApplicationState(b.Status), at, b.Reason)
		case known && b.Axis == ehds.AxisDecision && t.Decision != nil:
			f.decide(t, ehds.DecisionState(b.Status), at, b.Reason)
		case known && b.Axis == ehds.AxisPermit && len(t.Permits) > 0:
			f.permit(t, &t.Permits[len(t.Permits)-1], ehds.PermitStatusValue(b.Status), at, b.Reason)
		default:
			return fault.New(fault.Invalid, "unknown-status", "the axis has no such status here").At("/body/status")
		}
		return nil
	})
}

// move takes a track to a state, and notes a way the tables do not know.
func (f *Filing) move(t *Track, to ehds.ApplicationState, at time.Time, why string) {
	if t.Status == to {
		return
	}
	if !slices.ContainsFunc(ehds.ApplicationTransitions(), func(e ehds.Transition[ehds.ApplicationState, ehds.ApplicationEvent]) bool {
		return e.From == t.Status && e.To == to
	}) {
		f.note(at, CodeNotReachable, string(t.Status)+" → "+string(to))
	}
	t.Status, t.Since, t.Reason = to, at, why
	if to != ehds.StateAwaitingInformation {
		t.Asked = nil
	}
	t.History = append(t.History, Step{At: at, Axis: ehds.AxisApplication, To: string(to), Why: why})
}

// decide takes the decision of a track to a state.
func (f *Filing) decide(t *Track, to ehds.DecisionState, at time.Time, why string) {
	if t.Decision.Status == to {
		return
	}
	if !slices.ContainsFunc(ehds.DecisionTransitions(), func(e ehds.Transition[ehds.DecisionState, ehds.DecisionEvent]) bool {
		return e.From == t.Decision.Status && e.To == to
	}) {
		f.note(at, CodeNotReachable, string(t.Decision.Status)+" → "+string(to))
	}
	t.Decision.Status = to
	t.History = append(t.History, Step{At: at, Axis: ehds.AxisDecision, To: string(to), Why: why})
}

func (f *Filing) permit(t *Track, p *Permit, to ehds.PermitStatusValue, at time.Time, why string) {
	p.Status = to
	t.History = append(t.History, Step{At: at, Axis: ehds.AxisPermit, To: p.ID + " " + string(to), Why: why})
}

func (f *Filing) note(at time.Time, code, note string) {
	f.Notes = append(f.Notes, Note{At: at, Code: code, Note: note})
}

// InfoRequested is application.info-request; it carries the status.
func (f Filing) InfoRequested(key ehds.Track, ref Ref, b ehds.InfoRequestBody, at time.Time) (Filing, error) {
	return f.tell(key, func(f *Filing, t *Track) error {
		f.move(t, ehds.StateAwaitingInformation, at, "")
		t.Asked = &Asked{Ref: ref, Body: b}
		return nil
	})
}

// Extended is application.extension: a longer time, with its reasons (Art. 68(4)).
func (f Filing) Extended(key ehds.Track, b ehds.ExtensionBody, at time.Time) (Filing, error) {
	return f.tell(key, func(_ *Filing, t *Track) error {
		t.Extension = &b
		t.History = append(t.History, Step{At: at, Axis: ehds.AxisApplication, To: string(t.Status), Why: b.Reasons})
		return nil
	})
}

// Decided is application.decision. A second one replaces the first after an appeal that was approved.
func (f Filing) Decided(key ehds.Track, ref Ref, card ehds.DecisionBody, at time.Time) (Filing, error) {
	return f.tell(key, func(f *Filing, t *Track) error {
		if t.Decision != nil {
			if t.Decision.Card.DecisionID == card.DecisionID {
				return fault.New(fault.Conflict, CodeOtherSubject, "this decision was told before").At("/body/decision_id")
			}
			if card.Replaces != t.Decision.Card.DecisionID {
				f.note(at, CodeOtherSubject, "a decision came that does not name the one before it")
			}
			t.SetAside = append(t.SetAside, *t.Decision)
		}
		issued := ehds.DecisionPositiveIssued
		if card.Outcome == ehds.Negative {
			issued = ehds.DecisionNegativeIssued
		}
		t.Decision = &Decision{Ref: ref, Card: card}
		f.move(t, ehds.StateDecisionIssued, at, "")
		f.decide(t, issued, at, "")
		return nil
	})
}

// PermitIssued is permit.issued.
func (f Filing) PermitIssued(key ehds.Track, b ehds.PermitIssuedBody, at time.Time) (Filing, error) {
	return f.tell(key, func(f *Filing, t *Track) error {
		if t.Decision == nil || t.Decision.Card.DecisionID != b.DecisionID {
			return fault.New(fault.Conflict, CodeOtherSubject, "the permit follows no decision known here").At("/body/decision_id")
		}
		if t.Decision.Status == ehds.DecisionPositiveIssued {
			f.decide(t, ehds.DecisionPositiveAccepted, at, "")
		}
		t.Permits = append(t.Permits, Permit{ID: b.PermitID, Token: b.Permit, Expires: b.Expires})
		f.permit(t, &t.Permits[len(t.Permits)-1], ehds.PermitStatusGranted, at, "")
		return nil
	})
}

// PermitChanged is permit.changed: a new version, or a permit that lost its force.
func (f Filing) PermitChanged(key ehds.Track, b ehds.PermitChangedBody, at time.Time) (Filing, error) {
	return f.tell(key, func(f *Filing, t *Track) error {
		i := slices.IndexFunc(t.Permits, func(p Permit) bool { return p.ID == b.PermitID })
		switch {
		case i < 0 && b.Permit == "":
			return fault.New(fault.Conflict, CodeOtherSubject, "no such permit is known here").At("/body/permit_id")
		case i < 0:
			t.Permits = append(t.Permits, Permit{ID: b.PermitID, Token: b.Permit})
			i = len(t.Permits) - 1
		}
		f.permit(t, &t.Permits[i], b.Status, at, b.Reason)
		return nil
	})
}

// Undelivered is a message that was given up: the hub never took it, or refused it for its form.
func (f Filing) Undelivered(message, reason string, at time.Time) Filing {
	return f.Answered(message, ehds.ResponseBody{Result: ehds.NotValidated, Findings: []ehds.Finding{{
		Code: reason, Severity: "violation", Message: "the message was not delivered; it is among the dead letters of the outbox",
	}}}, at)
}

// Answered is the hub's business response to what was sent under an id.
func (f Filing) Answered(message string, b ehds.ResponseBody, at time.Time) Filing {
	out := f.Clone()
	if n := len(out.Versions); n > 0 && out.Versions[n-1].Message == message {
		out.Result, out.Findings = b.Result, b.Findings
		if b.Result == ehds.NotValidated && out.Before != nil {
			out.Application = *out.Before
		}
		out.Before = nil
		return out
	}
	for i := range out.Acts {
		if out.Acts[i].Message == message {
			out.Acts[i].Result, out.Acts[i].Findings = b.Result, b.Findings
		}
	}
	if b.Result == ehds.NotValidated {
		out.note(at, "not-validated-by-peer", message)
	}
	return out
}
