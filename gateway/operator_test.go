package gateway

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// TestOperatorRefuses: what cannot be done gets a stable code and never a 5xx.
func TestOperatorRefuses(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	g := n.start()
	if _, err := g.record.Update(t.Context(), "app:ERASED", func(store.State) (store.Change, error) {
		return store.Change{Doc: []byte(`{}`), Leaves: []store.NewLeaf{{Class: "decision", Material: []byte("m")}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := g.record.Erase(t.Context(), "app:ERASED"); err != nil {
		t.Fatal(err)
	}
	taken := n.file("taken.db", nil)
	for _, c := range []struct {
		name, path, in string
		status         int
		code           string
	}{
		{"no such call", "/v1/nothing", "", 404, "not-found"},
		{"unknown source", "/v1/publish", `{"source":"nope"}`, 404, "no-such-source"},
		{"unknown member", "/v1/publish", `{"dry-run":true}`, 400, "request-json"},
		{"two values", "/v1/publish", `{}{}`, 400, "request-json"},
		{"no object", "/v1/publish", `[]`, 400, "request-json"},
		{"unknown member of a decision", "/v1/desk/decide", `{"case":"app:A1","why":"x"}`, 400, "request-json"},
		{"empty decision", "/v1/desk/decide", `{}`, 422, "decision-incomplete"},
		{"decision on an unknown case", "/v1/desk/decide", `{"case":"app:A1","track":"FR-HDH","outcome":"rejected","by":"me"}`, 0, ""},
		{"bundle of nothing", "/v1/evidence", "", 422, "case-form"},
		{"bundle of no case", "/v1/evidence?case=x", "", 422, "case-form"},
		{"bundle of an unknown case", "/v1/evidence?case=app:A1", "", 404, "unknown-case"},
		{"bundle of an erased case", "/v1/evidence?case=app:ERASED", "", 409, "case-erased"},
		{"limit no number", "/v1/cases?limit=many", "", 422, "limit-range"},
		{"limit zero", "/v1/cases?limit=0", "", 422, "limit-range"},
		{"limit too large", "/v1/cases?limit=1001", "", 422, "limit-range"},
		{"unknown permit", "/v1/permits/DP-1", "", 404, "no-such-permit"},
		{"backup nowhere", "/v1/backup", `{}`, 422, "path-not-absolute"},
		{"backup to a relative path", "/v1/backup", `{"path":"copy.db"}`, 422, "path-not-absolute"},
		{"backup to an unknown member", "/v1/backup", `{"file":"/tmp/copy.db"}`, 400, "request-json"},
		{"backup over a file", "/v1/backup", string(n.json(BackupRequest{taken})), 409, "backup-exists"},
		{"backup to no directory", "/v1/backup", string(n.json(BackupRequest{filepath.Join(n.dir, "absent", "copy.db")})), 422, "path-not-writable"},
	} {
		status, code := n.operator(c.path, c.in, nil)
		if c.status != 0 && (status != c.status || code != c.code) || status >= 500 || status < 400 {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, code, c.status, c.code)
		}
	}
	if raw, err := os.ReadFile(taken); err != nil || len(raw) != 0 {
		t.Errorf("the file in the way was changed: %v", err)
	}
}

// TestOperatorReads: every reading route on a record with one application.
func TestOperatorReads(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s %s", status, receipt, body)
	}
	var s Status
	if status, _ := n.operator("/v1/status", "", &s); status != 200 || !s.Ready || s.Reason != "" || s.Counts.Messages != 1 || s.TLSNotAfter == "" {
		t.Errorf("status: %d %+v", status, s)
	}
	var cases []CaseRow
	if status, _ := n.operator("/v1/cases?prefix=app:&limit=1000", "", &cases); status != 200 || len(cases) != 1 || cases[0].ID != "app:A1" || len(cases[0].Doc) == 0 {
		t.Errorf("cases: %d %+v", status, cases)
	}
	if status, _ := n.operator("/v1/cases?after=app:A1", "", &cases); status != 200 || len(cases) != 0 {
		t.Errorf("cases after the last: %d %+v", status, cases)
	}
	var queue []desk.QueueItem
	if status, _ := n.operator("/v1/desk", "", &queue); status != 200 || queue == nil {
		t.Errorf("desk: %d %+v", status, queue)
	}
	list := HDABEntity(n.entity, "hdh") + "/status/2027"
	if _, err := g.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Permits: []store.PermitWrite{{ID: "DP-1-v1", Token: "a.b.c", List: list, Index: 7}}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	var p PermitRow
	if status, _ := n.operator("/v1/permits/DP-1-v1", "", &p); status != 200 || p != (PermitRow{ID: "DP-1-v1", Case: "app:A1", List: list, Index: 7, Token: "a.b.c"}) {
		t.Errorf("permit: %d %+v", status, p)
	}
	var reports []PublishReport
	if status, _ := n.operator("/v1/publish", `{}`, &reports); status != 200 || reports == nil || len(reports) != 0 {
		t.Errorf("publishing without sources: %d %+v", status, reports)
	}
}

// TestOperatorPublishes: a pass over a real source, and one that cannot be read, side by side.
func TestOperatorPublishes(t *testing.T) {
	n := newNation(t)
	full, err := os.ReadFile("catalogue/profile/testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(n.dir, "good"), 0o700); err != nil {
		t.Fatal(err)
	}
	n.file("good/full.ttl", full)
	n.more = `catalogue: {sources: [{name: good, driver: rdffile, location: ./good, interval: 0s, profile: r8}, {name: gone, driver: rdffile, location: ./gone, interval: 0s, profile: r8}]}`
	n.away.Store(true)
	g := n.start()
	var reports []PublishReport
	if status, code := n.operator("/v1/publish", `{"dry_run":true}`, &reports); status != 200 || len(reports) != 2 {
		t.Fatalf("%d %s %+v", status, code, reports)
	}
	if r := reports[0]; r.Source != "good" || len(r.Created) != 1 || r.Error != "" {
		t.Errorf("good: %+v", r)
	}
	if r := reports[1]; r.Source != "gone" || r.Code != "incomplete" || r.Error == "" || len(r.Created) != 0 {
		t.Errorf("gone: %+v", r)
	}
	if c, err := g.record.Counts(t.Context()); err != nil || c.Cases != 0 {
		t.Errorf("a dry run left %+v, %v", c, err)
	}
	if status, code := n.operator("/v1/publish", `{"source":"good"}`, &reports); status != 200 || len(reports) != 1 || len(reports[0].Created) != 1 {
		t.Fatalf("%d %s %+v", status, code, reports)
	}
	if c, err := g.record.Counts(t.Context()); err != nil || c.Cases != 1 || c.Queued != 1 {
		t.Errorf("a pass left %+v, %v", c, err)
	}
}

// TestBackupOfALiveRecord: the copy is proved with the keys of its data directory and with no other.
// shows R15.4.6
func TestBackupOfALiveRecord(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s %s", status, receipt, body)
	}
	path := filepath.Join(n.dir, "copies", "one.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	var m store.Manifest
	if status, code := n.operator("/v1/backup", string(n.json(BackupRequest{path})), &m); status != http.StatusOK || m.TreeSize == 0 {
		t.Fatalf("%d %s %+v", status, code, m)
	}
	o := Options{Clock: n.now, Rand: broken{}, Logger: slog.New(slog.DiscardHandler)}
	verify := func(dir string) (store.Report, error) {
		k, err := keys.Open(filepath.Join(dir, "data", "keys"), keys.Options{Clock: n.now, Rand: rand.Reader})
		if err != nil {
			t.Fatal(err)
		}
		defer k.Close()
		return VerifyBackup(t.Context(), path, n.entity, k, o)
	}
	r, err := verify(n.dir)
	if err != nil || r.Leaves != m.TreeSize || r.Root != m.Root || r.Opened["leaf_material"] == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	elsewhere := t.TempDir()
	k, err := keys.Open(filepath.Join(elsewhere, "data", "keys"), keys.Options{Clock: n.now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Secret(recordSecret); err != nil {
		t.Fatal(err)
	}
	if _, err := k.LogKey(LogOrigin(n.entity)); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(elsewhere); err == nil {
		t.Error("proved with the keys of another data directory")
	}
	if _, err := verify(t.TempDir()); err == nil {
		t.Error("proved without keys")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := verify(n.dir); err == nil {
		t.Error("proved with a flipped bit")
	}
}

func TestShapesOfTheOperatorAPI(t *testing.T) {
	for want, v := range map[string]any{
		`{"path":"/x"}`: BackupRequest{"/x"},
		`{}`:            PublishRequest{},
	} {
		if raw, err := json.Marshal(v); err != nil || string(raw) != want {
			t.Errorf("%s, %v; want %s", raw, err, want)
		}
	}
}
