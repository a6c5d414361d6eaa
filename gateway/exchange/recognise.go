package exchange

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/access/recognition"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// A permit that a peer shows is judged in two steps, each a task of its own: the internal worker proves it,
// judges it by the policy and records the judgement with its reasons; then the permit system of our body is
// told, where an approval takes the way of every decision. A crash between them repeats the second only.
const (
	taskRecognise  = "application.recognise"
	taskRecognised = "application.recognised"
)

// Recognition is how permits of other nations' bodies are recognised (Art. 68(5)).
type Recognition struct {
	// Policies are those toward each peer. A peer without any is left to staff.
	Policies map[string]recognition.Policies
	// Prove judges a permit as of now. An error is for what cannot be told now and may be later.
	Prove func(ctx context.Context, token string) (recognition.Proof, error)
}

// Recognised is the judgement on what a peer showed, for one of our tracks.
type Recognised struct {
	At      time.Time        `json:"at"`
	Track   ehds.Track       `json:"track"`   // of ours
	Message store.MessageRef `json:"message"` // that showed it
	Version int              `json:"version"` // of the application that was judged
	recognition.Result
}

// recogniseTask asks for the judgement on one message for one of our tracks.
type recogniseTask struct {
	Track   ehds.Track       `json:"track"`
	Message store.MessageRef `json:"message"`
}

// toJudge are the tasks that a message leads to: one for each open track whose policy toward the peer is not
// manual. Each has a line of its own: one whose permit's status cannot be asked for waits alone.
func (a *Applications) toJudge(doc ApplicationDoc, shown Shared, caseID string) (out []store.Outgoing) {
	for _, t := range doc.Application.Tracks {
		if t.Status.Terminal() || a.Recognition.Policies[shown.Peer].For(t.Procedure) == recognition.Manual {
			continue
		}
		out = append(out, a.Compose.Task(store.ChannelInternal, internalTarget+"/"+shown.Message.Jti, taskRecognise, caseID, recogniseTask{t.Key, shown.Message}))
	}
	return out
}

// recognise proves and judges. What may hold later, such as a status list that cannot be had, is tried again.
func (w *Issuer) recognise(ctx context.Context, row store.Outbox) error {
	var t recogniseTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	c, _, err := w.Record.Case(ctx, row.Case)
	if err != nil {
		return err
	}
	seen, shown, err := showing(c.Doc, t)
	if err != nil {
		return err
	}
	var filed ehds.ApplicationBody
	if _, _, err := readBack(ctx, w.Record, seen.Filing, &filed); err != nil {
		return err
	}
	proof := recognition.Proof{Shown: shown.Body.Permit != ""}
	if proof.Shown {
		if proof, err = w.Applications.Recognition.Prove(ctx, shown.Body.Permit); err != nil {
			return fault.Wrap(err, fault.Unavailable, "permit-unproved", "the permit that was shown cannot be judged now")
		}
	}
	_, err = w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		doc, shown, err := showing(s.Doc, t)
		if err != nil {
			return store.Change{}, err
		}
		if doc.Filing != seen.Filing {
			return store.Change{}, fault.New(fault.Unavailable, "application-changed", "the application was amended meanwhile; it is judged again")
		}
		change, err := w.Applications.judged(doc, t, shown, filed, proof, s)
		change.Settle = &store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true}
		return change, err
	})
	return err
}

// showing finds what a task is about.
func showing(raw []byte, t recogniseTask) (ApplicationDoc, Shared, error) {
	doc, err := readApplication(raw)
	if err != nil {
		return doc, Shared{}, err
	}
	i := slices.IndexFunc(doc.Shared, func(s Shared) bool { return s.Message == t.Message })
	if i < 0 {
		return doc, Shared{}, errUnknownCase()
	}
	return doc, doc.Shared[i], nil
}

// judgement finds what came of a task; false while nothing did.
func (d ApplicationDoc) judgement(t recogniseTask) (Recognised, bool) {
	i := slices.IndexFunc(d.Recognised, func(r Recognised) bool { return r.Message == t.Message && r.Track == t.Track })
	if i < 0 {
		return Recognised{}, false
	}
	return d.Recognised[i], true
}

// recognisedLeaf is what a leaf about a judgement commits to.
type recognisedLeaf struct {
	Case       string     `json:"case"`
	Track      ehds.Track `json:"track"`
	Recognised Recognised `json:"recognition"`
}

