package jose

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// bareJWK is a key's JWK without braces and kid.
func bareJWK(t testing.TB, k SigningKey) string {
	t.Helper()
	text, err := json.Marshal(PublicKey{Alg: k.Alg, Key: k.Signer.Public()})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(text), "{}")
}

func mldsaJWK(t testing.TB) string { t.Helper(); return bareJWK(t, pqKey(t, AlgMLDSA65, 'm')) }
func compositeJWK(t testing.TB) string {
	t.Helper()
	return bareJWK(t, pqKey(t, AlgComposite, 'c'))
}

func public(t testing.TB, k SigningKey) PublicKey {
	t.Helper()
	p, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var pqAccept = ParseOptions{Typ: []string{testTyp}, Algs: []string{AlgMLDSA65, AlgComposite}}

func signed(t testing.TB, k SigningKey) string {
	t.Helper()
	raw, err := Sign(k, testTyp, SignOptions{}, []byte(goodClaims))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestPostQuantumKeysAndHeaders is wire profile §2 for the keys of type AKP.
func TestPostQuantumKeysAndHeaders(t *testing.T) {
	t.Parallel()
	ml, comp := pqKey(t, AlgMLDSA65, 'm'), pqKey(t, AlgComposite, 'c')
	mlToken, compToken := signed(t, ml), signed(t, comp)
	mlKey, compKey := public(t, ml), public(t, comp)
	change := func(k PublicKey, f func(*PublicKey)) PublicKey { f(&k); return k }
	cut := func(raw string, n int) string { return raw[:len(raw)-n] }
	sig := func(raw string) []byte { return unb64(t, raw[strings.LastIndexByte(raw, '.')+1:]) }
	with := func(raw string, sig []byte) string { return raw[:strings.LastIndexByte(raw, '.')+1] + b64(string(sig)) }
	flip := func(raw string, at int) string { s := sig(raw); s[at] ^= 1; return with(raw, s) }
	tests := []struct {
		name, token string
		key         PublicKey
		rule        string
	}{
		{"ML-DSA-65", mlToken, mlKey, ""},
		{"composite", compToken, compKey, ""},
		{"ML-DSA-65 under another key", mlToken, change(public(t, pqKey(t, AlgMLDSA65, 'x')), func(k *PublicKey) { k.Kid = ml.Kid }), "signature"},
		{"key without alg", mlToken, change(mlKey, func(k *PublicKey) { k.Alg = "" }), "key"},
		{"key with the composite's alg", mlToken, change(mlKey, func(k *PublicKey) { k.Alg = AlgComposite }), "key"},
		{"composite key with the alg of its half", compToken, change(compKey, func(k *PublicKey) { k.Alg = AlgMLDSA65 }), "key"},
		{"composite token, ML-DSA key", compToken, change(mlKey, func(k *PublicKey) { k.Kid, k.Alg = comp.Kid, AlgComposite }), "key"},
		{"use enc", mlToken, change(mlKey, func(k *PublicKey) { k.Use = "enc" }), "key-use"},
		{"key_ops without verify", compToken, change(compKey, func(k *PublicKey) { k.KeyOps = []string{"sign"} }), "key-use"},
		{"no key", mlToken, change(mlKey, func(k *PublicKey) { k.Key = nil }), "key"},
		{"nil key", mlToken, change(mlKey, func(k *PublicKey) { k.Key = (*MLDSAPublicKey)(nil) }), "key"},
		{"empty key", mlToken, change(mlKey, func(k *PublicKey) { k.Key = &MLDSAPublicKey{} }), "key"},
		{"nil composite key", compToken, change(compKey, func(k *PublicKey) { k.Key = (*CompositePublicKey)(nil) }), "key"},
		{"half a composite key", compToken, change(compKey, func(k *PublicKey) { k.Key = &CompositePublicKey{ed25519: make([]byte, 32)} }), "key"},
		{"signature short", cut(mlToken, 4), mlKey, "signature"},
		{"signature long", mlToken + "AAAA", mlKey, "signature"},
		{"no signature", with(mlToken, nil), mlKey, "signature"},
		{"challenge changed", flip(mlToken, 0), mlKey, "signature"},
		{"response changed", flip(mlToken, 1000), mlKey, "signature"},
		{"hint changed", flip(mlToken, 3308), mlKey, "signature"},
		{"all ones", with(mlToken, bytes.Repeat([]byte{0xff}, 3309)), mlKey, "signature"},
		{"composite, ML-DSA half changed", flip(compToken, 0), compKey, "signature"},
		{"composite, classical half changed", flip(compToken, 3309), compKey, "signature"},
		{"composite, classical half cut off", with(compToken, sig(compToken)[:3309]), compKey, "signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			token, err := Parse([]byte(tt.token), pqAccept)
			if err != nil {
				t.Fatal(err)
			}
			if err := token.Verify(tt.key); Rule(err) != tt.rule || (tt.rule == "") != (err == nil) {
				t.Errorf("%v, want rule %q", err, tt.rule)
			}
		})
	}
}

// TestCompositeHalvesDoNotStandAlone: what one half signed is no signature of
// the message by that half's own algorithm, and halves of two messages do not
// mix.
func TestCompositeHalvesDoNotStandAlone(t *testing.T) {
	t.Parallel()
	comp := pqKey(t, AlgComposite, 'c')
	message, other := []byte("a.b"), []byte("a.c")
	sig, err := comp.Signer.Sign(nil, message, nil)
	if err != nil {
		t.Fatal(err)
	}
	mixed, err := comp.Signer.Sign(nil, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	key := comp.Signer.Public().(*CompositePublicKey)
	if !key.holds(message, sig) {
		t.Fatal("the honest signature does not hold")
	}
	if ed25519.Verify(key.ed25519, message, sig[3309:]) {
		t.Error("the classical half verifies alone")
	}
	if key.mldsa.holds(message, nil, sig[:3309]) || key.mldsa.holds(compositeRepresentative(message), nil, sig[:3309]) {
		t.Error("the ML-DSA half verifies alone")
	}
	for _, m := range [][]byte{message, other} {
		if key.holds(m, append(bytes.Clone(sig[:3309]), mixed[3309:]...)) {
			t.Error("halves of two messages make a signature")
		}
	}
}

func TestPostQuantumSigners(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{AlgMLDSA65, AlgComposite} {
		k := pqKey(t, alg, 's')
		if a, b := signed(t, k), signed(t, k); a == b {
			t.Errorf("%s: two hedged signatures are the same", alg)
		}
		if _, err := k.Signer.Sign(nil, make([]byte, 32), crypto.SHA256); err == nil {
			t.Errorf("%s signs digests", alg)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, k.Signer); text != alg+" private key" {
				t.Errorf("%s shows more than its name: %s", alg, text)
			}
		}
		same, other := pqKey(t, alg, 's').Signer.Public(), pqKey(t, alg, 'o').Signer.Public()
		equal := k.Signer.Public().(interface{ Equal(crypto.PublicKey) bool }).Equal
		if !equal(same) || equal(other) || equal(nil) || equal(rfc8037Key(t).Public()) {
			t.Errorf("%s: Equal", alg)
		}
		wrapped := k
		wrapped.Signer = device{k.Signer}
		if token, err := Parse([]byte(signed(t, wrapped)), pqAccept); err != nil || token.Verify(public(t, k)) != nil {
			t.Errorf("%s from a device: %v", alg, err)
		}
		wrapped.Signer = broken{Signer: k.Signer, answer: make([]byte, 3309)}
		if _, err := Sign(wrapped, testTyp, SignOptions{}, []byte(`{}`)); Rule(err) != "signature" {
			t.Errorf("%s from a broken device: %v", alg, err)
		}
	}
}

// TestAlgIsPartOfAnAKPKey: RFC 9964 hashes alg, so a key may not be published
// under another.
func TestAlgIsPartOfAnAKPKey(t *testing.T) {
	t.Parallel()
	k := public(t, pqKey(t, AlgMLDSA65, 'm'))
	for _, alg := range []string{"", AlgComposite, "ML-DSA-44"} {
		k.Alg = alg
		if text, err := json.Marshal(k); err == nil {
			t.Errorf("written under alg %q: %s", alg, text)
		}
	}
}

// TestSigningKeysShowNoSecret: no verb, no log and no JSON writes private material.
func TestSigningKeysShowNoSecret(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{AlgEd25519, AlgES256, AlgMLDSA65, AlgComposite} {
		k := pqKey(t, alg, 0x41)
		want := alg + " " + k.Kid
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, k); got != want {
				t.Errorf("%s of %s: %s", verb, alg, got)
			}
		}
		if got := k.LogValue().String(); got != want {
			t.Errorf("log of %s: %s", alg, got)
		}
		if text, err := json.Marshal(k); err == nil {
			t.Errorf("%s written as %s", alg, text)
		}
	}
	if _, err := (SigningKey{}).Public(); Rule(err) != "alg" {
		t.Errorf("public key of none: %v", err)
	}
}
