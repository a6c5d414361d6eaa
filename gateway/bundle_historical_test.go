package gateway

import (
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// namesPast makes the centre say where its historical keys are.
func (n *nation) namesPast(endpoint string) {
	n.centre = n.centreThatSays(federation.GatewayMetadata{
		ExchangeEndpoint: n.server.URL + "/centre/exchange", Keys: trusttest.KeySet(trusttest.Key("centre exchange")), Country: "EU",
		Profiles: []string{ehds.ProfileR8}, SigningAlgs: []string{"Ed25519"}, HistoricalEndpoint: endpoint,
	})
}

// TestBundleHasPeersHistoricalKeys: what a peer says of its own keys travels in the bundle, as it signed
// it, and an auditor far away weighs it. A list that the peer did not sign does not.
func TestBundleHasPeersHistoricalKeys(t *testing.T) {
	n := newNation(t)
	centre := n.server.URL + "/centre"
	n.namesPast(centre + "/historical-keys")
	g := n.running()
	chain := n.bundle("app:A1").Chains[centre]
	public, err := trusttest.Key("centre exchange").Public()
	if err != nil {
		t.Fatal(err)
	}
	now := n.now()
	list := func(signer jose.SigningKey, issuer string, keys ...federation.HistoricalKey) *string {
		token, err := federation.SignHistorical(signer, federation.Historical{Issuer: issuer, IssuedAt: now, Keys: keys}, chain)
		if err != nil {
			t.Fatal(err)
		}
		return &token
	}
	revoked := federation.HistoricalKey{
		Key: public, EntityType: federation.TypeGateway, IssuedAt: now.Add(-time.Hour), Expires: now.Add(time.Hour),
		Revoked: &federation.Revocation{At: now.Add(time.Minute), Reason: "compromised"},
	}
	own := trusttest.Key("centre")
	for name, tt := range map[string]struct {
		served *string
		kept   bool
		want   evidence.Verdict
	}{
		"nothing is served":                {nil, false, evidence.Valid},
		"no key is gone":                   {list(own, centre), true, evidence.Valid},
		"its exchange key was revoked":     {list(own, centre, revoked), true, evidence.CannotTell},
		"signed by a key of another":       {list(trusttest.Key("stranger"), centre, revoked), false, evidence.Valid},
		"signed by its exchange key":       {list(trusttest.Key("centre exchange"), centre, revoked), false, evidence.Valid},
		"the list of another entity":       {list(own, n.server.URL+"/region", revoked), false, evidence.Valid},
		"a permit's body key, not its own": {list(own, centre, federation.HistoricalKey{Key: public, EntityType: federation.TypeHDAB, IssuedAt: now, Expires: now, Revoked: revoked.Revoked}), true, evidence.Valid},
	} {
		n.past.Store(tt.served)
		b := n.bundle("app:A1")
		got, kept := b.HistoricalKeys[centre]
		if kept != tt.kept || kept && got != *tt.served {
			t.Errorf("%s: kept %t, want %t", name, kept, tt.kept)
		}
		if b.HistoricalKeys[n.entity] == "" {
			t.Errorf("%s: our own list is missing", name)
		}
		r := n.prove(g, b)
		if r.Verdict != tt.want {
			t.Errorf("%s: %+v", name, r)
		}
		if tt.want == evidence.CannotTell && (len(r.Findings) == 0 || r.Findings[0].Code != "key-revoked") {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
	if got := strings.Count(n.log.String(), "a bundle lacks the historical keys of an issuer"); got < 4 {
		t.Errorf("operators were told %d times", got)
	}
}

// TestBundleOfAPeerThatNamesAnotherHost: nobody's metadata send us to a host that is not its own.
func TestBundleOfAPeerThatNamesAnotherHost(t *testing.T) {
	n := newNation(t)
	centre := n.server.URL + "/centre"
	// The same server under another name: a request would be answered.
	n.namesPast(strings.Replace(centre, "127.0.0.1", "localhost", 1) + "/historical-keys")
	g := n.running()
	list, err := federation.SignHistorical(trusttest.Key("centre"), federation.Historical{Issuer: centre, IssuedAt: n.now()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	n.past.Store(&list)
	b := n.bundle("app:A1")
	if _, kept := b.HistoricalKeys[centre]; kept || !n.prove(g, b).OK {
		t.Errorf("kept %t", kept)
	}
	if !strings.Contains(n.log.String(), "names an endpoint on another host") {
		t.Error("operators were not told why")
	}
}
