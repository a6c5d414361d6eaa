package access

import (
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// trusted is a track in the procedure of trusted data holders, being processed.
func trusted(t *testing.T) Application {
	t.Helper()
	s := submitted(ehds.DataAccessApplication, ours)
	s.Procedure = ehds.ProcedureTrustedHolder
	return applyAll(t, Application{}, s, Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
}

func approvedRequest(t *testing.T) Application {
	t.Helper()
	return applyAll(t, decided(t, ehds.DataRequestApplication, ehds.Positive), answer("D-1", ehds.AnswerAccept, day(1)))
}

func side(m ehds.SideMachine, e ehds.SideEvent, at time.Time) SideMoved {
	return SideMoved{Track: ours, At: at, Machine: m, Subject: "holder-1", Event: e, Reasons: "r", Actor: "s"}
}

// TestSideTables reaches every state of every side machine and tries every event of all machines in
// each: what the table has happens, everything else is refused with the state it is in.
func TestSideTables(t *testing.T) {
	bases := map[ehds.SideMachine]Application{
		ehds.SideCompleteness: trusted(t), ehds.SideTrustedHolder: trusted(t), ehds.SideFees: granted(t),
		ehds.SideDelivery: granted(t), ehds.SideSPE: granted(t), ehds.SideHearing: granted(t), ehds.SideAnswer: approvedRequest(t),
	}
	var all []ehds.SideEvent
	for _, m := range ehds.SideMachines() {
		all = append(all, ehds.SideEvents(m)...)
	}
	for _, m := range ehds.SideMachines() {
		subject := "holder-1"
		if m == ehds.SideAnswer {
			subject = "" // one answer, begun by the acceptance
		}
		taken := map[[2]string]bool{}
		start := bases[m].Tracks[0]
		seen := map[ehds.SideState]bool{start.sideState(m, subject): true}
		for queue := []Application{bases[m]}; len(queue) > 0; queue = queue[1:] {
			from := queue[0].Tracks[0].sideState(m, subject)
			for _, ev := range all {
				e := side(m, ev, day(40))
				e.Subject = subject
				edges := ehds.Next(ehds.SideTransitions(m), from, ev)
				if len(edges) != 1 || ev == ehds.SideEventApproved {
					if _, _, err := Apply(queue[0], e, day(40)); fault.CodeOf(err) != CodeIllegal {
						t.Errorf("%s %q %s is not in the table: %v", m, from, ev, err)
					}
					continue
				}
				next, _, err := checked(t, queue[0], e, day(40))
				if err != nil {
					t.Errorf("%s %q %s is in the table: %v", m, from, ev, err)
					continue
				}
				to := next.Tracks[0].sideState(m, subject)
				if to != edges[0].To {
					t.Errorf("%s %q %s leads to %s", m, from, ev, to)
				}
				taken[[2]string{string(from), string(ev)}] = true
				if !seen[to] {
					seen[to] = true
					queue = append(queue, next)
				}
			}
		}
		for _, edge := range ehds.SideTransitions(m) {
			if !taken[[2]string{string(edge.From), string(edge.Event)}] && edge.Event != ehds.SideEventApproved {
				t.Errorf("%s: no walk takes %s --%s-->", m, edge.From, edge.Event)
			}
		}
	}
}

func TestSideStepsThatAreRefused(t *testing.T) {
	open, gave := trusted(t), granted(t)
	standard := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours))
	withdrawn := applyAll(t, gave, PermitMoved{Track: ours, At: day(30), PermitID: "DP-NL-2026-0001-v1", Event: ehds.PermitEventRevoked, Reason: "r"})
	forwarded := applyAll(t, open, side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)))
	other := side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1))
	other.Subject = "holder-2"
	silent := side(ehds.SideDelivery, ehds.SideEventRequested, day(3))
	silent.Subject = ""
	noReasons := side(ehds.SideTrustedHolder, ehds.SideEventReturned, day(3))
	noReasons.Reasons = ""
	for _, c := range []struct {
		name string
		app  Application
		e    SideMoved
		code string
	}{
		{"no such machine", open, side("other", ehds.SideEventStarted, day(1)), CodeMachine},
		{"forwarded in the standard procedure", standard, side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)), CodeProcedure},
		{"two trusted holders", forwarded, other, CodeIllegal},
		{"data asked for before the permit", open, side(ehds.SideDelivery, ehds.SideEventRequested, day(1)), CodeIllegal},
		{"data asked for after revocation", withdrawn, side(ehds.SideDelivery, ehds.SideEventRequested, day(31)), CodeIllegal},
		{"hearing without a permit", open, side(ehds.SideHearing, ehds.SideEventNotified, day(1)), CodeIllegal},
		{"approval told from outside", open, side(ehds.SideAnswer, ehds.SideEventApproved, day(1)), CodeIllegal},
		{"which holder is not said", gave, silent, CodeIncomplete},
		{"given back without reasons", forwarded, noReasons, CodeReasons},
		{"completeness after the decision", gave, side(ehds.SideCompleteness, ehds.SideEventStarted, day(3)), CodeIllegal},
		{"another nation's track", open, SideMoved{Track: foreign, Machine: ehds.SideFees, Event: ehds.SideEventEstimated}, CodeUnknownCase},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.app, c.e, day(40), c.code) })
	}
}

