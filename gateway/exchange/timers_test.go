package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// timers is the worker of a node's clocks.
func (n *node) timers() *Timers {
	return &Timers{
		Record: n.record, Applications: n.apps, Grace: 24 * time.Hour, Every: time.Second,
		Clock: n.w.clock.Now, After: time.After, Logger: n.w.log, Wake: func() { n.woken.Add(1) },
	}
}

// round is one look at the clocks.
func (n *node) round(w *Timers) int {
	n.w.t.Helper()
	fired, err := w.Round(n.w.t.Context())
	if err != nil {
		n.w.t.Fatal(err)
	}
	return fired
}

// filed brings a case by events of the national side, without messages: the submission and what
// follows, all at the clock's time.
func (n *node) filed(id string, more ...access.Event) {
	n.w.t.Helper()
	now := n.w.clock.Now()
	events := append([]access.Event{access.Submitted{ID: id, Kind: ehds.DataAccessApplication, Version: 1, Submitted: now, Received: now,
		Tracks: []ehds.Track{ourTrack}, Message: "m-" + id}}, more...)
	n.happens(id, events...)
}

// happens applies events of the national side.
func (n *node) happens(id string, events ...access.Event) {
	n.w.t.Helper()
	for _, e := range events {
		_, err := n.record.Update(n.w.t.Context(), "app:"+id, func(s store.State) (store.Change, error) {
			doc := ApplicationDoc{Counterpart: centreID}
			if s.Doc != nil {
				if err := json.Unmarshal(s.Doc, &doc); err != nil {
					return store.Change{}, err
				}
			}
			out, err := n.apps.step(doc, e, s.Case, s.Now, nil)
			return out.change(), err
		})
		if err != nil {
			n.w.t.Fatalf("%s in %s: %v", e.Name(), id, err)
		}
	}
}

// asked are the events that lead to a request for information now.
func (n *node) asked() []access.Event {
	now := n.w.clock.Now()
	return []access.Event{access.Screened{Track: ourTrack, At: now}, access.InfoRequested{Track: ourTrack, At: now, Reason: "r"}}
}

// decided are the events that lead to a positive decision now.
func (n *node) decided(id string) []access.Event {
	now := n.w.clock.Now()
	grant := decision("", "D-"+id, ehds.Positive).Grant
	grant.ApplicationID = id
	return []access.Event{
		access.Screened{Track: ourTrack, At: now}, access.ProcessingStarted{Track: ourTrack, At: now},
		access.DecisionIssued{Track: ourTrack, At: now, Grant: grant, Card: ehds.DecisionBody{ApplicationID: id, DecisionID: "D-" + id,
			Outcome: ehds.Positive, Timestamp: stamp(now), Signatory: ehds.Signatory{Name: "N", JobTitle: "J"}}},
	}
}

// lastStep tells the last step of a case's first track.
func (n *node) lastStep(id string) string {
	h := n.doc(id).Application.Tracks[0].History
	s := h[len(h)-1]
	return fmt.Sprintf("%s %s>%s at %s", s.Event, s.From, s.To, s.At.Format("2006-01-02T15:04"))
}

// statuses lists the application.status messages of a case, date and word.
func (n *node) statuses(id string) (out []string) {
	n.w.t.Helper()
	for _, r := range n.rows() {
		if r.Case != "app:"+id || r.Type != string(ehds.ApplicationStatus) {
			continue
		}
		var env ehds.Envelope
		var b ehds.StatusBody
		if err := errors.Join(json.Unmarshal(r.Payload, &env), json.Unmarshal(env.Body, &b)); err != nil {
			n.w.t.Fatal(err)
		}
		out = append(out, b.Date[:16]+" "+b.Status)
	}
	return out
}

