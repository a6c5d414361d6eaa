package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

var (
	ours    = ehds.Track{CatalogID: "cat-1", HDAB: "https://ncp.example/hdab/1"}
	second  = ehds.Track{CatalogID: "cat-2", HDAB: "https://ncp.example/hdab/2"}
	foreign = ehds.Track{CatalogID: "cat-9", HDAB: "https://other.example/hdab/1"}
	t0      = time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC)
	later   = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC) // every clock has run out
)

func day(n int) time.Time { return t0.AddDate(0, 0, n) }

func submitted(kind ehds.ApplicationKind, tracks ...ehds.Track) Submitted {
	return Submitted{ID: "app1", Kind: kind, Version: 1, Submitted: t0.Add(-time.Hour), Received: t0, Tracks: tracks, Message: "m-1"}
}

func grant() *ehds.PermitDetail {
	return &ehds.PermitDetail{Kind: ehds.KindDataPermit, Version: 1, Purposes: []string{"e"},
		Data: ehds.PermitData{Categories: []string{"EHRS"}, Format: ehds.FormatPseudonymised, Sources: []string{"H"}},
		Fees: &ehds.Fees{Currency: "EUR"}, Conditions: []string{"c"}}
}

func card(o ehds.Outcome, id, replaces string) ehds.DecisionBody {
	return ehds.DecisionBody{ApplicationID: "app1", DecisionID: id, Outcome: o, Timestamp: stamp(t0), Replaces: replaces,
		Signatory: ehds.Signatory{Name: "N", JobTitle: "J"}, Reasons: "r"}
}

func permitBody(decision, id string, from, to time.Time) ehds.PermitIssuedBody {
	return ehds.PermitIssuedBody{ApplicationID: "app1", DecisionID: decision, PermitID: id, Permit: "a.b.c",
		StatusList: "https://hdab.example/s", StatusIndex: 3, NotBefore: stamp(from), Expires: stamp(to)}
}

// candidate is an event with what the tables say about it.
type candidate struct {
	event Event
	legal bool
}

// candidates lists every event that can be thought of for a document, and asks the tables, not the
// code under test, whether it is legal. Acts of the applicant are in time.
func candidates(a Application) []candidate {
	t := Track{}
	if len(a.Tracks) > 0 {
		t = a.Tracks[0]
	}
	app := func(e ehds.ApplicationEvent) bool {
		for _, edge := range ehds.Next(ehds.ApplicationTransitions(), t.Status, e) {
			if !edge.Resumes || edge.To == t.ResumeTo {
				return true
			}
		}
		return false
	}
	d := Decision{}
	if t.Decision != nil {
		d = *t.Decision
	}
	dec := func(e ehds.DecisionEvent) bool {
		return t.Decision != nil && len(ehds.Next(ehds.DecisionTransitions(), d.Status, e)) == 1
	}
	next := fmt.Sprintf("D-%d", len(t.SetAside)+2)
	if t.Decision == nil {
		next = "D-1"
	}
	issue := app(ehds.EventDecisionIssued) && (t.Decision == nil || d.Status == ehds.DecisionAppealApproved)
	reopenInfo := t.Automatic && t.ResumeTo != "" && app(ehds.EventInfoInTime)
	reopenAnswer := t.Automatic && dec(ehds.DecisionEventAnswerInTime)
	answer := func(ans ehds.Answer) DecisionAnswered {
		return DecisionAnswered{Track: ours, DecisionID: d.ID, Answer: ans, At: day(1), Message: "m"}
	}
	positive := DecisionIssued{Track: ours, At: t0, Card: card(ehds.Positive, next, d.ID)}
	if a.Kind != ehds.DataRequestApplication {
		positive.Grant = grant()
	}
	appealed := d.Status == ehds.DecisionNegativeAppealed
	return append(besideTheTables(t, d, app), []candidate{
		{submitted(ehds.DataAccessApplication, ours), len(a.Tracks) == 0},
		{Screened{ours, t0, "s"}, app(ehds.EventScreeningStarted)},
		{ProcessingStarted{ours, t0, "s"}, app(ehds.EventProcessingStarted)},
		{InfoRequested{Track: ours, At: t0}, app(ehds.EventInfoRequested)},
		{InfoReceived{ours, day(1), day(2), "m"}, app(ehds.EventInfoReceived) || reopenInfo},
		{Amended{a.Version + 1, day(1), day(2), "m", []ehds.Track{ours}}, app(ehds.EventAmended) || reopenInfo},
		{Withdrawn{Track: &ours, At: t0}, app(ehds.EventWithdrawn)},
		{ClockExpired{Track: ours, Kind: ClockCompletion}, app(ehds.EventCompletionLapsed)},
		{positive, issue},
		{DecisionIssued{Track: ours, At: t0, Card: card(ehds.Negative, next, d.ID)}, issue},
		{answer(ehds.AnswerAccept), dec(ehds.DecisionEventAccept) || reopenAnswer},
		{answer(ehds.AnswerReject), dec(ehds.DecisionEventReject) || reopenAnswer},
		{answer(ehds.AnswerAppeal), dec(ehds.DecisionEventAppeal) || appealed},
		{answer(ehds.AnswerNoResponse), dec(ehds.DecisionEventNoResponse) || d.Status == ehds.DecisionLapsed},
		{ClockExpired{Track: ours, Kind: ClockAnswer}, dec(ehds.DecisionEventNoResponse)},
		{AppealSubmitted{ours, d.ID, "A-1", day(1), "m"}, dec(ehds.DecisionEventAppeal) || appealed},
		{AppealDecided{Track: ours, At: day(9), Approved: true, Reasons: "", Actor: "s"}, dec(ehds.DecisionEventAppealApproved)},
		{AppealDecided{Track: ours, At: day(9), Approved: false, Reasons: "", Actor: "s"}, dec(ehds.DecisionEventAppealRejected)},
		{PermitGranted{ours, day(2), permitBody(d.ID, "DP-NL-2026-0001-v1", t0, day(365))},
			d.Status == ehds.DecisionPositiveAccepted && d.Grant != nil && len(t.Permits) == 0},
	}...)
}

