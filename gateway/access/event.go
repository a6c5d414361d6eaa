package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Event is something that happened to an application. The set is closed: the types of this file.
// Every At is when it happened in law, which for an applicant's act is the time the centre stamped.
type Event interface {
	apply(*run) error
	// Name is the stable name of the event, as in the tables.
	Name() string
}

// Submitted opens the case: application.submit.
type Submitted struct {
	ID                  string
	Kind                ehds.ApplicationKind
	Version             int
	Submitted, Received time.Time
	Tracks              []ehds.Track // those of our nation
	Procedure           ehds.Procedure
	Message             string // id of the message that brought it
}

// Screened moves a track to PRE_SCREENING.
type Screened struct {
	Track ehds.Track
	At    time.Time
	Actor string
}

// ProcessingStarted moves a track to PROCESSING.
type ProcessingStarted struct {
	Track ehds.Track
	At    time.Time
	Actor string
}

// InfoRequested asks the applicant for more. Without sections only the status is sent.
type InfoRequested struct {
	Track    ehds.Track
	At       time.Time
	Actor    string
	Sections []ehds.InfoSection
	Reason   string
}

// InfoReceived is the applicant's answer: application.info.
type InfoReceived struct {
	Track    ehds.Track
	At       time.Time // responded_at
	Received time.Time // by the national side: the decision clock starts again here
	Message  string
}

// Amended is a new version of the whole application: application.amended.
type Amended struct {
	Version             int
	Submitted, Received time.Time
	Message             string
	Tracks              []ehds.Track // those its datasets belong to; none when it asks for none of this nation's
}

// Withdrawn is the applicant's withdrawal: application.withdraw. Nil Track means every open track.
type Withdrawn struct {
	Track   *ehds.Track
	At      time.Time
	Reason  string
	Message string
}

// Extended gives the body more time for a decision, with its written reasons (Art. 68(4)).
type Extended struct {
	Track   ehds.Track
	At      time.Time
	Reasons string
	Actor   string
}

// DecisionIssued is a decision of the body.
type DecisionIssued struct {
	Track ehds.Track
	At    time.Time // when it was issued; must be the card's timestamp
	Card  ehds.DecisionBody
	// Grant is what a positive decision on an access application grants; nil otherwise.
	Grant       *ehds.PermitDetail
	ConvertedTo ehds.ApplicationKind // Art. 68(3); empty unless converted, or when the card says it
	Actor       string
}

// DecisionAnswered is the applicant's answer, or the centre's word that there was none.
type DecisionAnswered struct {
	Track      ehds.Track
	DecisionID string
	Answer     ehds.Answer
	At         time.Time // responded_at
	Message    string
}

// AppealSubmitted brings the text of an appeal: appeal.submit.
type AppealSubmitted struct {
	Track      ehds.Track
	DecisionID string
	AppealID   string
	At         time.Time
	Message    string
}

// AppealDecided is the outcome of an appeal.
type AppealDecided struct {
	Track    ehds.Track
	At       time.Time
	Approved bool
	Reasons  string
	Actor    string
	// DecisionID is the id of the signed decision on the appeal, if it has one. It is no decision on
	// the application: one that was approved is followed by DecisionIssued.
	DecisionID string
}

// PermitGranted records that the permit an IssuePermit effect asked for has been signed.
type PermitGranted struct {
	Track ehds.Track
	At    time.Time
	Body  ehds.PermitIssuedBody
}

// PermitMoved is any later event of a permit. PermitID is the version it concerns; New is required
// for events that make a new version and carries that version, already signed.
type PermitMoved struct {
	Track    ehds.Track
	At       time.Time
	PermitID string
	Event    ehds.PermitEvent
	New      *ehds.PermitIssuedBody
	Reason   string
	Actor    string
}

// ClockExpired says that a clock has run out and the grace period for queued mail has passed. The
// effect is dated at the legal end, not at the time of this event.
//
// With an empty Subject it is the earliest clock of the kind that has run out, whosever it is.
type ClockExpired struct {
	Track   ehds.Track
	Kind    ClockKind
	Subject string
}

// StatusTold is a status of another nation's track, passed on by the centre.
type StatusTold struct {
	Track  ehds.Track
	Nation string // from the centre's origin
	Axis   ehds.Axis
	Status string
	At     time.Time
}

// Name is the event's name.
func (Submitted) Name() string { return string(ehds.EventSubmitted) }

// Name is the event's name.
func (Screened) Name() string { return string(ehds.EventScreeningStarted) }

// Name is the event's name.
func (ProcessingStarted) Name() string { return string(ehds.EventProcessingStarted) }

// Name is the event's name.
func (InfoRequested) Name() string { return string(ehds.EventInfoRequested) }

// Name is the event's name.
func (InfoReceived) Name() string { return string(ehds.EventInfoReceived) }

// Name is the event's name.
func (Amended) Name() string { return string(ehds.EventAmended) }

// Name is the event's name.
func (Withdrawn) Name() string { return string(ehds.EventWithdrawn) }

// Name is the event's name.
func (Extended) Name() string { return "extended" }

// Name is the event's name.
func (DecisionIssued) Name() string { return string(ehds.EventDecisionIssued) }

// Name is the event's name.
func (DecisionAnswered) Name() string { return "decision-answered" }

// Name is the event's name.
func (AppealSubmitted) Name() string { return "appeal-submitted" }

// Name is the event's name.
func (AppealDecided) Name() string { return "appeal-decided" }

// Name is the event's name.
func (PermitGranted) Name() string { return "permit-" + string(ehds.PermitEventGranted) }

// Name is the event's name.
func (e PermitMoved) Name() string { return "permit-" + string(e.Event) }

// Name is the event's name.
func (e ClockExpired) Name() string { return "clock-expired-" + string(e.Kind) }

// Name is the event's name.
func (StatusTold) Name() string { return "status-told" }

// EventForStatus turns a status told by a national system into the event it means. DECISION_ISSUED
// has none: it follows from the decision, and nil is returned. Anything but the five states a body
// can set is refused with code "unknown-status".
func EventForStatus(track ehds.Track, status string, at time.Time, actor, reason string) (Event, error) {
	switch ehds.ApplicationState(status) {
	case ehds.StatePreScreening:
		return Screened{track, at, actor}, nil
	case ehds.StateProcessing:
		return ProcessingStarted{track, at, actor}, nil
	case ehds.StateAwaitingInformation:
		return InfoRequested{Track: track, At: at, Actor: actor, Reason: reason}, nil
	case ehds.StateWithdrawn:
		return Withdrawn{Track: &track, At: at, Reason: reason}, nil
	case ehds.StateDecisionIssued:
		return nil, nil
	}
	return nil, fault.New(fault.Invalid, "unknown-status", "a national system cannot set this status")
}
