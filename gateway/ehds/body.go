package ehds

import (
	"encoding/json"
	"slices"
)

// RecordContent carries a dataset description: RDFC-1.0 canonical N-Quads and the digest of exactly
// those bytes, so that anyone can check it without an RDF library.
type RecordContent struct {
	MediaType string `json:"media_type"` // "application/n-quads"
	Content   string `json:"content"`
	Digest    string `json:"digest"` // "sha256:" and lower-case hex
}

// DatasetBody is the body of dataset.create and dataset.update.
type DatasetBody struct {
	Identifier   string        `json:"identifier"`    // identifier at origin
	AccessRights string        `json:"access_rights"` // PUBLIC | RESTRICTED | NON_PUBLIC
	Release      string        `json:"release"`       // HealthDCAT-AP release, "r8"
	Record       RecordContent `json:"record"`
	CentralID    string        `json:"central_id,omitempty"`
}

// DatasetDeleteBody is the body of dataset.delete.
type DatasetDeleteBody struct {
	Identifier string `json:"identifier"`
	LastDigest string `json:"last_digest"`
	CentralID  string `json:"central_id,omitempty"`
}

// ApplicationKind tells the two kinds of application apart (Art. 67 and Art. 69).
type ApplicationKind string

// The kinds.
const (
	DataAccessApplication  ApplicationKind = "DATA_ACCESS_APPLICATION"
	DataRequestApplication ApplicationKind = "DATA_REQUEST_APPLICATION"
)

// ApplicationBody is the body of application.submit and application.amended (TEHDAS2 D6.4 tables).
type ApplicationBody struct {
	ApplicationID    string                     `json:"application_id"`
	Kind             ApplicationKind            `json:"kind"`
	Version          int                        `json:"version"`
	Title            string                     `json:"title"`
	Language         string                     `json:"language"` // BCP 47
	DateSubmitted    string                     `json:"dateSubmitted"`
	User             string                     `json:"user,omitempty"` // opaque applicant reference
	Datasets         []ApplicationDataset       `json:"datasets"`
	Form             map[string]json.RawMessage `json:"form"`
	FormTranslations map[string]json.RawMessage `json:"form_translations,omitempty"`
}

// ApplicationDataset is one dataset asked for. Routing goes by dataset_id against the receiver's own
// published record, then catalog_id, never by a name in the payload.
type ApplicationDataset struct {
	DatasetID     string            `json:"dataset_id"`
	CatalogID     string            `json:"catalog_id,omitempty"`
	Title         map[string]string `json:"title,omitempty"`
	Country       string            `json:"country"` // ISO 3166-1 alpha-2
	HDAB          string            `json:"hdab,omitempty"`
	Publisher     string            `json:"publisher,omitempty"`
	Provenance    json.RawMessage   `json:"provenance,omitempty"`
	Distributions []json.RawMessage `json:"distributions,omitempty"`
	Variables     []json.RawMessage `json:"variables,omitempty"`
	// CatalogLanguages are those of the catalogue, as the observed dispatcher shows them.
	CatalogLanguages []string `json:"catalog_languages,omitempty"`
}

// AckBody is the body of application.ack, application.info-ack, decision.ack and appeal.ack.
type AckBody struct {
	ApplicationID string `json:"application_id"`
	StatusID      string `json:"status_id"`
	Description   string `json:"description,omitempty"`
	Date          string `json:"date"`
}

// Axis says which of the state machines a status message speaks of.
type Axis string

// The axes.
const (
	AxisApplication Axis = "application"
	AxisDecision    Axis = "decision"
	AxisPermit      Axis = "permit"
)

// Has says whether a status is one of the axis that travel.
func (a Axis) Has(status string) bool {
	switch a {
	case AxisApplication:
		return slices.Contains(ApplicationStates(), ApplicationState(status))
	case AxisDecision:
		return slices.Contains(DecisionStates(), DecisionState(status))
	case AxisPermit:
		return slices.Contains(PermitStatusValues(), PermitStatusValue(status))
	}
	return false
}

// StatusBody is the body of application.status.
type StatusBody struct {
	ApplicationID string `json:"application_id"`
	Axis          Axis   `json:"axis"`
	Status        string `json:"status"`
	Date          string `json:"date"`
	Reason        string `json:"reason,omitempty"`
}

// WithdrawBody is the body of application.withdraw.
type WithdrawBody struct {
	ApplicationID string `json:"application_id"`
	Date          string `json:"date"`
	Reason        string `json:"reason,omitempty"`
}

// Outcome of a decision (decision card, TEHDAS2 D6.4 §9).
type Outcome string

// The outcomes.
const (
	Positive Outcome = "Positive"
	Negative Outcome = "Negative"
)

// DecisionBody is the decision card.
type DecisionBody struct {
	ApplicationID string    `json:"application_id"`
	DecisionID    string    `json:"decision_id"`
	Outcome       Outcome   `json:"outcome"`
	Timestamp     string    `json:"timestamp"`
	Signatory     Signatory `json:"signatory"`
	Reasons       string    `json:"reasons,omitempty"`
	Conditions    []string  `json:"conditions,omitempty"`
	Fees          *Fees     `json:"fees,omitempty"`
	Replaces      string    `json:"replaces,omitempty"` // the decision an approved appeal set aside
	// RefusedDatasets are the datasets a positive decision refuses, each with its reasons (Art. 68(3)).
	RefusedDatasets []RefusedDataset `json:"refused_datasets,omitempty"`
	// ConvertedTo is DATA_REQUEST_APPLICATION when an access application is answered as a data request,
	// with the applicant's consent (Art. 68(3)); else empty.
	ConvertedTo ApplicationKind `json:"converted_to,omitempty"`
}

// RefusedDataset is a dataset that was asked for and is not granted.
type RefusedDataset struct {
	DatasetID string `json:"dataset_id"`
	Reasons   string `json:"reasons"`
}

// Signatory is who signed for the body.
type Signatory struct {
	Name     string `json:"name"`
	JobTitle string `json:"job_title"`
}

// Fees is the estimate told before a permit (Art. 62(5)).
type Fees struct {
	AmountCents int64  `json:"amount_cents"`
	Currency    string `json:"currency"` // ISO 4217
	Note        string `json:"note,omitempty"`
}

// Answer to a decision.
type Answer string

// The answers. ACCEPT and REJECT fit a positive decision, ACCEPT and APPEAL a negative one.
const (
	AnswerAccept     Answer = "ACCEPT"
	AnswerReject     Answer = "REJECT"
	AnswerAppeal     Answer = "APPEAL"
	AnswerNoResponse Answer = "NO_RESPONSE"
)

// DecisionAnswerBody is the body of decision.answer.
type DecisionAnswerBody struct {
	ApplicationID string `json:"application_id"`
	DecisionID    string `json:"decision_id"`
	Answer        Answer `json:"answer"`
	RespondedAt   string `json:"responded_at"` // stamped by the centre: the applicant's act
}

// PermitIssuedBody is the body of permit.issued. The token is the permit itself.
type PermitIssuedBody struct {
	ApplicationID string `json:"application_id"`
	DecisionID    string `json:"decision_id"`
	PermitID      string `json:"permit_id"`
	Permit        string `json:"permit"` // ehds-permit+jwt, compact
	StatusList    string `json:"status_list"`
	StatusIndex   int64  `json:"status_index"`
	NotBefore     string `json:"not_before"`
	Expires       string `json:"expires"`
}

// VoidBody is the body of exchange.void: a number given up.
type VoidBody struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"`
}
