package connectors

import (
	"context"
	"io"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// PermitEvents is a page of events.
type PermitEvents struct {
	Events []PermitEvent
	Cursor string
}

// PermitEventKind says what happened in the national system. Each kind fills the member of
// PermitEvent that is named with it, besides Track, At, Actor and Reason.
type PermitEventKind string

// The kinds.
const (
	EventStatus        PermitEventKind = "status"         // Status: the application's new status
	EventProcedure     PermitEventKind = "procedure"      // Procedure: staff re-routed the track
	EventInfoRequest   PermitEventKind = "info-request"   // Sections: fields marked for completion
	EventExtension     PermitEventKind = "extension"      // Reason: the written reasons (Art. 68(4))
	EventDue           PermitEventKind = "due"            // Due: a date the national side set
	EventDecision      PermitEventKind = "decision"       // Decision, and Grant when positive
	EventAppealDecided PermitEventKind = "appeal-decided" // Approved; Reason
	EventPermit        PermitEventKind = "permit"         // Permit: an event of a permit
	EventSide          PermitEventKind = "side"           // Side: a step of a side machine
	EventAcknowledged  PermitEventKind = "acknowledged"   // Acknowledged: a notice was confirmed
	EventResults       PermitEventKind = "results"        // Results (Art. 61(4))
	EventEnforcement   PermitEventKind = "enforcement"    // Enforcement (Art. 63); an enf: case, no track
	EventReport        PermitEventKind = "report"         // Report (Art. 59); a rep: case, no track
)

// PermitEvent is one thing that happened.
type PermitEvent struct {
	ID     string // unique in the system, stable over repeats
	At     string // RFC 3339, when it happened
	Kind   PermitEventKind
	Case   string
	Track  ehds.Track
	Actor  string // who did it: an opaque staff reference, or "rules"
	Status string // ehds application status
	Reason string

	Procedure    ehds.Procedure
	Sections     []ehds.InfoSection
	Due          *DueDate
	Decision     *ehds.DecisionBody
	Grant        *ehds.PermitDetail // what a positive decision grants, Art. 68(10)
	Approved     bool
	Permit       *PermitChange
	Side         *SideStep
	Acknowledged *Acknowledgement
	Results      *ehds.ResultsBody
	Enforcement  *ehds.EnforcementBody
	Report       *ehds.ReportBody
	// Files are documents that belong to the event: a decision's PDF, a report.
	Files []EventFile
}

// DueDate is a date the national side set for one of its clocks. It never moves what the law says.
type DueDate struct {
	Clock string // kind of the clock
	Date  string // RFC 3339 full-date
}

// PermitChange is an event of a permit. Events that make a new version bring what it grants; an
// amendment may start later.
type PermitChange struct {
	PermitID string // the version it concerns; empty means the newest
	Event    ehds.PermitEvent
	Grant    *ehds.PermitDetail
	From     string // RFC 3339 full-date; empty means at once
}

// SideStep is a step of a side machine of a track.
type SideStep struct {
	Machine string
	Subject string // opaque: which holder, which environment
	Event   string
}

// Acknowledgement says that a recipient confirmed a notice.
type Acknowledgement struct {
	Notice    string
	Recipient string
}

// EventFile is a document of an event. Open streams it from the system.
type EventFile struct {
	ID, Name, MediaType string
	Size                int64
	SHA256              string                                           // lower-case hex
	Open                func(ctx context.Context) (io.ReadCloser, error) `json:"-"`
}