// An automatic effect happens once, after the grace period, dated at the legal end; it is told to the
// centre and the permit system, and has a leaf of its own.
// shows R9.2.9 R7.6.3
func TestAClockRunsOutOnce(t *testing.T) {
	_, ncp, _ := pair(t)
	w := ncp.timers()
	ncp.filed("A1", ncp.asked()...) // on Monday 1 March 2027, noon UTC: 28 days end on Easter Monday, which is no holiday here
	end := time.Date(2027, 3, 30, 0, 0, 0, 0, time.UTC)
	ncp.w.clock.Advance(end.Add(w.Grace).Sub(ncp.w.clock.Now()) - time.Microsecond)
	if n := ncp.round(w); n != 0 {
		t.Fatalf("%d clocks fired within the grace period", n)
	}
	ncp.w.clock.Advance(time.Microsecond)
	before, woken := ncp.counts(), ncp.woken.Load()
	if n := ncp.round(w); n != 1 {
		t.Fatalf("%d clocks fired", n)
	}
	if got := ncp.lastStep("A1"); got != "completion-lapsed AWAITING_ADDITIONAL_INFORMATION>WITHDRAWN at 2027-03-30T00:00" {
		t.Error(got)
	}
	if got := ncp.statuses("A1"); got[len(got)-1] != "2027-03-30T00:00 WITHDRAWN" {
		t.Errorf("told to the centre: %q", got)
	}
	if list := tasks(ncp); !strings.Contains(string(list[len(list)-1].Payload), `"withdrawal"`) {
		t.Errorf("handed over: %s", list[len(list)-1].Payload)
	}
	after := ncp.counts()
	if after.Leaves != before.Leaves+1 || ncp.woken.Load() == woken {
		t.Errorf("%d leaves more", after.Leaves-before.Leaves)
	}
	ncp.open() // nothing is left to do, also for another process
	if n := ncp.round(ncp.timers()); n != 0 || ncp.counts().Leaves != after.Leaves {
		t.Errorf("%d clocks fired again", n)
	}
}

// After months away everything fires once, in the order of the legal ends, whatever the order of
// filing and whichever worker is faster.
func TestClocksAfterDowntime(t *testing.T) {
	_, ncp, _ := pair(t)
	want := []string{}
	for day := range 3 {
		for i := range 4 {
			id := fmt.Sprintf("A%d%d", 9-day, i)
			if i%2 == 0 {
				ncp.filed(id, ncp.asked()...)
				want = append(want, id+" completion-lapsed")
			} else {
				ncp.filed(id, ncp.decided(id)...)
				want = append(want, id+" decision-unanswered")
			}
		}
		ncp.w.clock.Advance(24 * time.Hour)
	}
	ncp.w.clock.Advance(200 * 24 * time.Hour)
	ncp.open()
	var wg sync.WaitGroup
	for range 3 { // as if there were several of us
		wg.Go(func() { _, _ = ncp.timers().Round(t.Context()) })
	}
	wg.Wait()
	seen := map[string]int{}
	var order []string // by day
	for _, r := range ncp.rows() {
		var env ehds.Envelope
		var b ehds.StatusBody
		if r.Type != string(ehds.ApplicationStatus) || json.Unmarshal(r.Payload, &env) != nil || json.Unmarshal(env.Body, &b) != nil || b.Status != "WITHDRAWN" {
			continue
		}
		seen[b.ApplicationID]++
		order = append(order, b.ApplicationID[1:2])
	}
	if got := strings.Join(order, ""); got != "999988887777" {
		t.Errorf("order of days %s", got)
	}
	for _, line := range want {
		id, event, _ := strings.Cut(line, " ")
		if got := ncp.lastStep(id); seen[id] != 1 || !strings.HasPrefix(got, event) {
			t.Errorf("%s: %d effects, last step %s", id, seen[id], got)
		}
	}
	if n := ncp.round(ncp.timers()); n != 0 {
		t.Errorf("%d more", n)
	}
}

// Mail that waits for an earlier number is applied before its case's clocks run out; what comes later
// but is dated in time reopens the case.
func TestMailBeforeClocks(t *testing.T) {
	_, ncp, centre := pair(t)
	w := ncp.timers()
	completion := func(n int64, id string) string {
		return centre.sign(centre.envelope(ncp, seq(n), func(e *ehds.Envelope) {
			var b ehds.ApplicationBody
			if err := json.Unmarshal(submitBody(id, "ds-1"), &b); err != nil {
				t.Fatal(err)
			}
			b.Version, b.DateSubmitted = 2, "2027-03-20T10:00:00Z"
			e.Type, e.Case, e.Body = ehds.ApplicationAmended, "app:"+id, mustJSON(b)
		}))
	}
	for _, id := range []string{"A1", "A2"} {
		if r := ncp.receive(centre.sign(centre.envelope(ncp, onCase(id)))); r.Fault != nil {
			t.Fatal(r.Fault)
		}
		ncp.happens(id, ncp.asked()...)
	}
	ncp.w.clock.Advance(40 * 24 * time.Hour)
	if r := ncp.receive(completion(3, "A1")); r.Fault != nil { // number 2 is not here yet
		t.Fatal(r.Fault)
	}
	if n := ncp.round(w); n != 1 {
		t.Fatalf("%d clocks fired: the case with mail waits, the other does not", n)
	}
	ncp.w.clock.Advance(time.Hour)
	if _, err := ncp.hold().Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := ncp.round(w); n != 0 || ncp.doc("A1").Application.Tracks[0].Status != ehds.StatePreScreening {
		t.Errorf("%d fired; %s", n, ncp.lastStep("A1"))
	}
	if r := ncp.receive(completion(2, "A2")); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	if got := ncp.lastStep("A2"); !strings.Contains(got, "WITHDRAWN>PRE_SCREENING") {
		t.Errorf("a completion in time that came late: %s", got)
	}
}

