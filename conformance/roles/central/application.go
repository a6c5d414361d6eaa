package central

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// application is an application as the centre sees it: what was filed, and one track for every body
// that acknowledged it.
type application struct {
	ID          string               `json:"application_id"`
	Nation      string               `json:"applicant_nation"`
	Body        ehds.ApplicationBody `json:"application"`
	Attachments []ehds.Attachment    `json:"attachments,omitempty"`
	Sent        []sending            `json:"sent"` // one application.submit for each contact point
	Tracks      []track              `json:"tracks"`
	Timeline    []step               `json:"timeline"`
}

// sending is one application.submit.
type sending struct {
	Nation    string `json:"nation"`
	Entity    string `json:"entity"`
	MessageID string `json:"message_id"`
}

// track is the procedure of one body.
type track struct {
	ehds.Track
	Nation   string                `json:"nation"`
	Entity   string                `json:"entity"` // contact point it is reached through
	Status   ehds.ApplicationState `json:"status"`
	Before   ehds.ApplicationState `json:"before,omitempty"` // the phase before AWAITING_ADDITIONAL_INFORMATION
	Decision *decision             `json:"decision,omitempty"`
	Permits  []permit              `json:"permits,omitempty"`
	// InfoRequest is the message to be answered with application.info.
	InfoRequest *answerable `json:"info_request,omitempty"`
}

// answerable is a message a later one refers to.
type answerable struct {
	MessageID   string `json:"message_id"`
	TokenSHA256 string `json:"token_sha256"`
}

// decision is a decision card and the applicant's answer.
type decision struct {
	Card    ehds.DecisionBody  `json:"card"`
	Message answerable         `json:"message"`
	State   ehds.DecisionState `json:"state"`
	Answer  ehds.Answer        `json:"answer,omitempty"`
}

// permit is a permit as issued.
type permit struct {
	ID     string                 `json:"permit_id"`
	Token  string                 `json:"token"`
	Status ehds.PermitStatusValue `json:"status"`
	Body   ehds.PermitIssuedBody  `json:"issued"`
}

