package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
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
	// Missing counts the answers the law asks for and the application lacks, ToAssess what else in it needs
	// a look; of a queued case. Show lists them.
	Missing  int    `json:"missing,omitempty"`
	ToAssess int    `json:"to_assess,omitempty"`
	Assigned string `json:"assigned,omitempty"`
	// Awaits says whom the case waits for: WaitsApplicant, WaitsSecond, WaitsAppeal or WaitsChange; empty
	// for a queued case that waits for a decision, and for one where nothing is to do.
	Awaits Awaits `json:"awaits,omitempty"`
}

// Decision is what a member of staff decides. Terms left empty are taken from the rule that matched
// the case, and from the form.
type Decision struct {
	Outcome   ehds.Outcome    `json:"outcome"`
	Actor     string          `json:"actor"` // opaque staff reference
	Signatory *ehds.Signatory `json:"signatory,omitempty"`
	// Refused are datasets a positive decision does not grant, each with its reasons.
	Refused []ehds.RefusedDataset `json:"refused_datasets,omitempty"`
	// AsRequest answers an access application as a data request, with the applicant's consent (Art. 68(3)):
	// nothing is granted.
	AsRequest bool `json:"as_data_request,omitempty"`
	Terms
}

// List returns every case, oldest receipt first.
func (d *Desk) List(ctx context.Context) ([]QueueItem, error) {
	var out []QueueItem
	err := connectors.EachMail(ctx, d.host.Mailbox, casePrefix, casePrefix, func(m connectors.Mail) (bool, error) {
		var c caseDoc
		if err := json.Unmarshal(m.Value, &c); err != nil {
			return false, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
		}
		q := c.item()
		q.count(d.examine(c))
		out = append(out, q)
		return true, nil
	})
	if err != nil {
		return nil, err
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
	q.Assigned, q.Awaits = c.Assigned, c.awaits()
	if n := len(c.Information); n > 0 {
		q.Information, q.InformationAt = n, c.Information[n-1].At
	}
	return q
}

// Decide takes a decision on a queued case. A second decision is refused with code
// "already-decided", one while the applicant completes the application with "information-awaited", a
// positive one whose grant cannot be filled with "grant-incomplete", and a refusal without reasons with
// "reasons-missing". Where two persons are needed it is refused with "second-person-needed".
func (d *Desk) Decide(ctx context.Context, caseID string, track ehds.Track, dec Decision) error {
	if dec.Actor == "" {
		return decisionIncomplete()
	}
	return d.Do(ctx, caseID, track, Act{Actor: dec.Actor, Decision: &dec})
}

func decisionIncomplete() error {
	return fault.New(fault.Invalid, "decision-incomplete", "a decision needs an outcome and who took it")
}

// verdictOf decides a case by what a person says over what the rules say.
func (d *Desk) verdictOf(tx *tx, c *caseDoc, dec Decision, actor string) error {
	if dec.Outcome != ehds.Positive && dec.Outcome != ehds.Negative {
		return decisionIncomplete()
	}
	if err := c.assessable(); err != nil {
		return err
	}
	f := readForm(c.completed())
	_, then := d.rules.match(c, f)
	note, err := d.decide(tx, c, f, verdict{dec.Outcome, then.Terms.overlay(dec.Terms), dec.Signatory, actor, dec.Refused, dec.AsRequest})
	if err == nil && note != "" {
		err = fault.New(fault.Invalid, "grant-incomplete", note)
	}
	return err
}

// verdict is a decision to be written, by a rule or a person.
type verdict struct {
	Outcome   ehds.Outcome
	Terms     Terms
	Signatory *ehds.Signatory
	Actor     string
	Refused   []ehds.RefusedDataset
	AsRequest bool
}

// decide writes PROCESSING, the decision and the case. When the grant cannot be filled it writes
// nothing and returns a note that says what is missing.
func (d *Desk) decide(tx *tx, c *caseDoc, f form, v verdict) (note string, err error) {
	if v.Outcome == ehds.Negative && v.Terms.Reasons == "" {
		return "", fault.New(fault.Invalid, "reasons-missing", "a refusal needs reasons")
	}
	if err := checkRefused(c, v); err != nil {
		return "", err
	}
	id := fmt.Sprintf("D-%s-%04d-%06d", d.rules.Body.ID, tx.now.Year(), tx.n.Decision+1)
	var grant *ehds.PermitDetail
	if v.Outcome == ehds.Positive {
		if v.Actor == actorRules {
			if note := reservedPurposes(f); note != "" {
				return note, nil
			}
		}
		if c.Application.Kind == ehds.DataAccessApplication && !v.AsRequest {
			g, missing := d.rules.grant(c, f, v, tx.now)
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
		Timestamp: tx.stamp(), Signatory: signatory, Reasons: v.Terms.Reasons,
		Conditions: v.Terms.Conditions, Fees: v.Terms.Fees, Replaces: c.Replaces, RefusedDatasets: v.Refused}
	if v.AsRequest {
		c.Decision.ConvertedTo = ehds.DataRequestApplication
	}
	if c.Appeal != nil {
		c.Appealed = append(c.Appealed, *c.Appeal)
	}
	c.Grant, c.Answer, c.Appeal = grant, nil, nil
	tx.event(connectors.PermitEvent{Kind: connectors.EventDecision, Case: c.Case, Track: c.Track, Actor: v.Actor,
		Decision: c.Decision, Grant: grant})
	return "", tx.save(*c)
}

// checkRefused: a positive decision may refuse some of the datasets asked for, with reasons, not all.
func checkRefused(c *caseDoc, v verdict) error {
	if len(v.Refused) > 0 && v.Outcome != ehds.Positive {
		return fault.New(fault.Invalid, "refused-datasets-do-not-fit", "a negative decision refuses all datasets; only a positive one lists some")
	}
	if v.AsRequest && (v.Outcome != ehds.Positive || c.Application.Kind != ehds.DataAccessApplication) {
		return fault.New(fault.Invalid, "conversion-does-not-fit", "only a positive decision on an access application answers it as a data request")
	}
	for _, r := range v.Refused {
		if strings.TrimSpace(r.Reasons) == "" {
			return fault.New(fault.Invalid, "reasons-missing", "a refusal needs reasons")
		}
		if !slices.ContainsFunc(c.Application.Datasets, func(a ehds.ApplicationDataset) bool { return a.DatasetID == r.DatasetID }) {
			return fault.New(fault.Invalid, "dataset-not-asked-for", "a refused dataset is not among those asked for")
		}
	}
	return nil
}

func refuses(list []ehds.RefusedDataset, id string) bool {
	return slices.ContainsFunc(list, func(r ehds.RefusedDataset) bool { return r.DatasetID == id })
}
