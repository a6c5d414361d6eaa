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
	// ClockAssessment is the trusted data holder's time to propose a decision: 2 months (Art. 72).
	ClockAssessment ClockKind = "assessment"
	// ClockProposal is the body's time to decide on that proposal: 2 months (Art. 72). While either
	// runs the decision clock does not (assumption).
	ClockProposal ClockKind = "proposal"
	// ClockDataAnswer is the time to answer an approved data request: 3 months, where possible
	// (Art. 69(4)).
	ClockDataAnswer ClockKind = "data-answer"
	// ClockFees is the time holder and user have to agree on fees: 1 month from the permit (Art. 62).
	ClockFees ClockKind = "fees"
	// ClockDelivery is the data holder's time to deliver: 3 months (+3) from the request (Art. 60).
	ClockDelivery ClockKind = "delivery"
	// ClockSPE is the time to bring the data into the environment: 2 months (Art. 68(7)).
	ClockSPE ClockKind = "spe-access"
	// ClockDeletion is the environment's time to delete the data: 6 months (Art. 68(12)).
	ClockDeletion ClockKind = "spe-deletion"
	// ClockResults is the user's time to publish results: 18 months (Art. 61(4)).
	ClockResults ClockKind = "results"
	// ClockHearing is the time to be heard before a measure: 4 weeks at most (Art. 63).
	ClockHearing ClockKind = "hearing"
)

// ClockState is where a clock stands.
type ClockState string

// The states of a clock.
const (
	ClockRunning ClockState = "RUNNING"
	ClockMet     ClockState = "MET"  // the act was done
	ClockVoid    ClockState = "VOID" // overtaken: it starts again in full, or the case is closed
	ClockFired   ClockState = "FIRED"
	ClockLate    ClockState = "LATE" // it had run out; the act was done afterwards
)

// Clock is one period of a track with the proof of how it was computed.
type Clock struct {
	Kind ClockKind `json:"kind"`
	// Subject is whose clock it is where several of a kind run: a holder, an environment.
	Subject  string     `json:"subject,omitempty"`
	State    ClockState `json:"state"`
	Start    time.Time  `json:"start"`    // the event
	LastDay  string     `json:"last_day"` // full-date in the body's time zone
	End      time.Time  `json:"end"`      // first instant after the last day, UTC
	Zone     string     `json:"zone"`
	Extended bool       `json:"extended,omitempty"`
	Reasons  string     `json:"reasons,omitempty"` // written reasons of an extension
	Steps    []string   `json:"steps"`
	Due      *SetDate   `json:"due,omitempty"` // a date of the staff's own, beside the law's
}

// SetDate is a due date that staff set. It never moves the law's end.
type SetDate struct {
	Date    string    `json:"date"` // full-date in the body's time zone
	End     time.Time `json:"end"`  // first instant after it, UTC
	Set     time.Time `json:"set"`
	Reasons string    `json:"reasons,omitempty"`
	Actor   string    `json:"actor,omitempty"` // opaque
}

// Met says whether an act is in time.
func (c Clock) Met(act time.Time) bool { return act.Before(c.End) }

// Clock starts a clock of a kind at an event.
func (c Calendar) Clock(kind ClockKind, event time.Time, p Period) Clock {
	d := c.Deadline(event, p)
	return Clock{Kind: kind, State: ClockRunning, Start: event.UTC(), LastDay: d.LastDay.String(),
		End: d.End, Zone: c.zone().String(), Steps: d.Steps}
}

// extend makes a clock longer. The extension lengthens the one period, so both parts are counted
// together from the start (assumption; counting them apart could differ by clamped days).
func (c Calendar) extend(old Clock, proc ehds.Procedure, reasons string) Clock {
	p := Length(old.Kind, proc, true)
	n := c.Clock(old.Kind, old.Start, p)
	n.Subject, n.Extended, n.Reasons = old.Subject, true, reasons
	source := "Art. 68(4)"
	if s, ok := old.Kind.row(); ok && old.Kind != ClockDecision {
		source = s.Source
	}
	n.Steps = append([]string{fmt.Sprintf("Extended with written reasons to %s counted from the start (%s).", p, source)}, n.Steps...)
	return n
}

// Clock finds the newest clock of a kind, whosever it is.
func (t *Track) Clock(kind ClockKind) (*Clock, bool) {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if t.Clocks[i].Kind == kind {
			return &t.Clocks[i], true
		}
	}
	return nil, false
}

// ClockOf finds the newest clock of a kind for one subject.
func (t *Track) ClockOf(kind ClockKind, subject string) (*Clock, bool) {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if t.Clocks[i].Kind == kind && t.Clocks[i].Subject == subject {
			return &t.Clocks[i], true
		}
	}
	return nil, false
}
