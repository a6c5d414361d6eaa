package ehds

// InfoRequestBody is the body of application.info-request: fields marked for completion, with
// comments (TEHDAS2 D6.4, use case 6).
type InfoRequestBody struct {
	ApplicationID string           `json:"application_id"`
	Status        ApplicationState `json:"status"` // AWAITING_ADDITIONAL_INFORMATION
	Date          string           `json:"date"`
	AnswerBy      string           `json:"answer_by,omitempty"` // end of the four weeks, Art. 68(4)
	Sections      []InfoSection    `json:"sections"`
}

// InfoSection marks fields of one section of the form. Section 6 is asked per country.
type InfoSection struct {
	Number  int               `json:"number"` // 1 to 10
	Country string            `json:"country,omitempty"`
	Fields  map[string]string `json:"fields"` // field name → comment
}

// InfoBody is the body of application.info: the applicant's answer. RespondedAt is stamped by the
// centre and is what the deadline is met by.
type InfoBody struct {
	ApplicationID string       `json:"application_id"`
	Version       int          `json:"version"`
	RespondedAt   string       `json:"responded_at"`
	Sections      []InfoAnswer `json:"sections"`
}

// InfoAnswer carries completed fields of one section. Values have the form's shapes.
type InfoAnswer struct {
	Number  int            `json:"number"`
	Country string         `json:"country,omitempty"`
	Fields  map[string]any `json:"fields"`
}

// ExtensionBody is the body of application.extension: a longer time for the decision, with the
// written reasons Art. 68(4) asks for. Art. 69 knows no extension; for a data request it is flagged.
type ExtensionBody struct {
	ApplicationID string `json:"application_id"`
	Date          string `json:"date"`
	NewDeadline   string `json:"new_deadline"`
	Reasons       string `json:"reasons"`
}

// PermitChangedBody is the body of permit.changed: a new version, or a permit that lost its force.
type PermitChangedBody struct {
	ApplicationID string            `json:"application_id"`
	PermitID      string            `json:"permit_id"`
	Previous      string            `json:"previous,omitempty"` // the version this one replaces
	Status        PermitStatusValue `json:"status"`
	Date          string            `json:"date"`
	Reason        string            `json:"reason,omitempty"`
	Permit        string            `json:"permit,omitempty"` // ehds-permit+jwt of a new version
	StatusList    string            `json:"status_list,omitempty"`
	StatusIndex   *int64            `json:"status_index,omitempty"`
}

// PermitChangeRequestBody is the body of permit.change-request (profile ext-1): a permit holder asks for
// an amendment or the one renewal, or appeals a revocation (TEHDAS2 D6.4 §9.4).
type PermitChangeRequestBody struct {
	ApplicationID string     `json:"application_id"`
	RequestID     string     `json:"request_id"`
	PermitID      string     `json:"permit_id"`
	Kind          ChangeKind `json:"kind"`
	User          string     `json:"user,omitempty"`
	Text          string     `json:"text"`
	Date          string     `json:"date"`
}

// AppealBody is the body of appeal.submit, against a negative decision (use case 12).
type AppealBody struct {
	ApplicationID string `json:"application_id"`
	DecisionID    string `json:"decision_id"`
	AppealID      string `json:"appeal_id"`
	Kind          string `json:"kind,omitempty"`
	User          string `json:"user,omitempty"`
	Text          string `json:"text"`
	Date          string `json:"date"`
}

// ReportBody is the body of report.biennial, sent by the coordinator (Art. 59(1)); the report itself
// is an attachment.
type ReportBody struct {
	PeriodFrom   string `json:"period_from"` // full-date
	PeriodTo     string `json:"period_to"`
	Language     string `json:"language"`
	Title        string `json:"title"`
	AttachmentID string `json:"attachment_id,omitempty"`
	URL          string `json:"url,omitempty"`
}

// ResultsBody is the body of results.record: what a permit led to (Art. 61(4)).
type ResultsBody struct {
	ApplicationID string   `json:"application_id"`
	PermitID      string   `json:"permit_id,omitempty"`
	Title         string   `json:"title"`
	Summary       string   `json:"summary"`
	Published     string   `json:"published"` // full-date
	URLs          []string `json:"urls,omitempty"`
}

// EnforcementBody is the body of enforcement.record (Art. 63, 64). Received measures flag pending
// cases for staff; they never refuse by themselves.
type EnforcementBody struct {
	ID       string `json:"id"`
	Measure  string `json:"measure"`
	Against  string `json:"against"` // USER | HOLDER
	Subject  string `json:"subject"` // opaque reference or name, as national law allows
	From     string `json:"from"`    // full-date
	To       string `json:"to,omitempty"`
	Reasons  string `json:"reasons"`
	PermitID string `json:"permit_id,omitempty"`
}
