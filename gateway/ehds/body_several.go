package ehds

import "encoding/json"

// SharedBody is the body of application.shared (profile ext-1): what a body shows the others that an
// application concerns. Its files are attachments. Through the centre a permit is not shared: the persons it
// names are for user, body and secure processing environment (wire profile §6).
type SharedBody struct {
	ApplicationID string        `json:"application_id"`
	Date          string        `json:"date"`
	Decision      *DecisionBody `json:"decision,omitempty"`
	Note          string        `json:"note,omitempty"`
	// Permit is the ehds-permit+jwt that followed from the decision, for the body of another nation that is
	// asked to recognise it (Art. 68(5)). Only between hubs, where it is sealed for that one (profile peer-1).
	Permit string `json:"permit,omitempty"`
}

// ForwardBody is the body of application.forward (profile ext-1): an application as it was filed
// nationally. The centre gives it its application_id.
type ForwardBody struct {
	NationalID       string                     `json:"national_id"`
	Kind             ApplicationKind            `json:"kind"`
	Title            string                     `json:"title"`
	Language         string                     `json:"language"`
	DateSubmitted    string                     `json:"dateSubmitted"` // the applicant's act, at the national front office
	User             string                     `json:"user,omitempty"`
	Datasets         []ApplicationDataset       `json:"datasets"`
	Form             map[string]json.RawMessage `json:"form"`
	FormTranslations map[string]json.RawMessage `json:"form_translations,omitempty"`
}

// ForwardResponse is the body of application.forward.response.
type ForwardResponse struct {
	ResponseBody
	ApplicationID string `json:"application_id,omitempty"` // absent when it was not validated
}
