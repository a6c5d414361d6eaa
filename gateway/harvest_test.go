package gateway

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/central"
	trustrole "github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// union is a gateway, the model of the central platform, and the anchor of both, each behind a listener
// of its own on loopback: what a harvest runs through from the national catalogue to the European one.
type union struct {
	t       *testing.T
	dir     string
	ca      *pki.CA
	log     journal
	anchor  *trustrole.Anchor
	centre  *central.Central
	country string // of the next gateway
	more    string // members of its catalogue configuration besides the sources
	gateway *Gateway
}

// newUnion brings anchor and centre up. The gateway comes with its sources: see harvests.
func newUnion(t *testing.T) *union {
	t.Helper()
	u := &union{t: t, dir: t.TempDir(), country: "FR"}
	var err error
	if u.ca, err = pki.DevelopmentCA(filepath.Join(u.dir, "pki"), pki.Options{Clock: time.Now, Rand: rand.Reader, Names: []string{"127.0.0.1"}}); err != nil {
		t.Fatal(err)
	}
	anchor := u.serve()
	if u.anchor, err = trustrole.New(trustrole.Options{Entity: anchor.URL, Dir: filepath.Join(u.dir, "anchor"), Clock: time.Now, Rand: rand.Reader, Logger: u.logger()}); err != nil {
		t.Fatal(err)
	}
	anchor.Config.Handler = u.anchor.Handler()
	centre := u.serve()
	if u.centre, err = central.New(central.Options{
		Entity: centre.URL, DisplayName: "Centre", Dir: filepath.Join(u.dir, "centre"), Anchor: roles.Anchor{Entity: anchor.URL, JWKS: u.anchor.JWKS()},
		HTTP: u.client(), Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: u.logger(),
	}); err != nil {
		t.Fatal(err)
	}
	centre.Config.Handler = u.centre.Handler()
	u.enrol(centre.URL, u.centre.JWKS(), ehds.MarkCentralPlatform, roles.StateGateway(ehds.CountryEU))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		u.centre.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := u.centre.Close(); err != nil {
			t.Errorf("closing the centre: %v", err)
		}
	})
	u.until("the centre has its mark", func() error {
		if !u.centre.Ready(t.Context()) {
			return fmt.Errorf("no mark")
		}
		return nil
	})
	return u
}

func (u *union) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&u.log, nil)) }

// serve starts a TLS server of the common authority; its handler is set before anybody asks.
func (u *union) serve() *httptest.Server {
	u.t.Helper()
	files, err := pki.NewReloader(pki.Files{Cert: u.ca.CertFile(), Key: u.ca.KeyFile(), Clock: time.Now})
	if err != nil {
		u.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = files.ServerConfig()
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.StartTLS()
	u.t.Cleanup(s.Close)
	return s
}

// client trusts the common authority.
func (u *union) client() *http.Client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: u.ca.Pool(), MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

func (u *union) enrol(entity string, set forge.JWKS, mark ehds.Mark, stated map[string]json.RawMessage) {
	u.t.Helper()
	if err := u.anchor.Enroll(entity, set, []string{string(mark)}, trustrole.EnrollOptions{Metadata: stated}); err != nil {
		u.t.Fatal(err)
	}
}

func (u *union) until(what string, f func() error) {
	u.t.Helper()
	(&nation{t: u.t, log: &u.log}).until(what, f)
}

// harvests starts the gateway of a nation with these catalogue sources, as in its configuration.
func (u *union) harvests(sources ...string) {
	u.t.Helper()
	dir := filepath.Join(u.dir, u.country)
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
		u.t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		u.t.Fatal(err)
	}
	entity := "https://" + ln.Addr().String()
	pinned, err := json.Marshal(u.anchor.JWKS())
	if err != nil {
		u.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "anchor.jwks.json"), pinned, 0o600); err != nil {
		u.t.Fatal(err)
	}
	contact, body := u.keysOf(dir)
	u.enrol(entity, contact, ehds.MarkNCP, roles.StateGateway(u.country))
	u.enrol(HDABEntity(entity, "hdh"), body, ehds.MarkHDAB, roles.StateBody(u.country, "HDH"))
	cfg, err := config.Parse(filepath.Join(dir, "ehdsgw.yaml"), fmt.Appendf(nil, `
version: 1
entity: %s
country: %s
development: true
admin: {address: "127.0.0.1:0"}
listen: {address: "127.0.0.1:0", tls: {cert: %q, key: %q}}
trust: {ca_file: %q, anchors: [{entity: %q, jwks: anchor.jwks.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Hub}}]
central: {entity: %q}
catalogue: {sources: [%s]%s}
exchange: {retry: {first: 10ms, max: 1s, give_up: 336h}}
storage: {min_free: 1MiB}
`, entity, u.country, u.ca.CertFile(), u.ca.KeyFile(), u.ca.CAFile(), u.anchor.Entity(), u.centre.Entity(), strings.Join(sources, ", "), u.more), config.Options{})
	if err != nil {
		u.t.Fatal(err)
	}
	u.starts(cfg, ln)
}

