package connectors

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// What a permit system can be told besides the applications themselves. A driver implements the
// interfaces of what its system can take, and the guard passes them on; what it cannot take is shown to
// staff by the gateway. All calls may be repeated and are idempotent on Ref, or on the notice's id.

// Appeals takes the text of an appeal (Art. 68, national appeal law; TEHDAS2 D6.4 §9.2).
type Appeals interface {
	Appeal(ctx context.Context, a AppealNotice) error
}

// ChangeRequests takes what a permit holder asks for: amendment, renewal, appeal of a revocation.
type ChangeRequests interface {
	ChangeRequest(ctx context.Context, r ChangeRequest) error
}

// Distributor brings permit versions to those who must know them: the user, data holders, the secure
// processing environment (TEHDAS2 D6.4 §9.3). What it brings back is an event of kind acknowledged.
type Distributor interface {
	Distribute(ctx context.Context, n PermitNotice) error
}

// Courier brings permit notices to one system of recipients, past the permit system, and says whether it
// confirmed the notice in its answer. Bringing a notice again is harmless: it has the ID it had.
type Courier interface {
	Bring(ctx context.Context, n PermitNotice) (confirmed bool, err error)
}

// Measures takes enforcement measures of other bodies (Art. 63(6)). They inform; they refuse nothing.
type Measures interface {
	Measure(ctx context.Context, m MeasureNotice) error
}

// Recognitions takes what came of the permit of another nation's body that was shown for a case (Art. 68(5)).
type Recognitions interface {
	Recognise(ctx context.Context, n RecognitionNotice) error
}

// RecognitionNotice is the judgement on a permit of another body. It never asks for a refusal: what speaks
// against recognition is for staff to read.
type RecognitionNotice struct {
	Ref, Case string
	Track     ehds.Track
	Version   int  // of the application that was judged
	Approve   bool // the policy approves without staff
	Propose   bool // an approval is to be confirmed by staff
	// Reasons are the judgement in words, without content of the form.
	Reasons    string
	Conditions []string // of the permit, which an approval takes over
}

// AppealNotice is an appeal handed over.
type AppealNotice struct {
	Ref, Case   string
	Track       ehds.Track
	Body        ehds.AppealBody
	Attachments []SubmittedAttachment
}

// ChangeRequest is what a permit holder asks for.
type ChangeRequest struct {
	Ref, Case string
	Track     ehds.Track
	Body      ehds.PermitChangeRequestBody
}

// RecipientKind says in which role somebody is told of a permit.
type RecipientKind string

// The roles.
const (
	RecipientUser   RecipientKind = "user"
	RecipientHolder RecipientKind = "holder"
	RecipientSPE    RecipientKind = "spe" // operator of the secure processing environment, Art. 73
)

// Recipient is who is told of a permit.
type Recipient struct {
	Kind RecipientKind `json:"kind"`
	Name string        `json:"name,omitempty"`
}

// PermitNotice tells a recipient of a permit version or of its end.
type PermitNotice struct {
	ID        string // of the notice, stable over repeats
	Case      string
	Track     ehds.Track
	Recipient Recipient
	PermitID  string
	Status    ehds.PermitStatusValue
	// Token is the permit itself. It is empty for data holders: a permit names the persons authorised,
	// who are none of a holder's business.
	Token   string
	Granted []ehds.GrantedDataset // for a holder, its own datasets only
	// OptOut says up to when opt-outs count, or that the exception from them is applied: a holder leaves out
	// of the data who opted out by then (Art. 71(3)). Its reason stands in the permit and not here.
	OptOut        ehds.PermitOptOut
	From, To      string // RFC 3339 full-date
	Reason        string
	Made          string // RFC 3339: when the change was recorded
	AcknowledgeBy string // RFC 3339
}

// MeasureNotice is an enforcement measure of another nation's body.
type MeasureNotice struct {
	Ref, Case string
	Nation    string // from the credential, never from the body
	Body      ehds.EnforcementBody
}

// Prober is a driver that can ask its system whether it would take applications, before there are any. It
// changes nothing there.
type Prober interface {
	// Probe returns what was asked, in order. The error is for what keeps it from asking at all.
	Probe(ctx context.Context) ([]Probed, error)
}

// Probed is one thing a prober asked.
type Probed struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"` // holds no content and no credentials
}

// Pusher is a driver that announces news to its system by itself. The gateway calls Push again when the
// time it names has passed, and earlier when Nudged tells that there may be something to do.
type Pusher interface {
	Push(ctx context.Context) (wait time.Duration)
	Nudged() <-chan struct{}
}
