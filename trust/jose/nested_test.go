package jose

import (
	"bytes"
	"strings"
	"testing"
)

func pqKey(t testing.TB, alg string, fill byte) SigningKey {
	t.Helper()
	size, _ := SeedSize(alg)
	k, err := SignerFromSeed(alg, bytes.Repeat([]byte{fill}, size))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEveryAlgorithmThroughAKeySet(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"Ed25519", "ES256", "ML-DSA-65", "ML-DSA-65-Ed25519"} {
		k := pqKey(t, alg, 7)
		token, err := Sign(k, testTyp, SignOptions{}, []byte(goodClaims))
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		o := accept()
		o.Algs = []string{alg}
		read, err := Parse([]byte(token), o)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		public, err := k.Public()
		if err != nil {
			t.Fatal(err)
		}
		text, err := KeySet{Keys: []PublicKey{public}}.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		set, err := ParseKeySet(text)
		if err != nil || len(set.Keys) != 1 {
			t.Fatalf("%s: key set %s: %v", alg, text, err)
		}
		selected, err := set.Select(k.Kid, alg, "sig")
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if err := read.Verify(selected); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if strings.HasPrefix(alg, "ML") {
			if _, err := Parse([]byte(token), accept()); Rule(err) != "alg" {
				t.Errorf("%s without opting in: %v", alg, err)
			}
		}
	}
}

func TestPostQuantumKeys(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 31, 33, 64} {
		if _, err := NewMLDSAPrivateKey(make([]byte, n)); Rule(err) != "key" {
			t.Errorf("seed of %d octets: %v", n, err)
		}
	}
	if _, err := NewCompositePrivateKey(make([]byte, 32)); Rule(err) != "key" {
		t.Errorf("half a composite seed: %v", err)
	}
	if _, err := NewMLDSAPublicKey(make([]byte, 1951)); Rule(err) != "key" {
		t.Errorf("short public key: %v", err)
	}
	if _, err := NewCompositePublicKey(make([]byte, 1984)); Rule(err) != "key" {
		t.Errorf("a composite key whose Ed25519 half has small order: %v", err)
	}
	a, b := pqKey(t, AlgMLDSA65, 1), pqKey(t, AlgMLDSA65, 2)
	c, d := pqKey(t, AlgComposite, 1), pqKey(t, AlgComposite, 2)
	ma, mc := a.Signer.Public().(*MLDSAPublicKey), c.Signer.Public().(*CompositePublicKey)
	again, err := NewMLDSAPublicKey(ma.Bytes())
	if err != nil || !ma.Equal(again) || ma.Equal(b.Signer.Public()) || ma.Equal(c.Signer.Public()) {
		t.Errorf("equality of ML-DSA keys: %v", err)
	}
	both, err := NewCompositePublicKey(mc.Bytes())
	if err != nil || !mc.Equal(both) || mc.Equal(d.Signer.Public()) || mc.Equal(a.Signer.Public()) {
		t.Errorf("equality of composite keys: %v", err)
	}
	for _, k := range []SigningKey{a, c} {
		if _, err := k.Signer.Sign(nil, []byte("x"), hashed{}); err == nil {
			t.Errorf("%s signs a digest", k.Alg)
		}
	}
}

