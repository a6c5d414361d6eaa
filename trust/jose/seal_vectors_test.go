package jose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const hpkePlaintext = "You can trust us to stick with you through thick and thin"

// TestSealVectors opens the examples of the two HPKE drafts that are in the profile, and refuses all
// others: another ciphersuite, key encryption instead of integrated encryption, the JSON form.
func TestSealVectors(t *testing.T) {
	opened, refused := 0, 0
	for _, folder := range []string{"hpke", "hpke-pq"} {
		dir := filepath.Join(sharedData(t), "jose", folder)
		files, err := filepath.Glob(filepath.Join(dir, "jwe-*"))
		if err != nil || len(files) == 0 {
			t.Skipf("no vectors in %s: %v", dir, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(filepath.Base(file), "jwe-")
			key, alg := vectorKey(t, filepath.Join(dir, "jwks-"+vectorSuite(name)+".json"))
			var keys []SealingKey
			if key != nil {
				keys = []SealingKey{*key}
			}
			plaintext, err := Open(keys, strings.TrimSpace(string(text)))
			wanted := key != nil && strings.HasSuffix(name, "-compact.txt") && !strings.Contains(name, "-KE")
			switch {
			case wanted && (err != nil || !strings.HasPrefix(string(plaintext), hpkePlaintext)):
				t.Errorf("%s: %q, %v", name, plaintext, err)
			case wanted:
				opened++
			case Rule(err) != "unsealable":
				t.Errorf("%s, with a key for %s: %v", name, alg, err)
			default:
				refused++
			}
		}
	}
	if opened != 3 {
		t.Errorf("%d vectors opened, want those of HPKE-0, HPKE-3 and HPKE-10", opened)
	}
	t.Logf("HPKE vectors: %d of %d opened (HPKE-0, HPKE-3, HPKE-10, compact and integrated); %d refused as they must be: another suite, key encryption (-KE), or the flattened JSON form",
		opened, opened+refused, refused)
}

var suiteName = regexp.MustCompile(`^HPKE-\d+(-KE)?`)

func vectorSuite(name string) string { return suiteName.FindString(name) }

// vectorKey reads a private JWK; nil for a suite outside the profile.
func vectorKey(t *testing.T, file string) (*SealingKey, string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var jwk map[string]json.RawMessage
	if err := json.Unmarshal(text, &jwk); err != nil {
		t.Fatal(err)
	}
	alg, _ := textOf(jwk["alg"])
	secret, ok := textOf(jwk["d"])
	if !ok {
		secret, _ = textOf(jwk["priv"])
	}
	if _, known := suiteNamed(alg); !known {
		return nil, alg
	}
	key, err := SealingKeyFromSeed(alg, unb64(t, secret))
	if err != nil {
		t.Fatal(err)
	}
	if kid, _ := textOf(jwk["kid"]); kid != key.Kid {
		t.Errorf("%s: thumbprint %s, want %s", alg, key.Kid, kid)
	}
	delete(jwk, "d")
	delete(jwk, "priv")
	public, reason := readJWK(jwk)
	if alg == algHPKE10 && reason != "" {
		jwk["use"] = json.RawMessage(`"enc"`) // the example leaves it out; here a sealing key must say so
		public, reason = readJWK(jwk)
	}
	if reason != "" || !public.Key.(*SealingPublicKey).Equal(key.Public().Key) {
		t.Errorf("%s: public key: %s", alg, reason)
	}
	return &key, alg
}
