package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// webhookSecret is one of those recipients have, by its letter.
func webhookSecret(letter string) string { return "whsec_" + strings.Repeat(letter, 32) }

// pushed is an attempt that reached a recipient's system.
type pushed struct {
	path, id, body string
	genuine        bool // signed with the secret of the path's system
}

// systemsOfRecipients are a hospital, an environment and a portal for users at one address. The environment is
// out of order, then takes a notice whose answer never arrives, then confirms; the portal has another secret.
type systemsOfRecipients struct {
	mu       sync.Mutex
	attempts []pushed
	holding  chan struct{} // an answer is held back
	served   *httptest.Server
}

func newSystemsOfRecipients(t *testing.T) *systemsOfRecipients {
	s := &systemsOfRecipients{holding: make(chan struct{})}
	s.served = httptest.NewServer(s)
	t.Cleanup(s.served.Close)
	return s
}

func (s *systemsOfRecipients) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var at int64
	if _, serr := fmt.Sscan(r.Header.Get("webhook-timestamp"), &at); err != nil || serr != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m := webhook.Message{ID: r.Header.Get("webhook-id"), At: time.Unix(at, 0), Body: body}
	letter := map[string]string{"/hospital": "A", "/spe": "B", "/portal": "X"}[r.URL.Path]
	want, err := webhook.Target{Secret: webhookSecret(letter)}.Sign(m)
	p := pushed{r.URL.Path, m.ID, string(body), err == nil && want == r.Header.Get("webhook-signature")}
	s.mu.Lock()
	s.attempts = append(s.attempts, p)
	before := len(s.to(r.URL.Path))
	s.mu.Unlock()
	switch {
	case !p.genuine:
		w.WriteHeader(http.StatusUnauthorized)
	case p.path == "/spe" && before == 1:
		w.WriteHeader(http.StatusServiceUnavailable)
	case p.path == "/spe" && before == 2:
		close(s.holding)
		<-r.Context().Done()
	default:
		_, _ = fmt.Fprintf(w, `{"notice":%q}`, p.id)
	}
}

// to are the attempts at a path; the caller holds the lock.
func (s *systemsOfRecipients) to(path string) (out []pushed) {
	for _, a := range s.attempts {
		if a.path == path {
			out = append(out, a)
		}
	}
	return out
}

func (s *systemsOfRecipients) at(path string) []pushed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to(path)
}

// TestRecipientsAreTold: a revocation reaches the systems of hospital and environment through a gateway with a
// desk, each by its own line, over failures and a restart; who confirmed is shown. One that does not believe
// the signature confirms nothing, and one at a private address is not asked.
//
// shows R9.3.9
// shows R13.0.2
func TestRecipientsAreTold(t *testing.T) {
	n, systems := newNation(t), newSystemsOfRecipients(t)
	n.more = fmt.Sprintf(`
exchange: {retry: {first: 10ms, max: 10ms}}
permits:
  acknowledge_within: 48h
  recipients:
    - {id: hospital, kind: holder, name: "Example *", url: "%[1]s/hospital", secret: %[2]s}
    - {id: spe, kind: spe, name: "*", url: "%[1]s/spe", secret: %[3]s}
    - {id: portal, kind: user, url: "%[1]s/portal", secret: %[4]s}
    - {id: private, kind: holder, name: Private, url: "https://10.255.0.1/notices", secret: %[2]s}
`, systems.served.URL, webhookSecret("A"), webhookSecret("B"), webhookSecret("C"))
	g := n.start()
	const id = "DP-FR-HDH-2026-0001-v1"
	n.permit(g, id, "Example Hospital", "Private")
	var h PermitHistory
	if status, code := n.operator("/v1/permits/move", `{"permit":"`+id+`","event":"revoked","reasons":"conditions broken","actor":"staff-7"}`, &h); status != 200 {
		t.Fatalf("revoked: %d %s", status, code)
	}
	if len(h.Notices) != 4 || h.Notices[0].AcknowledgeBy.Sub(h.Notices[0].Made) != 48*time.Hour {
		t.Fatalf("notices %+v", h.Notices)
	}
	<-systems.holding // the environment has the notice, and we have no answer
	n.stop(g)
	n.port()
	n.start()
	want := []string{"holder Example Hospital ACKNOWLEDGED recipient/hospital", "holder Private QUEUED ", "spe env ACKNOWLEDGED recipient/spe", "user  QUEUED "}
	n.until("told", func() error {
		if got := n.toldOf(id); !slices.Equal(got, want) {
			return fmt.Errorf("%q", got)
		}
		return nil
	})
	if got := systems.at("/hospital"); len(got) != 1 || strings.Contains(got[0].body, "x.y.z") || !strings.Contains(got[0].body, `"status":"REVOKED"`) {
		t.Errorf("the hospital was told %+v", got)
	}
	spe := systems.at("/spe")
	if len(spe) != 3 || spe[0].id != spe[2].id || spe[1] != spe[0] || spe[2] != spe[0] || !strings.Contains(spe[0].body, `"token":"x.y.z"`) {
		t.Errorf("the environment was told %+v", spe)
	}
	n.until("refused by the portal", func() error {
		if len(systems.at("/portal")) < 2 {
			return fmt.Errorf("%d attempts", len(systems.at("/portal")))
		}
		return nil
	})
	log := n.log.String()
	for _, part := range []string{"recipient-not-told", "status-401", "status-503", "unreachable"} {
		if !strings.Contains(log, part) {
			t.Errorf("the log does not say %s", part)
		}
	}
	for _, part := range []string{"whsec_", "10.255", "conditions broken", "x.y.z"} {
		if strings.Contains(log, part) {
			t.Errorf("the log says %s", part)
		}
	}
}

