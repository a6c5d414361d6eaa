package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// SideMoved is a step of a side machine: what a holder, an environment or staff did beside the track.
type SideMoved struct {
	Track   ehds.Track
	At      time.Time
	Machine ehds.SideMachine
	Subject string // opaque: which holder, which environment; empty where the track has only one
	Event   ehds.SideEvent
	Reasons string
	Actor   string
}

// Rerouted is the decision of staff to deal with a track by another procedure. The decision clock is
// computed again from the same start (TEHDAS2 D6.4, R8.0.3-4).
type Rerouted struct {
	Track     ehds.Track
	At        time.Time
	Procedure ehds.Procedure
	Facts     RouteFacts
	Reasons   string
	Actor     string
}

// RouteFacts is what the caller knows of the application and the case document does not hold. The
// procedures other than the standard one are only for cases that have these facts.
type RouteFacts struct {
	// PublicBody: a public sector body or Union institution with a legal mandate in public health
	// applies (Art. 68(6)).
	PublicBody bool
	// Purposes are the keys of Art. 53(1) asked for; the accelerated procedure takes a, b and c.
	Purposes []string
	// OneTrustedHolder: all data asked for on this track are those of one trusted data holder
	// (Art. 72(1)).
	OneTrustedHolder bool
}

// DueSet is a due date that staff set for a running clock. It is kept beside the law's end and moves
// nothing; one later than the law is kept with a flag.
type DueSet struct {
	Track   ehds.Track
	At      time.Time
	Kind    ClockKind
	Subject string // as in the clock
	Date    Date   // the last day, in the body's time zone
	Reasons string
	Actor   string
}

// DecisionPublished says that the decision in force stands in the public register (Art. 57(1)(j)).
type DecisionPublished struct {
	Track      ehds.Track
	At         time.Time
	DecisionID string
	Actor      string
}

// ResultsPublished says that results of the processing were made public (Art. 61(4)).
type ResultsPublished struct {
	Track ehds.Track
	At    time.Time
	Actor string
}

// Name is the event's name.
func (e SideMoved) Name() string { return string(e.Machine) + "-" + string(e.Event) }

// Name is the event's name.
func (Rerouted) Name() string { return "rerouted" }

// Name is the event's name.
func (DueSet) Name() string { return "due-set" }

// Name is the event's name.
func (DecisionPublished) Name() string { return "decision-published" }

// Name is the event's name.
func (ResultsPublished) Name() string { return "results-published" }
