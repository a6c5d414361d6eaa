package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Handover is the worker of the permits channel: it tells the national permit system what the
// applicant did. A repeated call is harmless by the connector's contract.
type Handover struct {
	Record  Record
	Systems map[string]System // by instance
	// Couriers bring notices to systems of recipients, by Address.Target.
	Couriers map[string]connectors.Courier
	Router   *Router
	Backoff  Backoff
	Clock    func() time.Time
	Logger   *slog.Logger
	// Done is called after a successful handover: the system may have news at once.
	Done func(instance string)
}

// Try hands one task over.
func (w *Handover) Try(ctx context.Context, row store.Outbox) error {
	err := w.hand(ctx, row)
	st := store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true}
	now := w.Clock()
	switch f := fault.From(err); {
	case err == nil:
	case permanent(f) || w.Backoff.Spent(row.Created, now):
		w.Logger.ErrorContext(ctx, "a handover to the permit system was given up", "id", row.ID, "code", f.Code, "error", err)
		st.State, st.Reason = store.OutboxDead, f.Code
	default:
		w.Logger.WarnContext(ctx, "the permit system cannot take a handover now", "id", row.ID, "code", f.Code, "error", err)
		st.State, st.Reason, st.Due = store.OutboxQueued, f.Code, now.Add(w.Backoff.Delay(row.Attempts+1))
	}
	_, uerr := w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		var change store.Change
		if st.State == store.OutboxDead && row.Type == taskNotice {
			change = w.givenUp(s, row)
		}
		change.Settle = &st
		return change, nil
	})
	if err == nil && uerr == nil && w.Done != nil {
		w.Done(row.Target)
	}
	return uerr
}

func (w *Handover) hand(ctx context.Context, row store.Outbox) error {
	if row.Type == taskNotice {
		return w.tell(ctx, row)
	}
	if row.Type == taskRecognised {
		return w.recognised(ctx, w.Systems[row.Target].Extras.Recognitions, row)
	}
	if row.Type == taskMeasure {
		return w.measure(ctx, w.Systems[row.Target].Extras.Measures, row)
	}
	var t handoverTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	system, ok := w.Systems[row.Target]
	if !ok {
		return fault.New(fault.Unavailable, "system-not-configured", "no permit system of this name is configured now")
	}
	switch t.What {
	case access.HandSubmission:
		s, err := w.submission(ctx, row, t)
		if err != nil {
			return err
		}
		return system.Permits.Submit(ctx, s)
	case access.HandInfo:
		i, err := w.information(ctx, row, t)
		if err != nil {
			return err
		}
		return system.Permits.Info(ctx, i)
	case access.HandWithdrawal:
		return system.Permits.Withdraw(ctx, connectors.Withdrawal{
			Ref: row.Jti, Case: row.Case, Track: t.Track,
			Body: ehds.WithdrawBody{ApplicationID: applicationOf(row.Case), Date: stamp(t.Date), Reason: t.Reason},
		})
	case access.HandAppeal:
		return w.appeal(ctx, system.Extras.Appeals, row, t)
	case handChange:
		return w.changeAsked(ctx, system.Extras.ChangeRequests, row, t)
	case access.HandAnswer:
		if t.Answer == nil {
			return fault.New(fault.Invalid, "task-unreadable", "the task carries no answer")
		}
		return system.Permits.Answer(ctx, connectors.DecisionAnswer{Ref: row.Jti, Case: row.Case, Track: t.Track, Body: *t.Answer})
	}
	return fault.New(fault.Invalid, "task-unreadable", "the task is of an unknown kind")
}

// submission reads the newest filing back from the record, with its attachments.
func (w *Handover) submission(ctx context.Context, row store.Outbox, t handoverTask) (connectors.Submission, error) {
	s := connectors.Submission{Ref: t.Filing.Jti, Case: row.Case, Track: t.Track}
	received, list, err := w.message(ctx, t.Filing, &s.Application)
	if err != nil {
		return s, err
	}
	s.ReceivedAt, s.Attachments = stamp(received), list
	s.Application.Datasets = w.Router.Located(s.Application.Datasets)
	s.Datasets = w.Router.Facts(s.Application.Datasets, t.Track.HDAB)
	return s, nil
}

// information reads the information that completes an application back from the record.
func (w *Handover) information(ctx context.Context, row store.Outbox, t handoverTask) (connectors.Information, error) {
	i := connectors.Information{Ref: t.Brought.Jti, Case: row.Case, Track: t.Track}
	var err error
	_, i.Attachments, err = w.message(ctx, t.Brought, &i.Body)
	return i, err
}

// appeal brings the text of an appeal where the system takes one. Staff have it in the record in any
// case, by the flag the case carries.
func (w *Handover) appeal(ctx context.Context, to connectors.Appeals, row store.Outbox, t handoverTask) error {
	if to == nil {
		return nil
	}
	a := connectors.AppealNotice{Ref: t.Brought.Jti, Case: row.Case, Track: t.Track}
	var err error
	if _, a.Attachments, err = w.message(ctx, t.Brought, &a.Body); err != nil {
		return err
	}
	return to.Appeal(ctx, a)
}

// message reads the body of a message and its attachments back from the record.
func (w *Handover) message(ctx context.Context, ref store.MessageRef, body any) (time.Time, []connectors.SubmittedAttachment, error) {
	m, env, err := readBack(ctx, w.Record, ref, body)
	if err != nil {
		return time.Time{}, nil, err
	}
	blobs, err := w.Record.MessageBlobs(ctx, m.Iss, m.Jti)
	if err != nil {
		return time.Time{}, nil, err
	}
	var list []connectors.SubmittedAttachment
	for _, a := range env.Attachments {
		blob := blobs[a.ID]
		list = append(list, connectors.SubmittedAttachment{
			Attachment: a, Ref: blob.ID,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return w.Record.OpenBlob(ctx, blob.ID) },
		})
	}
	return m.ReceivedAt, list, nil
}

// readBack reads the body of a message back from the record.
func readBack(ctx context.Context, rec Record, ref store.MessageRef, body any) (m store.Message, env ehds.Envelope, err error) {
	m, ok, err := rec.Message(ctx, ref.Iss, ref.Jti)
	if err != nil {
		return m, env, err
	}
	if !ok || m.Erased {
		return m, env, fault.New(fault.NotFound, "filing-erased", "the filing is no longer in the record")
	}
	if err = json.Unmarshal(m.Claims, &env); err == nil {
		err = json.Unmarshal(env.Body, body)
	}
	if err != nil {
		err = fault.Wrap(err, fault.Invalid, "filing-unreadable", "the filing cannot be read back")
	}
	return m, env, err
}

// cursorNamespace is where the cursor of a permit system's events stands in the record.
func cursorNamespace(instance string) string { return fmt.Sprintf("gateway/permits/%s", instance) }
