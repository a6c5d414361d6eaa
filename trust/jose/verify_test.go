package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
)

func parsed(t testing.TB, raw string) *Token {
	t.Helper()
	token, err := Parse([]byte(raw), accept())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func header(alg, kid string) string {
	return `{"alg":"` + alg + `","kid":"` + kid + `","typ":"` + testTyp + `"}`
}

// TestVerifyMatchesKeyWithHeader is the table of wire profile §2.
func TestVerifyMatchesKeyWithHeader(t *testing.T) {
	ed, ec := edPublic(t), ecPublic(t)
	change := func(k PublicKey, f func(*PublicKey)) PublicKey { f(&k); return k }
	alg := func(k PublicKey, name string) PublicKey { k.Alg = name; return k }
	edToken := forge(t, rfc8037Key(t), header("Ed25519", ed.Kid), goodClaims)
	oldToken := forge(t, rfc8037Key(t), header("EdDSA", ed.Kid), goodClaims)
	ecToken := forge(t, rfc7515Key(t), header("ES256", ec.Kid), goodClaims)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, token string
		key         PublicKey
		rule        string
	}{
		{"Ed25519 with Ed25519", edToken, ed, ""},
		{"Ed25519 with a key of the older name", edToken, alg(ed, "EdDSA"), "key"},
		{"Ed25519 with a key without alg", edToken, alg(ed, ""), "key"},
		{"Ed25519 with a key for ES256", edToken, alg(ed, "ES256"), "key"},
		{"EdDSA with Ed25519", oldToken, ed, ""},
		{"EdDSA with EdDSA", oldToken, alg(ed, "EdDSA"), ""},
		{"EdDSA with a key without alg", oldToken, alg(ed, ""), ""},
		{"EdDSA with a key for Ed448", oldToken, alg(ed, "Ed448"), "key"},
		{"ES256 with ES256", ecToken, ec, ""},
		{"ES256 with a key without alg", ecToken, alg(ec, ""), "key"},
		{"ES256 with a key for ES384", ecToken, alg(ec, "ES384"), "key"},

		{"ES256 header, Ed25519 key", forge(t, rfc8037Key(t), header("ES256", ed.Kid), goodClaims), ed, "key"},
		{"ES256 header, Ed25519 key that claims ES256", forge(t, rfc8037Key(t), header("ES256", ed.Kid), goodClaims), alg(ed, "ES256"), "key"},
		{"EdDSA header, P-256 key", forge(t, rfc7515Key(t), header("EdDSA", ec.Kid), goodClaims), ec, "key"},
		{"EdDSA header, P-256 key without alg", forge(t, rfc7515Key(t), header("EdDSA", ec.Kid), goodClaims), alg(ec, ""), "key"},
		{"Ed25519 header, P-256 key that claims it", forge(t, rfc7515Key(t), header("Ed25519", ec.Kid), goodClaims), alg(ec, "Ed25519"), "key"},
		{"ES256 header, P-384 key", ecToken, change(ec, func(k *PublicKey) { k.Key = &p384.PublicKey }), "key"},

		{"another kid", edToken, change(ed, func(k *PublicKey) { k.Kid = "other" }), "key"},
		{"no key at all", edToken, change(ed, func(k *PublicKey) { k.Key = nil }), "key"},
		{"nil ECDSA key", ecToken, change(ec, func(k *PublicKey) { k.Key = (*ecdsa.PublicKey)(nil) }), "key"},
		{"short Ed25519 key", edToken, change(ed, func(k *PublicKey) { k.Key = ed25519.PublicKey("short") }), "key"},
		{"private key in the place of the public", edToken, change(ed, func(k *PublicKey) { k.Key = rfc8037Key(t) }), "key"},

		{"use absent", edToken, change(ed, func(k *PublicKey) { k.Use = "" }), ""},
		{"use enc", edToken, change(ed, func(k *PublicKey) { k.Use = "enc" }), "key-use"},
		{"use in another case", edToken, change(ed, func(k *PublicKey) { k.Use = "SIG" }), "key-use"},
		{"key_ops with verify", edToken, change(ed, func(k *PublicKey) { k.KeyOps = []string{"sign", "verify"} }), ""},
		{"key_ops without verify", edToken, change(ed, func(k *PublicKey) { k.KeyOps = []string{"encrypt"} }), "key-use"},
		{"key_ops empty", edToken, change(ed, func(k *PublicKey) { k.KeyOps = []string{} }), "key-use"},

		{"signature by another key", forge(t, otherKey(), header("Ed25519", ed.Kid), goodClaims), ed, "signature"},
		{"no signature", edToken[:strings.LastIndexByte(edToken, '.')+1], ed, "signature"},
		{"long signature", edToken[:strings.LastIndexByte(edToken, '.')+1] + b64(strings.Repeat("x", 65)), ed, "signature"},
		{"zero ES256 signature", ecToken[:strings.LastIndexByte(ecToken, '.')+1] + b64(strings.Repeat("\x00", 64)), ec, "signature"},
		{"DER ES256 signature", derToken(t, ec), ec, "signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := parsed(t, tt.token).Verify(tt.key); Rule(err) != tt.rule || (tt.rule == "") != (err == nil) {
				t.Errorf("%v, want rule %q", err, tt.rule)
			}
		})
	}
}

func otherKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed([]byte(strings.Repeat("o", 32)))
}

func derToken(t *testing.T, ec PublicKey) string {
	t.Helper()
	input := b64(header("ES256", ec.Kid)) + "." + b64(goodClaims)
	sum := crypto.SHA256.New()
	sum.Write([]byte(input))
	der, err := rfc7515Key(t).Sign(rand.Reader, sum.Sum(nil), crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(string(der))
}

// TestNoMutationVerifies changes every character of a token in turn.
func TestNoMutationVerifies(t *testing.T) {
	raw := []byte(forge(t, rfc8037Key(t), goodHeader, `{"iss":"a"}`))
	key := edPublic(t)
	for i := range raw {
		for _, c := range []byte("A.b") {
			mutant := append([]byte(nil), raw...)
			if mutant[i] == c {
				continue
			}
			mutant[i] = c
			if token, err := Parse(mutant, accept()); err == nil && token.Verify(key) == nil {
				t.Fatalf("a change at %d still verifies", i)
			}
		}
	}
}

func TestSignRoundTrip(t *testing.T) {
	chain := []string{"a.b.c"}
	options := SignOptions{TrustChain: chain, PeerTrustChain: chain, Cty: "x+jwt", Extra: map[string]any{"jku": "https://h.example/<jwks>"}}
	for name, signer := range map[string]crypto.Signer{
		"Ed25519": rfc8037Key(t), "ES256": rfc7515Key(t),
		"Ed25519 device": device{rfc8037Key(t)}, "ES256 device": device{rfc7515Key(t)},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := NewSigningKey(signer)
			if err != nil {
				t.Fatal(err)
			}
			public, err := k.Public()
			if err != nil {
				t.Fatal(err)
			}
			for range 20 { // ECDSA signatures vary in DER length
				raw, err := Sign(k, testTyp, options, []byte(goodClaims))
				if err != nil {
					t.Fatal(err)
				}
				token, err := Parse([]byte(raw), accept("jku"))
				if err != nil {
					t.Fatal(err)
				}
				if err := token.Verify(public); err != nil {
					t.Fatal(err)
				}
				if token.Header.Kid != k.Kid || token.Header.Cty != "x+jwt" || len(token.Header.PeerTrustChain) != 1 {
					t.Errorf("header %+v", token.Header)
				}
			}
		})
	}
}

func TestSignHeaderIsDeterministic(t *testing.T) {
	k, err := NewSigningKey(rfc8037Key(t))
	if err != nil {
		t.Fatal(err)
	}
	first, err := Sign(k, testTyp, SignOptions{}, []byte(goodClaims))
	if err != nil {
		t.Fatal(err)
	}
	if want := forge(t, rfc8037Key(t), goodHeader, goodClaims); first != want {
		t.Errorf("Sign = %s\nwant   %s", first, want)
	}
}

// device is a signer whose private key the library cannot see.
type device struct{ crypto.Signer }

