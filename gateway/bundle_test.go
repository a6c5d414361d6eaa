package gateway

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// prove judges a bundle as an auditor would: with pinned keys and nothing else.
func (n *nation) prove(g *Gateway, b evidence.Bundle) evidence.Report {
	anchors := []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}}
	return evidence.VerifyBundle(n.t.Context(), b, evidence.TrustFile{
		Version: 1, Anchors: []evidence.TrustAnchor{{Entity: anchors[0].Entity, JWKS: n.json(anchors[0].Keys)}},
		Logs:      []evidence.TrustedLog{{Entity: n.entity, Origin: LogOrigin(n.entity), VKey: g.logKey.VKey}},
		Witnesses: []string{},
	}, &trust.Offline{Anchors: anchors, Chains: b.Chains, Historical: b.HistoricalKeys})
}

func (n *nation) bundle(caseID string) evidence.Bundle {
	n.t.Helper()
	var raw json.RawMessage
	if status, code := n.operator("/v1/evidence?case="+caseID, "", &raw); status != 200 {
		n.t.Fatalf("%d %s", status, code)
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		n.t.Fatal(err)
	}
	return b
}

// running is a gateway with one application on record.
func (n *nation) running() *Gateway {
	n.t.Helper()
	g := n.start()
	n.ready(g)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("A1"))); status != 200 || receipt != ehds.Received {
		n.t.Fatalf("%d %s %s", status, receipt, body)
	}
	return g
}

// shows R15.4.1-6
func TestBundleProvesItsCase(t *testing.T) {
	n := newNation(t)
	g := n.running()
	b := n.bundle("app:A1")
	r := n.prove(g, b)
	if !r.OK || r.Counts.Entries == 0 || r.Counts.Signatures == 0 {
		t.Errorf("%+v", r)
	}
	if len(b.Checkpoints) != 1 || b.Case != "app:A1" || b.Entity != n.entity || len(b.Chains) != 2 {
		t.Errorf("%+v", b)
	}
	b.Entries[0].Token = strings.Replace(b.Entries[0].Token, ".", ".e", 1)
	if r := n.prove(g, b); r.Verdict != evidence.Invalid {
		t.Errorf("a bundle with a changed token is %s", r.Verdict)
	}
}

// With the anchor and the peer away what is still known serves; a gateway that knows nothing yet says
// so instead of handing out a bundle that proves nothing.
func TestBundleWhileNobodyAnswers(t *testing.T) {
	n := newNation(t)
	g := n.running()
	want := n.bundle("app:A1")
	n.away.Store(true)
	n.offset.Add(int64(10 * 60 * 1e9)) // what is known is no longer fresh
	got := n.bundle("app:A1")
	if r := n.prove(g, got); !r.OK {
		t.Errorf("while nobody answers: %+v", r)
	}
	if centre := n.server.URL + "/centre"; strings.Join(got.Chains[centre], " ") != strings.Join(want.Chains[centre], " ") {
		t.Error("another chain of the centre than the one known")
	}
	n.stop(g)
	n.port()
	g = n.start()
	if status, code := n.operator("/v1/evidence?case=app:A1", "", nil); status != 503 || code != "chain-unavailable" {
		t.Errorf("after a restart without the anchor: %d %s", status, code)
	}
	if _, err := g.resolver.Resolve(t.Context(), n.server.URL+"/centre", nil); err == nil {
		t.Error("an absent centre was resolved")
	}
	n.away.Store(false) // a moment after a failure that is remembered
	if r := n.prove(g, n.bundle("app:A1")); !r.OK {
		t.Errorf("with the anchor back: %+v", r)
	}
}

