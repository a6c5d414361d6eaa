package access_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the table names real time zones

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/holidays"
)

// handCounted are the rows of a table of testdata/clocks.md.
func handCounted(t *testing.T, section string, columns int) [][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/clocks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "\n## "+section+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var rows [][]string
	for _, line := range strings.Split(text, "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| case ") || strings.HasPrefix(line, "|---") {
			continue
		}
		if len(cells) != columns {
			t.Fatalf("%d cells: %s", len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

func calendar(t *testing.T, zone, off string) access.Calendar {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	if national, ok := holidays.For(off); ok {
		return access.Calendar{Zone: z, Holiday: national}
	}
	var extra []access.Date
	for s := range strings.SplitSeq(off, ",") {
		d, err := access.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		extra = append(extra, d)
	}
	return access.Calendar{Zone: z, Holiday: holidays.With(nil, extra, nil)}
}

func period(t *testing.T, s string) access.Period {
	t.Helper()
	n, unit := 0, ""
	if _, err := fmt.Sscanf(s, "%d %s", &n, &unit); err != nil {
		t.Fatal(err)
	}
	switch unit {
	case "month", "months":
		return access.Period{Months: n}
	case "working":
		return access.Period{WorkingDays: n}
	}
	return access.Period{Days: n}
}

// shows R8.0.1-2
func TestPeriodsCountedByHand(t *testing.T) {
	rows := handCounted(t, "Periods", 8)
	if len(rows) < 70 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, c := range rows {
		t.Run(c[0], func(t *testing.T) {
			event, err := time.Parse(time.RFC3339, c[3])
			if err != nil {
				t.Fatal(err)
			}
			d := calendar(t, c[1], c[2]).Deadline(event, period(t, c[4]))
			if d.LastDay.String() != c[5] || d.End.Format(time.RFC3339) != c[6] {
				t.Errorf("%s, %s; by hand %s, %s: %s\n%s", d.LastDay, d.End.Format(time.RFC3339), c[5], c[6], c[7], strings.Join(d.Steps, "\n"))
			}
		})
	}
}

// shows R8.0.3-8
func TestClocksCountedByHand(t *testing.T) {
	rows := handCounted(t, "Clocks of a case", 5)
	if len(rows) < 20 {
		t.Fatalf("only %d rows", len(rows))
	}
	rules := access.Rules{Calendar: calendar(t, "Europe/Helsinki", "FI")}
	started := map[access.ClockKind]bool{}
	for _, c := range rows {
		t.Run(c[0], func(t *testing.T) {
			var app access.Application
			for act := range strings.SplitSeq(c[1], ", ") {
				verb, day, _ := strings.Cut(act, " ")
				at, err := time.Parse(time.DateOnly, day)
				if err != nil {
					t.Fatal(err)
				}
				event := actOf(verb, at.Add(10*time.Hour), app)
				if event == nil && verb == "answered" {
					continue
				}
				if event == nil {
					t.Fatalf("no such act: %s", verb)
				}
				next, _, err := rules.Apply(app, event, at.Add(10*time.Hour))
				if err != nil {
					t.Fatalf("%s: %v", act, err)
				}
				app = next
			}
			clock, ok := app.Tracks[0].Clock(access.ClockKind(c[2]))
			if !ok || clock.State != access.ClockRunning || clock.LastDay != c[3] {
				t.Errorf("%+v; by hand %s: %s", clock, c[3], c[4])
			}
		})
		started[access.ClockKind(c[2])] = true
	}
	for _, s := range access.Periods() {
		if !started[s.Kind] && s.Kind != access.ClockPermit { // a permit says itself when it ends
			t.Errorf("no row for %s", s.Kind)
		}
	}
}

var desk = ehds.Track{CatalogID: "cat-1", HDAB: "https://ncp.example/hdab/1"}

// actOf is what a verb of the table means; nil for "answered": the applicant's answer is one event with
// its receipt, "taken", and it is the receipt that starts the clock.
func actOf(verb string, at time.Time, app access.Application) access.Event {
	moved := func(m ehds.SideMachine, e ehds.SideEvent) access.Event {
		return access.SideMoved{Track: desk, At: at, Machine: m, Subject: "s-1", Event: e, Reasons: "r"}
	}
	filed := func(k ehds.ApplicationKind, p ehds.Procedure) access.Event {
		return access.Submitted{ID: "a-1", Kind: k, Version: 1, Submitted: at, Received: at, Tracks: []ehds.Track{desk}, Procedure: p, Message: "m"}
	}
	routed := func(p ehds.Procedure) access.Event {
		return access.Rerouted{Track: desk, At: at, Procedure: p, Reasons: "r",
			Facts: access.RouteFacts{PublicBody: true, Purposes: []string{"a"}}}
	}
	decided := func(g *ehds.PermitDetail) access.Event {
		return access.DecisionIssued{Track: desk, At: at, Grant: g, Card: ehds.DecisionBody{ApplicationID: "a-1", DecisionID: "D-1", Outcome: ehds.Positive}}
	}
	permit := func() ehds.PermitIssuedBody {
		return ehds.PermitIssuedBody{DecisionID: "D-1", PermitID: "DP-FI-2026-0001-v1",
			NotBefore: at.Format(time.RFC3339), Expires: at.AddDate(5, 0, 0).Format(time.RFC3339)}
	}
	switch verb {
	case "received":
		return filed(ehds.DataAccessApplication, ehds.ProcedureStandard)
	case "received-accelerated":
		return filed(ehds.DataAccessApplication, ehds.ProcedureAccelerated)
	case "received-trusted":
		return filed(ehds.DataAccessApplication, ehds.ProcedureTrustedHolder)
	case "request":
		return filed(ehds.DataRequestApplication, ehds.ProcedureStandard)
	case "screened":
		return access.Screened{Track: desk, At: at}
	case "processed":
		return access.ProcessingStarted{Track: desk, At: at}
	case "asked":
		return access.InfoRequested{Track: desk, At: at}
	case "taken":
		return access.InfoReceived{Track: desk, At: at.AddDate(0, 0, -1), Received: at}
	case "amended":
		return access.Amended{Version: app.Version + 1, Submitted: at, Received: at, Tracks: []ehds.Track{desk}}
	case "extended":
		return access.Extended{Track: desk, At: at, Reasons: "r"}
	case "accelerated":
		return routed(ehds.ProcedureAccelerated)
	case "standard":
		return routed(ehds.ProcedureStandard)
	case "granted":
		return decided(&ehds.PermitDetail{Kind: ehds.KindDataPermit})
	case "approved":
		return decided(nil)
	case "accepted":
		return access.DecisionAnswered{Track: desk, DecisionID: "D-1", Answer: ehds.AnswerAccept, At: at}
	case "permitted":
		return access.PermitGranted{Track: desk, At: at, Body: permit()}
	case "revoked":
		return access.PermitMoved{Track: desk, At: at, PermitID: "DP-FI-2026-0001-v1", Event: ehds.PermitEventRevoked, Reason: "r"}
	case "forwarded", "assessed", "returned":
		return moved(ehds.SideTrustedHolder, ehds.SideEvent(verb))
	case "requested":
		return moved(ehds.SideDelivery, ehds.SideEventRequested)
	case "lengthened":
		return moved(ehds.SideDelivery, ehds.SideEventExtended)
	case "arrived":
		return moved(ehds.SideSPE, ehds.SideEventReceived)
	case "estimated":
		return moved(ehds.SideFees, ehds.SideEventEstimated)
	case "notified":
		return moved(ehds.SideHearing, ehds.SideEventNotified)
	}
	return nil
}

// What holds of every period, in several zones and calendars: it ends on a working day, not before a
// period from an earlier event and not before a shorter one; the proof starts with the event and ends
// with the end.
func TestEveryPeriod(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	zones := []string{"UTC", "Europe/Helsinki", "Europe/Lisbon", "Atlantic/Azores", "Indian/Reunion", "America/Martinique"}
	countries, rows := holidays.Countries(), access.Periods()
	for range 250 {
		cal := calendar(t, zones[rng.IntN(len(zones))], countries[rng.IntN(len(countries))])
		event := time.Unix(1_760_000_000+rng.Int64N(400_000_000), rng.Int64N(1_000_000_000))
		n := 1 + rng.IntN(30)
		p := []access.Period{{Months: n}, {Days: n}, {WorkingDays: n}}[rng.IntN(3)]
		d := cal.Deadline(event, p)
		if !cal.Working(d.LastDay) {
			t.Fatalf("%s from %s ends on %s, a day off", p, event, d.LastDay)
		}
		if local := d.End.In(cal.Zone); local.Hour() != 0 || local.Minute() != 0 || access.DateOf(local, cal.Zone) != d.LastDay.AddDays(1) {
			t.Fatalf("%s from %s ends at %s, not at midnight", p, event, local)
		}
		if later := cal.Deadline(event.Add(time.Duration(rng.Int64N(int64(72*time.Hour)))), p); later.End.Before(d.End) {
			t.Fatalf("%s from a later event ends earlier: %s and %s", p, later.LastDay, d.LastDay)
		}
		longer := access.Period{}
		switch {
		case p.Months > 0:
			longer.Months = n + 1
		case p.Days > 0:
			longer.Days = n + 1
		default:
			longer.WorkingDays = n + 1
		}
		if l := cal.Deadline(event, longer); l.End.Before(d.End) {
			t.Fatalf("%s ends before %s: %s and %s", longer, p, l.LastDay, d.LastDay)
		}
		kind, proc := rows[rng.IntN(len(rows))].Kind, []ehds.Procedure{ehds.ProcedureStandard, ehds.ProcedureAccelerated}[rng.IntN(2)]
		if base, more := access.Length(kind, proc, false), access.Length(kind, proc, true); cal.Deadline(event, more).End.Before(cal.Deadline(event, base).End) {
			t.Fatalf("%s: an extension from %s to %s ends earlier", kind, base, more)
		}
		first, last := d.Steps[0], d.Steps[len(d.Steps)-1]
		if !strings.Contains(first, access.DateOf(event, cal.Zone).String()) || !strings.Contains(last, d.End.Format(time.RFC3339)) {
			t.Fatalf("the proof does not tell event and end: %q", d.Steps)
		}
	}
}
