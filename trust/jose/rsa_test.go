package jose

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"testing"
)

func rsaJWK(n string) string { return `"kty":"RSA","n":"` + n + `","e":"AQAB"` }

// TestRS256IsReadOnly signs with a real key; this package reads it only where
// asked to, and never signs so.
func TestRS256IsReadOnly(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := Thumbprint(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	input := b64(header("RS256", kid)) + "." + b64(goodClaims)
	digest := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := input + "." + b64(string(sig))
	set, err := ParseKeySet([]byte(`{"keys":[{"kid":"` + kid + `",` + rsaJWK(encode(private.N.Bytes())) + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	key, err := set.Select(kid, AlgRS256, "sig")
	if err != nil {
		t.Fatal(err)
	}
	visas := ParseOptions{Typ: []string{testTyp}, Algs: []string{AlgES256, AlgRS256}}
	token, err := Parse([]byte(raw), visas)
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Verify(key); err != nil {
		t.Errorf("honest token: %v", err)
	}
	for name, changed := range map[string]string{
		"one byte more":  b64(string(sig) + "x"),
		"one byte less":  b64(string(sig[:255])),
		"another number": b64(strings.Repeat("\x01", 256)),
	} {
		token, err := Parse([]byte(input+"."+changed), visas)
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(key); Rule(err) != "signature" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse([]byte(raw), accept()); Rule(err) != "alg" {
		t.Errorf("read where nobody asked for it: %v", err)
	}
	key.Alg = "PS256"
	if err := token.Verify(key); Rule(err) != "key" {
		t.Errorf("key for PS256: %v", err)
	}
	if _, err := NewSigningKey(private); Rule(err) != "alg" && Rule(err) != "key" {
		t.Errorf("RSA signs: %v", err)
	}
	if _, err := Sign(SigningKey{Kid: kid, Alg: AlgRS256, Signer: private}, testTyp, SignOptions{}, []byte(`{}`)); Rule(err) != "alg" {
		t.Errorf("RSA signs: %v", err)
	}
}
