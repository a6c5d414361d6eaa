package dispatcher_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// processing brings the n-th application to PROCESSING.
func (h *house) processing(n int) (connectors.Submission, string) {
	h.t.Helper()
	s := submission(n)
	h.submit(s)
	at := "/applications/" + s.Application.ApplicationID
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PRE_SCREENING"})
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PROCESSING", "actor": "staff-7"})
	return s, at
}

// form makes a multipart body of a JSON part and documents.
func multi(t testing.TB, body any, documents ...string) (content, text string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part := func(name, media, content string) {
		h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="x"; filename="` + name + `"`}, "Content-Type": {media}}
		p, err := w.CreatePart(h)
		if err == nil {
			_, err = io.WriteString(p, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	part("body.json", "application/json", string(raw))
	for _, d := range documents {
		part("decision ../x.pdf", "application/pdf", d)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

// TestAnApplicationThroughTheInterface: each operation becomes one event, in order, with what it says.
//
// shows R7.5.1
// shows R7.5.2
// shows R7.6.1
// shows R9.2.1
func TestAnApplicationThroughTheInterface(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	if e := h.last(); e.Kind != connectors.EventStatus || e.Status != "PROCESSING" || e.Actor != "staff-7" || e.Track != s.Track {
		t.Errorf("%+v", e)
	}
	h.must(200, "one", "POST", at+"/information-requests", map[string]any{"application_id": s.Application.ApplicationID, "sections": []any{
		map[string]any{"number": 2, "fields": map[string]string{"projectName": "please"}},
		map[string]any{"number": 6, "country": "FRANCE", "fields": map[string]string{"sizeOfTheStudyCohort": "how many"}}}})
	want := []ehds.InfoSection{{Number: 2, Fields: map[string]string{"projectName": "please"}}, {Number: 6, Country: "FR", Fields: map[string]string{"sizeOfTheStudyCohort": "how many"}}}
	if e := h.last(); e.Kind != connectors.EventInfoRequest || !cmp.Equal(e.Sections, want) || e.Actor != "system:one" {
		t.Errorf("%+v", e)
	}
	if w := h.ask("one", "POST", at+"/decision", card(ehds.Positive, "D-1")); problemIn(t, w).State != "AWAITING_ADDITIONAL_INFORMATION" || w.Code != 409 {
		t.Errorf("a decision while waiting: %d %s", w.Code, w.Body)
	}
	if err := h.d.Info(t.Context(), connectors.Information{Ref: "i", Case: s.Case, Track: s.Track}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(h.must(200, "one", "GET", at+"/tracks", nil)), `"status":"PROCESSING"`) {
		t.Error("the answer did not return to the phase it left")
	}
	h.must(200, "one", "POST", at+"/due-dates", map[string]any{"due_dates": []any{map[string]string{"clock": "decision", "date": "2027-01-15"}}})
	if e := h.last(); e.Due == nil || *e.Due != (connectors.DueDate{Clock: "decision", Date: "2027-01-15"}) {
		t.Errorf("%+v", e)
	}
	h.must(200, "one", "POST", at+"/extension", map[string]any{"reasons": "complex"})
	h.must(200, "one", "POST", at+"/procedure", map[string]any{"procedure": "ACCELERATED"})
	h.must(200, "one", "POST", at+"/steps", map[string]any{"machine": "fees", "event": ehds.SideEvents(ehds.SideFees)[0]})
	media, body := multi(t, card(ehds.Positive, "D-1"), "%PDF-pre-permit")
	h.must(200, "one", "POST", at+"/decision", body, "Content-Type", media)
	e := h.last()
	if e.Decision == nil || e.Decision.DecisionID != "D-1" || e.Grant == nil || e.At != "2026-11-03T09:30:00Z" || len(e.Files) != 1 {
		t.Fatalf("%+v", e)
	}
	if g := e.Grant; g.Duration.To != "2029-01-31" || g.Investigator != "Prof. Example" || len(g.Granted) != 1 || g.Granted[0].Holder != "Example Hospital" ||
		g.SPE.Operator != "Example Environment" || g.Fees.AmountCents != 125000 {
		t.Errorf("%+v", g)
	}
	f := e.Files[0]
	r, err := f.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "%PDF-pre-permit" || f.Name != "x.pdf" || f.MediaType != "application/pdf" {
		t.Errorf("%q %v %+v", b, err, f)
	}
	var kinds []string
	for _, e := range h.events() {
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); got != "status status status info-request due extension procedure side decision" {
		t.Error(got)
	}
	if strings.Contains(h.log.String(), "Prof.") || strings.Contains(h.log.String(), "Applicant") {
		t.Errorf("a person in the log:\n%s", h.log)
	}
}

// TestARefusalAppealed: the appeal's outcome, and the new decision that refers to the old.
//
// shows R10.0.5
func TestARefusalAppealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	h.must(200, "one", "POST", "/decision-cards", func() any {
		c := card(ehds.Negative, "D-1")
		c["application_id"] = s.Application.ApplicationID
		return c
	}())
	if e := h.last(); e.Decision.Outcome != ehds.Negative || e.Grant != nil {
		t.Errorf("%+v", e)
	}
	h.must(409, "one", "POST", at+"/appeal-decision", map[string]any{"approved": true})
	err := h.d.Appeal(t.Context(), connectors.AppealNotice{Ref: "a", Case: s.Case, Track: s.Track, Body: ehds.AppealBody{AppealID: "A-1", Text: "No."},
		Attachments: []connectors.SubmittedAttachment{h.attach("att-9", "appeal.pdf", "%PDF-appeal")}})
	if err != nil {
		t.Fatal(err)
	}
	h.must(200, "one", "POST", at+"/appeal-decision", map[string]any{"approved": true, "reasons": "right"})
	h.must(409, "one", "POST", at+"/decision", card(ehds.Positive, "D-1"))
	h.must(200, "one", "POST", at+"/decision", card(ehds.Positive, "D-2"))
	if e := h.last(); e.Decision.Replaces != "D-1" || e.Grant == nil || e.Grant.DecisionID != "D-2" {
		t.Errorf("%+v", e.Decision)
	}
	var notices []struct{ ID, Kind string }
	if err := json.Unmarshal(h.must(200, "one", "GET", "/notices", nil), &notices); err != nil || len(notices) != 2 || notices[1].Kind != "appeal.submitted" {
		t.Fatalf("%v %v", notices, err)
	}
	if b := h.must(200, "one", "GET", "/notices/"+notices[1].ID+"/attachments/att-9", nil); string(b) != "%PDF-appeal" {
		t.Errorf("%q", b)
	}
	h.must(404, "one", "GET", "/notices/"+notices[1].ID+"/attachments/att-1", nil)
}

// TestIllegalTransitions are refused at once, with the state the track is in, and tell nothing.
func TestIllegalTransitions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	h.submit(s)
	at := "/applications/" + s.Application.ApplicationID
	before := len(h.events())
	for name, c := range map[string]struct {
		path string
		body any
	}{
		"processing before screening":    {at + "/status", map[string]string{"status": "PROCESSING"}},
		"decided by status":              {at + "/status", map[string]string{"status": "DECISION_ISSUED"}},
		"a decision before processing":   {at + "/decision", card(ehds.Negative, "D-1")},
		"information before screening":   {at + "/information-requests", map[string]any{"sections": []any{map[string]any{"number": 2, "fields": map[string]string{"x": "y"}}}}},
		"an appeal without decision":     {at + "/appeal-decision", map[string]any{"approved": false}},
		"a step to where nobody returns": {at + "/status", map[string]string{"status": "AWAITING_ADDITIONAL_INFORMATION"}},
	} {
		w := h.ask("one", "POST", c.path, c.body)
		if p := problemIn(t, w); w.Code != 409 || p.Code != "illegal-transition" || p.State != "SUBMITTED" && p.State != "NONE" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "SUBMITTED"}) // no change, no event
	if got := len(h.events()); got != before {
		t.Errorf("%d events more", got-before)
	}
}

// TestEveryTransitionOfTheTable: what a system may set by a status is what the table allows it.
func TestEveryTransitionOfTheTable(t *testing.T) {
	t.Parallel()
	moves := map[ehds.ApplicationEvent]ehds.ApplicationState{ehds.EventScreeningStarted: ehds.StatePreScreening,
		ehds.EventProcessingStarted: ehds.StateProcessing, ehds.EventInfoRequested: ehds.StateAwaitingInformation, ehds.EventWithdrawn: ehds.StateWithdrawn}
	reach := map[ehds.ApplicationState][]string{ehds.StateSubmitted: nil, ehds.StatePreScreening: {"PRE_SCREENING"},
		ehds.StateProcessing: {"PRE_SCREENING", "PROCESSING"}, ehds.StateAwaitingInformation: {"PRE_SCREENING", "AWAITING_ADDITIONAL_INFORMATION"},
		ehds.StateWithdrawn: {"WITHDRAWN"}}
	h, n := newHouse(t, twoSystems()), 0
	for from, path := range reach {
		for e, to := range moves {
			n++
			s := submission(n)
			h.submit(s)
			at := "/applications/" + s.Application.ApplicationID + "/status"
			for _, step := range path {
				h.must(200, "one", "POST", at, map[string]string{"status": step})
			}
			allowed := from == to || len(ehds.Next(ehds.ApplicationTransitions(), from, e)) > 0
			if got := h.ask("one", "POST", at, map[string]string{"status": string(to)}).Code; (got == 200) != allowed {
				t.Errorf("%s to %s: %d, allowed %v", from, to, got, allowed)
			}
		}
	}
}

// TestIdempotencyKeys: the same request has one effect and one answer, another one is refused.
func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	_, at := h.processing(1)
	media, body := multi(t, card(ehds.Positive, "D-1"), "%PDF")
	first := h.must(200, "one", "POST", at+"/decision", body, "Content-Type", media, "Idempotency-Key", "k-1")
	events := len(h.events())
	h.open()
	media, body = multi(t, card(ehds.Positive, "D-1"), "%PDF") // other boundaries
	w := h.ask("one", "POST", at+"/decision", body, "Content-Type", media, "Idempotency-Key", "k-1")
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), first) || w.Header().Get("Idempotent-Replayed") != "true" || len(h.events()) != events {
		t.Errorf("repeated: %d %s", w.Code, w.Body)
	}
	media, body = multi(t, card(ehds.Positive, "D-1"), "%PDF another")
	if p := problemIn(t, h.ask("one", "POST", at+"/decision", body, "Content-Type", media, "Idempotency-Key", "k-1")); p.Code != "idempotency-key-reused" {
		t.Errorf("%+v", p)
	}
	if p := problemIn(t, h.ask("all", "POST", at+"/decision", body, "Content-Type", media, "Idempotency-Key", "k-1")); p.Code != "illegal-transition" {
		t.Errorf("another system's key of the same name: %+v", p)
	}
	h.must(400, "one", "POST", at+"/status", map[string]string{"status": "PROCESSING"}, "Idempotency-Key", strings.Repeat("k", 256))
}

// TestBadBodies are refused with every place that is wrong, and tell nothing.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	_, at := h.processing(1)
	before := len(h.events())
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for name, c := range map[string]struct {
		path, body, code, field string
		status                  int
	}{
		"no JSON":           {at + "/status", `{"status":`, "json", "", 400},
		"a list":            {at + "/status", `["PROCESSING"]`, "json", "", 400},
		"a member twice":    {at + "/status", `{"status":"PROCESSING","status":"WITHDRAWN"}`, "json", "", 400},
		"two objects":       {at + "/status", `{"status":"PROCESSING"}{}`, "json", "", 400},
		"too deep":          {at + "/status", deep, "json", "", 400},
		"not UTF-8":         {at + "/status", "{\"status\":\"\xff\"}", "json", "", 400},
		"another type":      {at + "/status", `{"status":7}`, "body-type", "", 422},
		"an unknown status": {at + "/status", `{"status":"FINISHED"}`, "body-invalid", "/status", 422},
		"another's id":      {at + "/status", `{"status":"PROCESSING","application_id":"other"}`, "body-invalid", "/application_id", 422},
		"a name as actor":   {at + "/status", `{"status":"WITHDRAWN","actor":"Ada Lovelace"}`, "body-invalid", "/actor", 422},
		"a date to come":    {at + "/status", `{"status":"WITHDRAWN","date":"2027-01-01T00:00:00Z"}`, "body-invalid", "/date", 422},
		"a date of D6.4":    {at + "/status", `{"status":"WITHDRAWN","date":"01:11:2026"}`, "body-invalid", "/date", 422},
		"no sections":       {at + "/information-requests", `{"sections":[]}`, "body-invalid", "/sections", 422},
		"section 11":        {at + "/information-requests", `{"sections":[{"number":11,"fields":{"a":"b"}}]}`, "body-invalid", "/sections/0/number", 422},
		"a country":         {at + "/information-requests", `{"sections":[{"number":6,"country":"ATLANTIS","fields":{"a":"b"}}]}`, "body-invalid", "/sections/0/country", 422},
		"a refusal":         {at + "/decision", `{"outcome":"Negative","signatory":{"name":"A","job_title":"B"}}`, "body-invalid", "/reasons", 422},
		"an outcome":        {at + "/decision", `{"outcome":"Perhaps","signatory":{"name":"A","job_title":"B"}}`, "body-invalid", "/outcome", 422},
		"no fees":           {at + "/decision", `{"outcome":"Positive","signatory":{"name":"A","job_title":"B"}}`, "grant-incomplete", "/permit/fees", 422},
		"no extension":      {at + "/extension", `{}`, "body-invalid", "/reasons", 422},
		"a procedure":       {at + "/procedure", `{"procedure":"FAST"}`, "body-invalid", "/procedure", 422},
		"a due date":        {at + "/due-dates", `{"due_dates":[{"clock":"decision","date":"soon"}]}`, "body-invalid", "/due_dates/0/date", 422},
		"a step":            {at + "/steps", `{"machine":"engine","event":"x"}`, "body-invalid", "/machine", 422},
		"results":           {at + "/results", `{"title":"x","summary":"y","published":"soon"}`, "body-invalid", "/published", 422},
		"a measure":         {"/enforcement-measures", `{"id":"m-1","measure":"PRISON","against":"USER","subject":"u","reasons":"r","from":"2026-11-01"}`, "body-invalid", "/measure", 422},
		"a report":          {"/biennial-reports", `{"period_from":"2027-01-01","period_to":"2028-12-31","title":"R","language":"en"}`, "body-invalid", "/url", 422},
	} {
		w := h.ask("all", "POST", c.path, c.body)
		if p := problemIn(t, w); w.Code != c.status || p.Code != c.code || p.Field != c.field {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "ATLANTIS") || strings.Contains(w.Body.String(), "Lovelace") || strings.Contains(w.Body.String(), "PRISON") {
			t.Errorf("%s: the refusal repeats input: %s", name, w.Body)
		}
	}
	for name, media := range map[string]string{"text": "text/plain", "none": "", "no boundary": "multipart/form-data"} {
		if w := h.ask("one", "POST", at+"/status", `{"status":"WITHDRAWN"}`, "Content-Type", media); w.Code != 415 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := h.ask("one", "POST", at+"/status", `{"x":"`+strings.Repeat("a", 1<<20)+`"}`); w.Code != 413 {
		t.Errorf("a large object: %d", w.Code)
	}
	media, body := multi(t, map[string]string{"status": "WITHDRAWN"}, strings.Repeat("x", 12<<20+1))
	if w := h.ask("one", "POST", at+"/status", body, "Content-Type", media); w.Code != 413 {
		t.Errorf("large documents: %d", w.Code)
	}
	if got := len(h.events()); got != before {
		t.Errorf("%d events more", got-before)
	}
}
