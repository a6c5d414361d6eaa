package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// list fetches a list of historical keys and proves it from itself.
func (n *nation) list(url string) *federation.Historical {
	n.t.Helper()
	resp, err := n.client().Get(url)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/jwk-set+jwt" {
		n.t.Fatalf("%s: %d %s %v", url, resp.StatusCode, raw, err)
	}
	h, err := federation.VerifyHistorical(string(raw), []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}})
	if err != nil {
		n.t.Fatal(err)
	}
	return h
}

// TestHistoricalKeysAreServed: what metadata points to is signed with federation keys, and tells of
// retired and revoked keys at once.
func TestHistoricalKeysAreServed(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	var gateway federation.GatewayMetadata
	var entity federation.FederationMetadata
	config := n.configuration()
	for kind, into := range map[string]any{federation.TypeGateway: &gateway, federation.TypeFederationEntity: &entity} {
		if err := json.Unmarshal(config.Metadata[kind], into); err != nil {
			t.Fatal(err)
		}
	}
	body, err := g.hdabMetadata(HDABEntity(n.entity, "hdh"), "hdh", "HDH", nil)
	if err != nil {
		t.Fatal(err)
	}
	hdab := body[federation.TypeHDAB].(federation.HDABMetadata)
	if h := n.list(gateway.HistoricalEndpoint); len(h.Keys) != 0 || h.Issuer != n.entity {
		t.Errorf("before anything happened: %+v", h)
	}
	from := n.now()
	permit, err := g.keys.Active(keys.Permit, "hdab-hdh")
	if err != nil {
		t.Fatal(err)
	}
	n.offset.Add(int64(time.Hour))
	n.keyCall("rotate", `{"purpose":"permit","when":"now"}`)
	exchange := n.exchangeKids()[0]
	n.keyCall("revoke", `{"kid":"`+exchange+`","reason":"compromised"}`)
	unused := n.keyCall("generate", `{"purpose":"federation","owner":"ncp"}`).Key.Kid
	n.keyCall("revoke", `{"kid":"`+unused+`","reason":"superseded"}`)

	h := n.list(hdab.HistoricalEndpoint)
	k, ok := h.Find(permit.Kid, federation.TypeHDAB)
	if len(h.Keys) != 1 || !ok || !k.Signed(from) || k.Signed(n.now().Add(time.Hour)) {
		t.Errorf("the permit key: %+v", h.Keys)
	}
	h = n.list(gateway.HistoricalEndpoint)
	k, ok = h.Find(exchange, federation.TypeGateway)
	if len(h.Keys) != 2 || !ok || k.Revoked == nil || k.Revoked.Reason != "compromised" || k.Signed(from) {
		t.Errorf("the exchange key: %+v", h.Keys)
	}
	h = n.list(entity.HistoricalEndpoint)
	if k, ok := h.Find(unused, ""); len(h.Keys) != 1 || !ok || k.Revoked == nil || !k.IssuedAt.Equal(k.Expires) {
		t.Errorf("federation keys alone: %+v", h.Keys)
	}
}

func TestHistoricalKeysWithoutAChain(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	n.start()
	resp, err := n.client().Get(n.entity + "/historical-keys")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// TestTenYearOldPermit: signed, its key retired, forgotten and no longer published, and proved by what
// the body serves eleven years on; until that key is revoked.
func TestTenYearOldPermit(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	entity, now := HDABEntity(n.entity, "hdh"), n.now()
	token, err := g.office.SignPermit(t.Context(), entity, ehds.PermitClaims{
		Iss: entity, Sub: "holder-1", Jti: "DP-FR-HDH-2027-0001-v1", Iat: now.Unix(), Nbf: now.Unix(), Exp: now.AddDate(12, 0, 0).Unix(),
		Permit: ehds.PermitDetail{Kind: ehds.KindDataPermit, Version: 1},
		Status: ehds.PermitStatus{StatusList: ehds.StatusRef{Idx: 7, URI: entity + "/status/2027"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	n.offset.Add(int64(time.Hour))
	old := n.keyCall("rotate", `{"purpose":"permit","when":"now"}`).Retired.Kid
	n.offset.Add(int64(11 * 366 * 24 * time.Hour))
	if !g.fetchMarks(t.Context()) {
		t.Fatal("no marks of that time")
	}
	g.renewStatements()
	g.keepKeys(t.Context())
	if set, err := g.keys.Public(keys.Permit, "hdab-hdh"); err != nil || len(set.Keys) != 1 || set.Keys[0].Kid == old {
		t.Fatalf("published: %v, %v", kidsOf(set), err)
	}
	judge := func() permits.Result {
		list, err := g.past.of(t.Context(), entity, false)
		if err != nil {
			t.Fatal(err)
		}
		return permits.Verify(token, permits.Options{
			Anchors: []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}},
			At:      n.now(), Historical: list, Status: n.statusOf(g, entity),
		})
	}
	if r := judge(); r.Verdict != permits.Valid {
		t.Errorf("%+v", r)
	}
	n.keyCall("revoke", `{"kid":"`+old+`","reason":"compromised"}`)
	if r := judge(); r.Reason != "key-revoked" || r.Verdict != permits.CannotTell {
		t.Errorf("%+v", r)
	}
}

// statusOf is a status list of the body in which nothing is revoked.
func (n *nation) statusOf(g *Gateway, entity string) string {
	n.t.Helper()
	list, err := statuslist.New(131072).Encode()
	if err != nil {
		n.t.Fatal(err)
	}
	i, err := g.bodyIndex(entity)
	if err != nil {
		n.t.Fatal(err)
	}
	body := g.permitBody(i)
	key, err := body.Key()
	if err != nil {
		n.t.Fatal(err)
	}
	chain, err := body.Chain(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	now := n.now().Unix()
	return trusttest.Sign(n.t, key, ehds.TypStatusList, statuslist.Token{
		Iss: entity, Sub: entity + "/status/2027", Iat: now, Exp: now + 3600, TTL: 300, StatusList: list,
	}, chain...)
}

// TestBundleHoldsHistoricalKeys: a bundle carries our own keys of the past, provable from the bundle.
func TestBundleHoldsHistoricalKeys(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	if status, receipt, body := n.deliver(strings.NewReader(n.submit("6a70b4d104db074a00fd9101"))); status != 200 || receipt != ehds.Received {
		t.Fatalf("%d %s", status, body)
	}
	old := n.keyCall("rotate", `{"purpose":"exchange","when":"now"}`).Retired.Kid
	raw, err := g.evidenceBundle(t.Context(), "app:6a70b4d104db074a00fd9101")
	if err != nil {
		t.Fatal(err)
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	h, err := federation.VerifyHistorical(b.HistoricalKeys[n.entity], []federation.Anchor{{Entity: n.server.URL + "/anchor", Keys: trusttest.KeySet(trusttest.Key("anchor"))}})
	if err != nil {
		t.Fatal(err)
	}
	if k, ok := h.Find(old, federation.TypeGateway); !ok || k.Revoked != nil {
		t.Errorf("the key the receipt was signed with: %+v", h.Keys)
	}
}