// The trusted data holder's two months and the body's two take the place of the decision clock.
// shows R12.0.1-3
func TestTrustedHolderClocks(t *testing.T) {
	a := trusted(t)
	a, ef := step(t, a, side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)), day(1))
	wantEffects(t, ef, "stop decision", "start assessment 2027-01-04")
	back, ef := step(t, a, side(ehds.SideTrustedHolder, ehds.SideEventReturned, day(9)), day(9))
	wantEffects(t, ef, "stop assessment", "start decision 2027-02-03")
	if c, _ := back.Tracks[0].Clock(ClockDecision); !c.Start.Equal(t0) {
		t.Errorf("counts from %s", c.Start)
	}
	a, ef = step(t, a, side(ehds.SideTrustedHolder, ehds.SideEventAssessed, day(30)), day(30))
	wantEffects(t, ef, "stop assessment", "start proposal 2027-02-03")
	waiting, ef := step(t, a, InfoRequested{Track: ours, At: day(31)}, day(31))
	wantEffects(t, ef, "status application AWAITING_ADDITIONAL_INFORMATION", "stop proposal", "start completion 2027-01-01")
	again, _ := step(t, waiting, InfoReceived{ours, day(40), day(41), "m"}, day(41))
	if c, ok := again.Tracks[0].ClockOf(ClockProposal, "holder-1"); !ok || c.State != ClockRunning || !c.Start.Equal(day(41)) {
		t.Errorf("%+v", c)
	}
	gone, ef := step(t, a, Withdrawn{Track: &ours, At: day(32)}, day(32))
	if s, _ := gone.Tracks[0].Side(ehds.SideTrustedHolder, "holder-1"); s.State != ehds.SideRecalled || !slices.Contains(names(ef), "stop proposal") {
		t.Errorf("%+v %v", s, names(ef))
	}
	_, ef = step(t, a, ClockExpired{Track: ours, Kind: ClockProposal}, later)
	wantEffects(t, ef, "stop proposal", "flag proposal-overdue")
	done, ef := step(t, a, DecisionIssued{Track: ours, At: day(50), Card: cardAt(ehds.Positive, "D-1", day(50)), Grant: grant()}, day(50))
	if !slices.Contains(names(ef), "stop proposal") {
		t.Errorf("%v", names(ef))
	}
	refused(t, done, side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(51)), day(51), CodeIllegal)
	applyAll(t, done, side(ehds.SideTrustedHolder, ehds.SideEventDeclined, day(51))) // answered with the decision
	early := applyAll(t, trusted(t), side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)),
		DecisionIssued{Track: ours, At: day(5), Card: cardAt(ehds.Negative, "D-1", day(5))})
	refused(t, early, side(ehds.SideTrustedHolder, ehds.SideEventAssessed, day(6)), day(6), CodeIllegal)
}

func cardAt(o ehds.Outcome, id string, at time.Time) ehds.DecisionBody {
	c := card(o, id, "")
	c.Timestamp = stamp(at)
	return c
}

