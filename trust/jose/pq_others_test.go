package jose

import (
	"crypto/sha3"
	"crypto/sha512"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	schemes "github.com/cloudflare/circl/sign"
	"github.com/cloudflare/circl/sign/ed25519"
	"github.com/cloudflare/circl/sign/ed448"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
)

// The parameter sets outside the profile are not read by this package. Their vectors still check that
// the construction used for ML-DSA-65 is the draft's: the same code path in the test, other parts.
func TestPostQuantumVectorsOfOtherSizes(t *testing.T) {
	tests := []struct {
		file  string
		mldsa schemes.Scheme
		other schemes.Scheme
		label string
		hash  func([]byte) []byte
	}{
		{file: "rfc9964-mldsa/ML_DSA_44.jose.json", mldsa: mldsa44.Scheme()},
		{file: "rfc9964-mldsa/ML_DSA_87.jose.json", mldsa: mldsa87.Scheme()},
		{
			"composite/ML-DSA-44-Ed25519.jose.json", mldsa44.Scheme(), ed25519.Scheme(),
			"COMPSIG-MLDSA44-Ed25519-SHA512", func(m []byte) []byte { d := sha512.Sum512(m); return d[:] },
		},
		{
			"composite/ML-DSA-87-Ed448.jose.json", mldsa87.Scheme(), ed448.Scheme(),
			"COMPSIG-MLDSA87-Ed448-SHAKE256", func(m []byte) []byte { return sha3.SumSHAKE256(m, 64) },
		},
	}
	passed := 0
	for _, tt := range tests {
		v := readVector(t, filepath.Join(sharedData(t), "jose", filepath.FromSlash(tt.file)))
		dot := strings.LastIndexByte(v.JWS, '.')
		msg, sig := []byte(v.JWS[:dot]), unb64(t, v.JWS[dot+1:])
		pub := unb64(t, text(v.JWK["pub"]))
		var o *schemes.SignatureOpts
		if tt.other != nil {
			m := slices.Concat([]byte(compositePrefix+tt.label), []byte{0}, tt.hash(msg))
			n, p := tt.mldsa.SignatureSize(), tt.mldsa.PublicKeySize()
			if !schemeHolds(t, tt.other, pub[p:], m, sig[n:], nil) {
				t.Errorf("%s: the other half", tt.file)
				continue
			}
			msg, sig, pub, o = m, sig[:n], pub[:p], &schemes.SignatureOpts{Context: tt.label}
		}
		if !schemeHolds(t, tt.mldsa, pub, msg, sig, o) {
			t.Errorf("%s: the signature does not hold", tt.file)
			continue
		}
		passed++
	}
	t.Logf("vectors of other parameter sets: %d of %d passed, by the construction alone", passed, len(tests))
}

func schemeHolds(t *testing.T, s schemes.Scheme, pub, msg, sig []byte, o *schemes.SignatureOpts) bool {
	t.Helper()
	key, err := s.UnmarshalBinaryPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	return s.Verify(key, msg, sig, o)
}

func text(raw json.RawMessage) string { s, _ := textOf(raw); return s }
