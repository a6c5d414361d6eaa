package gateway

import (
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// regionKeys are the intermediate's, none of them in the past.
type regionKeys struct{ testKeys }

func (regionKeys) Past() ([]federation.HistoricalKey, error) { return nil, nil }

// withRegion puts a real intermediate between the anchor and the gateway.
func (n *nation) withRegion() *superior.Registry {
	n.t.Helper()
	region, anchor := n.server.URL+"/region", n.server.URL+"/anchor"
	reg, err := superior.OpenRegistry(filepath.Join(n.dir, "region"), region, []string{anchor}, n.now)
	if err != nil {
		n.t.Fatal(err)
	}
	anchors := []federation.Anchor{{Entity: anchor, Keys: trusttest.KeySet(trusttest.Key("anchor"))}}
	s := superior.New(superior.Options{
		Entity: region, Registry: reg, Keys: regionKeys{"region"}, Superiors: []string{anchor}, Anchors: anchors, Clock: n.now,
		Resolver: federation.NewResolver(federation.Options{Anchors: anchors, HTTP: n.server.Client(), Clock: n.now, Logger: slog.New(slog.DiscardHandler)}),
		Logger:   slog.New(slog.DiscardHandler),
	})
	if n.region, err = s.Handler(); err != nil {
		n.t.Fatal(err)
	}
	return reg
}

// enrolHere enrols the gateway at the region, by the keys in its data directory.
func (n *nation) enrolHere(reg *superior.Registry) {
	n.t.Helper()
	k, err := n.keyStore()
	if err != nil {
		n.t.Fatal(err)
	}
	defer k.Close()
	set, err := k.Public(keys.Federation, ownerNCP)
	if err != nil {
		n.t.Fatal(err)
	}
	err = reg.Enrol(superior.Subordinate{
		Entity: n.entity, Types: []string{federation.TypeGateway}, Intermediate: true, Country: "FR", Keys: set,
	}, trusttest.KeySet(trusttest.Key("region")))
	if err != nil {
		n.t.Fatal(err)
	}
}

// TestGatewayUnderAnIntermediate: a gateway whose superior is an intermediate takes the centre's
// messages, and its receipts and its bodies' chains lead through the intermediate to the anchor.
func TestGatewayUnderAnIntermediate(t *testing.T) {
	t.Parallel()
	n := newNation(t)
	reg := n.withRegion()
	o := n.options()
	o.Config.Trust.Superiors = []string{n.server.URL + "/region"}
	g := n.new(o)
	if err := g.Start(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, n.log)
	}
	t.Cleanup(func() { n.stop(g) })
	n.enrolHere(reg)
	n.ready(g)

	status, received, receipt := n.deliver(strings.NewReader(n.submit(uuid.Must(uuid.NewV7()).String())))
	if status != http.StatusOK || received != ehds.Received {
		t.Fatalf("%d %s\n%s", status, received, n.log)
	}
	// The centre's view: the gateway is onboarded, the intermediate enrolled.
	transport := n.client().Transport
	both := &http.Client{Transport: hosts{n, transport}}
	anchors := []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}}
	r := federation.NewResolver(federation.Options{
		Anchors: anchors, Onboarded: []string{n.entity, HDABEntity(n.entity, "hdh")}, Intermediates: []string{n.server.URL + "/region"},
		HTTP: both, Clock: n.now, Logger: slog.New(slog.DiscardHandler),
	})
	e, err := r.Resolve(t.Context(), n.entity, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Chain) != 4 || e.Gateway.Country != "FR" || len(e.Marks) != 1 || e.Marks[0].Status != federation.MarkActive {
		t.Errorf("%d statements, %+v", len(e.Chain), e.Marks)
	}
	token, err := jose.Parse([]byte(receipt), jose.ParseOptions{Typ: []string{ehds.TypReceipt}})
	if err != nil {
		t.Fatal(err)
	}
	key, err := e.Gateway.Keys.Select(token.Header.Kid, token.Header.Alg, "sig")
	if err == nil {
		err = token.Verify(key)
	}
	if err != nil {
		t.Errorf("the receipt: %v", err)
	}
	body, err := r.Resolve(t.Context(), HDABEntity(n.entity, "hdh"), nil)
	if err != nil || len(body.Chain) != 5 || body.HDAB.Code != "HDH" {
		t.Errorf("the body: %+v, %v", body, err)
	}
	chain, err := g.chainOfHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if e, err := federation.VerifyChain(chain, anchors, n.now()); err != nil || e.ID != n.entity {
		t.Errorf("its own chain: %v", err)
	}
	// Withdrawn by the intermediate, the gateway is nobody to those who ask again.
	if _, err := reg.Move(n.entity, superior.Withdrawn); err != nil {
		t.Fatal(err)
	}
	n.offset.Add(int64(6 * time.Minute))
	if _, err := r.Resolve(t.Context(), n.entity, nil); federation.Rule(err) != "chain" {
		t.Errorf("withdrawn: %v", err)
	}
}

