package dispatcher_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync/atomic"
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

// national is a national system that decides over HTTP, in the hands of the suite.
func national(testing.TB) *connectortest.PermitsSystem {
	var made atomic.Uint64 // keys differ over restarts, too
	return &connectortest.PermitsSystem{
		Open: func(t testing.TB, host connectors.Host) connectors.Permits {
			host.Rand = func(b []byte) error {
				sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, made.Add(1)))
				copy(b, append(sum[:], sum[:]...))
				return nil
			}
			d, err := dispatcher.New(host, twoSystems())
			if err != nil {
				t.Fatal(err)
			}
			return d
		},
		Submission: submission,
		Held: func(t testing.TB, p connectors.Permits) []connectortest.Held {
			list, err := p.(*dispatcher.Driver).Holdings(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var out []connectortest.Held
			for _, h := range list {
				out = append(out, connectortest.Held(h))
			}
			return out
		},
		Decide: func(t testing.TB, p connectors.Permits, s connectors.Submission, o ehds.Outcome) {
			decideOver(t, p.(*dispatcher.Driver), s, o)
		},
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunPermits(t, connectortest.PermitsHarness{New: national})
}
