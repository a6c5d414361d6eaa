package gateway

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// The driver for REMS is lent what verifies a visa as REMS writes it, with the keys configured.
func TestVisasOfREMSAreVerified(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := jose.Thumbprint(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(jose.KeySet{Keys: []jose.PublicKey{{Kid: kid, Alg: "RS256", Use: "sig", Key: &private.PublicKey}}})
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const mapping = `{"version": 1, "body": "B", "signatory": {"name": "A", "job_title": "B"}, "fields": [{"from": "form", "form": 1, "field": "f"}]}`
	c := config.REMS{URL: "https://rems.example", APIKey: config.NewSecret("k"), Owner: "o", Handler: "h", Mapping: write("m.json", mapping),
		Visas: config.REMSVisas{Issuer: "https://rems.example/", JKU: "https://rems.example/api/jwk", JWKS: write("jwks.json", string(set))}}
	o, err := remsOptions(c, trusttest.Start)
	if err != nil || o.Poll != remsPoll || o.Visa == nil {
		t.Fatalf("%+v, %v", o, err)
	}
	now, b64 := trusttest.Start().Unix(), base64.RawURLEncoding
	head, _ := json.Marshal(map[string]string{"alg": "RS256", "typ": "JWT", "kid": kid, "jku": c.Visas.JKU})
	claims, _ := json.Marshal(map[string]any{"iss": c.Visas.Issuer, "sub": "ehds-1", "iat": now, "exp": now + 365*24*3600,
		"ga4gh_visa_v1": map[string]any{"type": "ControlledAccessGrants", "value": "urn:x:ds-1", "source": "https://rems.example/", "by": "dac", "asserted": now}})
	input := b64.EncodeToString(head) + "." + b64.EncodeToString(claims)
	digest := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	if user, resource, err := o.Visa(input + "." + b64.EncodeToString(sig)); err != nil || user != "ehds-1" || resource != "urn:x:ds-1" {
		t.Errorf("%q, %q, %v", user, resource, err)
	}
	sig[0] ^= 1
	if _, _, err := o.Visa(input + "." + b64.EncodeToString(sig)); err == nil {
		t.Error("an altered visa is believed")
	}
	c.Visas = config.REMSVisas{}
	if o, err := remsOptions(c, trusttest.Start); err != nil || o.Visa != nil {
		t.Errorf("without an issuer: %v, %v", o.Visa != nil, err)
	}
	c.Visas = config.REMSVisas{Issuer: "https://rems.example/", JWKS: write("bad.json", "{}")}
	if _, err := remsOptions(c, trusttest.Start); err == nil || !strings.Contains(err.Error(), "bad.json") {
		t.Errorf("bad keys: %v", err)
	}
	c.Mapping = write("bad-mapping.json", "{}")
	if _, err := remsOptions(c, trusttest.Start); err == nil || !strings.Contains(err.Error(), "bad-mapping.json") {
		t.Errorf("bad mapping: %v", err)
	}
}
