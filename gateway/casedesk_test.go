package gateway

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// caseOf puts an application of the centre with these tracks into the record.
func caseOf(t *testing.T, g *Gateway, id string, tracks ...ehds.Track) {
	t.Helper()
	caseIn(t, g, ehds.ApplicationCase(id), tracks...)
}

// caseIn puts an application with these tracks into the record.
func caseIn(t *testing.T, g *Gateway, id ehds.CaseID, tracks ...ehds.Track) {
	t.Helper()
	now := g.o.Clock()
	app, effects, err := g.apps.Rules.Apply(access.Application{}, access.Submitted{ID: id.ApplicationID(), Kind: ehds.DataAccessApplication, Version: 1,
		Submitted: now, Received: now, Tracks: tracks, Procedure: ehds.ProcedureStandard, Message: "m-1"}, now)
	if err != nil || len(effects) == 0 {
		t.Fatal(err)
	}
	doc := exchange.ApplicationDoc{Counterpart: g.cfg.Central.Entity, Application: app, Flags: []exchange.Flag{{At: now, Code: "application-shared"}}}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.record.Update(t.Context(), id.String(), func(store.State) (store.Change, error) { return store.Change{Doc: raw}, nil }); err != nil {
		t.Fatal(err)
	}
}

// TestCasesOfTheOperator: found, read as a body sees them, their clocks with the computation, moved with
// evidence, cleared and erased.
// shows R7.6.1 R8.0.3-5 R8.0.10 R12.0.2-3 R15.4.1
func TestCasesOfTheOperator(t *testing.T) {
	n := newNation(t)
	g := n.start()
	hdab := HDABEntity(n.entity, "hdh")
	ours := ehds.Track{CatalogID: "national", HDAB: hdab}
	caseOf(t, g, "A1", ours, ehds.Track{CatalogID: "south", HDAB: hdab})
	caseOf(t, g, "A2", ours)
	caseIn(t, g, ehds.NationalCase("NL", "A2"), ours) // filed here by another hub, under a number of its own
	ask := func(path, body string, want int, code string, into any) {
		t.Helper()
		if status, got := n.operator(path, body, into); status != want || got != code {
			t.Errorf("%s %s: %d %s, want %d %s", path, body, status, got, want, code)
		}
	}
	act := func(id, rest string) string { return fmt.Sprintf(`{"case":%q,"actor":"staff-7",%s}`, id, rest) }

	for q, want := range map[string]int{"": 4, "?status=SUBMITTED": 4, "?status=WITHDRAWN": 0, "?flagged=true": 4, "?overdue=true": 0, "?within=1": 0, "?within=3000": 4, "?hdab=https://other.example": 0} {
		var list []CaseSummary
		ask("/v1/case/list"+q, "", 200, "", &list)
		if len(list) != want {
			t.Errorf("%q: %d tracks, want %d", q, len(list), want)
		}
	}
	ask("/v1/case/list?status=LOST", "", 422, "case-status-unknown", nil)
	ask("/v1/due?within=soon", "", 422, "within-range", nil)

	var seen CaseView
	ask("/v1/case?id=app:A1&as="+hdab, "", 200, "", &seen)
	if len(seen.Application.Tracks) != 2 || len(seen.Flags) != 0 {
		t.Errorf("as a body: %+v", seen)
	}
	ask("/v1/case?id=app:A1&as=https://other.example", "", 404, "body-unknown", nil)
	ask("/v1/case?id=app:none", "", 404, "unknown-case", nil)

	var clocks []CaseClocks
	ask("/v1/case/clocks?id=app:A2", "", 200, "", &clocks)
	if len(clocks) != 1 || len(clocks[0].Clocks) != 1 || len(clocks[0].Clocks[0].Steps) < 2 {
		t.Fatalf("clocks %+v", clocks)
	}
	var due []DueRow
	ask("/v1/due?within=3000", "", 200, "", &due)
	if len(due) != 4 || due[0].Overdue {
		t.Errorf("due %+v", due)
	}

	var status Status
	ask("/v1/status", "", 200, "", &status)
	if c := status.Clocks; c == nil || c.Next == nil || c.Next.Kind != "decision" || c.Next.Clocks != 4 || c.Waiting != 0 || c.Overdue != 0 {
		t.Errorf("clocks of the status: %+v", c)
	}
	n.until("the gateway says when it was there", func() error {
		if ask("/v1/status", "", 200, "", &status); status.Clocks.Present == nil || status.Clocks.MailUntil == nil {
			return fmt.Errorf("%+v", status.Clocks)
		}
		return nil
	})

	ask("/v1/case/act", act("app:A1", `"do":"extend","reasons":"r"`), 422, "track-missing", nil)
	ask("/v1/case/act", act("app:A2", `"do":"extend"`), 422, "reasons-missing", nil)
	ask("/v1/case/act", `{"case":"app:A2","do":"extend","reasons":"r"}`, 422, "name-missing", nil)
	ask("/v1/case/act", act("app:A2", `"do":"dance"`), 422, "act-unknown", nil)
	before := clocks[0].Clocks[0].End
	var v CaseView
	ask("/v1/case/act", act("app:A2", `"do":"extend","reasons":"many holders"`), 200, "", &v)
	if c, ok := v.Application.Tracks[0].Clock(access.ClockDecision); !ok || !c.Extended || !c.End.After(before) {
		t.Errorf("extended: %+v", c)
	}
	ask("/v1/case/act", act("app:A2", `"do":"reroute","procedure":"ACCELERATED","reasons":"r"`), 422, "procedure-not-possible", nil)
	ask("/v1/case/act", act("app:A2", `"do":"side","machine":"fees","event":"estimated"`), 200, "", &v)
	if len(v.Application.Tracks[0].Sides) != 1 {
		t.Errorf("sides %+v", v.Application.Tracks[0].Sides)
	}

	var trace []TraceRow
	ask("/v1/case/trace?id=app:A2", "", 200, "", &trace)
	if len(trace) < 2 || trace[0].What != "application extended" || trace[0].Actor != "staff-7" || trace[0].At.After(time.Now().Add(time.Hour*24*365)) {
		t.Errorf("trace %+v", trace)
	}
	var cleared Cleared
	ask("/v1/case/clear", `{"case":"app:A2","code":"application-shared","actor":"staff-7"}`, 200, "", &cleared)
	if cleared.Cleared != 1 {
		t.Errorf("%d cleared", cleared.Cleared)
	}
	ask("/v1/case/erase", `{"case":"app:A2"}`, 422, "name-missing", nil)
	ask("/v1/case/erase", `{"case":"app:A2","actor":"dpo-1"}`, 200, "", nil)
	ask("/v1/case?id=app:A2", "", 409, "case-erased", nil)
}