// judged records the judgement on one track, once, and queues what the permit system is told.
func (a *Applications) judged(doc ApplicationDoc, t recogniseTask, shown Shared, filed ehds.ApplicationBody, proof recognition.Proof, s store.State) (store.Change, error) {
	track, ok := doc.Application.Track(t.Track)
	if !ok {
		return store.Change{}, errUnknownCase()
	}
	if _, done := doc.judgement(t); done {
		return store.Change{}, nil
	}
	r := Recognised{At: s.Now, Track: t.Track, Message: t.Message, Version: doc.Application.Version, Result: recognition.Judge(
		a.ourSide(doc, *track, filed, s.Now),
		recognition.Shown{Peer: shown.Peer, Track: shown.Track, Decision: shown.Body.Decision, Proof: proof},
		a.Recognition.Policies[shown.Peer],
	)}
	doc.Recognised = append(doc.Recognised, r)
	doc.Flags = append(doc.Flags, flagOf(r.Result, s.Now))
	return store.Change{
		Doc:    mustJSON(doc),
		Leaves: []store.NewLeaf{{Class: "decision", Material: mustJSON(recognisedLeaf{s.Case, t.Track, r})}},
		Send:   []store.Outgoing{a.Compose.Task(store.ChannelPermits, a.Systems.Of(t.Track.HDAB), taskRecognised, s.Case, t)},
	}, nil
}

// flagOf tells staff of a judgement.
func flagOf(r recognition.Result, now time.Time) Flag {
	switch r.Outcome {
	case recognition.Approved:
		return Flag{At: now, Code: "recognition-approved", Note: r.Permit}
	case recognition.Proposed:
		return Flag{At: now, Code: "recognition-proposed", Note: r.Permit}
	}
	return Flag{At: now, Code: "recognition-left-to-staff", Note: against(r)}
}

// against are the codes of what speaks against recognition.
func against(r recognition.Result) string {
	var out []string
	for _, reason := range r.Reasons {
		if reason.Against {
			out = append(out, reason.Code)
		}
	}
	return strings.Join(out, " ")
}

// ourSide is the application as our body has it before it.
func (a *Applications) ourSide(doc ApplicationDoc, t access.Track, filed ehds.ApplicationBody, now time.Time) recognition.Case {
	c := recognition.Case{Kind: doc.Application.Kind, Track: t.Key, Procedure: t.Procedure, Status: t.Status, Decided: t.Decision != nil, Application: filed}
	facts := a.Router.Facts(filed.Datasets, t.Key.HDAB)
	for _, id := range slices.Sorted(maps.Keys(facts)) {
		c.Datasets = append(c.Datasets, recognition.Dataset{ID: id, CentralID: facts[id].CentralID, Categories: facts[id].Categories})
	}
	// A dataset of the track that our record does not know is covered by nothing.
	for _, d := range a.Router.Located(filed.Datasets) {
		if _, known := facts[d.DatasetID]; !known && d.Country == a.Router.Country && (d.CatalogID == "" || d.CatalogID == t.Key.CatalogID) {
			c.Datasets = append(c.Datasets, recognition.Dataset{ID: d.DatasetID})
		}
	}
	for _, f := range gate.Check(filed, gate.Options{Today: now, Procedure: t.Procedure, EthicsRequired: a.Gates.EthicsRequired, Early: a.Gates.Early, Datasets: a.Router.Known(filed.Datasets)}) {
		if f.Completion || f.Severity == gate.Violation {
			c.Missing = append(c.Missing, f.Article)
		}
	}
	return c
}

// recognised tells the permit system of a body what was judged. One that cannot take it has the flag of the
// case, and its staff decide.
func (w *Handover) recognised(ctx context.Context, to connectors.Recognitions, row store.Outbox) error {
	var t recogniseTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	if to == nil {
		return nil
	}
	c, _, err := w.Record.Case(ctx, row.Case)
	if err != nil {
		return err
	}
	doc, err := readApplication(c.Doc)
	if err != nil {
		return err
	}
	r, ok := doc.judgement(t)
	if !ok {
		return errUnknownCase()
	}
	return to.Recognise(ctx, connectors.RecognitionNotice{
		Ref: row.Jti, Case: row.Case, Track: t.Track, Version: r.Version, Approve: r.Outcome == recognition.Approved,
		Propose: r.Outcome == recognition.Proposed, Reasons: r.Text(), Conditions: r.Conditions,
	})
}