// Every proof of a bundle is under its one checkpoint, whatever is appended while it is made.
func TestBundleIsConsistentWhileTheLogGrows(t *testing.T) {
	n := newNation(t)
	g := n.running()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			_, err := g.record.Update(t.Context(), "app:OTHER", func(store.State) (store.Change, error) {
				return store.Change{Leaves: []store.NewLeaf{{Class: evidence.ClassDecision, Material: []byte("m")}}}, nil
			})
			if err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 10 {
		b := n.bundle("app:A1")
		for _, e := range b.Entries {
			p, err := evidence.ParseProof([]byte(e.Proof))
			if err != nil || string(p.Checkpoint) != b.Checkpoints[0] {
				t.Fatalf("a proof under another checkpoint: %v", err)
			}
		}
		if r := n.prove(g, b); !r.OK {
			t.Fatalf("%+v", r)
		}
	}
	close(stop)
	wg.Wait()
}

func TestBundleIsBounded(t *testing.T) {
	half := store.Evidence{Material: make([]byte, maxBundleTokens/2)}
	for name, c := range map[string]struct {
		leaves []store.Evidence
		want   bool
	}{
		"as many as allowed":  {make([]store.Evidence, maxBundleLeaves), false},
		"one more":            {make([]store.Evidence, maxBundleLeaves+1), true},
		"as large as allowed": {[]store.Evidence{half, half}, false},
		"one byte more":       {[]store.Evidence{half, half, {Material: []byte("m")}}, true},
	} {
		if got := tooMany(c.leaves); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		class evidence.Class
		ours  bool
		want  string
	}{
		{evidence.ClassIn, false, evidence.DirectionIn}, {evidence.ClassReceipt, false, evidence.DirectionIn},
		{evidence.ClassRefused, false, evidence.DirectionIn}, {evidence.ClassOut, true, evidence.DirectionOut},
		{evidence.ClassResponse, true, evidence.DirectionOut}, {evidence.ClassResponse, false, evidence.DirectionIn},
		{evidence.ClassDecision, false, evidence.DirectionLocal},
	} {
		if got := direction(c.class, c.ours); got != c.want {
			t.Errorf("%s (%t): %s, want %s", c.class, c.ours, got, c.want)
		}
	}
}

// The newest chain an issuer brought counts, and a stream of issuers is bounded.
func TestIssuersOfABundle(t *testing.T) {
	i := newIssuers()
	i.add(signed{})
	i.add(signed{issuer: "a", iat: 9})
	i.add(signed{issuer: "a", iat: 5, chain: []string{"old"}})
	i.add(signed{issuer: "a", iat: 7, chain: []string{"new"}})
	i.add(signed{issuer: "a", iat: 6, chain: []string{"older"}})
	i.add(signed{issuer: "a", iat: 8})
	if len(i.order) != 1 || strings.Join(i.newest["a"].chain, "") != "new" {
		t.Errorf("%+v", i)
	}
	for k := range 2 * maxBundleChains {
		i.add(signed{issuer: strings.Repeat("x", k+1)})
	}
	if len(i.order) != maxBundleChains || len(i.newest) != maxBundleChains {
		t.Errorf("%d issuers", len(i.order))
	}
}

func TestReadSigned(t *testing.T) {
	token := func(typ string, claims any, chain ...string) store.Evidence {
		return store.Evidence{Class: evidence.ClassReceipt, Material: []byte(trusttest.Sign(t, trusttest.Key("k"), typ, claims, chain...))}
	}
	digest := sha("token")
	s := readSigned(token(ehds.TypReceipt, ehds.Receipt{Iss: "https://a", Iat: 5, TokenSHA256: digest}, "c1", "c2"))
	if s.issuer != "https://a" || s.iat != 5 || s.acknowledges != digest || len(s.chain) != 2 {
		t.Errorf("%+v", s)
	}
	for name, l := range map[string]store.Evidence{
		"no token": {Class: evidence.ClassReceipt, Material: []byte("{}")},
		"empty":    {Class: evidence.ClassReceipt},
		"a permit": token(ehds.TypPermit, map[string]any{"iss": "https://a"}),
	} {
		if s := readSigned(l); s.issuer != "" || s.acknowledges != "" || s.chain != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
