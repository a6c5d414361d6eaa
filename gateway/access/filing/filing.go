// Package filing keeps, for the hub where an applicant filed, what became of an application at the hub
// of another nation (profile peer-1, no part of HealthData@EU): the state of each track as that hub tells
// it, and what the applicant may do next.
//
// It serves gateway/exchange, which brings the messages. It is pure: no clock, no I/O. The deciding side
// is right about its own states: a status that its tables do not lead to is taken and noted for staff.
// What the applicant does is judged here before it is sent, by the same tables (gateway/ehds), so that
// what cannot succeed never leaves; the deciding side judges again.
package filing

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Filing is one application at one other hub.
type Filing struct {
	ID string `json:"id"`
	To string `json:"to"` // entity of the hub
	// Application is the newest version, as it was filed; once the hub turned that away, the one before,
	// which is in force there.
	Application ehds.ApplicationBody `json:"application"`
	// Before is the version in force while the hub has not answered a newer one.
	Before   *ehds.ApplicationBody `json:"before,omitempty"`
	Versions []Version             `json:"versions"`
	// Result is what the hub said of the newest version filed; empty until it did.
	Result   ehds.Validation `json:"result,omitempty"`
	Findings []ehds.Finding  `json:"findings,omitempty"`
	Tracks   []Track         `json:"tracks"`
	Acts     []Act           `json:"acts,omitempty"`
	Notes    []Note          `json:"notes,omitempty"`
}

// Version is one filing of the application.
type Version struct {
	Number  int       `json:"number"`
	At      time.Time `json:"at"`
	Message string    `json:"message"` // id of the message that carried it
}

// Track is how one body of the other nation deals with the application, as told.
type Track struct {
	Key       ehds.Track            `json:"key"`
	Status    ehds.ApplicationState `json:"status"`
	Reason    string                `json:"reason,omitempty"`
	Since     time.Time             `json:"since"`
	Asked     *Asked                `json:"asked,omitempty"`     // what is to be completed
	Extension *ehds.ExtensionBody   `json:"extension,omitempty"` // the newest
	Decision  *Decision             `json:"decision,omitempty"`  // in force
	SetAside  []Decision            `json:"set_aside,omitempty"`
	Permits   []Permit              `json:"permits,omitempty"` // oldest first
	History   []Step                `json:"history"`
}

// Ref names a message an answer refers to.
type Ref struct {
	Jti         string `json:"jti"`
	TokenSHA256 string `json:"token_sha256"`
}

// Asked is an information request that waits for an answer.
type Asked struct {
	Ref  Ref                  `json:"ref"`
	Body ehds.InfoRequestBody `json:"body"`
}

// Decision is a decision card and what was answered.
type Decision struct {
	Ref    Ref                `json:"ref"`
	Card   ehds.DecisionBody  `json:"card"`
	Status ehds.DecisionState `json:"status"`
	Appeal string             `json:"appeal,omitempty"` // id of the appeal whose text was sent
}

// Permit is a version of a permit, as it was issued.
type Permit struct {
	ID      string                 `json:"id"`
	Token   string                 `json:"token"` // ehds-permit+jwt
	Status  ehds.PermitStatusValue `json:"status"`
	Expires string                 `json:"expires,omitempty"`
}

// Step is one entry of a track's history.
type Step struct {
	At   time.Time `json:"at"` // in law, as the deciding side dates it
	Axis ehds.Axis `json:"axis"`
	To   string    `json:"to"`
	Why  string    `json:"why,omitempty"`
}

// Act is something the applicant did.
type Act struct {
	At       time.Time        `json:"at"`
	Type     ehds.MessageType `json:"type"`
	Message  string           `json:"message"`
	Result   ehds.Validation  `json:"result,omitempty"` // what the hub said of it
	Findings []ehds.Finding   `json:"findings,omitempty"`
}

// Note asks staff to look.
type Note struct {
	At   time.Time `json:"at"`
	Code string    `json:"code"`
	Note string    `json:"note,omitempty"`
}

// Notes and refusals.
const (
	CodeNotReachable = "status-not-reachable" // the tables do not lead to what the hub tells
	CodeUnknownTrack = "unknown-track"
	CodeNotPossible  = "not-possible-now"
	CodeTwoTracks    = "track-not-named"
	CodeOtherSubject = "other-decision"
)

// Track finds a track by its key.
func (f *Filing) Track(key ehds.Track) (*Track, bool) {
	for i := range f.Tracks {
		if f.Tracks[i].Key == key {
			return &f.Tracks[i], true
		}
	}
	return nil, false
}

// Of finds the track of a body, or the only one when body is empty.
func (f *Filing) Of(body string) (*Track, error) {
	var found *Track
	for i := range f.Tracks {
		if body != "" && f.Tracks[i].Key.HDAB != body {
			continue
		}
		if found != nil {
			return nil, fault.New(fault.Invalid, CodeTwoTracks, "several tracks fit; name the body").At("/hdab")
		}
		found = &f.Tracks[i]
	}
	if found == nil {
		return nil, fault.New(fault.NotFound, CodeUnknownTrack, "the other hub has opened no such track").At("/hdab")
	}
	return found, nil
}

// Open says whether anything is still to come from the other hub without the applicant doing something:
// an answer to the filing, a decision, a permit that was accepted.
func (f Filing) Open() bool {
	if f.TurnedAway() {
		return false
	}
	if len(f.Tracks) == 0 {
		return true
	}
	for _, t := range f.Tracks {
		if !t.Status.Terminal() || t.awaitsPermit(f.Application.Kind) {
			return true
		}
	}
	return false
}

// TurnedAway says that the hub validated no version. One that refuses an amendment goes on with the
// version before.
func (f Filing) TurnedAway() bool {
	return f.Result == ehds.NotValidated && len(f.Versions) > 0 && f.Application.Version == f.Versions[len(f.Versions)-1].Number
}

// awaitsPermit says whether a permit is due: an access application was granted and accepted.
func (t Track) awaitsPermit(kind ehds.ApplicationKind) bool {
	return kind == ehds.DataAccessApplication && t.Decision != nil &&
		t.Decision.Status == ehds.DecisionPositiveAccepted && len(t.Permits) == 0 && t.Status != ehds.StateWithdrawn
}

// Clone is a deep copy as far as methods change it.
func (f Filing) Clone() Filing {
	f.Versions = append([]Version(nil), f.Versions...)
	f.Acts = append([]Act(nil), f.Acts...)
	f.Notes = append([]Note(nil), f.Notes...)
	tracks := f.Tracks
	f.Tracks = make([]Track, len(tracks))
	for i, t := range tracks {
		t.SetAside = append([]Decision(nil), t.SetAside...)
		t.Permits = append([]Permit(nil), t.Permits...)
		t.History = append([]Step(nil), t.History...)
		if t.Decision != nil {
			d := *t.Decision
			t.Decision = &d
		}
		f.Tracks[i] = t
	}
	return f
}
