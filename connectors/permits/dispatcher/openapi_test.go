package dispatcher_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"mime"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// document is the OpenAPI document, read once, against which every call of these tests is held.
type document struct {
	raw      any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema
}

var theDocument = sync.OnceValues(func() (*document, error) {
	var v any
	if err := yaml.Unmarshal(dispatcher.Document(), &v); err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	d := &document{raw: doc, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource("urn:openapi", doc)
})

func loaded(t testing.TB) *document {
	t.Helper()
	d, err := theDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// at follows a JSON pointer, and the reference that stands there.
func (d *document) at(t testing.TB, pointer string) (any, string) {
	t.Helper()
	v := d.raw
	for _, step := range strings.Split(pointer, "/")[1:] {
		m, ok := v.(map[string]any)
		if !ok || m[unescape(step)] == nil {
			return nil, ""
		}
		v = m[unescape(step)]
		if ref, ok := v.(map[string]any)["$ref"].(string); ok && !strings.HasPrefix(ref, "#/components/schemas") {
			pointer = strings.TrimPrefix(ref, "#")
			if v, _ = d.at(t, pointer); v == nil {
				t.Fatalf("%s leads nowhere", ref)
			}
		}
	}
	return v, pointer
}

func escape(s string) string   { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }
func unescape(s string) string { return strings.NewReplacer("~1", "/", "~0", "~").Replace(s) }

// schema compiles the schema at a pointer.
func (d *document) schema(t testing.TB, pointer string) *jsonschema.Schema {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.schemas[pointer]
	if s == nil {
		var err error
		if s, err = d.compiler.Compile("urn:openapi#" + strings.NewReplacer("{", "%7B", "}", "%7D").Replace(pointer)); err != nil {
			t.Fatalf("%s: %v", pointer, err)
		}
		d.schemas[pointer] = s
	}
	return s
}

// operation finds the pointer of what is called.
func (d *document) operation(method, path string) (pointer, id string) {
	for template, item := range d.raw.(map[string]any)["paths"].(map[string]any) {
		a, b := strings.Split(template, "/"), strings.Split(path, "/")
		if len(a) != len(b) {
			continue
		}
		fits := true
		for i := range a {
			fits = fits && (a[i] == b[i] || strings.HasPrefix(a[i], "{") && b[i] != "")
		}
		if op, ok := item.(map[string]any)[strings.ToLower(method)].(map[string]any); fits && ok {
			return "/paths/" + escape(template) + "/" + strings.ToLower(method), op["operationId"].(string)
		}
	}
	return "", ""
}

// hold holds one call against the document.
func (d *document) hold(t testing.TB, method, path, media, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	pointer, id := d.operation(method, path)
	if pointer == "" {
		if w.Code < 400 {
			t.Errorf("%s %s is not in the document and answers %d", method, path, w.Code)
		}
		return
	}
	if w.Code < 300 && media == "application/json" && body != "" {
		d.valid(t, id+", request", pointer+"/requestBody/content/application~1json", []byte(body))
	}
	answer, at := d.at(t, pointer+"/responses/"+strconv.Itoa(w.Code))
	if answer == nil {
		_, at = d.at(t, pointer+"/responses/default")
	}
	got, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: %v", id, err)
	}
	content, at := d.at(t, at+"/content/"+escape(got))
	if content == nil {
		t.Errorf("%s answers %d with %s, which the document does not say", id, w.Code, got)
	} else if strings.HasSuffix(got, "json") {
		d.valid(t, id+" "+strconv.Itoa(w.Code), at, w.Body.Bytes())
	}
}

func (d *document) valid(t testing.TB, what, content string, body []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = d.schema(t, content+"/schema").Validate(v)
	}
	if err != nil {
		t.Errorf("%s is not as the document says: %v\n%s", what, err, body)
	}
}

// operations are the operationIds of the document with their method and path.
func (d *document) operations() map[string]string {
	out := map[string]string{}
	for template, item := range d.raw.(map[string]any)["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			out[op.(map[string]any)["operationId"].(string)] = strings.ToUpper(method) + " " + template
		}
	}
	return out
}

// TestDocumentAndRoutes: what is served is in the document, and the reverse.
func TestDocumentAndRoutes(t *testing.T) {
	t.Parallel()
	want := dispatcher.Routes()
	want["getDocument"] = "GET /openapi.yaml"
	if d := cmp.Diff(want, loaded(t).operations()); d != "" {
		t.Errorf("routes (-) and document (+):\n%s", d)
	}
	for _, id := range []string{"getApplications", "getApplication", "requestInfo", "changeStatus", "setDueDates", "updateApplicationDecision"} {
		if want[id] == "" {
			t.Errorf("TEHDAS2 D6.4 names %s", id)
		}
	}
	w := newHouse(t, twoSystems()).ask("nobody", "GET", "/openapi.yaml", nil)
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), dispatcher.Document()) {
		t.Errorf("the document is not served: %d", w.Code)
	}
}

