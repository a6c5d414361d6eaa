package jose

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The ciphersuites outside the profile are not read by this package. Their integrated compact vectors
// still check that the construction used for the three is the drafts': the same steps in the test.
func TestSealVectorsOfOtherSuites(t *testing.T) {
	p384 := func() hpke.KEM { return hpke.DHKEM(ecdh.P384()) }
	p521 := func() hpke.KEM { return hpke.DHKEM(ecdh.P521()) }
	tests := []struct {
		name string
		kem  func() hpke.KEM
		kdf  func() hpke.KDF
		aead func() hpke.AEAD
	}{
		{"hpke/HPKE-1", p384, hpke.HKDFSHA384, hpke.AES256GCM},
		{"hpke/HPKE-2", p521, hpke.HKDFSHA512, hpke.AES256GCM},
		{"hpke/HPKE-4", x25519KEM, hpke.HKDFSHA256, hpke.ChaCha20Poly1305},
		{"hpke/HPKE-7", p256KEM, hpke.HKDFSHA256, hpke.AES256GCM},
		{"hpke-pq/HPKE-8", hpke.MLKEM768P256, hpke.SHAKE256, hpke.AES256GCM},
		{"hpke-pq/HPKE-9", hpke.MLKEM768P256, hpke.SHAKE256, hpke.ChaCha20Poly1305},
		{"hpke-pq/HPKE-11", hpke.MLKEM768X25519, hpke.SHAKE256, hpke.ChaCha20Poly1305},
		{"hpke-pq/HPKE-12", hpke.MLKEM1024P384, hpke.SHAKE256, hpke.AES256GCM},
		{"hpke-pq/HPKE-13", hpke.MLKEM1024P384, hpke.SHAKE256, hpke.ChaCha20Poly1305},
		{"hpke-pq/HPKE-14", hpke.MLKEM768, hpke.SHAKE256, hpke.AES256GCM},
		{"hpke-pq/HPKE-15", hpke.MLKEM768, hpke.SHAKE256, hpke.ChaCha20Poly1305},
		{"hpke-pq/HPKE-16", hpke.MLKEM1024, hpke.SHAKE256, hpke.AES256GCM},
		{"hpke-pq/HPKE-17", hpke.MLKEM1024, hpke.SHAKE256, hpke.ChaCha20Poly1305},
	}
	passed := 0
	for _, tt := range tests {
		folder, alg, _ := strings.Cut(tt.name, "/")
		dir := filepath.Join(sharedData(t), "jose", folder)
		compact, err := os.ReadFile(filepath.Join(dir, "jwe-"+alg+"-compact.txt"))
		if err != nil {
			t.Fatal(err)
		}
		key, err := os.ReadFile(filepath.Join(dir, "jwks-"+alg+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var jwk struct{ D, Priv string }
		if err := json.Unmarshal(key, &jwk); err != nil {
			t.Fatal(err)
		}
		private, err := tt.kem().NewPrivateKey(unb64(t, jwk.D+jwk.Priv))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		parts, ok := sealedParts(strings.TrimSpace(string(compact)))
		if !ok {
			t.Errorf("%s: form", tt.name)
			continue
		}
		recipient, err := hpke.NewRecipient(parts.enc, private, tt.kdf(), tt.aead(), nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if plaintext, err := recipient.Open(parts.aad, parts.ciphertext); err != nil || !strings.HasPrefix(string(plaintext), hpkePlaintext) {
			t.Errorf("%s: %q %v", tt.name, plaintext, err)
			continue
		}
		passed++
	}
	t.Logf("integrated vectors of other suites: %d of %d passed, by the construction alone; HPKE-5 and HPKE-6 need X448, which the standard library has not", passed, len(tests))
}