// broken returns a fixed answer in the place of a signature.
type broken struct {
	crypto.Signer
	answer []byte
	err    error
}

func (b broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return b.answer, b.err }

func TestSignRefuses(t *testing.T) {
	good, err := NewSigningKey(rfc8037Key(t))
	if err != nil {
		t.Fatal(err)
	}
	ec, err := NewSigningKey(rfc7515Key(t))
	if err != nil {
		t.Fatal(err)
	}
	with := func(k SigningKey, s crypto.Signer) SigningKey { k.Signer = s; return k }
	wide := append([]byte{0x30, 0x44, 0x02, 0x21, 0x7f}, make([]byte, 64)...) // r has 33 bytes
	wide = append(wide[:38], append([]byte{0x02, 0x1f}, make([]byte, 31)...)...)
	tests := []struct {
		name    string
		key     SigningKey
		typ     string
		o       SignOptions
		payload string
		rule    string
	}{
		{"no typ", good, "", SignOptions{}, `{}`, "typ"},
		{"payload with a duplicate", good, testTyp, SignOptions{}, `{"a":1,"a":2}`, "duplicate-member"},
		{"payload is no object", good, testTyp, SignOptions{}, `[]`, "json"},
		{"kid is not the thumbprint", SigningKey{Kid: "x", Alg: good.Alg, Signer: good.Signer}, testTyp, SignOptions{}, `{}`, "key"},
		{"no signer", SigningKey{Kid: good.Kid, Alg: good.Alg}, testTyp, SignOptions{}, `{}`, "key"},
		{"alg of another key", SigningKey{Kid: good.Kid, Alg: "ES256", Signer: good.Signer}, testTyp, SignOptions{}, `{}`, "key"},
		{"the older name", SigningKey{Kid: good.Kid, Alg: "EdDSA", Signer: good.Signer}, testTyp, SignOptions{}, `{}`, "alg"},
		{"none", SigningKey{Kid: good.Kid, Alg: "none", Signer: good.Signer}, testTyp, SignOptions{}, `{}`, "alg"},
		{"crit", good, testTyp, SignOptions{Extra: map[string]any{"crit": []string{"x"}}}, `{}`, "header-member"},
		{"alg as extra", good, testTyp, SignOptions{Extra: map[string]any{"alg": "none"}}, `{}`, "header-member"},
		{"extra that is no JSON", good, testTyp, SignOptions{Extra: map[string]any{"x": func() {}}}, `{}`, "header-member"},
		{"header too large", good, testTyp, SignOptions{TrustChain: []string{strings.Repeat("a", DefaultMaxHeader)}}, `{}`, "size"},
		{"device fails", with(good, broken{Signer: rfc8037Key(t), err: errors.New("off")}), testTyp, SignOptions{}, `{}`, "signature"},
		{"device answers nothing", with(good, broken{Signer: rfc8037Key(t)}), testTyp, SignOptions{}, `{}`, "signature"},
		{"device answers wrongly", with(good, broken{Signer: rfc8037Key(t), answer: make([]byte, 64)}), testTyp, SignOptions{}, `{}`, "signature"},
		{"device answers no DER", with(ec, broken{Signer: rfc7515Key(t), answer: make([]byte, 64)}), testTyp, SignOptions{}, `{}`, "signature"},
		{"device answers out of range", with(ec, broken{Signer: rfc7515Key(t), answer: wide}), testTyp, SignOptions{}, `{}`, "signature"},
		{"device answers zero", with(ec, broken{Signer: rfc7515Key(t), answer: []byte{0x30, 6, 2, 1, 0, 2, 1, 0}}), testTyp, SignOptions{}, `{}`, "signature"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if token, err := Sign(tt.key, tt.typ, tt.o, []byte(tt.payload)); Rule(err) != tt.rule || token != "" {
				t.Errorf("Sign = %q, %v; want rule %q", token, err, tt.rule)
			}
		})
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []crypto.Signer{nil, p384} {
		if _, err := NewSigningKey(s); Rule(err) != "key" {
			t.Errorf("NewSigningKey(%T): %v", s, err)
		}
	}
}
