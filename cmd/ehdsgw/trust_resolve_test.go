package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	roletrust "github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// chainFixtures adds chains of the body https://ncp.fr.test/hdab/hdh: one with policies, and some that
// are refused.
func chainFixtures(t *testing.T, fr, hdab *trusttest.Entity, out map[string][]byte) {
	t.Helper()
	out["chain-plain.json"] = marshal(t, hdab.Chain())
	one := 1
	anchorSays := func(policy string) func(*federation.Claims) {
		return func(c *federation.Claims) {
			c.MetadataPolicy = json.RawMessage(policy)
			c.Constraints = &federation.Constraints{
				MaxPathLength: &one, NamingConstraints: &federation.NamingConstraints{Permitted: []string{".fr.test"}, Excluded: []string{}},
				AllowedEntityTypes: []string{federation.TypeGateway, federation.TypeHDAB},
			}
		}
	}
	hdab.EditStatement(func(c *federation.Claims) {
		c.MetadataPolicy = json.RawMessage(`{"ehds_hdab":{"contacts":{"add":["desk@ncp.fr.test"]}}}`)
	})
	fr.EditStatement(anchorSays(`{"ehds_hdab":{"contacts":{"add":["help@anchor.test"]},"country":{"one_of":["FR","FI"]}}}`))
	out["chain.json"] = marshal(t, hdab.Chain())
	fr.EditStatement(anchorSays(`{"ehds_hdab":{"country":{"one_of":["FI"]}}}`))
	out["chain-refused.json"] = marshal(t, hdab.Chain())
	fr.EditStatement(func(c *federation.Claims) { c.Constraints = &federation.Constraints{AllowedEntityTypes: []string{}} })
	out["chain-types.json"] = marshal(t, hdab.Chain())
	fr.EditStatement(func(c *federation.Claims) { c.Crit = []string{"something"} })
	out["chain-crit.json"] = marshal(t, hdab.Chain())
	fr.EditStatement(nil)
	flipped := hdab.Chain()
	at := len(flipped[1]) - 10
	flipped[1] = flipped[1][:at] + string(other(flipped[1][at])) + flipped[1][at+1:]
	out["chain-flipped.json"] = marshal(t, flipped)
	hdab.EditStatement(nil)
}

// loopback is a federation on this machine: an anchor of the conformance roles, and a contact point
// with a body served by the product.
type loopback struct {
	anchor    *roletrust.Anchor
	ncp, body string
	head      *federation.Self
	args      []string // flags to trust it and to reach it
}