// step is one thing that happened, as the applicant reads it.
type step struct {
	At      time.Time   `json:"at"`   // here
	Date    time.Time   `json:"date"` // as the sender dates it
	Nation  string      `json:"nation,omitempty"`
	Track   *ehds.Track `json:"track,omitempty"`
	What    string      `json:"what"` // message type
	Axis    ehds.Axis   `json:"axis,omitempty"`
	Status  string      `json:"status,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Message string      `json:"message_id,omitempty"`
	// Documents came with the message: a decision, a permit for people.
	Documents []ehds.Attachment `json:"documents,omitempty"`
}

// applicationOf is the id in an app: case, "" for another case.
func applicationOf(caseID string) string {
	id, err := ehds.ParseCaseID(caseID)
	if err != nil || id.Kind != ehds.CaseApplication {
		return ""
	}
	return id.ID
}

// record adds a step and keeps the application. t may be nil.
func (h *handling) record(a *application, t *track, s step) {
	s.At, s.Nation, s.Message, s.Documents = h.now, h.nation, h.env.Jti, h.env.Attachments
	if t != nil {
		s.Track = &t.Track
	}
	if s.Date.IsZero() {
		s.Date = h.now
	}
	a.Timeline = append(a.Timeline, s)
	h.applications[a.ID] = a
}

// unknownCase is the one answer for an unknown case, a case never sent there, and another's track.
func unknownCase() []ehds.Finding {
	return violation("/case", "unknown-case", "no such case or track is known here")
}

// forwarded finds the application when it was sent to the sender's nation.
func (h *handling) forwarded() *application {
	a := h.application(applicationOf(h.env.Case))
	if a == nil || !slices.ContainsFunc(a.Sent, func(s sending) bool { return s.Nation == h.nation && s.Entity == h.env.Iss }) {
		return nil
	}
	return a
}

// track finds the application and the sender's own track of it. Both may be changed.
func (h *handling) track() (*application, *track, []ehds.Finding) {
	a := h.forwarded()
	if a == nil {
		return nil, nil, unknownCase()
	}
	var named struct {
		ApplicationID string `json:"application_id"`
	}
	if f := h.body(&named); f != nil {
		return nil, nil, f
	}
	if named.ApplicationID != a.ID {
		return nil, nil, violation("/body/application_id", "case-mismatch", "application_id and case name different applications")
	}
	for i := range a.Tracks {
		if t := &a.Tracks[i]; t.Track == *h.env.Track && t.Nation == h.nation {
			return a, t, nil
		}
	}
	return nil, nil, unknownCase()
}

// acknowledged handles application.ack: it opens a track. An acknowledgement is not answered, so one
// about nothing of the sender's changes nothing.
func (h *handling) acknowledged() []ehds.Finding {
	var b ehds.AckBody
	a := h.forwarded()
	if f := h.body(&b); f != nil || a == nil || b.ApplicationID != a.ID {
		return f
	}
	t := track{Track: *h.env.Track, Nation: h.nation, Entity: h.env.Iss, Status: ehds.StateSubmitted}
	for _, other := range a.Tracks {
		if other.Track == t.Track { // opened before, or another nation's
			return nil
		}
	}
	a.Tracks = append(a.Tracks, t)
	h.record(a, &t, step{What: string(h.env.Type), Status: b.StatusID, Date: dateOf(b.Date, h.now)})
	return nil
}

// status handles application.status on its three axes and passes it on to the other nations.
func (h *handling) status() []ehds.Finding {
	var b ehds.StatusBody
	if f := h.body(&b); f != nil {
		return f
	}
	a, t, f := h.track()
	if f != nil {
		return f
	}
	switch b.Axis {
	case ehds.AxisApplication:
		f = t.move(ehds.ApplicationState(b.Status))
	case ehds.AxisDecision:
		f = t.moveDecision(ehds.DecisionState(b.Status))
	case ehds.AxisPermit:
		if !slices.Contains(ehds.PermitStatusValues(), ehds.PermitStatusValue(b.Status)) {
			f = violation("/body/status", "unknown-status", "not a status of this axis")
		} else if n := len(t.Permits); n > 0 {
			t.Permits[n-1].Status = ehds.PermitStatusValue(b.Status) // it is of the newest version
		}
	}
	if f != nil {
		return f
	}
	h.record(a, t, step{What: string(h.env.Type), Axis: b.Axis, Status: b.Status, Reason: b.Reason, Date: dateOf(b.Date, h.now)})
	h.passOn(a, b)
	return nil
}

// passOn sends a status to the other nations concerned: the applicant's, and those of other tracks.
// Who said it comes from the credential (TEHDAS2 D7.3).
func (h *handling) passOn(a *application, b ehds.StatusBody) {
	nations := []string{a.Nation}
	for _, s := range a.Sent {
		nations = append(nations, s.Nation)
	}
	slices.Sort(nations)
	for _, n := range slices.Compact(nations) {
		entity := h.c.state.nations[n]
		if n == h.nation || entity == "" {
			continue
		}
		h.queue(draft{
			to: entity, typ: ehds.ApplicationStatus, caseID: h.env.Case, track: h.env.Track, body: b,
			origin: h.origin(),
		})
	}
}

// move follows one edge of the application machine; the same state again is no movement.
func (t *track) move(to ehds.ApplicationState) []ehds.Finding {
	if to == t.Status {
		return nil
	}
	for _, e := range ehds.ApplicationTransitions() {
		if e.From != t.Status || e.To != to || e.Resumes && e.To != t.Before {
			continue
		}
		switch to {
		case ehds.StateAwaitingInformation:
			t.Before = t.Status
		case ehds.StatePreScreening, ehds.StateProcessing:
			t.Before, t.InfoRequest = "", nil
		case ehds.StateWithdrawn:
			if t.Status != ehds.StateAwaitingInformation {
				t.Before = ""
			}
		}
		t.Status = to
		return nil
	}
	return violation("/body/status", "illegal-transition", "the application machine has no such edge")
}

func (t *track) moveDecision(to ehds.DecisionState) []ehds.Finding {
	if t.Decision == nil {
		return violation("/body/status", "illegal-transition", "no decision was issued")
	}
	for _, e := range ehds.DecisionTransitions() {
		if e.From == t.Decision.State && e.To == to {
			t.Decision.State = to
			return nil
		}
	}
	if to == t.Decision.State {
		return nil
	}
	return violation("/body/status", "illegal-transition", "the decision machine has no such edge")
}

// infoRequested handles application.info-request: the clock of four weeks runs at the national side.
func (h *handling) infoRequested() []ehds.Finding {
	var b ehds.InfoRequestBody
	if f := h.body(&b); f != nil {
		return f
	}
	a, t, f := h.track()
	if f == nil {
		f = t.move(ehds.StateAwaitingInformation)
	}
	if f != nil {
		return f
	}
	t.InfoRequest = &answerable{h.env.Jti, h.from.TokenSHA256}
	h.record(a, t, step{What: string(h.env.Type), Axis: ehds.AxisApplication, Status: string(b.Status), Date: dateOf(b.Date, h.now)})
	return nil
}
