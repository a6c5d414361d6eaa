package recipients_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/permits/recipients"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/trust/egress"
)

const (
	ours   = "whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="
	theirs = "whsec_MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE="
)

// hospital is a recipient's system: it takes what its own secret signed, and answers as told.
type hospital struct {
	mu     sync.Mutex
	secret string
	status int
	answer string // NOTICE stands for the notice's id
	took   []string
	ids    []string
	asked  int
}

func (h *hospital) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	body, err := io.ReadAll(r.Body)
	at, terr := time.Parse(time.RFC3339, "2026-11-28T19:00:00Z")
	m := webhook.Message{ID: r.Header.Get("webhook-id"), At: at, Body: body}
	want, serr := webhook.Target{Secret: h.secret}.Sign(m)
	if err := errors.Join(err, terr, serr); err != nil || r.Header.Get("webhook-signature") != want {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	h.took, h.ids = append(h.took, string(body)), append(h.ids, m.ID)
	w.WriteHeader(h.status)
	_, _ = io.WriteString(w, strings.ReplaceAll(h.answer, "NOTICE", m.ID))
}

// serve has a hospital's system run on this machine, and a courier to it that may go where it is allowed.
func serve(t *testing.T, h *hospital, allow ...netip.Prefix) *recipients.System {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	guarded, err := egress.New(egress.Options{Development: true, AllowNetworks: allow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(guarded.CloseIdleConnections)
	at, _ := time.Parse(time.RFC3339, "2026-11-28T19:00:00Z")
	s, err := recipients.New(connectors.Host{HTTP: guarded.HTTP(), Clock: func() time.Time { return at }}, webhook.Target{URL: server.URL + "/permits", Secret: ours})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

func notice(kind connectors.RecipientKind) connectors.PermitNotice {
	return connectors.PermitNotice{
		ID: "01a22318-98a5-7a77-84cf-55685eaf335b", Case: "app:6a70b4d104db074a00fd9101", Track: ehds.Track{CatalogID: "national", HDAB: "https://ncp.example/hdab/hdh"},
		Recipient: connectors.Recipient{Kind: kind, Name: "Example Hospital"}, PermitID: "DP-FR-HDH-2026-00000001-v2", Status: ehds.PermitStatusRevoked,
		Token: "eyJ0eXAiOiJlaGRzLXBlcm1pdCtqd3QifQ.e30.c2ln", Reason: "the conditions were broken", From: "2026-12-01", To: "2028-11-30",
		Granted: []ehds.GrantedDataset{{Holder: "Example Hospital", DatasetID: "ds-1"}, {Holder: "Another", DatasetID: "ds-2"}},
		OptOut:  ehds.PermitOptOut{Until: "2026-11-28T18:00:00Z", Reason: "in the permit alone"},
		Made:    "2026-11-28T18:59:00Z", AcknowledgeBy: "2026-12-03T18:59:00Z",
	}
}

// TestDocuments: what each kind of recipient is told. A data holder is told of its own datasets, and no person,
// no permit and no application, though the notice held them.
//
// shows R9.3.5
// shows R13.0.2
func TestDocuments(t *testing.T) {
	t.Parallel()
	h := &hospital{secret: ours, status: http.StatusOK, answer: "{}"}
	s := serve(t, h, loopback)
	for kind, want := range map[connectors.RecipientKind]string{
		connectors.RecipientHolder: `{"type":"permit.distributed","timestamp":"2026-11-28T18:59:00Z","data":{"notice":"01a22318-98a5-7a77-84cf-55685eaf335b","recipient_kind":"holder",` +
			`"recipient":"Example Hospital","catalog_id":"national","hdab":"https://ncp.example/hdab/hdh","permit_id":"DP-FR-HDH-2026-00000001-v2","status":"REVOKED",` +
			`"granted_datasets":[{"holder":"Example Hospital","dataset_id":"ds-1"}],"opt_out_exception":{"applied":false,"until":"2026-11-28T18:00:00Z"},"from":"2026-12-01","to":"2028-11-30","reason":"the conditions were broken","acknowledge_by":"2026-12-03T18:59:00Z"}}`,
		connectors.RecipientSPE: `{"type":"permit.distributed","timestamp":"2026-11-28T18:59:00Z","data":{"notice":"01a22318-98a5-7a77-84cf-55685eaf335b","recipient_kind":"spe",` +
			`"recipient":"Example Hospital","application_id":"6a70b4d104db074a00fd9101","catalog_id":"national","hdab":"https://ncp.example/hdab/hdh","permit_id":"DP-FR-HDH-2026-00000001-v2","status":"REVOKED",` +
			`"token":"eyJ0eXAiOiJlaGRzLXBlcm1pdCtqd3QifQ.e30.c2ln","granted_datasets":[{"holder":"Example Hospital","dataset_id":"ds-1"},{"holder":"Another","dataset_id":"ds-2"}],` +
			`"opt_out_exception":{"applied":false,"until":"2026-11-28T18:00:00Z"},"from":"2026-12-01","to":"2028-11-30","reason":"the conditions were broken","acknowledge_by":"2026-12-03T18:59:00Z"}}`,
	} {
		if _, err := s.Bring(t.Context(), notice(kind)); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, h.took[len(h.took)-1]); d != "" {
			t.Errorf("%s (-want +got):\n%s", kind, d)
		}
	}
}

// TestAnswers: a 2xx that repeats the notice's id confirms it, any other 2xx took it, and everything else is
// for another attempt, which is the same document under the same id.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status    int
		answer    string
		secret    string
		confirmed bool
		reason    string // of an attempt that failed
	}{
		"confirmed":           {200, `{"notice":"NOTICE"}`, ours, true, ""},
		"accepted, confirmed": {202, ` {"received":true,"notice":"NOTICE"} `, ours, true, ""},
		"taken":               {204, "", ours, false, ""},
		"taken, no JSON":      {200, "thank you, NOTICE", ours, false, ""},
		"another notice":      {200, `{"notice":"01a22318-98a5-7a69-bdc5-90cb8ad01da2"}`, ours, false, ""},
		"within another":      {200, `{"notice":"NOTICE-2"}`, ours, false, ""},
		"a list":              {200, `[{"notice":"NOTICE"}]`, ours, false, ""},
		"two documents":       {200, `{"notice":"NOTICE"}{}`, ours, false, ""},
		"too long":            {200, `{"x":"` + strings.Repeat("x", 16<<10) + `","notice":"NOTICE"}`, ours, false, ""},
		"failing":             {503, `{"notice":"NOTICE"}`, ours, false, "status-503"},
		"gone":                {410, "", ours, false, "status-410"},
		"redirected":          {307, "", ours, false, "status-307"},
		"with another secret": {200, `{"notice":"NOTICE"}`, theirs, false, "status-401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &hospital{secret: c.secret, status: c.status, answer: c.answer}
			s := serve(t, h, loopback)
			for range 2 {
				confirmed, err := s.Bring(t.Context(), notice(connectors.RecipientHolder))
				if confirmed != c.confirmed {
					t.Errorf("confirmed: %t", confirmed)
				}
				var w *webhook.Error
				switch {
				case c.reason == "" && err != nil:
					t.Error(err)
				case c.reason != "" && (fault.CodeOf(err) != "recipient-not-told" || fault.From(err).Kind != fault.Unavailable || !errors.As(err, &w) || w.Reason != c.reason):
					t.Errorf("%v, want %s", err, c.reason)
				}
			}
			if c.secret == ours && (len(h.took) != 2 || h.took[0] != h.took[1] || h.ids[0] != notice("").ID || h.ids[1] != h.ids[0]) {
				t.Errorf("told %q under %q", h.took, h.ids)
			}
		})
	}
}

