package gateway

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/ingest"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// TestHolderPushes: a holder's system pushes a description to the gateway, from where it reaches the
// European catalogue; it takes it back, and it goes from there.
func TestHolderPushes(t *testing.T) {
	t.Parallel()
	const key = "key of the hospital"
	good := sharedSample(t, "healthdcat-r8", "example-healthdcat-dataset.ttl")
	record := recordsOf(t, good)[0]
	u := newUnion(t)
	file := filepath.Join(u.dir, "keys.json")
	keys, err := json.Marshal(map[string]any{"keys": []ingest.Key{{Name: "hospital", Role: ingest.RolePublisher, SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(key)))}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	u.harvests(fmt.Sprintf("{name: holders, driver: ingest, location: %q, interval: 0s, profile: r8}", file))
	ask := func(method, path, body string) (status int, answer string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, u.gateway.cfg.Entity+"/c/catalogue-holders"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-API-Key", key)
		req.Header.Set("Content-Type", "text/turtle")
		resp, err := u.client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(raw)
	}
	if status, answer := ask(http.MethodGet, "/api-keys/whoami", ""); status != http.StatusOK || !strings.Contains(answer, `"hospital"`) {
		t.Fatalf("whoami: %d %s", status, answer)
	}
	status, answer := ask(http.MethodPut, "/ingest/datasets/origin?originalId="+url.QueryEscape("our/1"), good)
	var pushed struct{ ID string }
	if err := json.Unmarshal([]byte(answer), &pushed); err != nil || status != http.StatusCreated {
		t.Fatalf("push: %d %s", status, answer)
	}
	if status, answer = ask(http.MethodPost, "/ingest/datasets", "<https://h.example/1> a <http://www.w3.org/ns/dcat#Dataset> ;"); status != http.StatusBadRequest || !strings.Contains(answer, `"turtle"`) {
		t.Errorf("malformed: %d %s", status, answer)
	}
	if r := u.publish("holders"); len(r.Created) != 1 || len(r.Quarantined) != 0 {
		t.Fatalf("%+v", r)
	}
	u.shows(map[string]string{record.Identifier: record.Digest})
	if r := u.publish("holders"); r.Unchanged != 1 || len(r.Created)+len(r.Updated)+len(r.Deleted) != 0 {
		t.Errorf("again: %+v", r)
	}
	if status, answer = ask(http.MethodDelete, "/ingest/datasets/"+pushed.ID, ""); status != http.StatusNoContent {
		t.Fatalf("taken back: %d %s", status, answer)
	}
	// The only dataset of a source is never taken for deleted by itself: an operator has looked.
	r, err := u.gateway.publisher.Run(t.Context(), "holders", publish.Options{Force: true})
	if err != nil || len(r.Deleted) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	u.shows(nil)
}
