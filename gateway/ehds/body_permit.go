package ehds

// PermitQueryBody is the body of permit.query (profile ext-1): which permits of an application does the
// centre know?
type PermitQueryBody struct {
	ApplicationID string `json:"application_id"`
}

// PermitQueryResponse is the body of permit.query.response. Permits are in the order in which the centre
// got them.
type PermitQueryResponse struct {
	ResponseBody
	Permits []RegisteredPermit `json:"permits,omitempty"` // absent when it was not validated
}

// RegisteredPermit is a permit version as the centre knows it. The permit itself goes back to the nation
// whose body signed it, and to no other: it names persons (wire profile §6).
type RegisteredPermit struct {
	Track    Track             `json:"track"`
	Nation   string            `json:"nation"`
	PermitID string            `json:"permit_id"`
	Status   PermitStatusValue `json:"status"`
	Permit   string            `json:"permit,omitempty"` // ehds-permit+jwt, compact
}
