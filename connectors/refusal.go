package connectors

import "github.com/ehdsgw/ehdsgw/gateway/ehds"

// EventRefusal is what the gateway leaves in a permit driver's mailbox when an event of its system did not
// fit the case: in the transaction that records the event as seen, under RefusalPrefix and the event's
// id, sealed with the key of the case. It says the state the track is in, so that a system which keeps
// one can put its own right. The domain's refusal is final for that event; a corrected one is a new event.
type EventRefusal struct {
	Event string          `json:"event"` // id
	Kind  PermitEventKind `json:"kind"`
	At    string          `json:"at"`   // RFC 3339: when it was refused
	Code  string          `json:"code"` // of the fault
	// Detail is a sentence for people; it repeats nothing of the event.
	Detail string `json:"detail,omitempty"`
	// Status, ResumeTo, Decision and DecisionID are those of the track; empty for events of no track.
	Status     ehds.ApplicationState `json:"status,omitempty"`
	ResumeTo   ehds.ApplicationState `json:"resume_to,omitempty"`
	Decision   ehds.DecisionState    `json:"decision,omitempty"`
	DecisionID string                `json:"decision_id,omitempty"`
	// PermitID and Permit are the version an event of a permit was about, and its phase; empty for others.
	PermitID string           `json:"permit_id,omitempty"`
	Permit   ehds.PermitPhase `json:"permit,omitzero"`
}

// RefusalsPrefix is where the refusals of every track stand; the track's TrackDigest follows.
const RefusalsPrefix = "refused/"

// RefusalPrefix is where the refusals of a track's events stand in a driver's mailbox; the event's id
// completes the key.
func RefusalPrefix(caseID string, t ehds.Track) string {
	return RefusalsPrefix + TrackDigest(caseID, t) + "/"
}
