package gateway

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/federation/superior"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// country is a federation of real servers on loopback: an anchor, the intermediate of a national contact
// point, and regional gateways below that, each with its own listener and certificate.
type country struct {
	t        *testing.T
	dir      string
	ca       *pki.CA
	log      journal
	anchor   vouching
	contact  vouching // the national contact point's intermediate
	gateways []*regional
}

// vouching is a superior that serves.
type vouching struct {
	entity string
	server *http.Server
	reg    *superior.Registry
	says   *superior.Superior
}

// regional is a gateway below the national contact point.
type regional struct {
	*Gateway
	entity string
	bodies []string
	issued map[string]permitFiles // by body
}

// permitFiles are what the holder of a permit keeps.
type permitFiles struct{ permit, status string }

func newCountry(t *testing.T) *country {
	t.Helper()
	c := &country{t: t, dir: t.TempDir()}
	var err error
	if c.ca, err = pki.DevelopmentCA(filepath.Join(c.dir, "pki"), pki.Options{Clock: time.Now, Rand: rand.Reader, Names: []string{"127.0.0.1"}}); err != nil {
		t.Fatal(err)
	}
	c.anchor = c.superior("anchor")
	c.contact = c.superior("contact", c.anchor.entity)
	two := 2 // the contact point and a gateway stand between the anchor and a body
	c.enrol(c.anchor, superior.Subordinate{
		Entity: c.contact.entity, Intermediate: true, Country: "FR", Keys: c.keysOf("contact"), Issues: []string{c.markType("ncp"), c.markType("hdab")},
		Constraints: &federation.Constraints{MaxPathLength: &two, AllowedEntityTypes: []string{federation.TypeGateway, federation.TypeHDAB}},
		Policy:      []byte(`{"ehds_gateway": {"country": {"one_of": ["FR"]}}, "ehds_hdab": {"country": {"one_of": ["FR"]}}}`),
	})
	return c
}

func (c *country) keysOf(name string) jose.KeySet {
	set, err := regionKeys{testKeys(name)}.Public()
	if err != nil {
		c.t.Fatal(err)
	}
	return set
}

func (c *country) markType(name string) string { return federation.MarkType(c.anchor.entity, name) }

func (c *country) anchors() []federation.Anchor {
	return []federation.Anchor{{Entity: c.anchor.entity, Keys: c.keysOf("anchor")}}
}

func (c *country) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&c.log, nil)) }

// client trusts the one authority of everybody's certificates.
func (c *country) client() *http.Client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.ca.Pool(), MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

func (c *country) listen() net.Listener {
	c.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.t.Fatal(err)
	}
	return ln
}

// superior serves an anchor, or an intermediate under it.
func (c *country) superior(name string, above ...string) vouching {
	c.t.Helper()
	ln := c.listen()
	v := vouching{entity: "https://" + ln.Addr().String()}
	var err error
	if v.reg, err = superior.OpenRegistry(filepath.Join(c.dir, name), v.entity, above, time.Now); err != nil {
		c.t.Fatal(err)
	}
	o := superior.Options{
		Entity: v.entity, Registry: v.reg, Keys: regionKeys{testKeys(name)}, Superiors: above, Clock: time.Now, Logger: c.logger(),
	}
	if len(above) > 0 {
		o.Anchors = c.anchors()
	}
	o.Resolver = federation.NewResolver(federation.Options{Anchors: o.Anchors, HTTP: c.client(), Clock: time.Now, Logger: c.logger()})
	v.says = superior.New(o)
	h, err := v.says.Handler()
	if err != nil {
		c.t.Fatal(err)
	}
	files, err := pki.NewReloader(pki.Files{Cert: c.ca.CertFile(), Key: c.ca.KeyFile(), Clock: time.Now})
	if err != nil {
		c.t.Fatal(err)
	}
	v.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go func() { _ = v.server.Serve(tls.NewListener(ln, files.ServerConfig())) }() // ends with the test
	c.t.Cleanup(func() { _ = v.server.Close() })
	return v
}

func (c *country) enrol(v vouching, s superior.Subordinate) {
	c.t.Helper()
	if err := v.says.Enrol(s, false); err != nil {
		c.t.Fatal(err)
	}
}