// TestPrivateAddresses: a recipient's system on a private address is told only where that network is allowed.
func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	h := &hospital{secret: ours, status: http.StatusOK, answer: `{"notice":"NOTICE"}`}
	if _, err := serve(t, h).Bring(t.Context(), notice(connectors.RecipientSPE)); !errors.Is(err, egress.ErrAddressRefused) || strings.Contains(err.Error(), "127.") {
		t.Errorf("refused with %v", err)
	}
	if h.asked != 0 {
		t.Error("a refused address was asked")
	}
	if ok, err := serve(t, h, loopback).Bring(t.Context(), notice(connectors.RecipientSPE)); !ok || err != nil {
		t.Errorf("where it is allowed: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	host := connectors.Host{HTTP: http.DefaultClient, Clock: time.Now}
	for name, c := range map[string]struct {
		host connectors.Host
		to   webhook.Target
	}{
		"no client":  {connectors.Host{Clock: time.Now}, webhook.Target{URL: "https://x.example", Secret: ours}},
		"no clock":   {connectors.Host{HTTP: http.DefaultClient}, webhook.Target{URL: "https://x.example", Secret: ours}},
		"no target":  {host, webhook.Target{}},
		"bad secret": {host, webhook.Target{URL: "https://x.example", Secret: "whsec_hunter2"}},
	} {
		if _, err := recipients.New(c.host, c.to); !errors.Is(err, recipients.ErrOptions) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzAnswer: no answer but an object that says the id confirms.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"notice":"n-1"}`, `{"notice":null}`, `"n-1"`, `{"notice":["n-1"]}`, "", "{"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		if recipients.Confirms(answer, "") {
			t.Error("nothing was confirmed")
		}
		if !recipients.Confirms(answer, "n-1") {
			return
		}
		var said map[string]any
		if err := json.Unmarshal(answer, &said); err != nil {
			t.Errorf("%q confirms and is no object", answer)
		}
		for name, v := range said {
			if strings.EqualFold(name, "notice") && v == "n-1" {
				return
			}
		}
		t.Errorf("%q confirms without the id", answer)
	})
}
