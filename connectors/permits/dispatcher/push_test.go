package dispatcher_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

const pushSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// hook is a national system that takes announcements, or does not.
type hook struct {
	mu     sync.Mutex
	status int // 0: cannot be reached
	took   []*http.Request
	bodies []string
}

func (h *hook) RoundTrip(r *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.took, h.bodies = append(h.took, r), append(h.bodies, string(b))
	if h.status == 0 {
		return nil, errors.New("no route to https://daams.example?secret")
	}
	return &http.Response{StatusCode: h.status, Body: io.NopCloser(strings.NewReader("ok")), Header: http.Header{}}, nil
}

func pushing(t testing.TB) (*house, *hook) {
	t.Helper()
	o := twoSystems()
	o.Systems[0].Push = webhook.Target{URL: "https://daams.example/hook", Secret: pushSecret}
	h, k := newHouse(t, o), &hook{status: http.StatusOK}
	h.host.HTTP = &http.Client{Transport: k}
	h.open()
	return h, k
}

// TestAnnouncements: signed, of the system's own bodies, without anything of the application, and once.
func TestAnnouncements(t *testing.T) {
	t.Parallel()
	h, k := pushing(t)
	s := submission(1)
	h.submit(s)
	other := submission(2)
	other.Track.HDAB = bodyTwo
	h.submit(other)
	<-h.d.Nudged()
	for range 2 { // the second time there is nothing left
		if wait := h.d.Push(t.Context()); wait != time.Minute {
			t.Errorf("a pause of %s", wait)
		}
	}
	if len(k.took) != 1 {
		t.Fatalf("%d announcements", len(k.took))
	}
	r, body := k.took[0], k.bodies[0]
	want := `{"type":"application.submitted","timestamp":"2026-11-03T09:30:00Z","data":{"notice":"1","application_id":"` + s.Application.ApplicationID + `","version":1}}`
	if body != want {
		t.Errorf("announced %s", body)
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err == nil {
		err = loaded(t).schema(t, "/webhooks/notice/post/requestBody/content/application~1json/schema").Validate(v)
	}
	if err != nil {
		t.Error(err)
	}
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(pushSecret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	_, _ = io.WriteString(mac, r.Header.Get("webhook-id")+"."+r.Header.Get("webhook-timestamp")+"."+body)
	if got := r.Header.Get("webhook-signature"); got != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		t.Errorf("signature %s", got)
	}
	if r.Header.Get("webhook-timestamp") != "1793698200" || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", r.Header)
	}
}

// TestAnnouncementsThatFail are sent again with growing pauses over restarts, under one id, in order; given
// up in the end; and sent again when an operator says so.
func TestAnnouncementsThatFail(t *testing.T) {
	t.Parallel()
	h, k := pushing(t)
	k.status = 0
	h.submit(submission(1))
	h.submit(submission(2))
	var pauses []time.Duration
	for range 4 {
		wait := h.d.Push(t.Context())
		pauses = append(pauses, wait)
		h.d.Push(t.Context()) // too early: nothing happens
		h.pass(wait)
		h.open()
		k.status = http.StatusServiceUnavailable
	}
	if d := cmp.Diff([]time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}, pauses); d != "" {
		t.Error(d)
	}
	if len(k.took) != 4 || k.took[0].Header.Get("webhook-id") != k.took[3].Header.Get("webhook-id") {
		t.Errorf("%d attempts", len(k.took))
	}
	h.pass(80 * time.Hour)
	h.d.Push(t.Context())
	dead, err := h.d.DeadPushes(t.Context())
	if err != nil || len(dead) != 2 || dead[0].Reason != "status-503" || dead[0].Attempts != 5 {
		t.Fatalf("%+v %v", dead, err)
	}
	if log := h.log.String(); !strings.Contains(log, "given up") || strings.Contains(log, "secret") {
		t.Error(log)
	}
	k.status, k.took = http.StatusNoContent, nil
	if _, err := h.d.RetryPush(t.Context(), "all", 0); err == nil {
		t.Error("another system's announcements are sent again")
	}
	if n, err := h.d.RetryPush(t.Context(), "one", 2); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	h.d.Push(t.Context())
	if dead, _ = h.d.DeadPushes(t.Context()); len(k.took) != 1 || len(dead) != 1 || dead[0].Notice != 1 {
		t.Errorf("%d taken, %+v", len(k.took), dead)
	}
}

// TestAcknowledgingStopsAnnouncing: a system that polled has it already.
func TestAcknowledgingStopsAnnouncing(t *testing.T) {
	t.Parallel()
	h, k := pushing(t)
	k.status = 0
	h.submit(submission(1))
	h.d.Push(t.Context())
	h.must(200, "one", "POST", "/notices/1/acknowledgement", nil)
	h.pass(time.Hour)
	k.took = nil
	if h.d.Push(t.Context()); len(k.took) != 0 {
		t.Error("an acknowledged notice is announced")
	}
}

// TestNotices: pages, content, and what is another's.
//
// shows R9.3.5
// shows R13.0.1
func TestNotices(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	h.submit(s)
	other := submission(2)
	other.Track.HDAB = bodyTwo
	h.submit(other)
	p := connectors.PermitNotice{ID: "n-1", Case: s.Case, Track: s.Track, Recipient: connectors.Recipient{Kind: connectors.RecipientHolder, Name: "Example Hospital"},
		PermitID: "DP-FR-ONE-2026-0001-v1", Status: ehds.PermitStatusGranted, Granted: []ehds.GrantedDataset{{Holder: "Example Hospital", DatasetID: "ds-1"}}, OptOut: ehds.PermitOptOut{Until: "2026-11-03T09:00:00Z"}}
	for range 2 {
		if err := h.d.Distribute(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.d.Measure(t.Context(), connectors.MeasureNotice{Ref: "m", Case: "enf:NL:1", Nation: "NL", Body: ehds.EnforcementBody{ID: "1", Subject: "u"}}); err != nil {
		t.Fatal(err)
	}
	if list := string(h.must(200, "one", "GET", "/notices?after=1", nil)); strings.Count(list, `"id"`) != 2 || strings.Contains(list, other.Application.ApplicationID) {
		t.Error(list)
	}
	if list := string(h.must(200, "all", "GET", "/notices?limit=2", nil)); strings.Count(list, `"id"`) != 2 {
		t.Error(list)
	}
	if b := string(h.must(200, "one", "GET", "/notices/3", nil)); !strings.Contains(b, `"recipient":"Example Hospital"`) || !strings.Contains(b, `"opt_out_exception":{"applied":false,"until":"2026-11-03T09:00:00Z"}`) || strings.Contains(b, "token") {
		t.Error(b)
	}
	if b := string(h.must(200, "one", "GET", "/notices/4", nil)); !strings.Contains(b, `"nation":"NL"`) {
		t.Error(b)
	}
	for _, id := range []string{"2", "99", "0", "-1", "01", "x", "%2e%2e"} {
		if problem := problemIn(t, h.ask("one", "GET", "/notices/"+id, nil)); problem.Code != "unknown-notice" {
			t.Errorf("%s: %+v", id, problem)
		}
	}
	for path, code := range map[string]string{"/notices?after=x": "after-malformed", "/notices?limit=0": "limit-range", "/notices?limit=1001": "limit-range"} {
		if problem := problemIn(t, h.ask("one", "GET", path, nil)); problem.Code != code {
			t.Errorf("%s: %+v", path, problem)
		}
	}
}