// permit puts a permit on record that grants a dataset of each holder in the environment "env".
func (n *nation) permit(g *Gateway, id string, holders ...string) {
	n.t.Helper()
	track, now := ehds.Track{CatalogID: "national", HDAB: HDABEntity(n.entity, "hdh")}, n.now()
	granted := exchange.Granted{PermitID: id, SPE: "env"}
	for _, holder := range holders {
		granted.Datasets = append(granted.Datasets, ehds.GrantedDataset{Holder: holder, DatasetID: "of " + holder})
	}
	raw, err := json.Marshal(exchange.ApplicationDoc{
		Counterpart: g.cfg.Central.Entity, Granted: []exchange.Granted{granted},
		Application: access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Tracks: []access.Track{{
			Key: track, Status: ehds.StateDecisionIssued,
			Decision: &access.Decision{ID: "D1", Outcome: ehds.Positive, Status: ehds.DecisionPositiveAccepted},
			Permits: []access.PermitVersion{{ID: id, DecisionID: "D1", Phase: ehds.PermitPhase{State: ehds.PermitGranted},
				NotBefore: now.Add(-time.Hour), Expires: now.AddDate(0, 1, 0)}},
		}}},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := g.record.Update(n.t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Doc: raw, Permits: []store.PermitWrite{{ID: id, Token: "x.y.z", List: track.HDAB + "/status/2026", Index: 3}}}, nil
	}); err != nil {
		n.t.Fatal(err)
	}
}

// toldOf is who was told of a permit, as the operator sees it: "kind name state by".
func (n *nation) toldOf(id string) (out []string) {
	n.t.Helper()
	var rows []NoticeRow
	n.operator("/v1/notices?all=true&permit="+id, "", &rows)
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %s", r.Recipient.Kind, r.Recipient.Name, r.State, r.By))
	}
	slices.Sort(out)
	return out
}

// bringing is a permit system that brings notices by itself.
type bringing struct{ connectors.Distributor }

// TestNobodyIsToldTwice: a body whose permit system brings notices by itself has no systems of recipients; the
// others have their own before the gateway's, and a time to confirm of their own.
func TestNobodyIsToldTwice(t *testing.T) {
	t.Parallel()
	told := func(ids ...string) (out []config.PermitRecipient) {
		for _, id := range ids {
			out = append(out, config.PermitRecipient{ID: id, Kind: "spe", Name: "*"})
		}
		return out
	}
	g := &Gateway{
		cfg: &config.Config{Entity: "https://ncp.example", Permits: config.Permits{Driver: "rems", AcknowledgeWithin: time.Hour, Recipients: told("all")}, HDABs: []config.HDAB{
			{ID: "a"}, {ID: "b", Permits: config.Permits{Driver: "desk", AcknowledgeWithin: 2 * time.Hour, Recipients: told("b")}}, {ID: "c", Permits: config.Permits{Driver: "dispatcher"}}}},
		systems: []*permitSystem{{instance: "rems"}, {instance: "b-desk", hdab: "https://ncp.example/hdab/b"},
			{instance: "c-dispatcher", hdab: "https://ncp.example/hdab/c", system: exchange.System{Extras: connectors.Extras{Distributor: bringing{}}}}},
	}
	got := map[string]string{}
	for body, list := range g.addresses() {
		for _, a := range list {
			got[body] += a.Target + " "
		}
	}
	want := map[string]string{"https://ncp.example/hdab/a": "recipient/all ", "https://ncp.example/hdab/b": "recipient/b recipient/all "}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	within := map[string]time.Duration{"https://ncp.example/hdab/a": time.Hour, "https://ncp.example/hdab/b": 2 * time.Hour, "https://ncp.example/hdab/c": time.Hour}
	if d := cmp.Diff(within, g.acknowledgeWithin()); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