var update = flag.Bool("update", false, "rewrite the published copy of the document")

// TestDocumentIsPublished: docs has what is served.
func TestDocumentIsPublished(t *testing.T) {
	t.Parallel()
	published := filepath.Join("..", "..", "..", "docs", "national-dispatcher.openapi.yaml")
	if *update {
		if err := os.WriteFile(published, dispatcher.Document(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(published); err != nil || !bytes.Equal(b, dispatcher.Document()) {
		t.Errorf("docs differ from what is served (go test ./connectors/permits/dispatcher -update): %v", err)
	}
}

// TestEveryOperationAsDocumented runs each operation of the document to a success. Requests and answers are
// held against its schemas by house.ask.
func TestEveryOperationAsDocumented(t *testing.T) {
	t.Parallel()
	h, used := newHouse(t, twoSystems()), map[string]bool{}
	ok := func(id string, status int, path string, body any, headers ...string) []byte {
		t.Helper()
		method, _, _ := strings.Cut(dispatcher.Routes()[id], " ")
		used[id] = true
		return h.must(status, "all", method, path, body, headers...)
	}
	s := submission(1)
	s.Attachments = []connectors.SubmittedAttachment{h.attach("att-2", "plan.pdf", "%PDF")}
	h.submit(s)
	at := "/applications/" + s.Application.ApplicationID
	ok("getApplications", 200, "/applications", nil)
	_, outer := unzip(t, ok("getApplication", 200, at+"?version=1", nil))
	loaded(t).metadata(t, outer["application_metadata.json"])
	ok("changeStatus", 200, at+"/status", map[string]any{"status": "PRE_SCREENING", "date": "2026-11-03T09:00:00Z"})
	ok("requestInfo", 200, at+"/information-requests", map[string]any{"sections": []any{map[string]any{"number": 2, "fields": map[string]string{"a": "b"}}}})
	if err := h.d.Info(t.Context(), connectors.Information{Ref: "i", Case: s.Case, Track: s.Track,
		Attachments: []connectors.SubmittedAttachment{h.attach("att-7", "more.pdf", "%PDF")}}); err != nil {
		t.Fatal(err)
	}
	ok("changeProcedure", 200, at+"/procedure", map[string]any{"procedure": "ACCELERATED"})
	ok("changeStatus", 200, at+"/status", map[string]any{"status": "PROCESSING"})
	ok("setDueDates", 200, at+"/due-dates", map[string]any{"due_dates": []any{map[string]any{"clock": "decision", "date": "2027-01-15", "reason": "as agreed"}}})
	ok("extendDeadline", 200, at+"/extension", map[string]any{"reasons": "complex"})
	ok("recordStep", 200, at+"/steps", map[string]any{"machine": "fees", "event": ehds.SideEvents(ehds.SideFees)[0]})
	ok("updateApplicationDecision", 200, at+"/decision", card(ehds.Negative, "D-1"))
	if err := h.d.Appeal(t.Context(), connectors.AppealNotice{Ref: "a", Case: s.Case, Track: s.Track, Body: ehds.AppealBody{AppealID: "A-1"}}); err != nil {
		t.Fatal(err)
	}
	ok("decideAppeal", 200, at+"/appeal-decision", map[string]any{"approved": true, "reasons": "right"})
	next := card(ehds.Positive, "")
	next["application_id"] = s.Application.ApplicationID
	media, body := multi(t, next, "%PDF")
	ok("postDecisionCard", 200, "/decision-cards?hdab="+bodyOne+"&catalog_id=cat-1", body, "Content-Type", media)
	permit := connectors.PermitNotice{ID: "n-1", Case: s.Case, Track: s.Track, Recipient: connectors.Recipient{Kind: connectors.RecipientSPE, Name: "Example Environment"},
		PermitID: "DP-FR-ONE-2026-0001-v1", Status: ehds.PermitStatusGranted, Token: "a.b.c", OptOut: ehds.PermitOptOut{Until: "2026-11-03T09:00:00Z"}, From: "2027-02-01", To: "2029-01-31", AcknowledgeBy: "2026-11-10T00:00:00Z"}
	if err := h.d.Distribute(t.Context(), permit); err != nil {
		t.Fatal(err)
	}
	ok("getPermitVersions", 200, at+"/permits", nil)
	ok("changePermit", 200, at+"/permits/"+permit.PermitID+"/changes", map[string]any{"event": "revoked", "reason": "Art. 63(2)"})
	ok("recordResults", 200, at+"/results", map[string]any{"title": "Results", "summary": "Fewer.", "published": "2026-11-01", "permit_id": permit.PermitID})
	ok("recordEnforcement", 201, "/enforcement-measures", map[string]any{"id": "m-1", "measure": "PERMIT_REVOCATION", "against": "USER", "subject": "u-1", "from": "2026-11-01", "reasons": "r", "permit_id": permit.PermitID})
	media, body = multi(t, map[string]any{"period_from": "2025-01-01", "period_to": "2026-12-31", "title": "Report", "language": "fr"}, "%PDF report")
	ok("submitBiennialReport", 201, "/biennial-reports", body, "Content-Type", media)
	ok("getTracks", 200, at+"/tracks", nil)
	h.refuse(s, "illegal-transition")
	if list := string(ok("getProblems", 200, at+"/problems", nil)); !strings.Contains(list, "illegal-transition") {
		t.Error(list)
	}
	var notices []struct{ ID, Kind string }
	if err := json.Unmarshal(ok("getNotices", 200, "/notices?after=0&limit=10", nil), &notices); err != nil || len(notices) != 4 {
		t.Fatalf("%v %v", notices, err)
	}
	for _, n := range notices {
		ok("getNotice", 200, "/notices/"+n.ID, nil)
	}
	ok("getNoticeAttachment", 200, "/notices/"+notices[1].ID+"/attachments/att-7", nil)
	ok("acknowledgeNotice", 200, "/notices/"+notices[3].ID+"/acknowledgement", map[string]any{"actor": "clerk-1"})
	ok("acknowledgeNotice", 200, "/notices/"+notices[3].ID+"/acknowledgement", nil) // once more
	if e := h.last(); e.Acknowledged == nil || e.Acknowledged.Notice != "n-1" || e.Actor != "clerk-1" {
		t.Errorf("%+v", e)
	}
	if d := cmp.Diff(slices.Sorted(maps.Keys(dispatcher.Routes())), slices.Sorted(maps.Keys(used))); d != "" {
		t.Errorf("operations that were not run:\n%s", d)
	}
}

// metadata holds the metadata of an application against its schema.
func (d *document) metadata(t testing.TB, b []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err == nil {
		err = d.schema(t, "/components/schemas/ApplicationMetadata").Validate(v)
	}
	if err != nil {
		t.Errorf("application_metadata.json: %v", err)
	}
}

// refuse does what the gateway does when an event does not fit: the last one of the track.
func (h *house) refuse(s connectors.Submission, code string) {
	h.t.Helper()
	var last connectors.PermitEvent
	for _, e := range h.events() {
		if e.Case == s.Case {
			last = e
		}
	}
	b, err := json.Marshal(connectors.EventRefusal{Event: last.ID, Kind: last.Kind, At: "2026-11-03T09:31:00Z", Code: code, Status: map[bool]ehds.ApplicationState{true: ehds.StatePreScreening}[code == "illegal-transition"]})
	if err == nil {
		err = h.host.Mailbox.Batch(h.t.Context(), []connectors.Mail{{Key: connectors.RefusalPrefix(s.Case, s.Track) + last.ID, Case: s.Case, Value: b}}, nil)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestARefusalPutsTheMirrorRight: the gateway is the judge; a system sees why, and where the track is.
func TestARefusalPutsTheMirrorRight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	h.refuse(s, "illegal-transition")
	for range 2 { // also from the record
		if got := string(h.must(200, "one", "GET", "/applications", nil)); !strings.Contains(got, "PRE_SCREENING") {
			t.Error(got)
		}
		h.open()
	}
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PROCESSING"})
	if got := string(h.must(200, "one", "GET", at+"/tracks", nil)); !strings.Contains(got, `"status":"PROCESSING"`) {
		t.Error("an old refusal undoes a newer change: " + got)
	}
	h.refuse(s, "unknown-case") // it tells no state
	if got := string(h.must(200, "one", "GET", at+"/tracks", nil)); !strings.Contains(got, `"status":"PROCESSING"`) {
		t.Error("a refusal without a state undoes the state: " + got)
	}
	if p := problemIn(t, h.ask("one", "GET", "/applications/nothing/problems", nil)); p.Code != "unknown-application" {
		t.Errorf("%+v", p)
	}
}
