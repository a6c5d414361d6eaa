package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

const measuredPermit = "DP-FR-HDH-2026-0001-v1"

// underMeasure puts an application of user-7 with a permit, and a measure of Finland against her, on record.
func underMeasure(t *testing.T, n *nation, g *Gateway) (hdab string) {
	t.Helper()
	hdab = HDABEntity(n.entity, "hdh")
	now := n.now()
	put := func(id string, doc any, permits ...store.PermitWrite) {
		t.Helper()
		raw, err := json.Marshal(doc)
		if err == nil {
			_, err = g.record.Update(t.Context(), id, func(store.State) (store.Change, error) { return store.Change{Doc: raw, Permits: permits}, nil })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	track := access.Track{
		Key: ehds.Track{CatalogID: "national", HDAB: hdab}, Status: ehds.StateDecisionIssued,
		Decision: &access.Decision{ID: "D1", Outcome: ehds.Positive, Status: ehds.DecisionPositiveAccepted},
		Permits:  []access.PermitVersion{{ID: measuredPermit, DecisionID: "D1", Phase: ehds.PermitPhase{State: ehds.PermitGranted}, NotBefore: now, Expires: now.AddDate(0, 1, 0)}},
	}
	put("app:A1", exchange.ApplicationDoc{
		Counterpart: g.cfg.Central.Entity, User: "user-7",
		Application: access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Tracks: []access.Track{track, {Key: ehds.Track{CatalogID: "south", HDAB: hdab}}}},
	}, store.PermitWrite{ID: measuredPermit, Token: "x.y.z", List: hdab + "/status/2026", Index: 3})
	put("enf:FI:7", exchange.RecordDoc{Record: &exchange.NationalRecord{Nation: "FI", At: now.AddDate(-1, 0, 0), Measure: &ehds.EnforcementBody{
		ID: "7", Measure: ehds.MeasureProcessingStop, Against: "USER", Subject: "user-7", From: "2020-01-01", To: "2020-02-01", Reasons: "r",
	}}})
	return hdab
}

// Staff record a measure and results, see whom they concern, and erase no measure that lasts.
// shows R16.0.5
func TestMeasuresOfTheOperator(t *testing.T) {
	n := newNation(t)
	g := n.start()
	hdab := underMeasure(t, n, g)
	ask := func(path, body string, want int, code string, into any) {
		t.Helper()
		if status, got := n.operator(path, body, into); status != want || got != code {
			t.Errorf("%s %s: %d %s, want %d %s", path, body, status, got, want, code)
		}
	}
	measure := func(id, more string) string {
		return fmt.Sprintf(`{"id":%q,"measure":"PERMIT_REVOCATION","against":"USER","subject":"user-7","from":"2027-01-01","reasons":"r"%s}`, id, more)
	}
	ask("/v1/measures/record", measure("E-1", ""), 422, "name-missing", nil)
	ask("/v1/measures/record", measure("E-1", `,"actor":"s","hdab":"https://other.example"`), 404, "body-unknown", nil)
	ask("/v1/measures/record", measure("E-1", `,"actor":"s","permit_id":"DP-FR-HDH-2026-0009-v1"`), 404, "no-such-permit", nil)
	ask("/v1/measures/record", measure("E 1", `,"actor":"s"`), 422, "measure-form", nil)
	ask("/v1/measures/record", measure("E-1", `,"actor":"s","to":"2026-01-01"`), 422, "measure-form", nil)
	var v MeasureView
	ask("/v1/measures/record", measure("E-1", `,"actor":"staff-7","permit_id":"`+measuredPermit+`"`), 200, "", &v)
	if v.Case != "enf:FR:E-1" || !v.Ours || v.HDAB != hdab || v.Actor != "staff-7" || len(v.Cases) != 1 || v.Cases[0] != (MeasureCase{"app:A1", true}) {
		t.Errorf("recorded %+v", v)
	}
	ask("/v1/measures/record", measure("E-1", `,"actor":"s"`), 409, "recorded-already", nil)

	for q, want := range map[string]int{"": 2, "?nation=FI": 1, "?against=HOLDER": 0, "?subject=user-7": 2, "?subject=user-8": 0, "?in_force=true&nation=FI": 0} {
		var list []MeasureRow
		if ask("/v1/measures"+q, "", 200, "", &list); len(list) != want {
			t.Errorf("%q: %d measures, want %d", q, len(list), want)
		}
	}
	ask("/v1/measures?against=ALL", "", 422, "measure-against", nil)
	ask("/v1/measures/show?id=enf:FR:none", "", 404, "no-such-measure", nil)
	n.until("the open case is flagged", func() error {
		var c CaseView
		ask("/v1/case?id=app:A1", "", 200, "", &c)
		if len(c.Measures) != 2 || c.Measures[0].Case != "enf:FR:E-1" || c.Measures[1].InForce {
			return fmt.Errorf("measures %+v", c.Measures)
		}
		if len(c.Flags) != 1 || c.Flags[0].Code != "measure-here" {
			return fmt.Errorf("flags %+v", c.Flags)
		}
		return nil
	})

	ask("/v1/case/erase", `{"case":"enf:FR:E-1","actor":"dpo-1"}`, 409, "measure-lasts", nil)
	ask("/v1/case/erase", `{"case":"enf:FR:none","actor":"dpo-1"}`, 404, "no-such-measure", nil)
	ask("/v1/case/erase", `{"case":"enf:FI:7","actor":"dpo-1"}`, 200, "", nil)
	ask("/v1/measures/show?id=enf:FI:7", "", 409, "case-erased", nil)
	ask("/v1/desk/measures", "", 200, "", nil)

	recordsResults(t, g, hdab)
}

// recordsResults goes through the call for results, with a file.
func recordsResults(t *testing.T, g *Gateway, hdab string) {
	t.Helper()
	record := func(r ResultsRequest) (row ResultsRow, code string) {
		t.Helper()
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		part, err := form.CreateFormField("request")
		err = errors.Join(err, json.NewEncoder(part).Encode(r))
		file, ferr := form.CreateFormFile("file", "dir/findings.pdf")
		if err = errors.Join(err, ferr); err == nil {
			_, err = file.Write([]byte("findings"))
		}
		if err = errors.Join(err, form.Close()); err != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/v1/results/record", &b)
		req.Header.Set("Content-Type", form.FormDataContentType())
		w := httptest.NewRecorder()
		g.operatorHandler().ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			var p ehds.Problem
			err = json.Unmarshal(w.Body.Bytes(), &p)
			code = p.Code
		} else {
			err = json.Unmarshal(w.Body.Bytes(), &row)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return row, code
	}
	good := func() ResultsRequest {
		return ResultsRequest{Case: "app:A1", Actor: "staff-7", ResultsBody: ehds.ResultsBody{PermitID: measuredPermit, Title: "T", Summary: "S", Published: "2027-03-01"}}
	}
	for code, change := range map[string]func(*ResultsRequest){
		"name-missing":     func(r *ResultsRequest) { r.Actor = "" },
		"unknown-case":     func(r *ResultsRequest) { r.Case = "app:none" },
		"track-missing":    func(r *ResultsRequest) { r.PermitID = "" },
		"no-such-permit":   func(r *ResultsRequest) { r.PermitID = "DP-FR-HDH-2026-0009-v1" },
		"date-form":        func(r *ResultsRequest) { r.Published = "soon" },
		"event-incomplete": func(r *ResultsRequest) { r.Title = "" },
		"schema":           func(r *ResultsRequest) { r.Title = strings.Repeat("x", 5000) },
	} {
		r := good()
		change(&r)
		if _, got := record(r); got != code {
			t.Errorf("%s: %q", code, got)
		}
	}
	row, code := record(good())
	if code != "" || row.Case != "app:A1" || row.Track.HDAB != hdab || row.Actor != "staff-7" || row.Message == "" || len(row.Documents) != 1 || row.Documents[0].Name != "findings.pdf" {
		t.Errorf("recorded %+v %s", row, code)
	}
	for q, want := range map[string]int{"": 1, "?case=app:A1": 1, "?hdab=https://other.example": 0} {
		w := httptest.NewRecorder()
		g.operatorHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/results"+q, nil))
		var list []ResultsRow
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list) != want {
			t.Errorf("%q: %s", q, w.Body)
		}
	}
}

