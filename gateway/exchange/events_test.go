package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

type nationalEvent = connectors.PermitEvent

// stream is a permit system whose cursor is a position in its events.
type stream struct {
	connectors.Permits
	events []nationalEvent
	page   int // events on a page, all when zero
	asked  int
	err    error
	took   []string // what was handed over
	hand   error
}

func (s *stream) Events(_ context.Context, cursor string) (connectors.PermitEvents, error) {
	s.asked++
	if s.err != nil {
		return connectors.PermitEvents{}, s.err
	}
	from, _ := strconv.Atoi(cursor)
	to := len(s.events)
	if s.page > 0 {
		to = min(to, from+s.page)
	}
	if from >= to {
		return connectors.PermitEvents{}, nil
	}
	return connectors.PermitEvents{Events: s.events[from:to], Cursor: strconv.Itoa(to)}, nil
}

func (s *stream) Submit(ctx context.Context, x connectors.Submission) error {
	for _, a := range x.Attachments {
		r, err := a.Open(ctx)
		if err != nil {
			return err
		}
		_ = r.Close()
	}
	s.took = append(s.took, fmt.Sprintf("submit %s v%d %d %d", x.Track.HDAB, x.Application.Version, len(x.Attachments), len(x.Datasets)))
	return s.hand
}

func (s *stream) Withdraw(_ context.Context, x connectors.Withdrawal) error {
	s.took = append(s.took, "withdraw "+x.Body.ApplicationID)
	return s.hand
}

func (s *stream) Info(ctx context.Context, x connectors.Information) error {
	for _, a := range x.Attachments {
		r, err := a.Open(ctx)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			return err
		}
		s.took = append(s.took, a.Name+" "+string(content))
	}
	s.took = append(s.took, fmt.Sprintf("info %s %s %d", x.Ref, x.Track.HDAB, x.Body.Sections[0].Number))
	return s.hand
}

func (s *stream) Answer(_ context.Context, x connectors.DecisionAnswer) error {
	s.took = append(s.took, "answer "+string(x.Body.Answer))
	return s.hand
}

type testEvents struct {
	*Events
	source *stream
}

func newEvents(n *node, s *stream) testEvents {
	return testEvents{NewEvents(Events{
		Record: n.record, Permits: s, Applications: n.apps, Instance: "desk", Poll: time.Second,
		Clock: n.w.clock.Now, After: time.After, Logger: n.w.log, Wake: func() { n.woken.Add(1) },
	}), s}
}

