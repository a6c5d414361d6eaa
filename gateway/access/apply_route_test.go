package access

import (
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func reroute(p ehds.Procedure, f RouteFacts) Rerouted {
	return Rerouted{Track: ours, At: day(10), Procedure: p, Facts: f, Reasons: "r", Actor: "s"}
}

// shows R8.0.3-5
func TestRerouting(t *testing.T) {
	public := RouteFacts{PublicBody: true, Purposes: []string{"a", "c"}}
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours))
	fast, ef := step(t, a, reroute(ehds.ProcedureAccelerated, public), day(10))
	wantEffects(t, ef, "start decision 2027-01-04")
	c, _ := fast.Tracks[0].Clock(ClockDecision)
	if !c.Start.Equal(t0) || c.Steps[0] == "" {
		t.Errorf("counts from %s: %q", c.Start, c.Steps)
	}
	longer, _ := step(t, fast, Extended{Track: ours, At: day(20), Reasons: "because"}, day(20))
	back, ef := step(t, longer, reroute(ehds.ProcedureStandard, RouteFacts{}), day(21))
	wantEffects(t, ef, "start decision 2027-05-03")
	if c, _ := back.Tracks[0].Clock(ClockDecision); !c.Extended || c.Reasons != "because" {
		t.Errorf("the extension is lost: %+v", c)
	}
	overdue, _ := step(t, fast, ClockExpired{Track: ours, Kind: ClockDecision}, day(70))
	_, ef = step(t, overdue, reroute(ehds.ProcedureStandard, RouteFacts{}), day(70))
	wantEffects(t, ef, "start decision 2027-02-03")
	waiting := applyAll(t, a, Screened{ours, t0, "s"}, InfoRequested{Track: ours, At: day(2)})
	waiting, ef = step(t, waiting, reroute(ehds.ProcedureAccelerated, public), day(10))
	wantEffects(t, ef)
	waiting, _ = step(t, waiting, InfoReceived{ours, day(11), day(12), "m"}, day(12))
	if c, _ := waiting.Tracks[0].Clock(ClockDecision); c.LastDay != "2027-01-15" {
		t.Errorf("after the answer: %+v", c)
	}
}

func TestReroutingThatIsRefused(t *testing.T) {
	access := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours))
	request := applyAll(t, Application{}, submitted(ehds.DataRequestApplication, ours))
	silent := reroute(ehds.ProcedureAccelerated, RouteFacts{PublicBody: true, Purposes: []string{"a"}})
	silent.Reasons = ""
	for _, c := range []struct {
		name string
		app  Application
		e    Rerouted
		code string
	}{
		{"not a public body", access, reroute(ehds.ProcedureAccelerated, RouteFacts{Purposes: []string{"a"}}), CodeProcedure},
		{"another purpose", access, reroute(ehds.ProcedureAccelerated, RouteFacts{PublicBody: true, Purposes: []string{"a", "e"}}), CodeProcedure},
		{"no purpose", access, reroute(ehds.ProcedureAccelerated, RouteFacts{PublicBody: true}), CodeProcedure},
		{"data request", request, reroute(ehds.ProcedureAccelerated, RouteFacts{PublicBody: true, Purposes: []string{"a"}}), CodeProcedure},
		{"several holders", access, reroute(ehds.ProcedureTrustedHolder, RouteFacts{}), CodeProcedure},
		{"the same procedure", access, reroute(ehds.ProcedureStandard, RouteFacts{}), CodeProcedure},
		{"no such procedure", access, reroute("FAST", RouteFacts{}), CodeProcedure},
		{"no reasons", access, silent, CodeReasons},
		{"decided", decided(t, ehds.DataAccessApplication, ehds.Positive), reroute(ehds.ProcedureTrustedHolder, RouteFacts{OneTrustedHolder: true}), CodeIllegal},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.app, c.e, day(10), c.code) })
	}
}

// Re-routing takes back what lies with a trusted data holder.
func TestReroutingRecalls(t *testing.T) {
	a := applyAll(t, trusted(t), side(ehds.SideTrustedHolder, ehds.SideEventForwarded, day(1)))
	a, ef := step(t, a, reroute(ehds.ProcedureStandard, RouteFacts{}), day(10))
	wantEffects(t, ef, "stop assessment", "start decision 2027-02-03")
	if s, _ := a.Tracks[0].Side(ehds.SideTrustedHolder, "holder-1"); s.State != ehds.SideRecalled {
		t.Errorf("%+v", s)
	}
}