// Where several bodies are hosted, the one that acts is named.
func TestTheBodyThatActs(t *testing.T) {
	t.Parallel()
	one, two := exchange.HDAB{Entity: "https://a.example/hdab/one"}, exchange.HDAB{Entity: "https://a.example/hdab/two"}
	for name, c := range map[string]struct {
		bodies     []exchange.HDAB
		named      string
		want, code string
	}{
		"the only one":  {[]exchange.HDAB{one}, "", one.Entity, ""},
		"one of two":    {[]exchange.HDAB{one, two}, two.Entity, two.Entity, ""},
		"none of two":   {[]exchange.HDAB{one, two}, "", "", "body-unnamed"},
		"somebody else": {[]exchange.HDAB{one}, two.Entity, "", "body-unknown"},
	} {
		got, err := (&Gateway{router: exchange.NewRouter("FR", c.bodies)}).actingBody(c.named)
		code := ""
		if err != nil {
			code = fault.CodeOf(err)
		}
		if got != c.want || code != c.code {
			t.Errorf("%s: %q %q", name, got, code)
		}
	}
	if day := time.Now().UTC().Format(time.DateOnly); ended(ehds.EnforcementBody{To: day}, day) || ended(ehds.EnforcementBody{}, day) || !ended(ehds.EnforcementBody{To: "2020-01-01"}, day) {
		t.Error("the last day of a measure is its own; one without a last day does not end")
	}
}
