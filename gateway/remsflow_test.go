package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// tinyREMS is as much of REMS as one application takes.
type tinyREMS struct {
	mu     sync.Mutex
	user   string
	state  string
	values map[string]string
	events []map[string]any
}

func (x *tinyREMS) happen(kind, actor, comment string) {
	x.events = append(x.events, map[string]any{"event/id": len(x.events) + 1, "event/type": "application.event/" + kind, "event/actor": actor,
		"event/time": time.Now().UTC().Format(time.RFC3339Nano), "application/comment": comment})
}

// staff does something and says so, as REMS notifies.
func (x *tinyREMS) staff(kind, state, comment string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = state
	x.happen(kind, "staff-7", comment)
}

func (x *tinyREMS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x.mu.Lock()
	defer x.mu.Unlock()
	var in struct {
		Comment string                          `json:"comment"`
		Values  []struct{ Field, Value string } `json:"field-values"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in) // a GET has no body
	who, done := r.Header.Get("X-Rems-User-Id"), map[string]any{"success": true, "application-id": 31}
	app := map[string]any{"application/id": 31, "application/state": "application.state/" + x.state, "application/events": x.events,
		"application/last-activity": fmt.Sprint(len(x.events))}
	var out any = done
	switch path := strings.TrimPrefix(r.URL.Path, "/api/"); path {
	case "my-applications":
		out = []any{}
	case "applications":
		out = []any{app}
	case "applications/31":
		out = app
	case "catalogue":
		out = []map[string]any{{"id": 7, "resid": "ds-1", "enabled": true}}
	case "entitlements":
		out = []map[string]any{{"resource": "ds-1", "application-id": 31}}
	case "applications/create":
		x.user, x.state = who, "draft"
		x.happen("created", who, "")
	case "applications/save-draft":
		x.values = map[string]string{}
		for _, v := range in.Values {
			x.values[v.Field] = v.Value
		}
		x.happen("draft-saved", who, "")
	case "applications/submit":
		x.state = "submitted"
		x.happen("submitted", who, "")
	case "users/create":
	default:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client may have gone
}

// Through a running gateway: an application becomes one of REMS, a return there asks the applicant, a new
// version is edited in, an approval decides the case.
func TestREMSThroughTheGateway(t *testing.T) {
	t.Parallel()
	n, x := newNation(t), &tinyREMS{}
	n.file("rems-mapping.json", []byte(`{"version": 1, "body": "HDH", "signatory": {"name": "A. Signer", "job_title": "Head"}, "items": {"ds-1": 7},
 "fields": [{"from": "/section2/projectLeader", "form": 1, "field": "leader"}],
 "grant": {"fees": {"amount_cents": 0, "currency": "EUR"}, "categories": ["EHRS"]}}`))
	n.more = `permits: {driver: rems, rems: {url: "` + connectortest.NewWire(t, x).URL() + `", api_key: k, owner: o, handler: h, mapping: rems-mapping.json, notify_secret: hush}}`
	n.ready(n.start())
	stands := func(want ehds.ApplicationState) {
		t.Helper()
		n.until(string(want), func() error {
			if got := n.standing("A1"); got != want {
				return errors.New("the case is " + string(got))
			}
			return nil
		})
	}
	file := func(typ ehds.MessageType, version int, leader string) {
		t.Helper()
		body := ehds.ApplicationBody{ApplicationID: "A1", Kind: ehds.DataAccessApplication, Version: version, Title: "A study", Language: "en",
			DateSubmitted: n.now().UTC().Format(time.RFC3339), Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "cat", Country: "FR", Publisher: "A Hospital"}}}
		text := strings.ReplaceAll(`{"section2": {"projectLeader": "LEADER", "purposeForWhichDataWillBeUsed": [{"key": "e"}]}, "section5": {"formatOfTheElectronicHealthData": {"key": "a"}},
 "section8": {"nameWebsiteAddressForEnvironment": "SPE One", "estimatedStartDatesForDataProcessing": "2031-06-01", "estimatedEndDatesForDataProcessing": "2032-05-31",
  "peopleWhoWillBeProcessingTheData": [{"fullName": "N"}]}}`, "LEADER", leader)
		if err := json.Unmarshal([]byte(text), &body.Form); err != nil {
			t.Fatal(err)
		}
		n.filed(typ, int64(version), body, nil)
		n.until("REMS has it", func() error {
			x.mu.Lock()
			defer x.mu.Unlock()
			if x.state != "submitted" || x.values["leader"] != leader {
				return errors.New("not yet")
			}
			return nil
		})
	}
	notify := func(kind, secret string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, n.entity+"/c/rems/events",
			strings.NewReader(`{"event/id": 1, "event/type": "application.event/`+kind+`", "application/id": 31}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+secret)
		resp, err := n.client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // nothing was written
		return resp.StatusCode
	}
	staff := func(kind, state, comment string) {
		t.Helper()
		x.staff(kind, state, comment)
		if got := notify(kind, "hush"); got != http.StatusOK {
			t.Errorf("a notification: status %d", got)
		}
	}
	if got := notify("approved", "other"); got != http.StatusUnauthorized {
		t.Errorf("a notification without the secret: status %d", got)
	}
	if status, code := n.operator("/v1/desk", "", nil); status != http.StatusNotFound || code != "no-desk" {
		t.Error(status, code)
	}
	file(ehds.ApplicationSubmit, 1, "Dr First")
	stands(ehds.StatePreScreening)
	staff("returned", "returned", "2.projectLeader: who is that?")
	stands(ehds.StateAwaitingInformation)
	file(ehds.ApplicationAmended, 2, "Dr Second")
	stands(ehds.StatePreScreening)
	staff("approved", "approved", "as assessed")
	stands(ehds.StateDecisionIssued)
	x.mu.Lock()
	defer x.mu.Unlock()
	if !strings.HasPrefix(x.user, "ehds-") || strings.Contains(x.user, "A1") {
		t.Errorf("the applicant's user is %q", x.user)
	}
}
