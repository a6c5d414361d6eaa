package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Effect is something the caller must do in the transaction that stores the document. The set is
// closed: the types of this file. Effects come in the order in which they are to be sent.
type Effect interface{ effect() }

// SendAck answers a message of the centre: application.ack, application.info-ack or appeal.ack.
type SendAck struct {
	Track    ehds.Track
	Type     ehds.MessageType
	Ref      string // id of the message answered
	StatusID string
	Date     time.Time
}

// SendStatus tells the centre a new status: application.status. Every change of the application axis
// is sent but the first (the ack says it); of the decision axis the outcome of an appeal; of the
// permit axis every change.
type SendStatus struct {
	Track  ehds.Track
	Axis   ehds.Axis
	Status string
	Reason string
	Date   time.Time // in law: for automatic effects the end of the period
}

// SendInfoRequest asks the applicant for more: application.info-request, which carries the status.
type SendInfoRequest struct {
	Track ehds.Track
	Body  ehds.InfoRequestBody
}

// SendExtension tells the longer time and its reasons: application.extension.
type SendExtension struct {
	Track ehds.Track
	Body  ehds.ExtensionBody
}

// SendDecision sends the decision card: application.decision.
type SendDecision struct {
	Track ehds.Track
	Card  ehds.DecisionBody
}

// IssuePermit asks for a signed permit; PermitGranted reports it.
type IssuePermit struct {
	Track    ehds.Track
	Grant    ehds.PermitDetail
	Decision string
}

// SendPermit sends a new permit: permit.issued.
type SendPermit struct {
	Track ehds.Track
	Body  ehds.PermitIssuedBody
}

// SendPermitChanged sends a change of a permit: permit.changed.
type SendPermitChanged struct {
	Track ehds.Track
	Body  ehds.PermitChangedBody
}

// SetPermitStatus sets a permit's entry in the status list, outside the permit's signature.
type SetPermitStatus struct {
	Track    ehds.Track
	PermitID string
	Value    int       // ehds.StatusValid, StatusInvalid or StatusSuspended
	From     time.Time // when it takes effect; a replaced version falls when the new one starts
}

// Handover is what the national permit system is told.
type Handover string

// The handovers.
const (
	HandSubmission Handover = "submission" // a new or amended application
	HandInfo       Handover = "info"
	HandWithdrawal Handover = "withdrawal"
	HandAnswer     Handover = "answer"
	HandAppeal     Handover = "appeal"
)

// HandToPermits tells the national permit system what the applicant did, or that a clock did it.
type HandToPermits struct {
	Track   ehds.Track
	What    Handover
	Message string // id of the message that brought it; empty when a clock did
	Answer  *ehds.DecisionAnswerBody
	Reason  string
	Date    time.Time
}

// StartClock says that a period runs. An earlier clock of its kind and subject on the
// track is replaced.
type StartClock struct {
	Track ehds.Track
	Clock Clock
}

// StopClock says that a period runs no more.
type StopClock struct {
	Track   ehds.Track
	Kind    ClockKind
	Subject string // whose it is, where several of a kind run
}

// FlagForStaff asks a person to look: nothing is refused, nothing happens by itself.
type FlagForStaff struct {
	Track ehds.Track
	Code  string
	Note  string
}

func (SendAck) effect()           {}
func (SendStatus) effect()        {}
func (SendInfoRequest) effect()   {}
func (SendExtension) effect()     {}
func (SendDecision) effect()      {}
func (IssuePermit) effect()       {}
func (SendPermit) effect()        {}
func (SendPermitChanged) effect() {}
func (SetPermitStatus) effect()   {}
func (HandToPermits) effect()     {}
func (StartClock) effect()        {}
func (StopClock) effect()         {}
func (FlagForStaff) effect()      {}
