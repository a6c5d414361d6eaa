package dispatcher_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const (
	bodyOne = "https://ncp.example/hdab/one"
	bodyTwo = "https://ncp.example/hdab/two"
)

// house is a driver with its host, its clock and the files it is handed.
type house struct {
	t     testing.TB
	d     *dispatcher.Driver
	host  connectors.Host
	o     dispatcher.Options
	log   *bytes.Buffer
	mu    sync.Mutex
	now   time.Time
	seed  byte
	files map[string]string
	keys  map[string]string // by system
}

func twoSystems() dispatcher.Options {
	return dispatcher.Options{Country: "FR", SPEOperator: "Example Environment", Systems: []dispatcher.System{
		{Name: "one", Bodies: []string{bodyOne}, Rate: 10_000}, {Name: "all", Rate: 10_000},
	}}
}

func newHouse(t testing.TB, o dispatcher.Options) *house {
	t.Helper()
	h := &house{t: t, o: o, log: &bytes.Buffer{}, now: connectortest.Now(), files: map[string]string{}, keys: map[string]string{}}
	h.host = connectortest.Host()
	h.host.Clock = func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }
	h.host.Rand = h.rand
	h.host.Logger = slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.host.OpenAttachment = func(_ context.Context, ref string) (io.ReadCloser, error) {
		content, ok := h.files[ref]
		if !ok {
			return nil, fmt.Errorf("no %s", ref)
		}
		return io.NopCloser(strings.NewReader(content)), nil
	}
	h.open()
	for _, s := range o.Systems {
		h.addKey(s.Name)
	}
	return h
}

// rand is bytes that differ each time, and are the same in each run.
func (h *house) rand(b []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seed++
	for i := range b {
		b[i] = h.seed + byte(i)*7
	}
	return nil
}

func (h *house) open() {
	h.t.Helper()
	d, err := dispatcher.New(h.host, h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.d = d
}

func (h *house) pass(d time.Duration) { h.mu.Lock(); defer h.mu.Unlock(); h.now = h.now.Add(d) }

func (h *house) addKey(system string) {
	h.t.Helper()
	k, err := h.d.AddKey(h.t.Context(), system, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	h.keys[system] = k.Key
}

// ask calls the interface as a system, and holds request and answer against the document.
func (h *house) ask(system, method, path string, body any, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	var in io.Reader
	sent := ""
	if body != nil {
		text, isText := body.(string)
		if !isText {
			b, err := json.Marshal(body)
			if err != nil {
				h.t.Fatal(err)
			}
			text = string(b)
		}
		in, sent = strings.NewReader(text), text
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, path, in)
	r.Header.Set("X-API-key", h.keys[system])
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.d.Handler().ServeHTTP(w, r)
	loaded(h.t).hold(h.t, method, path, r.Header.Get("Content-Type"), sent, w)
	return w
}

// must calls the interface and wants a status.
func (h *house) must(status int, system, method, path string, body any, headers ...string) []byte {
	h.t.Helper()
	w := h.ask(system, method, path, body, headers...)
	if w.Code != status {
		h.t.Fatalf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
	}
	return w.Body.Bytes()
}

// attach keeps the content of an attachment.
func (h *house) attach(id, name, content string) connectors.SubmittedAttachment {
	sum := sha256.Sum256([]byte(content))
	ref := "blob-" + id
	h.files[ref] = content
	return connectors.SubmittedAttachment{Ref: ref, Attachment: ehds.Attachment{ID: id, Name: name, MediaType: "application/pdf",
		Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}}
}

func (h *house) submit(s connectors.Submission) {
	h.t.Helper()
	if err := h.d.Submit(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
}

// events are all events so far.
func (h *house) events() []connectors.PermitEvent {
	h.t.Helper()
	var out []connectors.PermitEvent
	for cursor := ""; ; {
		page, err := h.d.Events(h.t.Context(), cursor)
		if err != nil {
			h.t.Fatal(err)
		}
		if len(page.Events) == 0 {
			return out
		}
		out, cursor = append(out, page.Events...), page.Cursor
	}
}

func (h *house) last() connectors.PermitEvent {
	h.t.Helper()
	list := h.events()
	return list[len(list)-1]
}

const form = `{"section2":{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"e","value":"Tieteellinen tutkimus"}]},
 "section5":{"formatOfTheElectronicHealthData":{"key":"b","value":"Pseudonymisoitu"},"summaryOfResearchPlan":[{"id":"att-2","name":"plan.pdf","size":14}]},
 "section6":[{"country_id":"FRANCE","sizeOfTheStudyCohort":"1200000"}],
 "section8":{"technicalRequirementsForEnvironment":"R, Python",
  "estimatedStartDatesForDataProcessing":"2027-02-01","estimatedEndDatesForDataProcessing":"2029-01-31",
  "optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b","value":"Ei"},
  "peopleWhoWillBeProcessingTheData":[{"fullName":"Test Applicant","emailAddress":"a@example.org","affiliation":"Institute"},
   {"fullName":"Test Analyst","emailAddress":"b@example.org"}]},
 "section9":{"additionalAttachment":[{"id":"att-3","name":"plan.pdf","size":9}]}}`

// submission is the n-th application, for the first body.
func submission(n int) connectors.Submission {
	id := fmt.Sprintf("6a70b4d104db074a00fd%04d", n)
	s := connectors.Submission{Ref: fmt.Sprintf("ref-%d", n), Case: "app:" + id,
		Track: ehds.Track{CatalogID: "cat-1", HDAB: bodyOne}, ReceivedAt: "2026-11-02T10:00:00Z",
		Application: ehds.ApplicationBody{ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1, Title: "Seasonal infections",
			Language: "fi", User: "user-7", DateSubmitted: "2026-10-30T08:12:45.120394871Z",
			Datasets: []ehds.ApplicationDataset{
				{DatasetID: "ds-1", CatalogID: "cat-1", Country: "FR", Publisher: "Example Hospital"},
				{DatasetID: "ds-elsewhere", CatalogID: "cat-9", Country: "NL", Publisher: "Other"}}},
		Datasets: map[string]connectors.DatasetFacts{"ds-1": {Categories: []string{"EHRS"}, Holder: "Example Hospital"}}}
	if err := json.Unmarshal([]byte(form), &s.Application.Form); err != nil {
		panic(err)
	}
	return s
}

// problem reads a refusal.
type problem struct {
	Status             int
	Code, Field, State string
	Detail             string
}

func problemIn(t testing.TB, w *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem: %d %q %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if p.Status != w.Code {
		t.Errorf("status %d in a problem of %d", p.Status, w.Code)
	}
	return p
}
