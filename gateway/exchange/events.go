package exchange

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Events brings what the national permit system decides into the cases: each event is applied and
// its place in the stream recorded in one transaction, so that it has effect exactly once.
type Events struct {
	Record interface {
		Record
		store.Mailboxes
	}
	Permits      connectors.Permits
	Applications *Applications
	Instance     string
	Poll         time.Duration
	Clock        func() time.Time
	After        func(time.Duration) <-chan time.Time
	Logger       *slog.Logger
	Wake         func() // the outbox

	nudge chan struct{}
}

// NewEvents completes e with its wake-up channel.
func NewEvents(e Events) *Events {
	e.nudge = make(chan struct{}, 1)
	return &e
}

// Nudge asks for a look at the permit system now. It never blocks.
func (e *Events) Nudge() {
	select {
	case e.nudge <- struct{}{}:
	default:
	}
}

// Run polls until ctx ends.
func (e *Events) Run(ctx context.Context) error {
	for {
		more, err := e.once(ctx)
		if err != nil && ctx.Err() == nil {
			e.Logger.WarnContext(ctx, "the permit system's events cannot be read now", "instance", e.Instance, "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-e.nudge:
		case <-e.After(e.Poll):
		}
	}
}

// cursorKey is the one key of a cursor's namespace.
const cursorKey = "cursor"

// once applies one page of events and says whether there may be more.
func (e *Events) once(ctx context.Context) (bool, error) {
	raw, _, err := e.Record.MailGet(ctx, cursorNamespace(e.Instance), cursorKey)
	if err != nil {
		return false, err
	}
	page, err := e.Permits.Events(ctx, string(raw))
	if err != nil || len(page.Events) == 0 {
		return false, err
	}
	for i, ev := range page.Events {
		// Only the last event moves the cursor: a crash in between repeats the page, and what was
		// applied before is recognised by its event id.
		cursor := ""
		if i == len(page.Events)-1 {
			cursor = page.Cursor
		}
		if err := e.apply(ctx, ev, cursor); err != nil {
			return false, err
		}
	}
	e.Wake()
	// A system that repeats its cursor would keep us busy for nothing.
	return page.Cursor != string(raw), nil
}

// apply runs one event on its case. A domain refusal is a matter for staff, not a reason to stop the
// stream.
func (e *Events) apply(ctx context.Context, ev connectors.PermitEvent, cursor string) error {
	seen := store.MailWrite{Namespace: cursorNamespace(e.Instance), Mail: store.Mail{Key: "event/" + ev.ID, Value: []byte{1}}}
	if _, known, err := e.Record.MailGet(ctx, seen.Namespace, seen.Key); err != nil || known {
		if err == nil && cursor != "" {
			return e.Record.MailBatch(ctx, seen.Namespace, []store.Mail{{Key: cursorKey, Value: []byte(cursor)}}, nil)
		}
		return err
	}
	made, err := e.papers(ctx, ev)
	if err != nil {
		return err
	}
	defer e.Applications.letGo(ctx, made)
	_, err = e.Record.Update(ctx, ev.Case, func(s store.State) (store.Change, error) {
		change := e.change(ctx, s, ev, made)
		change.Mail = append(change.Mail, seen)
		if cursor != "" {
			change.Mail = append(change.Mail, store.MailWrite{
				Namespace: seen.Namespace, Mail: store.Mail{Key: cursorKey, Value: []byte(cursor)},
			})
		}
		return change, nil
	})
	if errors.Is(err, store.ErrErased) || errors.Is(err, store.ErrChange) || errors.Is(err, store.ErrPanic) {
		// A case that takes nothing any more, or an event we cannot bear, must not stop the stream for
		// all others.
		e.Logger.ErrorContext(ctx, "an event of the permit system cannot be recorded", "instance", e.Instance, "event", ev.ID, "error", err)
		return e.skip(ctx, seen, cursor)
	}
	return err
}

// papers makes the documents that go with an event.
func (e *Events) papers(ctx context.Context, ev connectors.PermitEvent) (papers, error) {
	if of, ok := stagesFiles(ev); ok && e.Applications != nil {
		return e.Applications.Stationery.files(ctx, of, ev.Case, ev.Files)
	}
	if e.Applications == nil || e.Applications.Systems.Of(ev.Track.HDAB) != e.Instance {
		return nil, nil
	}
	event, err := domainEvent(ev)
	if err != nil {
		return nil, nil //nolint:nilerr // the transaction finds the same and tells staff
	}
	return e.Applications.prepare(ctx, ev.Case, event, ev.Files, e.Clock())
}

// skip records only that an event was seen.
func (e *Events) skip(ctx context.Context, seen store.MailWrite, cursor string) error {
	mail := []store.Mail{seen.Mail}
	if cursor != "" {
		mail = append(mail, store.Mail{Key: cursorKey, Value: []byte(cursor)})
	}
	return e.Record.MailBatch(ctx, seen.Namespace, mail, nil)
}

func (e *Events) change(ctx context.Context, s store.State, ev connectors.PermitEvent, made papers) store.Change {
	if ev.Kind == connectors.EventEnforcement || ev.Kind == connectors.EventReport {
		change, err := e.recorded(s, ev, made)
		if err != nil {
			e.Logger.ErrorContext(ctx, "the permit system told a record that cannot be taken", "instance", e.Instance, "event", ev.ID, "code", fault.CodeOf(err))
			return store.Change{Mail: []store.MailWrite{e.refusal(ApplicationDoc{}, s.Now, ev, err)}}
		}
		return change
	}
	doc, err := readApplication(s.Doc)
	if err != nil || s.Doc == nil {
		e.Logger.ErrorContext(ctx, "the permit system speaks of an unknown case", "instance", e.Instance, "event", ev.ID)
		return store.Change{}
	}
	ev = doc.named(ev)
	change, err := e.judged(doc, ev, s.Now, made)
	if err == nil {
		return change
	}
	e.Logger.WarnContext(ctx, "an event of the permit system does not fit its case", "instance", e.Instance, "event", ev.ID, "code", fault.CodeOf(err))
	note := fault.CodeOf(err)
	if note == "grant-incomplete" {
		note += ": " + fault.From(err).Detail
	}
	doc.Flags = append(doc.Flags, Flag{At: s.Now, Code: "national-event-refused", Note: note})
	return store.Change{Doc: mustJSON(doc), Mail: []store.MailWrite{e.refusal(doc, s.Now, ev, err)}}
}

// effect is what an event does to its case.
func (e *Events) effect(doc ApplicationDoc, ev connectors.PermitEvent, event access.Event, now time.Time, made papers) (store.Change, error) {
	move, moves := event.(access.PermitMoved)
	switch {
	case ev.Kind == connectors.EventAcknowledged:
		return e.Applications.acknowledged(doc, ev, ev.Case, now)
	case moves && move.Event.NewVersion():
		task, err := e.Applications.newVersion(doc, move, *ev.Permit, ev.Case, now)
		return store.Change{Send: []store.Outgoing{task}}, err
	case ev.Kind == connectors.EventResults:
		return e.Applications.results(doc, PublishedResults{ResultsBody: *ev.Results, Track: ev.Track, Actor: ev.Actor}, event, ev.Case, ev.ID, now, made)
	case event == nil:
		return store.Change{}, nil // carried by another event
	}
	if err := e.Applications.leavesTime(doc, event, now); err != nil {
		return store.Change{}, err
	}
	out, err := e.Applications.step(doc, doc.informed(event), ev.Case, now, made)
	return out.change(), err
}

// domainEvent is what an event of the permit system means to the case.
func domainEvent(ev connectors.PermitEvent) (access.Event, error) {
	at, err := instantOf(ev.At)
	if err != nil {
		return nil, err
	}
	switch ev.Kind {
	case connectors.EventDecision:
		return decisionEvent(ev, at)
	case connectors.EventInfoRequest:
		return access.InfoRequested{Track: ev.Track, At: at, Actor: ev.Actor, Sections: ev.Sections, Reason: ev.Reason}, nil
	case connectors.EventExtension:
		return access.Extended{Track: ev.Track, At: at, Reasons: ev.Reason, Actor: ev.Actor}, nil
	case connectors.EventProcedure:
		return access.Rerouted{Track: ev.Track, At: at, Procedure: ev.Procedure, Reasons: ev.Reason, Actor: ev.Actor}, nil
	case connectors.EventDue:
		return dueSet(ev, at)
	case connectors.EventPermit:
		return permitMove(ev, at)
	case connectors.EventSide:
		return sideMove(ev, at)
	case connectors.EventResults:
		return resultsPublished(ev.Track, ev.Results, at, ev.Actor)
	case connectors.EventAcknowledged:
		return nil, nil // about a notice, which the law of the case does not know
	case connectors.EventAppealDecided:
		return access.AppealDecided{Track: ev.Track, At: at, Approved: ev.Approved, Reasons: ev.Reason, Actor: ev.Actor}, nil
	case connectors.EventStatus:
		if ev.Status == string(ehds.StateSubmitted) {
			return nil, nil // the filing said so
		}
		return access.EventForStatus(ev.Track, ev.Status, at, ev.Actor, ev.Reason)
	}
	return nil, fault.New(fault.Invalid, "unknown-event", "the permit system told an event of an unknown kind")
}

// decisionEvent is a decision; only a positive one grants.
func decisionEvent(ev connectors.PermitEvent, at time.Time) (access.Event, error) {
	if ev.Decision == nil {
		return nil, fault.New(fault.Invalid, "event-incomplete", "a decision was told without its card")
	}
	issued := access.DecisionIssued{Track: ev.Track, At: at, Card: *ev.Decision, Grant: ev.Grant, Actor: ev.Actor}
	if issued.Card.Outcome != ehds.Positive {
		issued.Grant = nil
	}
	if issued.Grant != nil { // refused before the card goes out: what it promises could never be signed
		if err := cmp.Or(continuesNone(*issued.Grant), grantable(*issued.Grant)); err != nil {
			return nil, err
		}
	}
	return issued, nil
}
