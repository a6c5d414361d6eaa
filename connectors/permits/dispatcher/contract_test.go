package dispatcher_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// card is a decision a system could take on a submission of the fixture.
func card(o ehds.Outcome, id string) map[string]any {
	return map[string]any{"decision_id": id, "outcome": o, "timestamp": "2026-11-03T09:30:00Z", "reasons": "as assessed",
		"signatory": map[string]string{"name": "A. Signer", "job_title": "Head"}, "fees": map[string]any{"amount_cents": 125000, "currency": "EUR"}}
}

// decideOver is a system that screens, processes and decides, over HTTP.
func decideOver(t testing.TB, d *dispatcher.Driver, s connectors.Submission, o ehds.Outcome) {
	t.Helper()
	k, err := d.AddKey(t.Context(), "all", 0)
	if err != nil {
		t.Fatal(err)
	}
	say := func(path string, body any) {
		b, _ := json.Marshal(body)
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/applications/"+s.Application.ApplicationID+path, strings.NewReader(string(b)))
		r.Header.Set("X-API-key", k.Key)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	say("/status", map[string]string{"status": "PRE_SCREENING"})
	say("/status", map[string]string{"status": "PROCESSING"})
	say("/decision", card(o, "D-"+s.Ref))
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunPermits(t, connectortest.PermitsHarness{
		Open: func(t *testing.T, host connectors.Host) connectors.Permits {
			d, err := dispatcher.New(host, twoSystems())
			if err != nil {
				t.Fatal(err)
			}
			return d
		},
		Submission: submission,
		Decide: func(t *testing.T, p connectors.Permits, s connectors.Submission, o ehds.Outcome) {
			decideOver(t, p.(*dispatcher.Driver), s, o)
		},
	})
}
