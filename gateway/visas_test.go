package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TestVisasOfARecordedPermit: minted over the operator socket, read by an environment with the keys
// published at jku, and no more once the permit is revoked.
// shows R13.0.1
func TestVisasOfARecordedPermit(t *testing.T) {
	n := newNation(t)
	g := n.start()
	hdab := HDABEntity(n.entity, "hdh")
	published := func() jose.KeySet {
		resp, err := n.client().Get(permits.VisaKeys(hdab))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/jwk-set+json" || len(resp.Cookies()) != 0 {
			t.Fatalf("%d %s %v", resp.StatusCode, raw, err)
		}
		set, err := jose.ParseKeySet(raw)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if set := published(); len(set.Keys) != 0 {
		t.Errorf("before the first visa: %d keys", len(set.Keys))
	}
	now := n.now()
	claims := ehds.PermitClaims{
		Iss: hdab, Jti: "DP-FR-HDH-2026-0001-v1", Iat: now.Unix(), Nbf: now.Unix(), Exp: now.Add(time.Hour).Unix(),
		Permit: ehds.PermitDetail{Persons: []ehds.PermitPerson{{Name: "Ada"}}, Granted: []ehds.GrantedDataset{{DatasetID: "D1"}}},
	}
	token, err := g.office.SignPermit(t.Context(), hdab, claims)
	if err != nil {
		t.Fatal(err)
	}
	write := func(w store.PermitWrite) {
		if _, err := g.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
			return store.Change{Doc: []byte(`{}`), Permits: []store.PermitWrite{w}}, nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(store.PermitWrite{ID: claims.Jti, Token: token, List: hdab + "/status/2026", Index: 3})
	ask := fmt.Sprintf(`{"id":%q,"person":"Ada","subject":"ada@spe.test"}`, claims.Jti)
	var got permits.Visas
	if status, code := n.operator("/v1/visas", ask, &got); status != 200 || len(got.Visas) != 1 {
		t.Fatalf("%d %s %+v", status, code, got)
	}
	r := ga4gh.Reader{Issuers: []ga4gh.Issuer{{Entity: hdab, JKU: permits.VisaKeys(hdab), Keys: published()}}, Clock: n.now}
	if c, err := r.Visa([]byte(got.Visas[0])); err != nil || c.Visa.Value != n.entity+"/datasets/D1" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, tt := range []struct {
		in     string
		status int
		code   string
	}{
		{`{"id":"DP-1","person":"Ada","subject":"a"}`, 404, "no-such-permit"},
		{fmt.Sprintf(`{"id":%q,"person":"Eve","subject":"a"}`, claims.Jti), 404, "not-authorised"},
		{fmt.Sprintf(`{"id":%q,"person":"Ada","subject":""}`, claims.Jti), 422, "visa-invalid"},
	} {
		if status, code := n.operator("/v1/visas", tt.in, nil); status != tt.status || code != tt.code {
			t.Errorf("%s: %d %s", tt.in, status, code)
		}
	}
	// The one request that was met is on record, the refused ones are not.
	leaves, err := g.record.Evidence(t.Context(), "app:A1")
	if err != nil || len(leaves) != 1 || leaves[0].Class != evidence.ClassOperator {
		t.Fatalf("%d leaves, %v", len(leaves), err)
	}
	var leaf visaLeaf
	sum := sha256.Sum256([]byte(got.Visas[0]))
	if err := json.Unmarshal(leaves[0].Material, &leaf); err != nil || leaf.Person != "Ada" || leaf.Permit != claims.Jti || !cmp.Equal(leaf.Visas, []string{hex.EncodeToString(sum[:])}) {
		t.Errorf("%+v %v", leaf, err)
	}
	write(store.PermitWrite{ID: claims.Jti, Status: ehds.StatusInvalid})
	if status, code := n.operator("/v1/visas", ask, nil); status != 409 || code != "permit-not-in-force" {
		t.Errorf("revoked: %d %s", status, code)
	}
	if _, err := g.VisaKeys("https://elsewhere.test/hdab/hdh"); err == nil {
		t.Error("visa keys of a body that is not hosted")
	}
}
