package exchange

import (
	"context"
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// tell hands a notice to what brings it and writes the notice's new state; the task is settled after it. A
// crash in between repeats the notice under its id. Without anything that brings it staff tell the recipient.
func (w *Handover) tell(ctx context.Context, row store.Outbox) error {
	var id string
	if err := json.Unmarshal(row.Payload, &id); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	state, err := w.bring(ctx, row, id)
	if err != nil {
		return err
	}
	_, err = w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		doc, err := readApplication(s.Doc)
		if err != nil {
			return store.Change{}, err
		}
		n := doc.notice(id)
		if n == nil || n.told() {
			return store.Change{}, nil // confirmed already, or done before a crash
		}
		n.State, n.Sent = state, s.Now
		if state == NoticeAcknowledged {
			n.Acknowledged, n.By = s.Now, row.Target
		}
		return store.Change{Doc: mustJSON(doc), Leaves: []store.NewLeaf{noticeLeaf(row.Case, *n)}}, nil
	})
	return err
}

// told says whether a notice went out, or needs to no longer. One that was given up may be tried again.
func (n Notice) told() bool { return n.State == NoticeSent || n.State == NoticeAcknowledged }

// bring takes a notice to the courier of its recipient, or to the permit system where that brings notices, and
// says how it stands then.
func (w *Handover) bring(ctx context.Context, row store.Outbox, id string) (NoticeState, error) {
	courier, to := w.Couriers[row.Target], w.Systems[row.Target].Extras.Distributor
	if courier == nil && to == nil {
		return NoticeByStaff, nil
	}
	c, ok, err := w.Record.Case(ctx, row.Case)
	if err != nil {
		return "", err
	}
	doc, err := readApplication(c.Doc)
	if !ok || err != nil || doc.notice(id) == nil {
		return "", fault.New(fault.NotFound, "filing-erased", "the case of a notice is no longer in the record")
	}
	n := *doc.notice(id)
	if courier != nil && n.told() {
		return n.State, nil
	}
	notice, err := w.permitNotice(ctx, row.Case, doc, n)
	if err != nil {
		return "", err
	}
	if courier == nil {
		return NoticeSent, to.Distribute(ctx, notice)
	}
	confirmed, err := courier.Bring(ctx, notice)
	if confirmed {
		return NoticeAcknowledged, err
	}
	return NoticeSent, err
}

// permitNotice puts a notice together from the case. A data holder gets what concerns its own datasets and
// never the permit itself, which names the persons authorised.
func (w *Handover) permitNotice(ctx context.Context, caseID string, doc ApplicationDoc, n Notice) (connectors.PermitNotice, error) {
	out := connectors.PermitNotice{
		ID: n.ID, Case: caseID, Track: n.Track, Recipient: n.Recipient, PermitID: n.PermitID, Status: n.Status,
		Reason: n.Reason, Made: stamp(n.Made), AcknowledgeBy: stamp(n.AcknowledgeBy),
	}
	for _, g := range doc.Granted {
		if g.PermitID != n.PermitID {
			continue
		}
		out.From, out.To, out.OptOut = g.From, g.To, g.OptOut
		for _, d := range g.Datasets {
			if n.Recipient.Kind != connectors.RecipientHolder || d.Holder == n.Recipient.Name {
				out.Granted = append(out.Granted, d)
			}
		}
	}
	if n.Recipient.Kind != connectors.RecipientHolder {
		p, ok, err := w.Record.Permit(ctx, n.PermitID)
		if err != nil || !ok {
			return out, fault.Wrap(err, fault.NotFound, "no-such-permit", "the permit of a notice is not on record")
		}
		out.Token = p.Token
	}
	return out, nil
}

// givenUp leaves a notice that nothing could bring to staff.
func (w *Handover) givenUp(s store.State, row store.Outbox) store.Change {
	var id string
	doc, err := readApplication(s.Doc)
	if err != nil || json.Unmarshal(row.Payload, &id) != nil {
		return store.Change{}
	}
	n := doc.notice(id)
	if n == nil || n.State != NoticeQueued {
		return store.Change{}
	}
	n.State = NoticeByStaff
	return store.Change{Doc: mustJSON(doc), Leaves: []store.NewLeaf{noticeLeaf(row.Case, *n)}}
}
