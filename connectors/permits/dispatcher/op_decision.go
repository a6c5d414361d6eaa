package dispatcher

import (
	"cmp"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// decisionCard is a decision as a system tells it (TEHDAS2 D6.4 §9.2).
type decisionCard struct {
	common
	ApplicationID string         `json:"application_id"`
	DecisionID    string         `json:"decision_id"`
	Outcome       string         `json:"outcome"` // Positive | Negative
	Timestamp     string         `json:"timestamp"`
	Signatory     ehds.Signatory `json:"signatory"`
	Reasons       string         `json:"reasons"`
	Conditions    []string       `json:"conditions"`
	Fees          *ehds.Fees     `json:"fees"`
	// RefusedDatasets are those a positive decision does not grant, each with its reasons (Art. 68(3)).
	RefusedDatasets []ehds.RefusedDataset `json:"refused_datasets"`
	// ConvertedTo is DATA_REQUEST_APPLICATION when an access application is answered as a data request, with
	// the applicant's consent (Art. 68(3)): nothing is granted then.
	ConvertedTo ehds.ApplicationKind `json:"converted_to"`
	Permit      *ehds.PermitDetail   `json:"permit"` // what is granted, Art. 68(10), as far as the form does not say it
}

// updateApplicationDecision issues a decision. Documents that come with it belong to it: the pre-permit of a
// positive one, the signed refusal of a negative one.
func (c *call) updateApplicationDecision() error { return c.decide(c.r.PathValue("id")) }

// postDecisionCard is the same operation where the observed client calls it.
func (c *call) postDecisionCard() error { return c.decide("") }

func (c *call) decide(id string) error {
	var (
		card    decisionCard
		at      string
		outcome ehds.Outcome
	)
	if err := c.hear(&card, &card.common, func(f *findings) {
		if id == "" {
			f.wants(card.ApplicationID != "", "/application_id", "the application decided on is wanted")
			id = card.ApplicationID
		}
		about(f, id, card.ApplicationID)
		at, outcome = card.read(f, c.d.host.Clock())
	}); err != nil {
		return err
	}
	return c.alone(id, func(t *tx, tr *track) error {
		return c.d.issue(t, tr, card, outcome, at, c.in.Documents)
	})
}

// read finds what is wrong with what only a card has, and reads its time and outcome.
func (d decisionCard) read(f *findings, now time.Time) (at string, o ehds.Outcome) {
	at = cmp.Or(d.Timestamp, d.Date, now.UTC().Format(time.RFC3339Nano))
	t, err := time.Parse(time.RFC3339, at)
	f.wants(err == nil && !t.After(now.Add(time.Minute)), "/timestamp", "an RFC 3339 date-time is wanted that is not to come")
	switch {
	case strings.EqualFold(d.Outcome, string(ehds.Positive)):
		o = ehds.Positive
	case strings.EqualFold(d.Outcome, string(ehds.Negative)):
		o = ehds.Negative
	default:
		f.wants(false, "/outcome", "Positive or Negative is wanted")
	}
	f.wants(len(d.DecisionID) <= 128, "/decision_id", "at most 128 bytes are wanted")
	f.wants(strings.TrimSpace(d.Signatory.Name) != "", "/signatory/name", "who signed is wanted")
	f.wants(strings.TrimSpace(d.Signatory.JobTitle) != "", "/signatory/job_title", "the signatory's function is wanted")
	if o == ehds.Negative && strings.TrimSpace(d.Reasons) == "" {
		*f = append(*f, finding{"/reasons", "reasons-missing", "68(9)", "a refusal needs its reasons"})
	}
	for i, r := range d.RefusedDatasets {
		if r.DatasetID == "" || strings.TrimSpace(r.Reasons) == "" || o != ehds.Positive {
			*f = append(*f, finding{"/refused_datasets/" + strconv.Itoa(i), "reasons-missing", "68(3)", "a positive decision names each dataset it refuses, with reasons"})
		}
	}
	f.wants(d.ConvertedTo == "" || d.ConvertedTo == ehds.DataRequestApplication && o == ehds.Positive, "/converted_to",
		"DATA_REQUEST_APPLICATION is wanted, of a positive decision")
	return at, o
}

// issue takes a decision on a track.
func (d *Driver) issue(t *tx, tr *track, card decisionCard, o ehds.Outcome, at string, documents []upload) error {
	replaces := tr.DecisionID
	if card.DecisionID == "" {
		id, err := d.decisionID()
		if err != nil {
			return err
		}
		card.DecisionID = id
	}
	used := append(slices.Clone(tr.SetAside), replaces)
	if err := tr.decide(card.DecisionID, o); err != nil {
		return err
	}
	if slices.Contains(used, card.DecisionID) {
		return fault.New(fault.Conflict, "decision-id-used", "a new decision has an id of its own")
	}
	body := &ehds.DecisionBody{ApplicationID: tr.number(), DecisionID: card.DecisionID, Outcome: o, Timestamp: at, Signatory: card.Signatory,
		Reasons: card.Reasons, Conditions: card.Conditions, Fees: card.Fees, Replaces: replaces,
		RefusedDatasets: card.RefusedDatasets, ConvertedTo: card.ConvertedTo}
	e := connectors.PermitEvent{Kind: connectors.EventDecision, At: at, Decision: body, Files: t.keep(tr.Case, documents)}
	if card.ConvertedTo != "" && tr.Kind != ehds.DataAccessApplication {
		return findings{{"/converted_to", "value", "68(3)", "only an access application is answered as a data request"}}.err()
	}
	if o == ehds.Positive && tr.Kind == ehds.DataAccessApplication && card.ConvertedTo == "" {
		grant, err := d.grant(t.ctx, *tr, card, at)
		if err != nil {
			return err
		}
		e.Grant = grant
		body.Fees = grant.Fees
	}
	t.event(tr, e)
	return nil
}

func (d *Driver) decisionID() (string, error) {
	b := make([]byte, 8)
	if err := d.host.Rand(b); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "no-randomness", "no identifier can be made now")
	}
	return "D-" + d.o.Country + "-" + hex.EncodeToString(b), nil
}

// decideAppeal tells what became of an appeal against a negative decision.
func (c *call) decideAppeal() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		Approved *bool  `json:"approved"`
		Reasons  string `json:"reasons"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		f.wants(body.Approved != nil, "/approved", "true or false is wanted")
	}); err != nil {
		return err
	}
	return c.alone(id, func(t *tx, tr *track) error {
		e := ehds.DecisionEventAppealRejected
		if *body.Approved {
			e = ehds.DecisionEventAppealApproved
		}
		if err := tr.moveDecision(e); err != nil {
			return err
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventAppealDecided, At: body.Date, Approved: *body.Approved, Reason: body.Reasons,
			Files: t.keep(tr.Case, c.in.Documents)})
		return nil
	})
}