// happen lets events happen and applies them.
func (e testEvents) happen(t *testing.T, list ...nationalEvent) {
	t.Helper()
	e.source.events = append(e.source.events, list...)
	for more := true; more; {
		var err error
		if more, err = e.once(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func status(id, s string) nationalEvent {
	return nationalEvent{ID: id, At: "2027-03-01T12:00:00Z", Kind: connectors.EventStatus, Case: "app:A1",
		Track: ehds.Track{CatalogID: "cat", HDAB: hdabA}, Actor: "staff", Status: s}
}

func decision(id, decisionID string, o ehds.Outcome) nationalEvent {
	e := status(id, "")
	e.Kind, e.Decision = connectors.EventDecision, &ehds.DecisionBody{
		ApplicationID: "A1", DecisionID: decisionID, Outcome: o, Timestamp: e.At, Signatory: ehds.Signatory{Name: "N", JobTitle: "J"}, Reasons: "r",
	}
	e.Grant = &ehds.PermitDetail{
		Kind: ehds.KindDataPermit, ApplicationID: "A1", DecisionID: decisionID, Version: 1,
		Data: ehds.PermitData{Categories: []string{"EHRS"}, Format: "PSEUDONYMISED", Sources: []string{"x"}}, Purposes: []string{"e"},
		Persons: []ehds.PermitPerson{{Name: "Ada"}}, Investigator: "Ada", Duration: ehds.PermitDuration{From: "2027-03-01", To: "2028-03-01"},
		SPE: ehds.PermitSPE{Operator: "spe"}, Fees: &ehds.Fees{Currency: "EUR"}, Conditions: []string{}, Granted: []ehds.GrantedDataset{{Holder: "h", DatasetID: "ds-1"}},
	}
	return e
}

// Every kind of event of a permit system has its own meaning to the case; one of an unknown kind is told
// to staff and has none.
// shows R7.5.1 R8.0.8 R10.0.6
func TestEventsByKind(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	kind := func(id string, k connectors.PermitEventKind, set func(*nationalEvent)) nationalEvent {
		e := status(id, "")
		e.Kind = k
		if set != nil {
			set(&e)
		}
		return e
	}
	ev := newEvents(ncp, &stream{})
	ev.happen(t, status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"),
		kind("e3", connectors.EventExtension, func(e *nationalEvent) { e.Reason = "many datasets" }),
		kind("e4", connectors.EventInfoRequest, func(e *nationalEvent) {
			e.Sections = []ehds.InfoSection{{Number: 5, Fields: map[string]string{"x": "please say why"}}}
		}))
	ev.happen(t, kind("e4b", connectors.EventDue, func(e *nationalEvent) { e.Due = &connectors.DueDate{Clock: "completion", Date: "2027-03-20"} }))
	track := ncp.doc("A1").Application.Tracks[0]
	if c, ok := track.Clock(access.ClockCompletion); !ok || c.Due == nil || c.Due.Date != "2027-03-20" {
		t.Errorf("a due date set by staff: %+v", c)
	}
	if track.Status != ehds.StateAwaitingInformation || !strings.Contains(types(ncp.rows()), "application.extension") ||
		!strings.Contains(types(ncp.rows()), "application.info-request") {
		t.Fatalf("status %s, sent %s", track.Status, types(ncp.rows()))
	}
	ev.happen(t, kind("e5", "surprise", nil), kind("e5b", connectors.EventDue, nil),
		kind("e5c", connectors.EventDue, func(e *nationalEvent) { e.Due = &connectors.DueDate{Clock: "completion", Date: "soon"} }), kind("e6", connectors.EventDecision, nil), kind("e7", connectors.EventAppealDecided, nil))
	for i, want := range []string{"unknown-event", "event-incomplete", "date-form", "event-incomplete", "illegal-transition"} {
		if f := ncp.doc("A1").Flags[i]; f.Code != "national-event-refused" || f.Note != want {
			t.Errorf("flag %d is %+v, want %s", i, f, want)
		}
	}
}

// A body's own permit system decides for that body and nobody else: what it says of another's track has
// the effect of nothing, and the answer to it tells nothing.
// shows R12.0.1
func TestASystemSpeaksForItsBodiesOnly(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.apps.Systems.Bodies = map[string]string{hdabB: "other"}
	ncp.receive(centre.sign(centre.envelope(ncp)))
	other := newEvents(ncp, &stream{events: []nationalEvent{status("e1", "PRE_SCREENING")}})
	other.Instance = "other"
	other.happen(t)
	if got := ncp.doc("A1").Application.Tracks[0].Status; got != ehds.StateSubmitted {
		t.Errorf("another body's system moved the track to %s", got)
	}
	if f := ncp.doc("A1").Flags; len(f) != 1 || f[0].Note != "unknown-case" {
		t.Errorf("flags %+v", f)
	}
	newEvents(ncp, &stream{events: []nationalEvent{status("e1", "PRE_SCREENING")}}).happen(t)
	if got := ncp.doc("A1").Application.Tracks[0].Status; got != ehds.StatePreScreening {
		t.Errorf("its own system left the track at %s", got)
	}
}

// Each event has effect once, also when a crash or the system repeats it.
// shows R7.6.1-3
func TestEventsOnce(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	s := &stream{page: 2, events: []nationalEvent{status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"), status("e2", "PROCESSING")}}
	ev := newEvents(ncp, s)
	// The crash: the first event of the page is applied, the page's cursor is not stored.
	if err := ev.apply(t.Context(), s.events[0], ""); err != nil {
		t.Fatal(err)
	}
	ncp.open()
	ev = newEvents(ncp, s)
	ev.happen(t)
	history := ncp.doc("A1").Application.Tracks[0].History
	if len(history) != 3 { // submitted, screening, processing
		t.Errorf("history %+v", history)
	}
	if n := strings.Count(types(ncp.rows()), "application.status"); n != 2 {
		t.Errorf("%d statuses were sent", n)
	}
	if cursor, _, err := ncp.record.MailGet(t.Context(), cursorNamespace("desk"), cursorKey); err != nil || string(cursor) != "3" {
		t.Errorf("cursor %q, %v", cursor, err)
	}
	if flags := ncp.doc("A1").Flags; len(flags) != 0 {
		t.Errorf("a repeated event was refused: %+v", flags)
	}
	asked := s.asked
	ev.happen(t)
	if s.asked != asked+1 {
		t.Errorf("asked %d times for nothing", s.asked-asked)
	}
}

// An event that does not fit flags its case; one nobody can file is passed over; the stream goes on.
func TestUnfittingEventsDoNotStopTheStream(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ncp.receive(centre.sign(centre.envelope(ncp, onCase("gone"))))
	if err := ncp.record.Erase(t.Context(), "app:gone"); err != nil {
		t.Fatal(err)
	}
	elsewhere, erased, undated := status("e3", "PROCESSING"), status("e4", "PROCESSING"), status("e5", "PROCESSING")
	elsewhere.Case, erased.Case, undated.At = "app:nobody", "app:gone", "yesterday"
	foreign := status("e6", "PRE_SCREENING")
	foreign.Track.HDAB = "https://x.example"
	ev := newEvents(ncp, &stream{page: 3})
	ev.happen(t, status("e1", "PROCESSING"), status("e2", "NONSENSE"), elsewhere, erased, undated, foreign,
		status("e7", "DECISION_ISSUED"), status("e8", "PRE_SCREENING"))
	doc := ncp.doc("A1")
	if doc.Application.Tracks[0].Status != ehds.StatePreScreening {
		t.Errorf("status %s", doc.Application.Tracks[0].Status)
	}
	var notes []string
	for _, f := range doc.Flags {
		notes = append(notes, f.Note)
	}
	if got := strings.Join(notes, " "); got != "illegal-transition unknown-status date-form unknown-case" {
		t.Errorf("flags %s", got)
	}
	// The driver finds in its own mailbox what was refused, and the state that was.
	mails, err := ncp.record.MailScan(t.Context(), driverNamespace(ev.Instance), "", "", 10)
	var first connectors.EventRefusal
	if err != nil || len(mails) != 4 {
		t.Fatalf("%d refusals, %v", len(mails), err)
	}
	key := connectors.RefusalPrefix("app:A1", doc.Application.Tracks[0].Key) + "e1"
	raw, ok, err := ncp.record.MailGet(t.Context(), driverNamespace(ev.Instance), key)
	if err != nil || !ok || json.Unmarshal(raw, &first) != nil || first.Code != "illegal-transition" || first.Status != ehds.StateSubmitted {
		t.Errorf("%v %v %+v", ok, err, first)
	}
}

// A system that tells the same page for ever is not asked without pause.
func TestEventsThatRepeatTheirCursor(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ev := newEvents(ncp, &stream{})
	ev.Permits = sticky{status("e1", "PRE_SCREENING")}
	if more, err := ev.once(t.Context()); err != nil || !more {
		t.Fatal(more, err)
	}
	if more, err := ev.once(t.Context()); err != nil || more {
		t.Errorf("asked again at once: %t, %v", more, err)
	}
}

type sticky struct{ e nationalEvent }

func (sticky) Submit(context.Context, connectors.Submission) error     { return nil }
func (sticky) Info(context.Context, connectors.Information) error      { return nil }
func (sticky) Withdraw(context.Context, connectors.Withdrawal) error   { return nil }
func (sticky) Answer(context.Context, connectors.DecisionAnswer) error { return nil }
func (s sticky) Events(context.Context, string) (connectors.PermitEvents, error) {
	return connectors.PermitEvents{Events: []nationalEvent{s.e}, Cursor: "c"}, nil
}

// An event that we cannot bear is passed over, with an error for staff, and never tried again.
func TestAPanicOfAnEventDoesNotStopTheStream(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ev := newEvents(ncp, &stream{})
	ev.Applications = nil
	ev.happen(t, status("e1", "PRE_SCREENING"))
	if !strings.Contains(ncp.w.logs.String(), "level=ERROR msg=\"an event of the permit system cannot be recorded\" instance=desk event=e1") {
		t.Error("nobody is told")
	}
	ev.Applications = ncp.apps
	ev.happen(t, status("e1", "PRE_SCREENING"))
	if got := ncp.doc("A1").Application.Tracks[0].Status; got != ehds.StateSubmitted {
		t.Errorf("the event was tried again: %s", got)
	}
	ev.happen(t, status("e2", "PRE_SCREENING"))
	if got := ncp.doc("A1").Application.Tracks[0].Status; got != ehds.StatePreScreening {
		t.Errorf("status %s", got)
	}
}

func TestEventsRun(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	s := &stream{err: errBoom}
	ev := newEvents(ncp, s)
	waits := make(chan chan time.Time)
	ev.After = func(time.Duration) <-chan time.Time { c := make(chan time.Time); waits <- c; return c }
	ctx, cancel := withCancel(t)
	done := make(chan error)
	go func() { done <- ev.Run(ctx) }()
	first := <-waits // asked once, and failed
	s.err, s.events = nil, []nationalEvent{status("e1", "PRE_SCREENING")}
	close(first) // the poll
	<-waits
	s.events = append(s.events, status("e2", "PROCESSING"))
	ev.Nudge()
	ev.Nudge()
	<-waits
	if got := ncp.doc("A1").Application.Tracks[0].Status; got != ehds.StateProcessing {
		t.Errorf("status %s", got)
	}
	cancel()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		case <-waits: // a nudge was left
		}
	}
}

// handover is the worker of the permits channel.
func (n *node) handover(p connectors.Permits) *Handover {
	return &Handover{Record: n.record, Systems: map[string]System{"desk": {Permits: p}}, Router: n.router, Backoff: DefaultBackoff(zeros{}), Clock: n.w.clock.Now,
		Logger: n.w.log, Done: func(string) { n.woken.Add(1) }}
}

func TestHandover(t *testing.T) {
	w, ncp, centre := pair(t)
	env := centre.envelope(ncp, withAttachments(attachment("one", "11")))
	reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{{"one", strings.NewReader("11")}}})
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	ncp.receive(centre.sign(centre.envelope(ncp, seq(2), typed(ehds.ApplicationWithdraw, ehds.WithdrawBody{ApplicationID: "A1", Date: "2027-03-01T10:00:00Z"}))))
	var tasks []store.Outbox
	for _, r := range ncp.rows() {
		if r.Channel == store.ChannelPermits {
			tasks = append(tasks, r)
		}
	}
	s := &stream{hand: errBoom}
	h := ncp.handover(s)
	if err := h.Try(t.Context(), tasks[0]); err != nil {
		t.Fatal(err)
	}
	if r := ncp.row(tasks[0].ID); r.State != store.OutboxQueued || r.Attempts != 1 || !r.Due.After(w.clock.Now()) {
		t.Errorf("after a failure: %+v", r)
	}
	s.hand = nil
	for _, task := range tasks {
		if err := h.Try(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if r := ncp.row(task.ID); r.State != store.OutboxDelivered {
			t.Errorf("task %s: %s", task.Type, r.State)
		}
	}
	if got := strings.Join(s.took, "; "); got != "submit "+hdabA+" v1 1 1; submit "+hdabA+" v1 1 1; withdraw A1" {
		t.Errorf("handed over: %s", got)
	}
	s.hand = fault.New(fault.Conflict, "case-closed", "")
	dead := ncp.queue("app:A1", ncp.compose.Task(store.ChannelPermits, "desk", taskHandover, "app:A1", handoverTask{}))[0]
	if err := h.Try(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if r := ncp.row(dead.ID); r.State != store.OutboxDead || r.Reason != "task-unreadable" {
		t.Errorf("an unknown task: %+v", r)
	}
}

// zeros is a source of randomness that is not.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
