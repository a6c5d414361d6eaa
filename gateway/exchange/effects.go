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
	Filing  store.MessageRef `json:"filing"`
	Brought store.MessageRef `json:"brought,omitzero"` // the message that brought it, when one did
}

// permitTask asks for a signed permit: the first, or with Move a later version.
type permitTask struct {
	Track    ehds.Track        `json:"track"`
	Grant    ehds.PermitDetail `json:"grant"`
	Decision string            `json:"decision"`
	Move     *versionMove      `json:"move,omitempty"`
}

// permitStatusTask sets a permit's status when its time has come.
type permitStatusTask struct {
	PermitID string `json:"permit_id"`
	Value    int    `json:"value"`
}

// cause is the message that brought a domain event; zero when the national side did.
type cause struct {
	Iss         string
	TokenSHA256 string // an acknowledgement among the effects refers to it
	papers      papers // documents made for the event
}

// outcome is what a domain event leads to.
type outcome struct {
	cause   cause
	doc     ApplicationDoc
	send    []store.Outgoing
	leaves  []store.NewLeaf
	permits []store.PermitWrite
}

// change is what it writes into the record.
func (o outcome) change() store.Change {
	return store.Change{Doc: mustJSON(o.doc), Send: o.send, Leaves: o.leaves, Permits: o.permits}
}

// and is what this and the next event of a case lead to together.
func (o outcome) and(next outcome) outcome {
	next.send, next.leaves, next.permits = append(o.send, next.send...), append(o.leaves, next.leaves...), append(o.permits, next.permits...)
	return next
}

// apply runs an event that a message brought and queues its effects.
func (a *Applications) apply(h *Handling, doc ApplicationDoc, e access.Event) []ehds.Finding {
	out, err := a.caused(doc, e, h.Env.Case, cause{Iss: h.Env.Iss, TokenSHA256: h.Message.TokenSHA256}, h.Now)
	if err != nil {
		return findingOf(err)
	}
	h.Doc, h.Send, h.Leaves, h.Permits = mustJSON(out.doc), out.send, out.leaves, out.permits
	return nil
}

// step applies an event that no message brought: of the national side, of staff, of a clock. made are the
// documents that go with what it leads to; nil when none were made.
func (a *Applications) step(doc ApplicationDoc, e access.Event, caseID string, now time.Time, made papers) (outcome, error) {
	return a.caused(doc, e, caseID, cause{papers: made}, now)
}

// caused applies an event to a case and turns its effects into rows and leaves.
func (a *Applications) caused(doc ApplicationDoc, e access.Event, caseID string, by cause, now time.Time) (outcome, error) {
	next, effects, err := a.Rules.Apply(doc.Application, e, now)
	if err != nil {
		return outcome{}, err
	}
	before := historyLength(doc.Application)
	doc.Application = next
	out := outcome{cause: by, doc: doc}
	for _, ef := range effects {
		a.effect(&out, ef, caseID, now)
	}
	out.leaves = append(out.leaves, transitionLeaves(next, before, caseID)...)
	return out, nil
}

func (a *Applications) effect(out *outcome, e access.Effect, caseID string, now time.Time) {
	doc := &out.doc
	with := func(of string, t ehds.MessageType, track ehds.Track, body any) {
		out.send = append(out.send, a.withPapers(doc, Draft{To: doc.Counterpart, Type: t, Case: caseID, Track: &track, Body: body}, out.cause.papers, of, now))
	}
	say := func(t ehds.MessageType, track ehds.Track, body any) { with("", t, track, body) }
	id := doc.Application.ID
	switch e := e.(type) {
	case access.SendAck:
		out.send = append(out.send, a.Compose.Message(Draft{
			To: doc.Counterpart, Type: e.Type, Case: caseID, Track: &e.Track, Ref: e.Ref, RefSHA256: out.cause.TokenSHA256,
			Body: ehds.AckBody{ApplicationID: id, StatusID: e.StatusID, Date: stamp(e.Date)},
		}))
	case access.SendStatus:
		of := ""
		if e.Axis == ehds.AxisDecision {
			of = ofAppeal(e.Track)
		}
		with(of, ehds.ApplicationStatus, e.Track, ehds.StatusBody{
			ApplicationID: id, Axis: e.Axis, Status: e.Status, Date: stamp(e.Date), Reason: e.Reason,
		})
	case access.SendInfoRequest:
		say(ehds.ApplicationInfoRequest, e.Track, e.Body)
	case access.SendExtension:
		say(ehds.ApplicationExtension, e.Track, e.Body)
	case access.SendDecision:
		with(ofDecision(e.Card.DecisionID), ehds.ApplicationDecision, e.Track, e.Card)
		doc.Cards = append(doc.Cards, e.Card)
		out.leaves = append(out.leaves, store.NewLeaf{Class: "decision", Material: mustJSON(e.Card)})
		a.share(out, e.Track, e.Card, caseID)
	case access.SendPermit:
		with(ofPermit(e.Body.PermitID), ehds.PermitIssued, e.Track, e.Body)
		a.notify(out, e.Track, e.Body.PermitID, ehds.PermitStatusGranted, "", caseID, now)
	case access.SendPermitChanged:
		with(ofPermit(e.Body.PermitID), ehds.PermitChanged, e.Track, e.Body)
		a.notify(out, e.Track, e.Body.PermitID, e.Body.Status, e.Body.Reason, caseID, now)
	case access.HandToPermits:
		a.hand(out, e, caseID, now)
	case access.IssuePermit:
		out.send = append(out.send, a.Compose.Task(store.ChannelInternal, internalTarget, taskPermitIssue, caseID,
			permitTask{Track: e.Track, Grant: e.Grant, Decision: e.Decision}))
	case access.SetPermitStatus:
		a.permitStatus(out, e, caseID, now)
	case access.FlagForStaff:
		doc.Flags = append(doc.Flags, Flag{At: now, Code: e.Code, Note: e.Note})
	case access.StartClock, access.StopClock:
		// The document carries its clocks; the record lists them with it (TimersOf), and Timers fires them.
	}
}

// hand queues what the permit system is told. The text of an appeal is for the review body, which not
// every permit system is: staff also find it in the record, by the flag, whose note is the id of the
// message. That there is an appeal, the system learns from the answer to its decision too.
func (a *Applications) hand(out *outcome, e access.HandToPermits, caseID string, now time.Time) {
	if e.What == access.HandAppeal {
		out.doc = out.doc.flagged(Flag{At: now, Code: "appeal-submitted", Note: e.Message})
	}
	task := handoverTask{HandToPermits: e, Filing: out.doc.Filing}
	if e.Message != "" {
		task.Brought = store.MessageRef{Iss: out.cause.Iss, Jti: e.Message}
	}
	out.send = append(out.send, a.Compose.Task(store.ChannelPermits, a.Systems.Of(e.Track.HDAB), taskHandover, caseID, task))
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