// gateway starts a regional gateway with bodies, and enrols it and them at the contact point.
func (c *country) gateway(name string, bodies ...string) {
	c.t.Helper()
	ln := c.listen()
	r := &regional{entity: "https://" + ln.Addr().String(), issued: map[string]permitFiles{}}
	var hdabs []string
	for _, b := range bodies {
		r.bodies = append(r.bodies, HDABEntity(r.entity, b))
		hdabs = append(hdabs, fmt.Sprintf("{id: %s, code: %s, name: {en: %s}}", b, strings.ToUpper(b), b))
	}
	dir := filepath.Join(c.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		c.t.Fatal(err)
	}
	pinned, err := json.Marshal(c.keysOf("anchor"))
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "anchor.jwks.json"), pinned, 0o600); err != nil {
		c.t.Fatal(err)
	}
	cfg, err := config.Parse(filepath.Join(dir, "ehdsgw.yaml"), fmt.Appendf(nil, `
version: 1
entity: %s
country: FR
development: true
admin: {address: "127.0.0.1:0"}
listen: {address: "127.0.0.1:0", tls: {cert: %q, key: %q}}
trust: {ca_file: %q, anchors: [{entity: %q, jwks: anchor.jwks.json}], superiors: [%q]}
hdabs: [%s]
central: {entity: "https://127.0.0.1:9/centre"}
storage: {min_free: 1MiB}
`, r.entity, c.ca.CertFile(), c.ca.KeyFile(), c.ca.CAFile(), c.anchor.entity, c.contact.entity, strings.Join(hdabs, ", ")), config.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	if r.Gateway, err = New(Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: c.logger(), Listener: ln}); err != nil {
		c.t.Fatal(err)
	}
	if err := r.Start(c.t.Context()); err != nil {
		c.t.Fatalf("%v\n%s", err, &c.log)
	}
	c.t.Cleanup(func() { c.stop(r) })
	public, err := r.keys.Public(keys.Federation, ownerNCP)
	if err != nil {
		c.t.Fatal(err)
	}
	c.enrol(c.contact, superior.Subordinate{
		Entity: r.entity, Types: []string{federation.TypeGateway}, Intermediate: true, Country: "FR", Keys: public, Marks: c.marks("ncp"),
	})
	for _, b := range r.bodies {
		c.enrol(c.contact, superior.Subordinate{Entity: b, MarksOnly: true, Types: []string{federation.TypeHDAB}, Marks: c.marks("hdab")})
	}
	c.gateways = append(c.gateways, r)
	n := &nation{t: c.t, log: &c.log}
	n.ready(r.Gateway)
}

func (c *country) marks(name string) map[string]time.Time {
	return map[string]time.Time{c.markType(name): {}}
}

func (c *country) stop(r *regional) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		c.t.Errorf("Stop: %v\n%s", err, &c.log)
	}
}

// issue makes a permit of every body of a gateway, puts it on record, and fetches its status list as
// anybody may.
func (c *country) issue(r *regional) {
	c.t.Helper()
	now := time.Now()
	for i, body := range r.bodies {
		uri := fmt.Sprintf("%s/status/%d", body, now.UTC().Year())
		claims := ehds.PermitClaims{
			Iss: body, Sub: "holder-1", Jti: fmt.Sprintf("DP-FR-%s-%d-0001-v1", r.cfg.HDABs[i].Code, now.UTC().Year()),
			Iat: now.Unix(), Nbf: now.Unix(), Exp: now.AddDate(1, 0, 0).Unix(),
			Permit: ehds.PermitDetail{Kind: ehds.KindDataPermit, Version: 1}, Status: ehds.PermitStatus{StatusList: ehds.StatusRef{Idx: int64(7 + i), URI: uri}},
		}
		token, err := r.office.SignPermit(c.t.Context(), body, claims)
		if err != nil {
			c.t.Fatalf("%v\n%s", err, &c.log)
		}
		write := store.PermitWrite{ID: claims.Jti, Token: token, List: uri, Index: int64(7 + i)}
		if _, err := r.record.Update(c.t.Context(), fmt.Sprintf("app:A%d", i), func(store.State) (store.Change, error) {
			return store.Change{Doc: []byte(`{}`), Permits: []store.PermitWrite{write}}, nil
		}); err != nil {
			c.t.Fatal(err)
		}
		resp, err := c.client().Get(uri)
		if err != nil {
			c.t.Fatal(err)
		}
		list, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			c.t.Fatalf("%s: %d %v %s", uri, resp.StatusCode, err, list)
		}
		r.issued[body] = permitFiles{token, string(list)}
	}
}