func newLoopback(t *testing.T, policy string) *loopback {
	t.Helper()
	mux := http.NewServeMux()
	srv := httptest.NewTLSServer(mux)
	t.Cleanup(srv.Close)
	l := &loopback{ncp: srv.URL + "/ncp", body: srv.URL + "/ncp/hdab/hdh"}
	var err error
	if l.anchor, err = roletrust.New(roletrust.Options{Entity: srv.URL + "/anchor", Dir: filepath.Join(t.TempDir(), "anchor"), Clock: time.Now, Rand: rand.Reader}); err != nil {
		t.Fatal(err)
	}
	mux.Handle("/anchor/", l.anchor.Handler())
	ncp, hdab := newFederationKeys(t), newFederationKeys(t)
	err = l.anchor.Enroll(l.ncp, forged(t, ncp), []string{"ncp"}, roletrust.EnrollOptions{
		Metadata: roles.StateGateway("FR"), MetadataPolicy: json.RawMessage(policy),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.head = federation.NewSelf(federation.SelfOptions{
		Entity: l.ncp, Hints: []string{l.anchor.Entity()}, Keys: ncp, Clock: time.Now, Marks: l.marks(t, srv.Client()),
		Metadata: func() (map[string]any, error) {
			return map[string]any{
				federation.TypeFederationEntity: federation.EndpointsOf(l.ncp, "Contact point"),
				federation.TypeGateway:          map[string]any{"country": "FR", "jwks": trusttest.KeySet(trusttest.Key("x")), "profiles": []string{"hdeu-r6", "hdeu-r9"}},
			}, nil
		},
	})
	house := &federation.House{Head: l.head, Bodies: []*federation.Self{federation.NewSelf(federation.SelfOptions{
		Entity: l.body, Hints: []string{l.ncp}, Keys: hdab, Clock: time.Now,
		Metadata: func() (map[string]any, error) {
			return map[string]any{federation.TypeHDAB: map[string]any{"country": "FR", "hdab_code": "HDH", "jwks": trusttest.KeySet(trusttest.Key("y"))}}, nil
		},
	})}}
	if err := house.Register(mux); err != nil {
		t.Fatal(err)
	}
	l.args = trustFlags(t, srv, l.anchor)
	return l
}

// trustFlags write the trust file and the certificate authority of a loopback federation.
func trustFlags(t *testing.T, srv *httptest.Server, a *roletrust.Anchor) []string {
	t.Helper()
	dir := t.TempDir()
	file, ca := filepath.Join(dir, "trust.json"), filepath.Join(dir, "ca.pem")
	write(t, file, marshal(t, evidence.TrustFile{
		Version: 1, Anchors: []evidence.TrustAnchor{{Entity: a.Entity(), JWKS: marshal(t, a.JWKS())}}, Logs: []evidence.TrustedLog{}, Witnesses: []string{},
	}))
	write(t, ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	return []string{"--trust", file, "--ca-file", ca, "--allow-network", "127.0.0.0/8"}
}

// marks fetches the contact point's mark from the anchor, as a hub does.
func (l *loopback) marks(t *testing.T, hc *http.Client) func() []federation.MarkEntry {
	t.Helper()
	return func() []federation.MarkEntry {
		name := federation.MarkType(l.anchor.Entity(), "ncp")
		resp, err := hc.Get(l.anchor.Entity() + "/federation/trust-mark?" + url.Values{"trust_mark_type": {name}, "sub": {l.ncp}}.Encode())
		if err != nil {
			return nil
		}
		defer resp.Body.Close()
		token, err := io.ReadAll(resp.Body)
		if err != nil {
			return nil
		}
		return []federation.MarkEntry{{Type: name, Token: strings.TrimSpace(string(token))}}
	}
}

// federationKeys is one key that signs statements.
type federationKeys struct{ key jose.SigningKey }

func newFederationKeys(t *testing.T) federationKeys {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k, err := jose.NewSigningKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return federationKeys{k}
}

// Signing gives the key.
func (k federationKeys) Signing() (jose.SigningKey, error) { return k.key, nil }

// Public publishes it.
func (k federationKeys) Public() (jose.KeySet, error) { return trusttest.KeySet(k.key), nil }

// forged is a key set as the conformance roles have it.
func forged(t *testing.T, k federationKeys) forge.JWKS {
	t.Helper()
	var out forge.JWKS
	if err := json.Unmarshal(marshal(t, trusttest.KeySet(k.key)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (l *loopback) resolve(t *testing.T, entity string, more ...string) (code int, stdout, stderr string) {
	t.Helper()
	return call(t.Context(), append(append([]string{"trust", "resolve", entity}, l.args...), more...)...)
}

const loopbackPolicy = `{"ehds_gateway":{"profiles":{"subset_of":["hdeu-r6"]},"contacts":{"default":["help@anchor.test"]}}}`

func TestTrustResolveOverTheNetwork(t *testing.T) {
	l := newLoopback(t, loopbackPolicy)
	code, stdout, stderr := l.resolve(t, l.ncp, "--output", "json")
	if code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, stdout, stderr)
	}
	var v chainView
	if err := json.Unmarshal([]byte(stdout), &v); err != nil {
		t.Fatal(err)
	}
	if v.Entity != l.ncp || v.Anchor != l.anchor.Entity() || len(v.Chain) != 3 || len(v.Effects) != 2 || len(v.Marks) != 1 {
		t.Fatalf("%+v", v)
	}
	if m := v.Marks[0]; m.Name != "ncp" || m.Status != federation.MarkActive || !m.Asked {
		t.Errorf("mark %+v", m)
	}
	if got := string(v.Metadata[federation.TypeGateway]); !strings.Contains(strings.Join(strings.Fields(got), ""), `"profiles":["hdeu-r6"]`) {
		t.Errorf("metadata %s", got)
	}
	// A body stands one step further down, under the same roof, and the tree says so.
	code, stdout, stderr = l.resolve(t, l.body)
	want := []string{"verdict  holds", l.body + "\n", "└─ " + l.ncp + "\n", "   └─ " + l.anchor.Entity() + "\n", "says of " + l.body, "anchor, pinned keys", "policy on ehds_gateway.contacts, ehds_gateway.profiles"}
	for _, text := range want {
		if code != exitOK || !strings.Contains(stdout, text) {
			t.Errorf("exit %d, no %q in\n%s%s", code, text, stdout, stderr)
		}
	}
}

func TestTrustResolveTellsWhatTheAnchorThinksNow(t *testing.T) {
	l := newLoopback(t, "")
	if err := l.anchor.Suspend(l.ncp); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := l.resolve(t, l.ncp); code != exitOK || !strings.Contains(stdout, "mark ncp suspended") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	if err := l.anchor.Revoke(l.ncp); err != nil {
		t.Fatal(err)
	}
	code, stdout, _ := l.resolve(t, l.ncp, "--output", "json")
	var r refusal
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitNegative || r.Rule != "chain" {
		t.Errorf("exit %d, %v\n%s", code, err, stdout)
	}
}

func TestTrustResolveIsRefusedOverTheNetwork(t *testing.T) {
	l := newLoopback(t, `{"ehds_gateway":{"profiles":{"superset_of":["hdeu-r8"]}}}`)
	other := newLoopback(t, "")
	for name, c := range map[string]struct {
		args []string
		code int
		rule string
	}{
		"a policy":         {append([]string{l.ncp}, l.args...), exitNegative, "invalid-metadata"},
		"another's anchor": {append([]string{l.ncp}, other.args...), exitNegative, "resolve-hints"},
		"nobody there":     {append([]string{l.ncp + "/nobody"}, l.args...), exitCannotTell, "fetch-status"},
		"an anchor":        {append([]string{l.anchor.Entity()}, l.args...), exitNegative, "chain"},
	} {
		code, stdout, stderr := call(t.Context(), append([]string{"trust", "resolve", "--output", "json"}, c.args...)...)
		var r refusal
		if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != c.code || r.Rule != c.rule {
			t.Errorf("%s: exit %d, rule %q, %v\n%s%s", name, code, r.Rule, err, stdout, stderr)
		}
	}
	for entity, args := range map[string][]string{"http://ncp.test": l.args, l.ncp: l.args[:4]} {
		code, stdout, stderr := call(t.Context(), append([]string{"trust", "resolve", entity}, args...)...)
		if code != exitUsage || stdout != "" || !strings.Contains(stderr, "an entity is an https URL on a public address") {
			t.Errorf("%s: exit %d, %s", entity, code, stderr)
		}
	}
}

func TestTrustResolveInDevelopmentReachesThisMachine(t *testing.T) {
	l := newLoopback(t, "")
	args := l.args[:4] // no --allow-network
	if code, stdout, _ := call(t.Context(), append([]string{"trust", "resolve", l.ncp, "--development"}, args...)...); code != exitOK {
		t.Errorf("exit %d\n%s", code, stdout)
	}
	code, stdout, _ := call(t.Context(), append([]string{"trust", "resolve", "http://127.0.0.1:1/ncp", "--development", "--output", "json"}, args...)...)
	if code != exitCannotTell || !strings.Contains(stdout, "fetch-connect") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestTrustResolveTakesItsAnchorsFromTheConfiguration(t *testing.T) {
	file, _ := hub(t)
	code, stdout, stderr := call(t.Context(), "trust", "resolve", "https://localhost:1/ncp", "-c", file, "--output", "json")
	var r refusal
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || code != exitCannotTell || r.Rule != "fetch-connect" {
		t.Errorf("exit %d, %v\n%s%s", code, err, stdout, stderr)
	}
}
