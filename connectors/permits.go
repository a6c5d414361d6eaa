package connectors

import (
	"context"
	"io"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Permits hands applications to a national application system and brings back what it decides.
// Every call may be repeated after a crash; implementations are idempotent on the call's Ref and on
// event ids.
type Permits interface {
	Submit(ctx context.Context, s Submission) error
	// Info brings what the applicant was asked for to complete an application (Art. 68(4)). An unknown
	// case or track is NotFound.
	Info(ctx context.Context, i Information) error
	Withdraw(ctx context.Context, w Withdrawal) error
	// Answer tells the applicant's answer to a decision.
	Answer(ctx context.Context, a DecisionAnswer) error
	// Events returns what happened after the cursor, oldest first, and the cursor after it. An empty
	// page means nothing new. The caller stores the cursor in the transaction that applies the events.
	Events(ctx context.Context, cursor string) (PermitEvents, error)
}

// Submission is one track of an application, handed to the body that decides it.
type Submission struct {
	Ref         string // unique per submission: the message id that brought it
	Case        string
	Track       ehds.Track
	Application ehds.ApplicationBody
	ReceivedAt  string // RFC 3339: when the national side received it, the start of its clocks
	Attachments []SubmittedAttachment
	// Datasets is what our own published record says of the datasets asked for, by dataset_id. A
	// dataset that is not in it is not published by this nation.
	Datasets map[string]DatasetFacts
}

// DatasetFacts are what a body needs to know of a dataset to decide on it (Art. 68(10)(a)).
type DatasetFacts struct {
	Categories   []string `json:"categories,omitempty"` // codes of Art. 51(1)
	Holder       string   `json:"holder,omitempty"`     // name of the data holder
	AccessRights string   `json:"access_rights,omitempty"`
	CentralID    string   `json:"central_id,omitempty"`
}

// SubmittedAttachment gives access to a stored attachment. Open streams it from the record. Ref is what
// Host.OpenAttachment opens it by later, also after a restart; a driver that serves attachments keeps it.
type SubmittedAttachment struct {
	ehds.Attachment
	Ref  string
	Open func(ctx context.Context) (io.ReadCloser, error)
}

// Information completes one track of an application: fields of the form and attachments. The
// application submitted stays as it is.
type Information struct {
	Ref, Case   string // Ref is the id of the message that brought it
	Track       ehds.Track
	Body        ehds.InfoBody
	Attachments []SubmittedAttachment
}

// Withdrawal tells the system that the applicant withdrew.
type Withdrawal struct {
	Ref, Case string
	Track     ehds.Track
	Body      ehds.WithdrawBody
}

// DecisionAnswer tells the system what the applicant answered.
type DecisionAnswer struct {
	Ref, Case string
	Track     ehds.Track
	Body      ehds.DecisionAnswerBody
}
