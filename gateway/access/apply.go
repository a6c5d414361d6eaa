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

func (r *run) step(t *Track, axis ehds.Axis, event, from, to string, at time.Time, actor, subject string) {
	t.History = append(t.History, Step{At: at.UTC(), Recorded: r.now, Axis: axis, Event: event,
		From: from, To: to, Actor: actor, Subject: subject})
}

func (r *run) sendState(t *Track, at time.Time, reason string) {
	r.do(SendStatus{Track: t.Key, Axis: ehds.AxisApplication, Status: string(t.Status), Reason: reason, Date: at.UTC()})
}

// start runs a clock; a running one of its kind is void.
func (r *run) start(t *Track, c Clock) {
	for i := range t.Clocks {
		if t.Clocks[i].Kind == c.Kind && t.Clocks[i].State == ClockRunning {
			t.Clocks[i].State = ClockVoid
		}
	}
	t.Clocks = append(t.Clocks, c)
	c.Steps = append([]string(nil), c.Steps...)
	r.do(StartClock{Track: t.Key, Clock: c})
}

// stop ends a running clock of a kind.
func (r *run) stop(t *Track, kind ClockKind, s ClockState) {
	if c, ok := t.Clock(kind); ok && c.State == ClockRunning {
		c.State = s
		r.do(StopClock{Track: t.Key, Kind: kind})
	}
}

// stopCase ends what runs towards a decision or an answer once a track is withdrawn. Publication
// stays a duty.
func (r *run) stopCase(t *Track) {
	for _, k := range []ClockKind{ClockDecision, ClockCompletion, ClockAnswer} {
		r.stop(t, k, ClockVoid)
	}
}

// Clone is a deep copy.
func (a Application) Clone() Application {
	a.Versions = append([]Version(nil), a.Versions...)
	a.Observed = append([]ObservedTrack(nil), a.Observed...)
	tracks := a.Tracks
	a.Tracks = nil
	for _, t := range tracks {
		t.Decision = t.Decision.clone()
		var aside []Decision
		for i := range t.SetAside {
			aside = append(aside, *t.SetAside[i].clone())
		}
		t.SetAside = aside
		var clocks []Clock
		for _, c := range t.Clocks {
			c.Steps = append([]string(nil), c.Steps...)
			clocks = append(clocks, c)
		}
		t.Clocks = clocks
		t.Permits = append([]PermitVersion(nil), t.Permits...)
		t.History = append([]Step(nil), t.History...)
		a.Tracks = append(a.Tracks, t)
	}
	return a
}

func (d *Decision) clone() *Decision {
	if d == nil {
		return nil
	}
	c := *d
	if d.Grant != nil {
		g := cloneGrant(*d.Grant)
		c.Grant = &g
	}
	if d.Appeal != nil {
		ap := *d.Appeal
		c.Appeal = &ap
	}
	return &c
}

func cloneGrant(g ehds.PermitDetail) ehds.PermitDetail {
	g.Data.Categories = append([]string(nil), g.Data.Categories...)
	g.Data.Sources = append([]string(nil), g.Data.Sources...)
	g.Purposes = append([]string(nil), g.Purposes...)
	g.Persons = append([]ehds.PermitPerson(nil), g.Persons...)
	g.SPE.Tools = append([]string(nil), g.SPE.Tools...)
	g.Conditions = append([]string(nil), g.Conditions...)
	g.Granted = append([]ehds.GrantedDataset(nil), g.Granted...)
	if g.Fees != nil {
		f := *g.Fees
		g.Fees = &f
	}
	return g
}
