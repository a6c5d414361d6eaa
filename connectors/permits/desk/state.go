package desk

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// State of a case at the desk.
type State string

// The states.
const (
	Queued    State = "QUEUED"
	Decided   State = "DECIDED"
	Withdrawn State = "WITHDRAWN"
)

// Who acts when no person does.
const (
	actorRules       = "rules"
	actorRecognition = "recognition" // of a permit of another body, Art. 68(5)
)

// caseDoc is what the desk keeps of one track, sealed with the key of its case.
type caseDoc struct {
	Case        string               `json:"case"`
	Track       ehds.Track           `json:"track"`
	Application ehds.ApplicationBody `json:"application"`
	ReceivedAt  string               `json:"received_at"`
	Attachments []ehds.Attachment    `json:"attachments,omitempty"`
	// Published is what the nation published of the datasets asked for; nil when nobody said.
	Published map[string]connectors.DatasetFacts `json:"published,omitzero"`
	Status    ehds.ApplicationState              `json:"status"` // last one told
	Rule      string                             `json:"rule,omitempty"`
	Note      string                             `json:"note,omitempty"`
	Decision  *ehds.DecisionBody                 `json:"decision,omitempty"`
	Actor     string                             `json:"actor,omitempty"`
	Withdrawn *withdrawal                        `json:"withdrawn,omitempty"`
	Answer    *ehds.DecisionAnswerBody           `json:"answer,omitempty"`
	// Information is what came to complete the application, oldest first.
	Information []information      `json:"information,omitempty"`
	Grant       *ehds.PermitDetail `json:"grant,omitempty"`    // of the decision, and of permit versions since
	Asked       *Asked             `json:"asked,omitempty"`    // what the applicant was asked for and has not brought yet
	Appeal      *Appeal            `json:"appeal,omitempty"`   // against the decision in force
	Appealed    []Appeal           `json:"appealed,omitempty"` // against decisions set aside, oldest first (R10.0.5)
	Replaces    string             `json:"replaces,omitempty"` // decision set aside by an appeal
	Changes     []Change           `json:"changes,omitempty"`  // asked for by the permit holder, oldest first
	Proposal    *Proposal          `json:"proposal,omitempty"` // waits for a second person
	Assigned    string             `json:"assigned,omitempty"` // staff reference
	Notes       []Note             `json:"notes,omitempty"`    // never sent
	Log         []Entry            `json:"log,omitempty"`      // what staff did, oldest first
}

type information struct {
	Ref         string            `json:"ref"`
	At          string            `json:"at"` // when it came to the desk
	Body        ehds.InfoBody     `json:"body"`
	Attachments []ehds.Attachment `json:"attachments,omitempty"`
}

type withdrawal struct {
	Date   string `json:"date"`
	Reason string `json:"reason,omitempty"`
}

func (c caseDoc) state() State {
	switch {
	case c.Withdrawn != nil:
		return Withdrawn
	case c.Decision != nil:
		return Decided
	}
	return Queued
}

// Keys of the mailbox. They hold no personal data: cases are hashed.
const (
	casePrefix  = "case/"
	keyCounters = "counters"
)

func caseKey(id string, t ehds.Track) string { return casePrefix + connectors.TrackDigest(id, t) }

// counters number events and decisions.
type counters struct {
	Event    int64 `json:"event"`
	Decision int64 `json:"decision"`
}

// tx collects one atomic change.
type tx struct {
	ctx  context.Context
	desk *Desk
	now  time.Time
	n    counters
	puts []connectors.Mail
	told []connectors.PermitEvent
	err  error
}

func (d *Desk) begin(ctx context.Context) (*tx, error) {
	t := &tx{ctx: ctx, desk: d, now: d.host.Clock().UTC()}
	b, ok, err := d.host.Mailbox.Get(ctx, keyCounters)
	if err != nil || !ok {
		return t, err
	}
	if err := json.Unmarshal(b, &t.n); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
	}
	return t, nil
}

func (t *tx) stamp() string { return t.now.Format(time.RFC3339Nano) }

func (t *tx) put(m connectors.Mail) { t.puts = append(t.puts, m) }

func (t *tx) putJSON(key, caseID string, v any) {
	b, err := json.Marshal(v)
	if err != nil && t.err == nil {
		t.err = fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be written")
	}
	t.put(connectors.Mail{Key: key, Case: caseID, Value: b})
}

func (t *tx) load(id string, track ehds.Track) (caseDoc, bool, error) {
	var c caseDoc
	b, ok, err := t.desk.host.Mailbox.Get(t.ctx, caseKey(id, track))
	if err != nil || !ok {
		return c, false, err
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, false, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
	}
	return c, true, nil
}

func (t *tx) must(id string, track ehds.Track) (caseDoc, error) {
	c, ok, err := t.load(id, track)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "unknown-case", "no such case or track is known here")
	}
	return c, err
}

func (t *tx) save(c caseDoc) error {
	t.putJSON(caseKey(c.Case, c.Track), c.Case, c)
	return t.err
}

// status tells a new status once.
func (t *tx) status(c *caseDoc, s ehds.ApplicationState, actor string) {
	if c.Status == s {
		return
	}
	c.Status = s
	t.event(connectors.PermitEvent{Kind: connectors.EventStatus, Case: c.Case, Track: c.Track,
		Actor: actor, Status: string(s)})
}

func (t *tx) event(e connectors.PermitEvent) {
	t.n.Event++
	e.ID = t.desk.host.Instance + "-" + strconv.FormatInt(t.n.Event, 10)
	e.At = t.stamp()
	t.told = append(t.told, e)
	t.putJSON(connectors.EventKey(t.n.Event), e.Case, e)
}

// foresee refuses what the case in the gateway would refuse: the desk does not know all that happens there,
// such as a permit that ended.
func (t *tx) foresee() error {
	if t.desk.host.Foresee == nil || len(t.told) == 0 {
		return nil
	}
	return t.desk.host.Foresee(t.ctx, t.told)
}

func (t *tx) commit() error {
	t.putJSON(keyCounters, "", t.n)
	if t.err != nil {
		return t.err
	}
	return t.desk.host.Mailbox.Batch(t.ctx, t.puts, nil)
}
