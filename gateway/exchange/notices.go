package exchange

import (
	"cmp"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// taskNotice tells somebody of a permit version, through the permit system of the body or a courier.
const taskNotice = "permits.notice"

// AcknowledgeWithin is how long a recipient has to confirm a notice where nothing else is configured. No
// law sets it.
const AcknowledgeWithin = 5 * 24 * time.Hour

// Granted is what a permit version grants, as far as it says who must know of it: no persons.
type Granted struct {
	PermitID string                `json:"permit_id"`
	Datasets []ehds.GrantedDataset `json:"datasets"`
	SPE      string                `json:"spe"`               // operator of the secure processing environment
	OptOut   ehds.PermitOptOut     `json:"opt_out_exception"` // without its reason
	From     string                `json:"from"`
	To       string                `json:"to"`
}

// NoticeState is where a notice stands.
type NoticeState string

// The states of a notice.
const (
	NoticeQueued       NoticeState = "QUEUED"
	NoticeSent         NoticeState = "SENT"     // handed to the system that brings it
	NoticeByStaff      NoticeState = "BY_STAFF" // no system brings it, or none could: staff tell the recipient
	NoticeAcknowledged NoticeState = "ACKNOWLEDGED"
)

// Notice is one recipient told of one change of a permit, and the proof that it was confirmed: each step
// is a leaf of the evidence log (TEHDAS2 D6.4 §9.3, R13.0.2).
type Notice struct {
	ID            string                 `json:"id"`
	Track         ehds.Track             `json:"track"`
	PermitID      string                 `json:"permit_id"`
	Status        ehds.PermitStatusValue `json:"status"`
	Recipient     connectors.Recipient   `json:"recipient"`
	Reason        string                 `json:"reason,omitempty"`
	State         NoticeState            `json:"state"`
	Made          time.Time              `json:"made"`
	Sent          time.Time              `json:"sent,omitzero"`
	AcknowledgeBy time.Time              `json:"acknowledge_by"`
	Acknowledged  time.Time              `json:"acknowledged,omitzero"`
	By            string                 `json:"by,omitempty"` // who confirmed, as the system says
}

// Overdue says whether a notice should have been confirmed by now.
func (n Notice) Overdue(now time.Time) bool {
	return n.State != NoticeAcknowledged && !now.Before(n.AcknowledgeBy)
}

// grantedOf is what a permit grants, without the persons.
func grantedOf(id string, g ehds.PermitDetail) Granted {
	return Granted{
		PermitID: id, Datasets: append([]ehds.GrantedDataset(nil), g.Granted...), SPE: g.SPE.Operator,
		OptOut: ehds.PermitOptOut{Applied: g.OptOut.Applied, Until: g.OptOut.Until},
		From:   g.Duration.From, To: g.Duration.To,
	}
}

// recipients are who must know of a permit: its user, each data holder once, the operator of the
// environment (TEHDAS2 D6.4 §9.3; Art. 68(7), 73).
func (g Granted) recipients() []connectors.Recipient {
	out := []connectors.Recipient{{Kind: connectors.RecipientUser}}
	for _, d := range g.Datasets {
		r := connectors.Recipient{Kind: connectors.RecipientHolder, Name: d.Holder}
		if d.Holder != "" && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	if g.SPE != "" {
		out = append(out, connectors.Recipient{Kind: connectors.RecipientSPE, Name: g.SPE})
	}
	return out
}

// notify queues a notice for everybody who must know of a change of a permit.
func (a *Applications) notify(out *outcome, track ehds.Track, permit string, s ehds.PermitStatusValue, reason, caseID string, now time.Time) {
	doc := &out.doc
	i := slices.IndexFunc(doc.Granted, func(g Granted) bool { return g.PermitID == permit })
	if i < 0 {
		return // issued before notices were kept
	}
	within := cmp.Or(a.AcknowledgeWithin[track.HDAB], AcknowledgeWithin)
	for _, r := range doc.Granted[i].recipients() {
		row := a.Compose.Task(store.ChannelPermits, a.targetOf(track.HDAB, r), taskNotice, caseID, nil)
		n := Notice{
			ID: row.Jti, Track: track, PermitID: permit, Status: s, Recipient: r, Reason: reason, State: NoticeQueued,
			Made: now, AcknowledgeBy: now.Add(within),
		}
		row.Payload = mustJSON(n.ID)
		doc.Notices = append(doc.Notices, n)
		out.send = append(out.send, row)
	}
}

// noticeStep is what a leaf about a notice commits to.
type noticeStep struct {
	Case   string `json:"case"`
	Notice Notice `json:"notice"`
}

func noticeLeaf(caseID string, n Notice) store.NewLeaf {
	return store.NewLeaf{Class: "state", Material: mustJSON(noticeStep{caseID, n})}
}

// notice finds a notice of a case.
func (d *ApplicationDoc) notice(id string) *Notice {
	for i := range d.Notices {
		if d.Notices[i].ID == id {
			return &d.Notices[i]
		}
	}
	return nil
}

// acknowledged notes that a recipient confirmed. Confirming twice changes nothing.
func (a *Applications) acknowledged(doc ApplicationDoc, ev connectors.PermitEvent, caseID string, now time.Time) (store.Change, error) {
	if ev.Acknowledged == nil {
		return store.Change{}, fault.New(fault.Invalid, "event-incomplete", "an acknowledgement names its notice")
	}
	n := doc.notice(ev.Acknowledged.Notice)
	if n == nil || n.Track != ev.Track {
		return store.Change{}, errUnknownCase()
	}
	at, err := instantOf(ev.At)
	if err != nil || at.After(now) {
		at = now
	}
	return doc.confirm(ev.Acknowledged.Notice, ev.Acknowledged.Recipient, caseID, at, now)
}

// confirm notes a confirmation. Confirming twice changes nothing.
func (d ApplicationDoc) confirm(notice, by, caseID string, at, now time.Time) (store.Change, error) {
	n := d.notice(notice)
	if n == nil {
		return store.Change{}, fault.New(fault.NotFound, "no-such-notice", "the case has no such notice")
	}
	if n.State == NoticeAcknowledged {
		return store.Change{}, nil
	}
	if at.Before(n.Made) {
		at = now // nobody confirms what was not told yet
	}
	n.State, n.Acknowledged, n.By = NoticeAcknowledged, at.UTC(), by
	return store.Change{Doc: mustJSON(d), Leaves: []store.NewLeaf{noticeLeaf(caseID, *n)}}, nil
}
