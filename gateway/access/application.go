package access

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Application is the case document: one application, one status track per health data access body,
// each decided and clocked alone. It holds no form and no person's name but those of a grant.
type Application struct {
	ID        string               `json:"id"`
	Kind      ehds.ApplicationKind `json:"kind"`
	Version   int                  `json:"version"`
	Submitted time.Time            `json:"submitted"` // the applicant's act, stamped by the centre
	Received  time.Time            `json:"received"`  // by the national side: its clocks start here
	Tracks    []Track              `json:"tracks"`
	Versions  []Version            `json:"versions"`
	Observed  []ObservedTrack      `json:"observed,omitempty"`
}

// Version is one filing of the application.
type Version struct {
	Number    int       `json:"number"`
	Submitted time.Time `json:"submitted"`
	Received  time.Time `json:"received"`
	Message   string    `json:"message"` // id of the message that brought it
}

// Track is how one body deals with the application.
type Track struct {
	Key       ehds.Track            `json:"key"`
	Procedure ehds.Procedure        `json:"procedure"`
	Status    ehds.ApplicationState `json:"status"`
	// ResumeTo is the phase a waiting application goes back to. It is kept when the wait ended in an
	// automatic withdrawal, so that a completion made in time can still reopen the case.
	ResumeTo  ehds.ApplicationState `json:"resume_to,omitempty"`
	Decision  *Decision             `json:"decision,omitempty"`
	SetAside  []Decision            `json:"set_aside,omitempty"` // by an appeal that succeeded
	Clocks    []Clock               `json:"clocks,omitempty"`
	Permits   []PermitVersion       `json:"permits,omitempty"`
	Sides     []Side                `json:"sides,omitempty"`
	Results   time.Time             `json:"results,omitzero"` // when results were published (Art. 61(4))
	History   []Step                `json:"history"`
	Automatic bool                  `json:"automatic,omitempty"` // the withdrawal was ours, by a clock
}

// Decision is the decision of a body as far as the case needs it.
type Decision struct {
	ID       string             `json:"id"`
	Outcome  ehds.Outcome       `json:"outcome"`
	Issued   time.Time          `json:"issued"`
	Status   ehds.DecisionState `json:"status"`
	Replaces string             `json:"replaces,omitempty"`
	// ConvertedTo is set when an access application is answered as a data request with the
	// applicant's consent (Art. 68(3)).
	ConvertedTo ehds.ApplicationKind `json:"converted_to,omitempty"`
	Grant       *ehds.PermitDetail   `json:"grant,omitempty"`
	// Refused are the datasets a positive decision refuses, each with its reasons.
	Refused  []ehds.RefusedDataset `json:"refused,omitempty"`
	Answered time.Time             `json:"answered,omitzero"`
	Appeal   *Appeal               `json:"appeal,omitempty"`
}

// Appeal is the one appeal against a negative decision.
type Appeal struct {
	ID      string    `json:"id,omitempty"` // empty until the appeal's text arrived
	Opened  time.Time `json:"opened"`
	Decided time.Time `json:"decided,omitzero"`
	// DecisionID names the signed decision on the appeal, when the body gave it one (R10.0.5-7).
	DecisionID string `json:"decision_id,omitempty"`
}

// PermitVersion is one version of a permit. Every version stays, with the dates it was active.
type PermitVersion struct {
	ID         string           `json:"id"`
	DecisionID string           `json:"decision_id"`
	Previous   string           `json:"previous,omitempty"`
	Phase      ehds.PermitPhase `json:"phase"`
	Issued     time.Time        `json:"issued"` // when the body made this version
	NotBefore  time.Time        `json:"not_before"`
	Expires    time.Time        `json:"expires"`
	// Ended is when another version took its place or it lost its force.
	Ended time.Time `json:"ended,omitzero"`
	// Suspended is since when access is stopped for a time; zero when it is not.
	Suspended time.Time `json:"suspended,omitzero"`
	// Superseded says a newer version has taken or will take its place.
	Superseded  bool   `json:"superseded,omitempty"`
	StatusList  string `json:"status_list,omitempty"`
	StatusIndex int64  `json:"status_index,omitempty"`
}

// Side is where a side machine of a track stands for one subject.
type Side struct {
	Machine ehds.SideMachine `json:"machine"`
	Subject string           `json:"subject,omitempty"` // opaque: a holder, an environment
	State   ehds.SideState   `json:"state"`
	Since   time.Time        `json:"since"`
}

// Step is one entry of a track's history.
type Step struct {
	At       time.Time `json:"at"`       // when it happened, in law
	Recorded time.Time `json:"recorded"` // when the gateway applied it
	Axis     ehds.Axis `json:"axis"`     // or the name of a side machine
	Event    string    `json:"event"`
	From     string    `json:"from,omitempty"`
	To       string    `json:"to"`
	Actor    string    `json:"actor,omitempty"` // opaque
	Subject  string    `json:"subject,omitempty"`
	Reasons  string    `json:"reasons,omitempty"`
}

// ObservedTrack is another nation's track, as told by the centre.
type ObservedTrack struct {
	Key    ehds.Track `json:"key"`
	Nation string     `json:"nation"` // from the centre's origin, never from a body
	Axis   ehds.Axis  `json:"axis"`
	Status string     `json:"status"`
	At     time.Time  `json:"at"`
}

// Track finds a track by its key.
func (a *Application) Track(key ehds.Track) (*Track, bool) {
	for i := range a.Tracks {
		if a.Tracks[i].Key == key {
			return &a.Tracks[i], true
		}
	}
	return nil, false
}

// Side finds where a side machine stands for a subject; ok is false before it began.
func (t *Track) Side(m ehds.SideMachine, subject string) (*Side, bool) {
	for i := range t.Sides {
		if t.Sides[i].Machine == m && t.Sides[i].Subject == subject {
			return &t.Sides[i], true
		}
	}
	return nil, false
}

// TrackOfPermit finds the track a version of a permit belongs to.
func (a *Application) TrackOfPermit(id string) (*Track, bool) {
	for i := range a.Tracks {
		if slices.ContainsFunc(a.Tracks[i].Permits, func(v PermitVersion) bool { return v.ID == id }) {
			return &a.Tracks[i], true
		}
	}
	return nil, false
}

// Permit is the newest version of the track's permit.
func (t *Track) Permit() (*PermitVersion, bool) {
	if len(t.Permits) == 0 {
		return nil, false
	}
	return &t.Permits[len(t.Permits)-1], true
}

// InForce is the version of the track's permit that allows access at an instant; ok is false when
// none does. Of a future-dated amendment the version before holds until the new one starts.
func (t *Track) InForce(at time.Time) (*PermitVersion, bool) {
	for i := range t.Permits {
		if v := &t.Permits[i]; v.inForce(at) {
			return v, true
		}
	}
	return nil, false
}

func (v *PermitVersion) inForce(at time.Time) bool {
	suspended := !v.Suspended.IsZero() && !at.Before(v.Suspended)
	return !suspended && !at.Before(v.NotBefore) && at.Before(v.Expires) && (v.Ended.IsZero() || at.Before(v.Ended))
}

// NationStatus is the one status that formats without tracks can carry: the least advanced open
// track; once none is open, DECISION_ISSUED when any was decided, else WITHDRAWN (assumption; no
// public text says how several tracks of one nation are shown as one).
func NationStatus(a Application) ehds.ApplicationState {
	order := ehds.ApplicationStates()
	for _, s := range order {
		for _, t := range a.Tracks {
			if t.Status == s {
				return s
			}
		}
	}
	return ehds.StateNone
}