func TestNested(t *testing.T) {
	t.Parallel()
	inner, err := NewSigningKey(rfc8037Key(t))
	if err != nil {
		t.Fatal(err)
	}
	outer := pqKey(t, AlgMLDSA65, 3)
	token, err := Sign(inner, testTyp, SignOptions{}, []byte(goodClaims))
	if err != nil {
		t.Fatal(err)
	}
	nested, err := SignNested(outer, testTyp, SignOptions{}, token)
	if err != nil {
		t.Fatal(err)
	}
	o := accept()
	o.Nested, o.Algs = true, []string{AlgMLDSA65, AlgEd25519}
	read, err := Parse([]byte(nested), o)
	if err != nil {
		t.Fatal(err)
	}
	public, _ := outer.Public()
	if err := read.Verify(public); err != nil {
		t.Fatal(err)
	}
	if !read.IsNested() || string(read.Payload) != token {
		t.Error("the payload is not the inner token")
	}
	within, err := read.Inner(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := within.Verify(edPublic(t)); err != nil || string(within.Payload) != goodClaims {
		t.Errorf("inner token: %v", err)
	}
	if _, err := Parse([]byte(nested), ParseOptions{Typ: o.Typ, Algs: o.Algs}); Rule(err) != "json" {
		t.Errorf("a caller that did not ask for it: %v", err)
	}
}

func TestNestedRefused(t *testing.T) {
	t.Parallel()
	ed := rfc8037Key(t)
	edKey, _ := NewSigningKey(ed)
	outer, composite := pqKey(t, AlgMLDSA65, 3), pqKey(t, AlgComposite, 3)
	good, _ := Sign(edKey, testTyp, SignOptions{}, []byte(goodClaims))
	wrap := func(k SigningKey, typ, cty, payload string) string {
		alg, err := k.check()
		if err != nil {
			t.Fatal(err)
		}
		token, err := sign(k, alg, typ, SignOptions{Cty: cty}, []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	once := wrap(outer, testTyp, testTyp, good)
	plain, _ := Sign(outer, testTyp, SignOptions{}, []byte(goodClaims))
	otherTyp, _ := Sign(edKey, "ehds-receipt+jwt", SignOptions{}, []byte(goodClaims))
	tests := []struct{ name, token, rule string }{
		{"twice", wrap(outer, testTyp, testTyp, once), "nested-twice"},
		{"the outer's own algorithm inside", wrap(outer, testTyp, testTyp, plain), "nested-alg"},
		{"cty of another kind", wrap(outer, testTyp, "ehds-receipt+jwt", good), "cty"},
		{"composite outside", wrap(composite, testTyp, testTyp, good), "nested-alg"},
		{"Ed25519 outside", wrap(edKey, testTyp, testTyp, good), "nested-alg"},
		{"inner of another typ", wrap(outer, testTyp, testTyp, otherTyp), "nested-typ"},
		{"inner with a cty", wrap(outer, testTyp, testTyp, wrap(edKey, testTyp, testTyp, goodClaims)), "nested-twice"},
		{"EdDSA inside", wrap(outer, testTyp, testTyp, forge(t, ed, strings.Replace(goodHeader, "Ed25519", "EdDSA", 1), goodClaims)), "nested-alg"},
		{"claims instead of a token", wrap(outer, testTyp, testTyp, goodClaims), "cty"},
		{"two segments inside", wrap(outer, testTyp, testTyp, good[:strings.LastIndexByte(good, '.')]), "segments"},
		{"nothing inside", wrap(outer, testTyp, testTyp, ""), "segments"},
	}
	for _, tt := range tests {
		o := accept()
		o.Nested, o.Algs = true, []string{AlgMLDSA65, AlgComposite, AlgEd25519, AlgEdDSA}
		read, err := Parse([]byte(tt.token), o)
		if err == nil {
			_, err = read.Inner(Limits{})
		}
		if Rule(err) != tt.rule {
			t.Errorf("%s: %v, want rule %s", tt.name, err, tt.rule)
		}
	}
	if _, err := SignNested(edKey, testTyp, SignOptions{}, good); Rule(err) != "nested-alg" {
		t.Errorf("Ed25519 around Ed25519: %v", err)
	}
	if _, err := SignNested(outer, testTyp, SignOptions{}, once); Rule(err) != "nested-twice" {
		t.Errorf("nested twice by the signer: %v", err)
	}
	if _, err := SignNested(SigningKey{}, testTyp, SignOptions{}, good); Rule(err) != "alg" {
		t.Errorf("no key: %v", err)
	}
}
