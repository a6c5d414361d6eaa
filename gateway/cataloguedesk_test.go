package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// TestCatalogueDesk: an operator sees where a description stands, what happened to it and when its
// check is due, and records one.
func TestCatalogueDesk(t *testing.T) {
	n := newNation(t)
	full, err := os.ReadFile("catalogue/profile/testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(n.dir, "good"), 0o700); err != nil {
		t.Fatal(err)
	}
	n.file("good/full.ttl", full)
	n.more = `catalogue: {sources: [{name: good, driver: rdffile, location: ./good, interval: 0s, profile: r8}]}`
	n.away.Store(true)
	g := n.start()
	var reports []PublishReport
	if status, code := n.operator("/v1/publish", `{"by":"Ada"}`, &reports); status != 200 || reports[0].Totals.Created != 1 {
		t.Fatalf("%d %s %+v", status, code, reports)
	}
	id := reports[0].Created[0].Identifier
	var page publish.Page
	if status, code := n.operator("/v1/catalogue/status", "", &page); status != 200 || len(page.Rows) != 1 || page.Rows[0].Identifier != id ||
		page.Totals[catalogue.Pending]+page.Totals[catalogue.Sent] != 1 || page.Passes["good"].Read != 1 {
		t.Errorf("status: %d %s %+v", status, code, page)
	}
	var one publish.Page
	if status, code := n.operator("/v1/catalogue/status?"+url.Values{"id": {page.Rows[0].IRI}}.Encode(), "", &one); status != 200 || one.Rows[0].Identifier != id || one.Totals != nil {
		t.Errorf("one: %d %s %+v", status, code, one)
	}
	var h publish.History
	if status, code := n.operator("/v1/catalogue/history?"+url.Values{"id": {id}}.Encode(), "", &h); status != 200 || len(h.Steps) == 0 ||
		h.Steps[0].By != "Ada" || len(h.Steps[0].Diff.Added) < 20 {
		t.Errorf("history: %d %s %+v", status, code, h)
	}
	n.offset.Add(int64(368 * 24 * time.Hour))
	var r publish.Reviews
	if status, code := n.operator("/v1/catalogue/review", "", &r); status != 200 || r.Due != 1 || r.Rows[0].Identifier != id {
		t.Errorf("reviews: %d %s %+v", status, code, r)
	}
	due := func() string {
		w := httptest.NewRecorder()
		g.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		_, rest, _ := strings.Cut(w.Body.String(), `ehdsgw_dataset_reviews{urgency="due"} `)
		value, _, _ := strings.Cut(rest, "\n")
		return value
	}
	if g.countReviews(t.Context()); due() != "1" {
		t.Error("the metric does not count what is due")
	}
	var rows []publish.Row
	if status, code := n.operator("/v1/catalogue/review", string(n.json(ConfirmRequest{[]string{id}, "Ada"})), &rows); status != 200 || len(rows) != 1 || rows[0].Review.By != "Ada" {
		t.Errorf("confirmed: %d %s %+v", status, code, rows)
	}
	if due() != "0" {
		t.Error("the metric still counts what was checked")
	}
	many := string(n.json(ConfirmRequest{make([]string, confirmationMost+1), "Ada"}))
	for _, c := range []struct {
		path, in string
		status   int
		code     string
	}{
		{"/v1/catalogue/status?limit=0", "", 422, "limit-range"},
		{"/v1/catalogue/status?state=LOST", "", 422, "state-unknown"},
		{"/v1/catalogue/status?id=nobody", "", 404, "no-such-dataset"},
		{"/v1/catalogue/history?id=nobody", "", 404, "no-such-dataset"},
		{"/v1/catalogue/history", "", 404, "no-such-dataset"},
		{"/v1/catalogue/review?limit=x", "", 422, "limit-range"},
		{"/v1/catalogue/review", `{"ids":["a"]}`, 422, "name-missing"},
		{"/v1/catalogue/review", `{"by":"Ada"}`, 422, "limit-range"},
		{"/v1/catalogue/review", many, 422, "limit-range"},
		{"/v1/catalogue/review", `{"ids":["nobody"],"by":"Ada"}`, 404, "no-such-dataset"},
	} {
		if status, code := n.operator(c.path, c.in, nil); status != c.status || code != c.code {
			t.Errorf("%s %.40s: %d %s, want %d %s", c.path, c.in, status, code, c.status, c.code)
		}
	}
	if got := strings.Join([]string{publisherOf(PublishRequest{}), publisherOf(PublishRequest{By: "Ada"})}, " "); got != "operator Ada" {
		t.Errorf("publishers %s", got)
	}
}
