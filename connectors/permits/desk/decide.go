package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// QueueItem is a case as staff see it. Title may be personal: for people's eyes, not for logs.
type QueueItem struct {
	Case          string               `json:"case"`
	Track         ehds.Track           `json:"track"`
	ApplicationID string               `json:"application_id"`
	Kind          ehds.ApplicationKind `json:"kind"`
	Version       int                  `json:"version"`
	Title         string               `json:"title"`
	ReceivedAt    string               `json:"received_at"`
	State         State                `json:"state"`
	Rule          string               `json:"rule,omitempty"` // the rule that matched
	Note          string               `json:"note,omitempty"` // why a rule could not decide it
	DecisionID    string               `json:"decision_id,omitempty"`
	Outcome       ehds.Outcome         `json:"outcome,omitempty"`
	Answer        ehds.Answer          `json:"answer,omitempty"`
	Attachments   int                  `json:"attachments,omitempty"` // of the newest version
	// Information counts what came to complete the application; InformationAt is when the last came.
	Information   int    `json:"information,omitempty"`
	InformationAt string `json:"information_at,omitempty"`
}

// Decision is what a member of staff decides. Terms left empty are taken from the rule that matched
// the case, and from the form.
type Decision struct {
	Outcome   ehds.Outcome    `json:"outcome"`
	Actor     string          `json:"actor"` // opaque staff reference
	Signatory *ehds.Signatory `json:"signatory,omitempty"`
	Terms
}

// List returns every case, oldest receipt first.
func (d *Desk) List(ctx context.Context) ([]QueueItem, error) {
	var out []QueueItem
	for after := casePrefix; ; {
		mails, err := d.host.Mailbox.Scan(ctx, casePrefix, after, pageSize)
		if err != nil {
			return nil, err
		}
		for _, m := range mails {
			after = m.Key
			if len(m.Value) == 0 {
				continue // erased
			}
			var c caseDoc
			if err := json.Unmarshal(m.Value, &c); err != nil {
				return nil, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
			}
			out = append(out, c.item())
		}
		if len(mails) == 0 {
			break // a short page is not the last: a mailbox leaves out what was erased
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, _ := time.Parse(time.RFC3339, out[i].ReceivedAt) // checked when it was queued
		b, _ := time.Parse(time.RFC3339, out[j].ReceivedAt)
		return a.Before(b)
	})
	return out, nil
}

func (c caseDoc) item() QueueItem {
	q := QueueItem{Case: c.Case, Track: c.Track, ApplicationID: c.Application.ApplicationID, Kind: c.Application.Kind,
		Version: c.Application.Version, Title: c.Application.Title, ReceivedAt: c.ReceivedAt, State: c.state(),
		Rule: c.Rule, Note: c.Note, Attachments: len(c.Attachments)}
	if c.Decision != nil {
		q.DecisionID, q.Outcome = c.Decision.DecisionID, c.Decision.Outcome
	}
	if c.Answer != nil {
		q.Answer = c.Answer.Answer
	}
	if n := len(c.Information); n > 0 {
		q.Information, q.InformationAt = n, c.Information[n-1].At
	}
	return q
}

// Decide takes a decision on a queued case. A second decision is refused with code
// "already-decided", a positive one whose grant cannot be filled with "grant-incomplete", and a
// refusal without reasons with "reasons-missing".
func (d *Desk) Decide(ctx context.Context, caseID string, track ehds.Track, dec Decision) error {
	if dec.Actor == "" || (dec.Outcome != ehds.Positive && dec.Outcome != ehds.Negative) {
		return fault.New(fault.Invalid, "decision-incomplete", "a decision needs an outcome and who took it")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := d.begin(ctx)
	if err != nil {
		return err
	}
	c, err := tx.must(caseID, track)
	if err != nil {
		return err
	}
	switch c.state() {
	case Decided:
		return fault.New(fault.Conflict, "already-decided", "the case is decided")
	case Withdrawn:
		return fault.New(fault.Conflict, "case-withdrawn", "the case was withdrawn")
	}
	f := readForm(c.Application)
	_, then := d.rules.match(&c, f)
	note, err := d.decide(tx, &c, f, verdict{dec.Outcome, then.Terms.overlay(dec.Terms), dec.Signatory, dec.Actor})
	if err != nil {
		return err
	}
	if note != "" {
		return fault.New(fault.Invalid, "grant-incomplete", note)
	}
	return tx.commit()
}

// verdict is a decision to be written, by a rule or a person.
type verdict struct {
	Outcome   ehds.Outcome
	Terms     Terms
	Signatory *ehds.Signatory
	Actor     string
}

// decide writes PROCESSING, the decision and the case. When the grant cannot be filled it writes
// nothing and returns a note that says what is missing.
func (d *Desk) decide(tx *tx, c *caseDoc, f form, v verdict) (note string, err error) {
	if v.Outcome == ehds.Negative && v.Terms.Reasons == "" {
		return "", fault.New(fault.Invalid, "reasons-missing", "a refusal needs reasons")
	}
	id := fmt.Sprintf("D-%s-%04d-%06d", d.rules.Body.ID, tx.now.Year(), tx.n.Decision+1)
	var grant *ehds.PermitDetail
	if v.Outcome == ehds.Positive {
		if v.Actor == actorRules {
			if note := reservedPurposes(f); note != "" {
				return note, nil
			}
		}
		if c.Application.Kind == ehds.DataAccessApplication {
			g, missing := d.rules.grant(c, f, v.Terms, tx.now)
			if missing != "" {
				return missing, nil
			}
			g.DecisionID = id
			grant = &g
		}
	}
	tx.n.Decision++
	tx.status(c, ehds.StateProcessing, v.Actor)
	signatory := d.rules.Body.Signatory
	if v.Signatory != nil {
		signatory = *v.Signatory
	}
	c.Actor = v.Actor
	c.Decision = &ehds.DecisionBody{ApplicationID: c.Application.ApplicationID, DecisionID: id, Outcome: v.Outcome,
		Timestamp: tx.now.Format(time.RFC3339Nano), Signatory: signatory, Reasons: v.Terms.Reasons,
		Conditions: v.Terms.Conditions, Fees: v.Terms.Fees}
	tx.event(connectors.PermitEvent{Kind: connectors.EventDecision, Case: c.Case, Track: c.Track, Actor: v.Actor,
		Decision: c.Decision, Grant: grant})
	return "", tx.save(*c)
}
