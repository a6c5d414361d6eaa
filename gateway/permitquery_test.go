package gateway

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// The operator waits for the centre's answer and sees where it disagrees with the permits on record.
// shows R11.0.1
func TestPermitQueryOfTheOperator(t *testing.T) {
	n := newNation(t)
	n.centre = n.centreThatSays(federation.GatewayMetadata{
		ExchangeEndpoint: n.server.URL + "/centre/exchange", Keys: trusttest.KeySet(trusttest.Key("centre exchange")), Country: "EU",
		Profiles: []string{ehds.ProfileR8, ehds.ProfileExt1}, MessageTypes: []string{string(ehds.PermitQuery)}, SigningAlgs: []string{"Ed25519"},
	})
	g := n.start()
	track := ehds.Track{CatalogID: "national", HDAB: HDABEntity(n.entity, "hdh")}
	const id = "DP-FR-HDH-2026-0001-v1"
	change := func(f func(*exchange.ApplicationDoc)) error {
		_, err := g.record.Update(t.Context(), "app:A1", func(s store.State) (store.Change, error) {
			doc, _ := exchange.ReadApplicationDoc(s.Case, s.Doc)
			f(&doc)
			raw, err := json.Marshal(doc)
			return store.Change{Doc: raw}, err
		})
		return err
	}
	if err := change(func(d *exchange.ApplicationDoc) {
		d.Counterpart = g.cfg.Central.Entity
		d.Application = access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Tracks: []access.Track{{
			Key: track, Permits: []access.PermitVersion{{ID: id, Phase: ehds.PermitPhase{State: ehds.PermitGranted}}},
		}}}
	}); err != nil {
		t.Fatal(err)
	}
	ask := func(body string, want int, code string, into any) {
		t.Helper()
		if status, got := n.operator("/v1/permits/query", body, into); status != want || got != code {
			t.Errorf("%s: %d %s, want %d %s", body, status, got, want, code)
		}
	}
	ask(`{"case":"app:none"}`, 404, "unknown-case", nil)
	if _, err := g.operatorFile(t.Context(), FilingRequest{}, httpapi.Uploads{}); fault.CodeOf(err) != "forward-not-listed" {
		t.Errorf("a filing for a centre that lists permit.query only: %v", err)
	}

	// answers once the question waits
	answered := func(refused string, permits ...exchange.Registered) chan error {
		done := make(chan error, 1)
		go func() {
			for waits := false; !waits; time.Sleep(time.Millisecond) {
				if err := change(func(d *exchange.ApplicationDoc) {
					if r := d.Registry; r != nil && r.Waiting != "" {
						waits, r.Waiting, r.At, r.Message, r.Refused, r.Permits = true, "", g.o.Clock(), "answer", refused, permits
					}
				}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		return done
	}
	done := answered("", exchange.Registered{Track: track, Nation: "FR", PermitID: id, Status: ehds.PermitStatusRevoked})
	var r PermitRegistry
	ask(`{"case":"app:A1"}`, 200, "", &r)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(r.Permits) != 1 || r.Message != "answer" || r.Answered.IsZero() || len(r.Differences) != 1 || r.Differences[0].Code != exchange.DifferenceStatus {
		t.Errorf("registry %+v", r)
	}
	done = answered("unknown-case")
	ask(`{"case":"app:A1"}`, 409, "query-refused", nil)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