// hosts sends requests for the nation's server with its own client, others with the gateway's.
type hosts struct {
	n       *nation
	gateway http.RoundTripper
}

// RoundTrip picks by host.
func (h hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(h.n.server.URL, "//"+r.URL.Host) {
		return h.n.server.Client().Transport.RoundTrip(r)
	}
	return h.gateway.RoundTrip(r)
}

// TestMarksOfAnIntermediate: the anchor makes no marks for this gateway and lets the intermediate issue
// them. It becomes ready, takes a message, and those who meet it or its body find their marks active.
func TestMarksOfAnIntermediate(t *testing.T) {
	t.Parallel()
	n := newNation(t)
	reg := n.withRegion()
	region := n.server.URL + "/region"
	n.suspend.Store(true) // the anchor's mark endpoint knows nobody
	o := n.options()
	o.Config.Trust.Superiors = []string{region}
	g := n.new(o)
	if err := g.Start(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, n.log)
	}
	t.Cleanup(func() { n.stop(g) })
	body := HDABEntity(n.entity, "hdh")
	n.enrolHere(reg)
	if err := reg.Enrol(superior.Subordinate{
		Entity: body, MarksOnly: true, Types: []string{federation.TypeHDAB}, Marks: map[string]time.Time{n.markType("hdab"): {}},
	}, trusttest.KeySet(trusttest.Key("region"))); err != nil {
		t.Fatal(err)
	}
	n.grant(reg, n.markType("ncp"))
	n.until("told that nobody lets the intermediate issue marks", func() error {
		if !strings.Contains(n.log.String(), federation.ErrMarkIssuer.Error()) {
			return errors.New("not yet")
		}
		return nil
	})
	if err := g.Ready(t.Context()); err == nil {
		t.Fatal("ready with marks that nobody would take")
	}
	n.issuers.Store(&[]string{n.server.URL + "/anchor", region})
	n.anchor.Renew()
	n.offset.Add(int64(6 * time.Minute)) // what was kept of the anchor is asked for again
	n.ready(g)

	status, received, _ := n.deliver(strings.NewReader(n.submit(uuid.Must(uuid.NewV7()).String())))
	if status != http.StatusOK || received != ehds.Received {
		t.Fatalf("%d %s\n%s", status, received, n.log)
	}
	r := federation.NewResolver(federation.Options{
		Anchors:   []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}},
		Onboarded: []string{n.entity, body}, Intermediates: []string{region},
		HTTP: &http.Client{Transport: hosts{n, n.client().Transport}}, Clock: n.now, Logger: slog.New(slog.DiscardHandler),
	})
	active := func(entity string) federation.MarkStatus {
		t.Helper()
		e, err := r.Resolve(t.Context(), entity, nil)
		if err != nil || len(e.Marks) != 1 || e.Marks[0].Issuer != region {
			t.Fatalf("%s: %+v, %v", entity, e, err)
		}
		return e.Marks[0].Status
	}
	for _, entity := range []string{n.entity, body} {
		if got := active(entity); got != federation.MarkActive {
			t.Errorf("%s: %s", entity, got)
		}
	}
	if _, err := reg.Move(n.entity, superior.Suspended); err != nil {
		t.Fatal(err)
	}
	n.offset.Add(int64(6 * time.Minute))
	if got := active(n.entity); got != federation.MarkSuspended {
		t.Errorf("suspended by the intermediate: %s", got)
	}
}

// grant gives an enrolled gateway a mark.
func (n *nation) grant(reg *superior.Registry, markType string) {
	n.t.Helper()
	if _, err := reg.Change(n.entity, func(s *superior.Subordinate) error {
		s.Marks = map[string]time.Time{markType: n.now().UTC()}
		return nil
	}); err != nil {
		n.t.Fatal(err)
	}
}