// A date of the staff's own stands beside the law's end and never moves it.
// shows R8.0.1-2
func TestDueDatesOfStaff(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours))
	set := DueSet{Track: ours, At: day(1), Kind: ClockDecision, Date: Date{2026, 12, 18}, Reasons: "board meets", Actor: "s"}
	before, _ := a.Tracks[0].Clock(ClockDecision)
	b, ef := step(t, a, set, day(1))
	wantEffects(t, ef)
	c, _ := b.Tracks[0].Clock(ClockDecision)
	if c.Due == nil || c.Due.Date != "2026-12-18" || !c.End.Equal(before.End) || c.LastDay != before.LastDay {
		t.Errorf("%+v", c)
	}
	soon := DueSoon(b, time.Date(2026, 12, 15, 0, 0, 0, 0, time.UTC), 7*24*time.Hour)
	if len(soon) != 1 || !soon[0].BySetDate {
		t.Errorf("due soon: %+v", soon)
	}
	if late := Overdue(b, time.Date(2026, 12, 19, 0, 0, 0, 0, time.UTC)); len(late) != 1 || !late[0].BySetDate {
		t.Errorf("overdue: %+v", late)
	}
	if n := len(Due(b, time.Date(2026, 12, 30, 0, 0, 0, 0, time.UTC), 0)); n != 0 {
		t.Errorf("a date of the staff's own fires %d clocks", n)
	}
	set.Date = Date{2027, 3, 1}
	_, ef = step(t, b, set, day(2))
	wantEffects(t, ef, "flag due-later-than-law")
	for name, c := range map[string]struct {
		e    DueSet
		code string
	}{
		"no such clock":           {DueSet{Track: ours, Kind: ClockAnswer, Date: set.Date}, CodeNotRunning},
		"no such day":             {DueSet{Track: ours, Kind: ClockDecision, Date: Date{2027, 2, 29}}, CodeDate},
		"before the period began": {DueSet{Track: ours, Kind: ClockDecision, Date: Date{2026, 11, 2}}, CodeDate},
		"another nation's track":  {DueSet{Track: foreign, Kind: ClockDecision, Date: set.Date}, CodeUnknownCase},
	} {
		t.Run(name, func(t *testing.T) { refused(t, a, c.e, day(2), c.code) })
	}
}

func TestDueLists(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours, second), Screened{second, t0, "s"}, InfoRequested{Track: second, At: t0})
	kinds := func(list []DueClock) []ClockKind {
		var out []ClockKind
		for _, d := range list {
			out = append(out, d.Clock.Kind)
		}
		return out
	}
	if got := kinds(DueSoon(a, day(20), 9*24*time.Hour)); !slices.Equal(got, []ClockKind{ClockCompletion}) {
		t.Errorf("due soon %v", got)
	}
	if got := kinds(DueSoon(a, day(20), 200*24*time.Hour)); !slices.Equal(got, []ClockKind{ClockCompletion, ClockDecision}) {
		t.Errorf("due soon %v", got)
	}
	if got := kinds(Overdue(a, later)); !slices.Equal(got, []ClockKind{ClockCompletion, ClockDecision}) {
		t.Errorf("overdue %v", got)
	}
	lapsed, _ := step(t, a, Due(a, later, 0)[0].Expired(), later)
	if got := kinds(Overdue(lapsed, later)); !slices.Equal(got, []ClockKind{ClockDecision}) {
		t.Errorf("what happened by itself stays overdue: %v", got)
	}
	if at, ok := NextDue(lapsed); !ok || at.Format(time.DateOnly) != "2027-02-04" {
		t.Errorf("next due %v %v", at, ok)
	}
}

func TestPublicationIsMet(t *testing.T) {
	a := decided(t, ehds.DataAccessApplication, ehds.Positive)
	refused(t, a, DecisionPublished{ours, day(3), "D-9", "s"}, day(3), CodeDecision)
	a, ef := step(t, a, DecisionPublished{ours, day(3), "D-1", "s"}, day(3))
	wantEffects(t, ef, "stop publication")
	_, ef = step(t, a, DecisionPublished{ours, day(4), "D-1", "s"}, day(4))
	wantEffects(t, ef)
	refused(t, a, ResultsPublished{ours, day(4), "s"}, day(4), CodeIllegal)
}

// Every end has its effect: the automatic ones move the case, the others flag it, each with a code of
// its own, and stay overdue.
func TestEveryEndHasItsEffect(t *testing.T) {
	codes := map[string]ClockKind{}
	for _, row := range Periods() {
		if row.Starts == "" || row.Stops == "" || row.Effect == "" || row.Source == "" {
			t.Errorf("%s is not told in full", row.Kind)
		}
		if row.Automatic {
			continue // TestSilenceWithdraws…, TestCompletionMadeInTimeReopens, TestPermitVersions
		}
		a := granted(t)
		a.Tracks[0].Clocks = []Clock{{Kind: row.Kind, Subject: "x", State: ClockRunning, Start: t0, End: day(9)}}
		a, ef := step(t, a, ClockExpired{Track: ours, Kind: row.Kind}, day(10))
		flag, ok := ef[len(ef)-1].(FlagForStaff)
		if !ok || len(ef) != 2 || flag.Note == "" || ef[0] != (StopClock{Track: ours, Kind: row.Kind, Subject: "x"}) {
			t.Errorf("%s: %v", row.Kind, names(ef))
		}
		if other, twice := codes[flag.Code]; twice {
			t.Errorf("%s and %s have one code", row.Kind, other)
		}
		codes[flag.Code] = row.Kind
		if due := Overdue(a, day(10)); len(due) != 1 || due[0].Clock.Kind != row.Kind {
			t.Errorf("%s is not overdue", row.Kind)
		}
	}
	if _, ok := ClockKind("other").row(); ok || Length("other", ehds.ProcedureStandard, true) != (Period{}) {
		t.Error("an unknown clock has a length")
	}
}
