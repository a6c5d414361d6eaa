package jose

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"
)

func TestSignerFromSeed(t *testing.T) {
	t.Parallel()
	ecKid, err := Thumbprint(rfc7515Key(t).Public())
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, alg, seed, kid, rule string }{
		{"Ed25519 of RFC 8037", "Ed25519", string(unb64(t, rfc8037D)), rfc8037Kid, ""},
		{"ES256 of RFC 7515", "ES256", string(unb64(t, rfc7515D)), ecKid, ""},
		{"short", "Ed25519", strings.Repeat("x", 31), "", "key"},
		{"long", "ES256", strings.Repeat("x", 33), "", "key"},
		{"empty", "Ed25519", "", "", "key"},
		{"scalar zero", "ES256", strings.Repeat("\x00", 32), "", "key"},
		{"scalar above the order", "ES256", strings.Repeat("\xff", 32), "", "key"},
		{"the older name signs nothing", "EdDSA", strings.Repeat("x", 32), "", "alg"},
		{"none", "none", "", "", "alg"},
		{"HS256", "HS256", strings.Repeat("x", 32), "", "alg"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := SignerFromSeed(tt.alg, []byte(tt.seed))
			if Rule(err) != tt.rule || k.Kid != tt.kid {
				t.Fatalf("kid %q, %v; want %q and rule %q", k.Kid, err, tt.kid, tt.rule)
			}
			if tt.rule == "" && k.Alg != tt.alg {
				t.Errorf("alg %s", k.Alg)
			}
		})
	}
}

// TestSeedSizeIsWhatSignerFromSeedTakes covers every algorithm that signs.
func TestSeedSizeIsWhatSignerFromSeedTakes(t *testing.T) {
	t.Parallel()
	signing := 0
	for _, a := range algorithms {
		size, ok := SeedSize(a.name)
		if ok != (a.sign != nil) {
			t.Errorf("%s: SeedSize says %v", a.name, ok)
		}
		if !ok {
			continue
		}
		signing++
		sum := sha256.Sum256([]byte(a.name))
		seed := bytes.Repeat(sum[:], 1+size/len(sum))[:size]
		k, err := SignerFromSeed(a.name, seed)
		if err != nil || k.Alg != a.name {
			t.Fatalf("%s: %v, %v", a.name, k, err)
		}
		raw, err := Sign(k, testTyp, SignOptions{}, []byte(goodClaims))
		if err != nil {
			t.Fatal(err)
		}
		token, err := Parse([]byte(raw), ParseOptions{Typ: []string{testTyp}, Algs: []string{a.name}})
		if err != nil {
			t.Fatal(err)
		}
		public, err := k.Public()
		if err != nil {
			t.Fatal(err)
		}
		if err := token.Verify(public); err != nil {
			t.Errorf("%s: %v", a.name, err)
		}
	}
	if signing == 0 {
		t.Error("no algorithm signs")
	}
	if _, ok := SeedSize("HS256"); ok {
		t.Error("HS256 has a seed")
	}
}
