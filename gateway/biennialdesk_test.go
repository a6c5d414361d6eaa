package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/biennial"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// The operator counts the report from the record and sends it once.
func TestBiennialReport(t *testing.T) {
	n := newNation(t)
	g := n.start()
	hdab := HDABEntity(n.entity, "hdh")
	reported(t, n, g, hdab)
	ask := func(path, body string, want int, code string, into any) {
		t.Helper()
		if status, got := n.operator(path, body, into); status != want || got != code {
			t.Errorf("%s %s: %d %s, want %d %s", path, body, status, got, want, code)
		}
	}
	year := n.now().Year()
	period := fmt.Sprintf("from=%d-01-01&to=%d-12-31", year-2, year-1)
	value := func(list []biennial.Figure, name string) string {
		for _, f := range list {
			if f.Name == name {
				return strings.TrimSpace(f.Text() + " " + f.Division())
			}
		}
		return "missing"
	}
	var r BiennialReport
	ask("/v1/report", "", 200, "", &r)
	for name, want := range map[string]string{
		"applications_received": "1 DATA_ACCESS_APPLICATION: 1", "applicants": "1 not on record: 1", "decisions_issued": "1 Negative: 1",
		"results_published": "1", "measures_taken": "1 ADMIN_FINE: 1", "fines_imposed": "1", "revenues": "not known payments are not on record; see fees_estimated",
	} {
		if got := value(r.Figures, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if r.Cases != 2 || r.Lost != 1 || len(r.Bodies) != 1 || !strings.Contains(r.Markdown, "1 more were erased") {
		t.Errorf("%d cases, %d lost, %d bodies, %q", r.Cases, r.Lost, len(r.Bodies), r.Markdown)
	}
	var same BiennialReport
	ask("/v1/report?"+period+"&hdab="+hdab, "", 200, "", &same)
	if got := value(same.Figures, "decisions_issued"); got != "1 Negative: 1" {
		t.Errorf("of the body: %s", got)
	}
	ask("/v1/report?from=soon", "", 422, "period-form", nil)
	ask("/v1/report?hdab=https://other.example", "", 404, "body-unknown", nil)

	ask("/v1/report/send", fmt.Sprintf(`{"from":"%d-01-01","to":"%d-12-31"}`, year-1, year), 422, "period-open", nil)
	ask("/v1/report/send", `{"language":"no language"}`, 422, "schema", nil)
	var sent BiennialSent
	ask("/v1/report/send", `{"url":"https://hdab.example/report"}`, 200, "", &sent)
	if want := fmt.Sprintf("%d-01-01--%d-12-31", year-2, year-1); !strings.HasSuffix(sent.Case, want) || sent.Report.AttachmentID != "report" || len(sent.Documents) != 2 {
		t.Errorf("sent %+v", sent)
	}
	ask("/v1/report/send", `{}`, 409, "recorded-already", nil)
	row, ok, err := g.record.OutboxByJTI(t.Context(), sent.Message)
	if err != nil || !ok || row.Case != sent.Case || row.Type != string(ehds.ReportBiennial) {
		t.Errorf("the message: %+v %v %v", row, ok, err)
	}
}

// reported puts a refusal with results, a fine, an older case and one that was erased on record.
func reported(t *testing.T, n *nation, g *Gateway, hdab string) {
	t.Helper()
	last := time.Date(n.now().Year()-1, time.June, 1, 12, 0, 0, 0, time.UTC)
	put := func(id string, doc any) {
		t.Helper()
		raw, err := json.Marshal(doc)
		if err == nil {
			_, err = g.record.Update(t.Context(), id, func(store.State) (store.Change, error) { return store.Change{Doc: raw}, nil })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	application := func(id string, received time.Time) exchange.ApplicationDoc {
		return exchange.ApplicationDoc{Counterpart: g.cfg.Central.Entity, Application: access.Application{
			ID: id, Kind: ehds.DataAccessApplication, Received: received, Tracks: []access.Track{{Key: ehds.Track{CatalogID: "c", HDAB: hdab}}},
		}}
	}
	// The first half hour of the period in France; the day before it in UTC.
	refused := application("A1", time.Date(n.now().Year()-3, time.December, 31, 23, 30, 0, 0, time.UTC))
	refused.Application.Tracks[0].Decision = &access.Decision{ID: "D1", Outcome: ehds.Negative, Issued: last.AddDate(0, 1, 0)}
	refused.Results = []exchange.PublishedResults{{At: last}}
	put("app:A1", refused)
	put("app:A2", application("A2", last.AddDate(-3, 0, 0)))
	put("app:A3", application("A3", last))
	n.until("the register keeps what will be left", func() error {
		if _, ok := g.registrar.Entry(register.ApplicationEntry("A3")); !ok {
			return errors.New("not yet")
		}
		return nil
	})
	if err := g.record.Erase(t.Context(), "app:A3"); err != nil {
		t.Fatal(err)
	}
	fine := func(nation, id string) exchange.RecordDoc {
		return exchange.RecordDoc{Record: &exchange.NationalRecord{Nation: nation, Body: hdab, At: last, Measure: &ehds.EnforcementBody{
			ID: id, Measure: ehds.MeasureFine, Against: "USER", Subject: "u", From: last.Format(time.DateOnly), Reasons: "r",
		}}}
	}
	put("enf:FR:1", fine("FR", "1"))
	put("enf:FI:2", fine("FI", "2"))
}