// besideTheTables are the events that move no machine: they change procedures and clocks, or are told.
func besideTheTables(t Track, d Decision, app func(ehds.ApplicationEvent) bool) []candidate {
	other := ehds.ProcedureAccelerated
	if t.Procedure == other {
		other = ehds.ProcedureStandard
	}
	c, counting := t.Clock(ClockDecision)
	running := counting && c.State == ClockRunning
	return []candidate{
		{reroute(other, RouteFacts{PublicBody: true, Purposes: []string{"a"}}), app(ehds.EventWithdrawn)}, // from every open state, as withdrawal
		{Extended{Track: ours, At: day(3), Reasons: "r"}, running && !c.Extended},
		{DueSet{Track: ours, At: day(3), Kind: ClockDecision, Date: Date{2027, 1, 15}}, running},
		{DecisionPublished{ours, day(9), d.ID, "s"}, t.Decision != nil},
		{ResultsPublished{ours, day(400), "s"}, len(t.Permits) > 0 || t.approved()},
	}
}

// checked applies an event and checks what must hold of every application.
func checked(t *testing.T, a Application, e Event, now time.Time) (Application, []Effect, error) {
	t.Helper()
	before, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	next, effects, err := Apply(a, e, now)
	if after, _ := json.Marshal(a); string(after) != string(before) {
		t.Fatalf("%s changed its input", e.Name())
	}
	var f *fault.Error
	if err != nil && (!errors.As(err, &f) || len(effects) != 0 || f.Detail == "") {
		t.Fatalf("%s: refused with %v and %d effects", e.Name(), err, len(effects))
	}
	raw, merr := json.Marshal(next)
	var back Application
	if merr != nil || json.Unmarshal(raw, &back) != nil {
		t.Fatalf("%s: the document does not survive JSON: %v", e.Name(), merr)
	}
	if !reflect.DeepEqual(next, back) { // the cheap comparison first
		if d := cmp.Diff(next, back); d != "" {
			t.Fatalf("%s: the document changes over JSON:\n%s", e.Name(), d)
		}
	}
	for _, tr := range next.Tracks {
		if next.Kind == ehds.DataRequestApplication && len(tr.Permits) > 0 {
			t.Fatal("a data request has a permit")
		}
		for i := range tr.Permits {
			holds := 0
			for j := range tr.Permits {
				if tr.Permits[j].inForce(tr.Permits[i].NotBefore) {
					holds++
				}
			}
			if holds > 1 {
				t.Fatalf("%d versions of a permit have force at once: %+v", holds, tr.Permits)
			}
		}
		running, runs := map[string]int{}, map[ClockKind]bool{}
		for _, c := range tr.Clocks {
			if c.State == ClockRunning {
				running[string(c.Kind)+" "+c.Subject]++
				runs[c.Kind] = true
			}
		}
		for k, n := range running {
			if n > 1 {
				t.Fatalf("%d clocks of kind and subject %s run", n, k)
			}
		}
		if tr.Status.Terminal() && (runs[ClockDecision] || runs[ClockCompletion] || runs[ClockAssessment] || runs[ClockProposal]) ||
			tr.Status == ehds.StateWithdrawn && runs[ClockAnswer] {
			t.Fatalf("clocks run on a closed track: %v", running)
		}
		if runs[ClockDecision] && (runs[ClockAssessment] || runs[ClockProposal] || runs[ClockCompletion]) {
			t.Fatalf("two clocks run towards one decision: %v", running)
		}
	}
	for _, ef := range effects {
		if _, ok := ef.(IssuePermit); ok && next.Kind == ehds.DataRequestApplication {
			t.Fatal("a data request leads to a permit")
		}
	}
	return next, effects, err
}

