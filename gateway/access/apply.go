package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Refusal codes of Apply. Kinds are Conflict where the case stands against the event, Invalid where
// the event contradicts itself, NotFound for a track that is not ours.
const (
	CodeIllegal      = "illegal-transition"
	CodeUnknownCase  = "unknown-case"
	CodeAnswer       = "answer-does-not-fit"
	CodeDecision     = "decision-does-not-match"
	CodeTooLate      = "answered-too-late"
	CodeNoDataset    = "no-dataset-asked"
	CodeVersion      = "version-not-newer"
	CodeGrant        = "grant-does-not-fit"
	CodeNotDue       = "clock-not-due"
	CodeReasons      = "reasons-missing"
	CodeStatus       = "unknown-status"
	CodeOwnTrack     = "own-track"
	CodePermit       = "permit-does-not-match"
	CodeDuration     = "duration-too-long"
	CodeRenewal      = "renewal-not-possible"
	CodeAppeal       = "appeal-open"
	CodeIncomplete   = "event-incomplete"
	CodeExtension    = "extension-not-possible"
	CodeStartsAtOnce = "must-start-at-once"
	CodeProcedure    = "procedure-not-possible"
	CodeNotRunning   = "clock-not-running"
	CodeDate         = "date-not-possible"
	CodeMachine      = "unknown-machine"
)

// Rules are what differs between acting bodies: their calendars.
type Rules struct {
	Calendar  Calendar            // of every body without one of its own
	Calendars map[string]Calendar // by the body's entity identifier
}

// Of is the calendar of a body.
func (r Rules) Of(hdab string) Calendar {
	if c, ok := r.Calendars[hdab]; ok {
		return c
	}
	return r.Calendar
}

// Apply applies an event with a calendar that knows weekends only, in UTC. Production code uses
// Rules.Apply with the body's own calendar.
func Apply(a Application, e Event, now time.Time) (Application, []Effect, error) {
	return Rules{}.Apply(a, e, now)
}

// Apply applies an event to a case. It returns the new document and what must be done in the same
// transaction. The input is never changed; on a refusal it is returned as it was, with no effects. A
// repetition of something already known (the second word of one appeal, the centre's NO_RESPONSE
// after our own timer) is no refusal and has no effects.
func (r Rules) Apply(a Application, e Event, now time.Time) (Application, []Effect, error) {
	if e == nil {
		return a, nil, fault.New(fault.Invalid, CodeIncomplete, "no event was given")
	}
	w := &run{app: a.Clone(), now: now.UTC(), rules: r}
	if err := e.apply(w); err != nil {
		return a, nil, err
	}
	return w.app, w.effects, nil
}

// run is one application of one event to a private copy.
type run struct {
	app     Application
	now     time.Time
	rules   Rules
	effects []Effect
}

// cal is the calendar of the body that deals with a track.
func (r *run) cal(t *Track) Calendar { return r.rules.Of(t.Key.HDAB) }

func (r *run) do(e ...Effect) { r.effects = append(r.effects, e...) }

// track finds a track of ours. Another nation's track and an unknown one get the same code.
func (r *run) track(key ehds.Track) (*Track, error) {
	t, ok := r.app.Track(key)
	if !ok {
		return nil, fault.New(fault.NotFound, CodeUnknownCase, "no such case or track is known here")
	}
	return t, nil
}

func illegal(axis ehds.Axis, state, event string) *fault.Error {
	if state == "" {
		state = "not begun"
	}
	return fault.New(fault.Conflict, CodeIllegal, "the "+string(axis)+" is "+state+"; "+event+" is not possible then")
}

// move takes the edge of the application machine that leaves the track's state by the event.
func (r *run) move(t *Track, e ehds.ApplicationEvent, at time.Time, actor string) error {
	for _, edge := range ehds.Next(ehds.ApplicationTransitions(), t.Status, e) {
		if edge.Resumes && edge.To != t.ResumeTo {
			continue
		}
		from := t.Status
		t.Status = edge.To
		t.Automatic = e == ehds.EventCompletionLapsed || e == ehds.EventDecisionUnanswered
		switch {
		case edge.To == ehds.StateAwaitingInformation:
			t.ResumeTo = from
		case e != ehds.EventCompletionLapsed:
			t.ResumeTo = ehds.StateNone
		}
		r.step(t, ehds.AxisApplication, string(e), string(from), string(edge.To), at, actor, "")
		return nil
	}
	return illegal(ehds.AxisApplication, string(t.Status), string(e))
}

// moveDecision takes an edge of the decision machine.
func (r *run) moveDecision(t *Track, e ehds.DecisionEvent, at time.Time, actor string) error {
	edges := ehds.Next(ehds.DecisionTransitions(), t.Decision.Status, e)
	if len(edges) != 1 {
		return illegal(ehds.AxisDecision, string(t.Decision.Status), string(e))
	}
	from := t.Decision.Status
	t.Decision.Status = edges[0].To
	r.step(t, ehds.AxisDecision, string(e), string(from), string(edges[0].To), at, actor, t.Decision.ID)
	return nil
}

// step adds an entry to the history; what is returned is it, for its reasons.
func (r *run) step(t *Track, axis ehds.Axis, event, from, to string, at time.Time, actor, subject string) *Step {
	t.History = append(t.History, Step{At: at.UTC(), Recorded: r.now, Axis: axis, Event: event,
		From: from, To: to, Actor: actor, Subject: subject})
	return &t.History[len(t.History)-1]
}

func (r *run) sendState(t *Track, at time.Time, reason string) {
	r.do(SendStatus{Track: t.Key, Axis: ehds.AxisApplication, Status: string(t.Status), Reason: reason, Date: at.UTC()})
}
