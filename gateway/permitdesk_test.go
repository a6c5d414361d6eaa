package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// TestPermitsOfTheOperator: versions with their dates, force taken away for a time and for good, who was
// told and who confirmed.
// shows R9.3.11 R9.4.10 R13.0.2
func TestPermitsOfTheOperator(t *testing.T) {
	n := newNation(t)
	g := n.start()
	hdab, now := HDABEntity(n.entity, "hdh"), n.now()
	track := ehds.Track{CatalogID: "national", HDAB: hdab}
	const id, notice = "DP-FR-HDH-2026-0001-v1", "notice-1"
	doc := exchange.ApplicationDoc{
		Counterpart: g.cfg.Central.Entity,
		Application: access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Tracks: []access.Track{{
			Key: track, Status: ehds.StateDecisionIssued,
			Decision: &access.Decision{ID: "D1", Outcome: ehds.Positive, Status: ehds.DecisionPositiveAccepted},
			Permits: []access.PermitVersion{{ID: id, DecisionID: "D1", Phase: ehds.PermitPhase{State: ehds.PermitGranted},
				NotBefore: now.Add(-time.Hour), Expires: now.AddDate(0, 1, 0)}},
		}}},
		Granted: []exchange.Granted{{PermitID: id, SPE: "spe", Datasets: []ehds.GrantedDataset{{Holder: "h", DatasetID: "ds-1"}}}},
		Notices: []exchange.Notice{{ID: notice, Track: track, PermitID: id, Recipient: connectors.Recipient{Kind: connectors.RecipientSPE, Name: "spe"},
			State: exchange.NoticeByStaff, Made: now.AddDate(0, 0, -7), AcknowledgeBy: now.AddDate(0, 0, -1)}},
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Doc: raw, Permits: []store.PermitWrite{{ID: id, Token: "x.y.z", List: hdab + "/status/2026", Index: 3}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	ask := func(path, body string, want int, code string, into any) {
		t.Helper()
		if status, got := n.operator(path, body, into); status != want || got != code {
			t.Errorf("%s %s: %d %s, want %d %s", path, body, status, got, want, code)
		}
	}
	value := func() int {
		t.Helper()
		p, _, err := g.record.Permit(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Status
	}
	move := func(event ehds.PermitEvent, reasons string) string {
		return fmt.Sprintf(`{"permit":%q,"event":%q,"reasons":%q,"actor":"staff-7"}`, id, event, reasons)
	}

	var list []PermitVersion
	ask("/v1/permits?in_force=true&hdab="+hdab, "", 200, "", &list)
	if len(list) != 1 || !list[0].InForce || list[0].SPE != "spe" || list[0].Unsettled != 1 {
		t.Errorf("in force: %+v", list)
	}
	for _, q := range []string{"status=REVOKED", "hdab=https://other.example", "before=" + now.Format(time.DateOnly)} {
		list = nil
		ask("/v1/permits?"+q, "", 200, "", &list)
		if len(list) != 0 {
			t.Errorf("%s: %+v", q, list)
		}
	}
	ask("/v1/permits?status=LOST", "", 422, "permit-status-unknown", nil)
	ask("/v1/permits?before=soon", "", 422, "date-form", nil)
	ask("/v1/permits/query", `{"case":"app:A1"}`, 409, "query-not-listed", nil)

	var notices []NoticeRow
	ask("/v1/notices?overdue=true", "", 200, "", &notices)
	if len(notices) != 1 || !notices[0].Overdue || notices[0].Case != "app:A1" {
		t.Errorf("overdue: %+v", notices)
	}
	overdue := func(want string) {
		t.Helper()
		g.countNotices(t.Context())
		w := httptest.NewRecorder()
		g.metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if !strings.Contains(w.Body.String(), `ehdsgw_permit_notices{urgency="due"} `+want+"\n") {
			t.Errorf("the metric does not say that %s are overdue", want)
		}
	}
	overdue("1")
	ask("/v1/notices/confirm", `{"case":"app:A1","notice":"none","by":"duty officer"}`, 404, "no-such-notice", nil)
	ask("/v1/notices/confirm", `{"case":"app:A1","notice":"notice-1"}`, 422, "name-missing", nil)
	ask("/v1/notices/confirm", `{"case":"app:A1","notice":"notice-1","by":"duty officer"}`, 200, "", nil)
	overdue("0")

	ask("/v1/permits/move", move(ehds.PermitEventExpired, "r"), 422, "permit-event-unknown", nil)
	ask("/v1/permits/move", `{"permit":"`+id+`","event":"revoked","reasons":"r"}`, 422, "name-missing", nil)
	ask("/v1/permits/move", move(ehds.PermitEventRevoked, ""), 422, "reasons-missing", nil)
	ask("/v1/permits/move", move(ehds.PermitEventSuspended, "an incident"), 200, "", nil)
	if value() != ehds.StatusSuspended {
		t.Errorf("suspended: status list value %d", value())
	}
	ask("/v1/permits/move", move(ehds.PermitEventResumed, "closed"), 200, "", nil)
	if value() != ehds.StatusValid {
		t.Errorf("resumed: status list value %d", value())
	}
	var h PermitHistory
	ask("/v1/permits/move", move(ehds.PermitEventRevoked, "conditions broken"), 200, "", &h)
	if value() != ehds.StatusInvalid || len(h.Versions) != 1 || h.Versions[0].InForce || h.Versions[0].Status != ehds.PermitStatusRevoked {
		t.Errorf("revoked: %d %+v", value(), h.Versions)
	}
	if len(h.Notices) < 4 || h.Notices[0].By != "duty officer" { // the one confirmed, and one each for user, holder, environment
		t.Errorf("told: %+v", h.Notices)
	}
	ask("/v1/permits/move", move(ehds.PermitEventRevoked, "again"), 409, "illegal-transition", nil)
	ask("/v1/permits/none/history", "", 404, "no-such-permit", nil)
}