// TestEveryEdgeIsReachableAndNothingElseIs explores every state that events can lead to, tries every
// event in each, and compares with the tables.
// shows R7.6.2
func TestEveryEdgeIsReachableAndNothingElseIs(t *testing.T) {
	type node struct {
		status, resume ehds.ApplicationState
		automatic      bool
		decision       ehds.DecisionState
		replaced       int
		permits        int
		appealText     bool
	}
	key := func(a Application) node {
		if len(a.Tracks) == 0 {
			return node{}
		}
		tr := a.Tracks[0]
		n := node{status: tr.Status, resume: tr.ResumeTo, automatic: tr.Automatic, replaced: len(tr.SetAside), permits: len(tr.Permits)}
		if tr.Decision != nil {
			n.decision = tr.Decision.Status
			n.appealText = tr.Decision.Appeal != nil && tr.Decision.Appeal.ID != ""
		}
		return n
	}
	seen := map[node]bool{{}: true}
	steps := map[string]bool{}
	for queue := []Application{{}}; len(queue) > 0; queue = queue[1:] {
		for _, c := range candidates(queue[0]) {
			next, _, err := checked(t, queue[0], c.event, later)
			if (err == nil) != c.legal {
				t.Errorf("%+v, %s (%+v): legal %v by the tables, got %v", key(queue[0]), c.event.Name(), c.event, c.legal, err)
			}
			if err != nil {
				switch code := fault.CodeOf(err); code {
				case CodeIllegal, CodeAnswer, CodeNotDue, CodeUnknownCase, CodeNotRunning, CodeExtension:
				default:
					t.Errorf("%s is refused with %s", c.event.Name(), code)
				}
				continue
			}
			for _, s := range next.Tracks[0].History {
				steps[string(s.Axis)+" "+s.From+" "+s.Event+" "+s.To] = true
			}
			if k := key(next); !seen[k] && k.replaced < 2 {
				seen[k] = true
				queue = append(queue, next)
			}
		}
	}
	for _, e := range ehds.ApplicationTransitions() {
		if !steps[fmt.Sprintf("application %s %s %s", e.From, e.Event, e.To)] {
			t.Errorf("no walk takes the edge %s --%s--> %s", e.From, e.Event, e.To)
		}
	}
	for _, e := range ehds.DecisionTransitions() {
		if !steps[fmt.Sprintf("decision %s %s %s", e.From, e.Event, e.To)] {
			t.Errorf("no walk takes the edge %s --%s--> %s", e.From, e.Event, e.To)
		}
	}
	if len(seen) < 15 {
		t.Errorf("only %d states were reached", len(seen))
	}
}

func granted(t *testing.T) Application {
	t.Helper()
	return applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"},
		DecisionIssued{Track: ours, At: t0, Card: card(ehds.Positive, "D-1", ""), Grant: grant()},
		DecisionAnswered{Track: ours, DecisionID: "D-1", Answer: ehds.AnswerAccept, At: day(1), Message: "m"},
		PermitGranted{ours, day(2), permitBody("D-1", "DP-NL-2026-0001-v1", day(2), day(367))})
}