// TestNationalFederation: an anchor, the intermediate of a national contact point, two regional gateways,
// one of them with two bodies. Each gateway finds the others, and the others' bodies, up to the anchor it
// has pinned; the permits of all bodies are proved from files when no server runs any more.
func TestNationalFederation(t *testing.T) {
	t.Parallel()
	c := newCountry(t)
	c.gateway("north", "hdh", "ars")
	c.gateway("south", "sud")
	for _, r := range c.gateways {
		for _, other := range c.gateways {
			if other != r {
				c.meet(r, other)
			}
		}
		c.issue(r)
	}
	c.withdraw(c.gateways[0], c.gateways[1])
	for _, r := range c.gateways {
		c.stop(r)
	}
	for _, v := range []vouching{c.contact, c.anchor} {
		if err := v.server.Close(); err != nil {
			t.Fatal(err)
		}
	}
	c.proveOffline()
}

// meet: a gateway's own resolver finds another gateway and its bodies over the wire, and takes the chain
// that the other brings in its headers.
func (c *country) meet(r, other *regional) {
	c.t.Helper()
	type expected struct {
		entity, mark string
		statements   int
	}
	wants := []expected{{other.entity, "ncp", 4}}
	for _, b := range other.bodies {
		wants = append(wants, expected{b, "hdab", 5})
	}
	for i, want := range wants {
		found, err := r.resolver.Discover(c.t.Context(), want.entity)
		if err != nil {
			c.t.Fatalf("%s looks for %s: %v\n%s", r.entity, want.entity, err, &c.log)
		}
		chain := found.Entity.Chain
		if i == 0 {
			if chain, err = other.chainOfHead(c.t.Context()); err != nil {
				c.t.Fatal(err)
			}
		}
		brought, err := r.resolver.Resolve(c.t.Context(), want.entity, chain)
		if err != nil {
			c.t.Fatalf("%s is shown the chain of %s: %v\n%s", r.entity, want.entity, err, &c.log)
		}
		for how, e := range map[string]*federation.Entity{"found": found.Entity, "brought": brought} {
			if e.ID != want.entity || e.Anchor != c.anchor.entity || len(e.Chain) != want.statements {
				c.t.Errorf("%s, %s: %s under %s, %d statements", want.entity, how, e.ID, e.Anchor, len(e.Chain))
			}
			if len(e.Marks) != 1 || e.Marks[0].Name != want.mark || e.Marks[0].Status != federation.MarkActive || e.Marks[0].Issuer != c.contact.entity {
				c.t.Errorf("%s, %s: marks %+v", want.entity, how, e.Marks)
			}
		}
	}
}

// withdraw: the contact point vouches for a gateway no longer. Another that asks does not find it any
// more; one that stays is found.
func (c *country) withdraw(gone, stays *regional) {
	c.t.Helper()
	if _, err := c.contact.reg.Move(gone.entity, superior.Withdrawn); err != nil {
		c.t.Fatal(err)
	}
	outsider := federation.NewResolver(federation.Options{Anchors: c.anchors(), HTTP: c.client(), Clock: time.Now, Logger: c.logger()})
	for _, entity := range append([]string{gone.entity}, gone.bodies...) {
		if _, err := outsider.Discover(c.t.Context(), entity); federation.Rule(err) != "chain" {
			c.t.Errorf("%s after its withdrawal: %v", entity, err)
		}
	}
	if _, err := outsider.Discover(c.t.Context(), stays.entity); err != nil {
		c.t.Errorf("%s: %v", stays.entity, err)
	}
}

// proveOffline judges every permit from files and the pinned keys. No permit is another body's, and none
// holds under other keys in the anchor's name.
func (c *country) proveOffline() {
	c.t.Helper()
	proved := 0
	for _, r := range c.gateways {
		for body, files := range r.issued {
			o := permits.Options{Anchors: c.anchors(), Status: files.status, At: time.Now()}
			v := permits.Verify(files.permit, o)
			if v.Verdict != permits.Valid || v.Issuer != body || v.Anchor != c.anchor.entity {
				c.t.Errorf("%s: %s %s %s, by %s under %s", body, v.Verdict, v.Reason, v.Detail, v.Issuer, v.Anchor)
			}
			proved++
			o.Anchors = []federation.Anchor{{Entity: c.anchor.entity, Keys: trusttest.KeySet(trusttest.Key("contact"))}}
			if v := permits.Verify(files.permit, o); v.Verdict != permits.Invalid || v.Reason != "not-proved" {
				c.t.Errorf("%s under other keys: %s %s", body, v.Verdict, v.Reason)
			}
			o.Anchors = c.anchors()
			for other, theirs := range r.issued {
				if o.Status = theirs.status; other != body && permits.Verify(files.permit, o).Reason != "status-of-another-list" {
					c.t.Errorf("%s is judged by the list of %s", body, other)
				}
			}
		}
	}
	if proved != 3 {
		c.t.Errorf("%d permits proved", proved)
	}
}