// From the holder's delivery over the environment to deletion, each with its period.
// shows R13.0.2
func TestDeliveryAndEnvironmentClocks(t *testing.T) {
	a := granted(t)
	spe := func(e ehds.SideEvent, at time.Time) SideMoved {
		s := side(ehds.SideSPE, e, at)
		s.Subject = "spe-1"
		return s
	}
	for _, c := range []struct {
		e    Event
		at   time.Time
		want []string
	}{
		{side(ehds.SideDelivery, ehds.SideEventRequested, day(3)), day(3), []string{"start delivery 2027-02-08"}},
		{side(ehds.SideDelivery, ehds.SideEventExtended, day(20)), day(20), []string{"start delivery 2027-05-06"}},
		{side(ehds.SideDelivery, ehds.SideEventDelivered, day(100)), day(100), []string{"stop delivery"}},
		{spe(ehds.SideEventReceived, day(100)), day(100), []string{"start spe-access 2027-04-12"}},
		{spe(ehds.SideEventProvided, day(120)), day(120), []string{"stop spe-access"}},
		{spe(ehds.SideEventClosed, day(200)), day(200), []string{"start results 2028-11-22"}},
		{spe(ehds.SideEventReopened, day(201)), day(201), []string{"stop results"}},
		{PermitMoved{Track: ours, At: day(300), PermitID: "DP-NL-2026-0001-v1", Event: ehds.PermitEventRevoked, Reason: "r"}, day(300),
			[]string{"stop permit", "set DP-NL-2026-0001-v1", "permit-changed DP-NL-2026-0001-v1 REVOKED",
				"start spe-deletion 2028-02-29", "start results 2029-02-28", "status permit REVOKED"}},
		{spe(ehds.SideEventDeleted, day(310)), day(310), []string{"stop spe-deletion"}},
		{ResultsPublished{ours, day(320), "s"}, day(320), []string{"stop results"}},
	} {
		var ef []Effect
		a, ef = step(t, a, c.e, c.at)
		wantEffects(t, ef, c.want...)
	}
	if due := Overdue(a, later); len(due) != 1 || due[0].Clock.Kind != ClockPublication {
		t.Errorf("left to do: %+v", due)
	}
}

func TestLateActsMeetTheirClockLate(t *testing.T) {
	a := applyAll(t, granted(t), side(ehds.SideDelivery, ehds.SideEventRequested, day(3)))
	late, ef := step(t, a, ClockExpired{Track: ours, Kind: ClockDelivery}, day(200))
	wantEffects(t, ef, "stop delivery", "flag delivery-overdue")
	has := func(a Application) bool {
		return slices.ContainsFunc(Overdue(a, day(201)), func(d DueClock) bool { return d.Clock.Kind == ClockDelivery })
	}
	if !has(late) {
		t.Error("what has run out is not overdue")
	}
	late = applyAll(t, late, side(ehds.SideDelivery, ehds.SideEventDelivered, day(201)))
	if c, _ := late.Tracks[0].ClockOf(ClockDelivery, "holder-1"); c.State != ClockLate || has(late) {
		t.Errorf("%s, overdue %v", c.State, has(late))
	}
	refused(t, late, ClockExpired{Track: ours, Kind: ClockDelivery}, day(210), CodeNotDue)
}

func TestFeesAndHearing(t *testing.T) {
	told := applyAll(t, trusted(t), side(ehds.SideFees, ehds.SideEventEstimated, day(1)))
	if _, ok := told.Tracks[0].Clock(ClockFees); ok {
		t.Error("the month runs before there is a permit")
	}
	told = applyAll(t, told, DecisionIssued{Track: ours, At: t0, Card: card(ehds.Positive, "D-1", ""), Grant: grant()}, answer("D-1", ehds.AnswerAccept, day(1)))
	gave, ef := step(t, told, PermitGranted{ours, day(2), permitBody("D-1", "DP-NL-2026-0001-v1", day(2), day(367))}, day(2))
	if !slices.Contains(names(ef), "start fees 2026-12-07") {
		t.Errorf("%v", names(ef))
	}
	_, ef = step(t, gave, ClockExpired{Track: ours, Kind: ClockFees, Subject: "holder-1"}, later)
	wantEffects(t, ef, "stop fees", "flag fees-not-agreed")
	_, ef = step(t, gave, side(ehds.SideFees, ehds.SideEventAgreed, day(9)), day(9))
	wantEffects(t, ef, "stop fees")
	heard, ef := step(t, gave, side(ehds.SideHearing, ehds.SideEventNotified, day(50)), day(50))
	wantEffects(t, ef, "start hearing 2027-01-20")
	_, ef = step(t, heard, side(ehds.SideHearing, ehds.SideEventHeard, day(60)), day(60))
	wantEffects(t, ef, "stop hearing")
}

// A data request decided positively leads to an approval and an answer, never to a permit.
func TestDataRequestIsAnswered(t *testing.T) {
	a := approvedRequest(t)
	if s, ok := a.Tracks[0].Side(ehds.SideAnswer, ""); !ok || s.State != ehds.SideApproved {
		t.Fatalf("%+v", a.Tracks[0].Sides)
	}
	give := SideMoved{Track: ours, At: day(30), Machine: ehds.SideAnswer, Event: ehds.SideEventProvided}
	_, ef := step(t, a, give, day(30))
	wantEffects(t, ef, "stop data-answer", "start results 2028-06-05")
	give.Event, give.Reasons = ehds.SideEventNotPossible, "too few persons"
	_, ef = step(t, a, give, day(30))
	wantEffects(t, ef, "stop data-answer")
}