func applyAll(t *testing.T, a Application, events ...Event) Application {
	t.Helper()
	for _, e := range events {
		next, _, err := checked(t, a, e, later)
		if err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		a = next
	}
	return a
}

func permitEvents() []ehds.PermitEvent {
	return []ehds.PermitEvent{ehds.PermitEventGranted, ehds.PermitEventAmendmentAsked, ehds.PermitEventAmendmentApproved,
		ehds.PermitEventAmendmentRejected, ehds.PermitEventRenewalAsked, ehds.PermitEventRenewalApproved,
		ehds.PermitEventRenewalRejected, ehds.PermitEventRevoked, ehds.PermitEventRevocationAppeal,
		ehds.PermitEventAppealApproved, ehds.PermitEventAppealRejected, ehds.PermitEventExpired,
		ehds.PermitEventSuspended, ehds.PermitEventResumed}
}

func moved(a Application, e ehds.PermitEvent) PermitMoved {
	p, _ := a.Tracks[0].Permit()
	m := PermitMoved{Track: ours, At: day(30), PermitID: p.ID, Event: e, Actor: "s", Reason: "r"}
	if e.NewVersion() {
		id, _ := ehds.ParsePermitID(p.ID)
		id.Version++
		b := permitBody(p.DecisionID, id.String(), day(30), p.Expires)
		m.New = &b
	}
	return m
}

// TestPermitTable does the same for permits: every phase of the table is reached, every event tried.
func TestPermitTable(t *testing.T) {
	type node struct {
		phase              ehds.PermitPhase
		renewed, suspended bool
	}
	wasRenewed := func(a Application) bool {
		for _, v := range a.Tracks[0].Permits {
			if v.Phase.State == ehds.PermitRenewed {
				return true
			}
		}
		return false
	}
	start := granted(t)
	phases := map[ehds.PermitPhase]bool{{}: true}
	seen := map[node]bool{}
	for queue := []Application{start}; len(queue) > 0; queue = queue[1:] {
		a := queue[0]
		p, _ := a.Tracks[0].Permit()
		phases[p.Phase] = true
		for _, ev := range permitEvents() {
			edges := ehds.Next(ehds.PermitTransitions(), p.Phase, ev)
			next, effects, err := checked(t, a, moved(a, ev), later)
			legal := len(edges) == 1 && (ev != ehds.PermitEventRenewalAsked || !wasRenewed(a))
			switch suspended := !p.Suspended.IsZero(); {
			case ev == ehds.PermitEventResumed:
				legal = legal && suspended
			case ev == ehds.PermitEventSuspended, ev.NewVersion():
				legal = legal && !suspended
			}
			if (err == nil) != legal {
				t.Errorf("%+v %s: legal %v, got %v", p.Phase, ev, legal, err)
			}
			if err != nil {
				continue
			}
			np, _ := next.Tracks[0].Permit()
			if np.Phase != edges[0].To {
				t.Errorf("%+v %s leads to %+v, want %+v", p.Phase, ev, np.Phase, edges[0].To)
			}
			still := ev == ehds.PermitEventSuspended || ev == ehds.PermitEventResumed // tells no status
			if got := lastStatus(effects); got != string(edges[0].To.Export()) && (!still || got != "") {
				t.Errorf("%+v %s tells %q", p.Phase, ev, got)
			}
			if ev.NewVersion() != (len(next.Tracks[0].Permits) > len(a.Tracks[0].Permits)) {
				t.Errorf("%s: versions %d and %d", ev, len(a.Tracks[0].Permits), len(next.Tracks[0].Permits))
			}
			if k := (node{np.Phase, wasRenewed(next), !np.Suspended.IsZero()}); !seen[k] {
				seen[k] = true
				queue = append(queue, next)
			}
		}
	}
	for _, e := range ehds.PermitTransitions() {
		if !phases[e.From] {
			t.Errorf("no walk reaches %+v", e.From)
		}
	}
}

func lastStatus(effects []Effect) string {
	out := ""
	for _, e := range effects {
		if s, ok := e.(SendStatus); ok && s.Axis == ehds.AxisPermit {
			out = s.Status
		}
	}
	return out
}