// starts brings a gateway up, which is stopped with the test.
func (u *union) starts(cfg *config.Config, ln net.Listener) {
	u.t.Helper()
	g, err := New(Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: u.logger(), Listener: ln})
	if err != nil {
		u.t.Fatal(err)
	}
	if err := g.Start(u.t.Context()); err != nil {
		u.t.Fatalf("%v\n%s", err, &u.log)
	}
	u.gateway = g
	u.t.Cleanup(func() { (&nation{t: u.t, log: &u.log}).stop(g) })
	u.until("the gateway is ready", func() error { return g.Ready(u.t.Context()) })
}

// keysOf makes the gateway's keys, as init does, and gives those the anchor enrols.
func (u *union) keysOf(dir string) (contact, body forge.JWKS) {
	u.t.Helper()
	k, err := keys.Open(filepath.Join(dir, "data", "keys"), keys.Options{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		u.t.Fatal(err)
	}
	defer k.Close()
	if err := EnsureKeys(k, []string{"hdh"}); err != nil {
		u.t.Fatal(err)
	}
	public := func(owner string) forge.JWKS {
		set, err := k.Public(keys.Federation, owner)
		if err != nil {
			u.t.Fatal(err)
		}
		raw, err := json.Marshal(set)
		if err != nil {
			u.t.Fatal(err)
		}
		out, err := forge.ParseJWKS(raw)
		if err != nil {
			u.t.Fatal(err)
		}
		return out
	}
	return public(ownerNCP), public(ownerHDAB("hdh"))
}

// shown is a dataset of the European catalogue.
type shown struct {
	Nation     string `json:"nation"`
	Identifier string `json:"identifier"`
	Digest     string `json:"digest"`
}

// catalogue is what the centre shows.
func (u *union) catalogue() (list []shown) {
	u.t.Helper()
	resp, err := u.client().Get(u.centre.Entity() + "/catalogue")
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		u.t.Fatal(err)
	}
	return list
}

// shows waits until the centre shows just these datasets, as a digest by identifier.
func (u *union) shows(want map[string]string) {
	u.t.Helper()
	u.until(fmt.Sprintf("%d datasets are shown", len(want)), func() error {
		list := u.catalogue()
		for _, s := range list {
			if s.Nation != "FR" || want[s.Identifier] != s.Digest {
				return fmt.Errorf("the centre shows %+v, want %v", list, want)
			}
		}
		if len(list) != len(want) {
			return fmt.Errorf("the centre shows %+v, want %v", list, want)
		}
		return nil
	})
}

// publish makes a pass over a source.
func (u *union) publish(source string) publish.Report {
	u.t.Helper()
	r, err := u.gateway.publisher.Run(u.t.Context(), source, publish.Options{})
	if err != nil {
		u.t.Fatalf("%v\n%s", err, &u.log)
	}
	return r
}

// sharedSample reads a file of the shared samples, or skips the test.
func sharedSample(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{root, "catalogue", "samples"}, elem...)...))
	if err != nil {
		t.Skipf("the shared data is not here (EHDSGW_SHARED or ../shared/data beside the checkout): %v", err)
	}
	return string(raw)
}

// recordsOf reads the records of a document.
func recordsOf(t testing.TB, doc string) []catalogue.Record {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(doc), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := catalogue.Records(t.Context(), g, "")
	if err != nil {
		t.Fatal(err)
	}
	return list
}