// The body's own periods withdraw nothing: staff are told, and the record lists what is owed until it
// is done.
func TestOverdueDuties(t *testing.T) {
	_, ncp, _ := pair(t)
	var kinds []string
	w := ncp.timers()
	w.Observe = func(kind string) { kinds = append(kinds, kind) }
	ncp.filed("A1")
	ncp.w.clock.Advance(100 * 24 * time.Hour)
	if n := ncp.round(w); n != 1 || len(kinds) != 1 || kinds[0] != "decision" {
		t.Fatalf("%d fired, %v", n, kinds)
	}
	if last, ok, err := ReadLastFiring(t.Context(), ncp.record); err != nil || !ok || last.Kind != "decision" || last.End.Format(time.DateOnly) != "2027-06-02" {
		t.Errorf("%+v", last)
	}
	if f := ncp.doc("A1").Flags; len(f) != 1 || f[0].Code != "decision-overdue" || !strings.Contains(ncp.w.logs.String(), "what was due is not done") {
		t.Errorf("%+v", f)
	}
	late := func() []store.CaseTimer {
		list, err := ncp.record.TimersUntil(t.Context(), store.TimerLate, ncp.w.clock.Now(), store.CaseTimer{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if l := late(); len(l) != 1 || l[0].Case != "app:A1" || l[0].Kind != "decision" || l[0].Scope != "cat "+hdabA {
		t.Errorf("owed: %+v", l)
	}
	ncp.happens("A1", ncp.decided("A1")...)
	if l := late(); len(l) != 0 {
		t.Errorf("still owed: %+v", l)
	}
}

// What keeps a clock from firing keeps no other from it: mail on its way, a case that stands against
// the effect, one that was erased.
func TestClocksThatWait(t *testing.T) {
	_, ncp, _ := pair(t)
	for _, id := range []string{"A1", "A2", "A3", "A4"} {
		ncp.filed(id, ncp.asked()...)
	}
	ncp.w.clock.Advance(40 * 24 * time.Hour)
	w := ncp.timers()
	drained := map[string]bool{"app:A2": true, "app:A3": true}
	w.Drained = drainedFunc(func(id string) (bool, error) {
		if id == "app:A4" {
			return false, errBoom
		}
		return drained[id], nil
	})
	broken := ncp.doc("A2")
	broken.Application.Tracks[0].Status = ehds.StatePreScreening // no edge leads out of it by this clock
	write := func(id string, doc ApplicationDoc) {
		if _, err := ncp.record.Update(t.Context(), "app:"+id, func(store.State) (store.Change, error) {
			return store.Change{Doc: mustJSON(doc)}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	write("A2", broken)
	for range 2 {
		ncp.round(w)
	}
	if f := ncp.doc("A2").Flags; len(f) != 1 || f[0].Code != "clock-not-applied" || f[0].Note != "completion "+access.CodeIllegal {
		t.Errorf("flags %+v", f)
	}
	got := []ehds.ApplicationState{}
	for _, id := range []string{"A1", "A3", "A4"} {
		got = append(got, ncp.doc(id).Application.Tracks[0].Status)
	}
	if diff := cmp.Diff([]ehds.ApplicationState{ehds.StateAwaitingInformation, ehds.StateWithdrawn, ehds.StateAwaitingInformation}, got); diff != "" {
		t.Error(diff)
	}
	if err := ncp.record.Erase(t.Context(), "app:A1"); err != nil {
		t.Fatal(err)
	}
	if f := w.fire(t.Context(), store.CaseTimer{Case: "app:A1"}, ncp.w.clock.Now()); f.err != nil {
		t.Errorf("an erased case: %v", f.err)
	}
}

type drainedFunc func(string) (bool, error)

func (f drainedFunc) Drained(_ context.Context, caseID string) (bool, error) { return f(caseID) }
