package access

import (
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// ClockKind names a statutory period.
type ClockKind string

// The clocks that run on a track.
const (
	// ClockDecision is the body's time to decide: 3 months from the receipt of a complete application
	// by the national side, 2 in the accelerated procedure (Art. 68(4), 68(6), 69).
	ClockDecision ClockKind = "decision"
	// ClockCompletion is the applicant's time to complete: 4 weeks from the request (Art. 68(4)).
	ClockCompletion ClockKind = "completion"
	// ClockAnswer is the applicant's time to answer a positive decision: 28 days (TEHDAS2 D6.4 §8).
	ClockAnswer ClockKind = "answer"
	// ClockPublication is the body's time to publish a decision: 30 working days (Art. 57(1)(j)).
	ClockPublication ClockKind = "publication"
	// ClockPermit is the duration of the permit's newest version (Art. 68(12)).
	ClockPermit ClockKind = "permit"
)

// ClockState is where a clock stands.
type ClockState string

// The states of a clock.
const (
	ClockRunning ClockState = "RUNNING"
	ClockMet     ClockState = "MET"  // the act was done
	ClockVoid    ClockState = "VOID" // overtaken: it starts again in full, or the case is closed
	ClockFired   ClockState = "FIRED"
)

// Clock is one period of a track with the proof of how it was computed.
type Clock struct {
	Kind     ClockKind  `json:"kind"`
	State    ClockState `json:"state"`
	Start    time.Time  `json:"start"`    // the event
	LastDay  string     `json:"last_day"` // full-date in the body's time zone
	End      time.Time  `json:"end"`      // first instant after the last day, UTC
	Zone     string     `json:"zone"`
	Extended bool       `json:"extended,omitempty"`
	Reasons  string     `json:"reasons,omitempty"` // written reasons of an extension
	Steps    []string   `json:"steps"`
}

// Met says whether an act is in time.
func (c Clock) Met(act time.Time) bool { return act.Before(c.End) }

// Clock starts a clock of a kind at an event.
func (c Calendar) Clock(kind ClockKind, event time.Time, p Period) Clock {
	d := c.Deadline(event, p)
	return Clock{Kind: kind, State: ClockRunning, Start: event.UTC(), LastDay: d.LastDay.String(),
		End: d.End, Zone: c.zone().String(), Steps: d.Steps}
}

// Length is the length of a kind of clock under a procedure, extended or not.
func Length(kind ClockKind, proc ehds.Procedure, extended bool) Period {
	switch kind {
	case ClockDecision:
		base, more := 3, 3
		if proc == ehds.ProcedureAccelerated {
			base, more = 2, 1
		}
		if extended {
			base += more
		}
		return Period{Months: base}
	case ClockCompletion, ClockAnswer:
		return Period{Days: 28}
	case ClockPublication:
		return Period{WorkingDays: 30}
	}
	return Period{}
}

// extend makes a decision clock longer. The extension lengthens the one period, so both parts are
// counted together from the start (assumption; counting them apart could differ by clamped days).
func (c Calendar) extend(old Clock, proc ehds.Procedure, reasons string) Clock {
	p := Length(ClockDecision, proc, true)
	n := c.Clock(ClockDecision, old.Start, p)
	n.Extended, n.Reasons = true, reasons
	n.Steps = append([]string{fmt.Sprintf("Extended with written reasons to %s counted from the start (Art. 68(4)).", p)}, n.Steps...)
	return n
}

// Clock finds the newest clock of a kind.
func (t *Track) Clock(kind ClockKind) (*Clock, bool) {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if t.Clocks[i].Kind == kind {
			return &t.Clocks[i], true
		}
	}
	return nil, false
}

// DueClock is a clock that has run out on a track.
type DueClock struct {
	Track ehds.Track
	Clock Clock
}

// Due lists the running clocks whose end plus a grace period for queued mail has passed. The caller
// drains its inbound queues before it applies ClockExpired for them.
func Due(a Application, now time.Time, grace time.Duration) []DueClock {
	var out []DueClock
	for _, t := range a.Tracks {
		for _, c := range t.Clocks {
			if c.State == ClockRunning && !now.Before(c.End.Add(grace)) {
				out = append(out, DueClock{t.Key, c})
			}
		}
	}
	return out
}

// NextDue is the earliest end of a running clock; ok is false when none runs.
func NextDue(a Application) (at time.Time, ok bool) {
	for _, t := range a.Tracks {
		for _, c := range t.Clocks {
			if c.State == ClockRunning && (!ok || c.End.Before(at)) {
				at, ok = c.End, true
			}
		}
	}
	return at, ok
}
