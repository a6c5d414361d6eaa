package exchange

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Kinds of task an application puts on the outbox.
const (
	taskHandover     = "permits.handover"
	taskPermitIssue  = "permit.issue"
	taskPermitStatus = "permit.status"
)

// internalTarget orders our own follow-ups of one case.
const internalTarget = "permits"

// handoverTask is what the permits worker carries out.
type handoverTask struct {
	access.HandToPermits
	Filing store.MessageRef `json:"filing"`
}

// permitTask asks for a signed permit.
type permitTask struct {
	Track    ehds.Track        `json:"track"`
	Grant    ehds.PermitDetail `json:"grant"`
	Decision string            `json:"decision"`
}

// permitStatusTask sets a permit's status when its time has come.
type permitStatusTask struct {
	PermitID string `json:"permit_id"`
	Value    int    `json:"value"`
}

// outcome is what a domain event leads to.
type outcome struct {
	doc     []byte
	send    []store.Outgoing
	leaves  []store.NewLeaf
	permits []store.PermitWrite
}

// apply runs an event that a message brought and queues its effects.
func (a *Applications) apply(h *Handling, doc ApplicationDoc, e access.Event) []ehds.Finding {
	out, err := a.step(doc, e, h.Env.Case, h.Message.TokenSHA256, h.Now)
	if err != nil {
		return findingOf(err)
	}
	h.Doc, h.Send, h.Leaves, h.Permits = out.doc, out.send, out.leaves, out.permits
	return nil
}

// step applies an event to a case and turns its effects into rows and leaves. answers is the
// token_sha256 of the message an acknowledgement among the effects refers to.
func (a *Applications) step(doc ApplicationDoc, e access.Event, caseID, answers string, now time.Time) (outcome, error) {
	next, effects, err := a.Rules.Apply(doc.Application, e, now)
	if err != nil {
		return outcome{}, err
	}
	before := historyLength(doc.Application)
	doc.Application = next
	var out outcome
	for _, ef := range effects {
		a.effect(&out, &doc, ef, caseID, answers, now)
	}
	out.leaves = append(out.leaves, transitionLeaves(next, before, caseID)...)
	out.doc = mustJSON(doc)
	return out, nil
}

func (a *Applications) effect(out *outcome, doc *ApplicationDoc, e access.Effect, caseID, answers string, now time.Time) {
	say := func(t ehds.MessageType, track ehds.Track, body any) {
		out.send = append(out.send, a.Compose.Message(Draft{To: doc.Centre, Type: t, Case: caseID, Track: &track, Body: body}))
	}
	id := doc.Application.ID
	switch e := e.(type) {
	case access.SendAck:
		out.send = append(out.send, a.Compose.Message(Draft{
			To: doc.Centre, Type: e.Type, Case: caseID, Track: &e.Track, Ref: e.Ref, RefSHA256: answers,
			Body: ehds.AckBody{ApplicationID: id, StatusID: e.StatusID, Date: stamp(e.Date)},
		}))
	case access.SendStatus:
		say(ehds.ApplicationStatus, e.Track, ehds.StatusBody{
			ApplicationID: id, Axis: e.Axis, Status: e.Status, Date: stamp(e.Date), Reason: e.Reason,
		})
	case access.SendInfoRequest:
		say(ehds.ApplicationInfoRequest, e.Track, e.Body)
	case access.SendExtension:
		say(ehds.ApplicationExtension, e.Track, e.Body)
	case access.SendDecision:
		say(ehds.ApplicationDecision, e.Track, e.Card)
		out.leaves = append(out.leaves, store.NewLeaf{Class: "decision", Material: mustJSON(e.Card)})
	case access.SendPermit:
		say(ehds.PermitIssued, e.Track, e.Body)
	case access.SendPermitChanged:
		say(ehds.PermitChanged, e.Track, e.Body)
	case access.HandToPermits:
		out.send = append(out.send, a.Compose.Task(store.ChannelPermits, a.Instance, taskHandover, caseID,
			handoverTask{HandToPermits: e, Filing: doc.Filing}))
	case access.IssuePermit:
		out.send = append(out.send, a.Compose.Task(store.ChannelInternal, internalTarget, taskPermitIssue, caseID,
			permitTask{Track: e.Track, Grant: e.Grant, Decision: e.Decision}))
	case access.SetPermitStatus:
		a.permitStatus(out, e, caseID, now)
	case access.FlagForStaff:
		doc.Flags = append(doc.Flags, Flag{At: now, Code: e.Code, Note: e.Note})
	case access.StartClock, access.StopClock:
		// The document carries its clocks; timers read them there.
	}
}

// permitStatus changes a status list entry in this transaction, or later when it takes effect later.
func (a *Applications) permitStatus(out *outcome, e access.SetPermitStatus, caseID string, now time.Time) {
	if !e.From.After(now) {
		out.permits = append(out.permits, store.PermitWrite{ID: e.PermitID, Status: e.Value})
		return
	}
	// A line of its own: a task that waits for its day must not hold up the permits behind it.
	row := a.Compose.Task(store.ChannelInternal, internalTarget+"/"+e.PermitID, taskPermitStatus, caseID,
		permitStatusTask{PermitID: e.PermitID, Value: e.Value})
	row.NotBefore = e.From
	out.send = append(out.send, row)
}

func historyLength(a access.Application) map[ehds.Track]int {
	n := make(map[ehds.Track]int, len(a.Tracks))
	for _, t := range a.Tracks {
		n[t.Key] = len(t.History)
	}
	return n
}

// transition is what a leaf of class "state" commits to.
type transition struct {
	Case  string      `json:"case"`
	Track ehds.Track  `json:"track"`
	Step  access.Step `json:"step"`
}

// transitionLeaves are the leaves of the steps that came since.
func transitionLeaves(a access.Application, before map[ehds.Track]int, caseID string) []store.NewLeaf {
	var out []store.NewLeaf
	for _, t := range a.Tracks {
		for _, s := range t.History[min(before[t.Key], len(t.History)):] {
			out = append(out, store.NewLeaf{Class: "state", Material: mustJSON(transition{Case: caseID, Track: t.Key, Step: s})})
		}
	}
	return out
}

// readApplication decodes a stored case document.
func readApplication(doc []byte) (ApplicationDoc, error) {
	var d ApplicationDoc
	err := json.Unmarshal(doc, &d)
	return d, err
}
