package jose

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pqVector is one file of the examples of RFC 9964 and of the composite draft.
type pqVector struct {
	Priv      string                     `json:"priv"`
	MLDSASeed string                     `json:"mldsa_seed"`
	EdDSASeed string                     `json:"eddsa_seed"`
	JWK       map[string]json.RawMessage `json:"jwk"`
	JWS       string                     `json:"jws"`
	Signature string                     `json:"raw_signature"`
	Composite string                     `json:"raw_composite_signature"`
	Signed    string                     `json:"raw_to_be_signed"`
}

// leftOut says why a vector is not run. The algorithms are those of the wire profile §2.
var leftOut = map[string]string{
	"ML_DSA_44.jose.json":         "ML-DSA-44 is not in the profile: below its security level",
	"ML_DSA_87.jose.json":         "ML-DSA-87 is not in the profile",
	"ML-DSA-44-Ed25519.jose.json": "not in the profile",
	"ML-DSA-87-Ed448.jose.json":   "not in the profile",
	"ML-DSA-44-ES256.jose.json":   "stale: its ECDSA encoding is one the draft's own text forbids; not in the profile",
	"ML-DSA-65-ES256.jose.json":   "stale: its ECDSA encoding is one the draft's own text forbids; not in the profile",
	"ML-DSA-87-ES384.jose.json":   "stale: its ECDSA encoding is one the draft's own text forbids; not in the profile",
}

func TestPostQuantumVectors(t *testing.T) {
	passed, total := 0, 0
	for _, folder := range []string{"rfc9964-mldsa", "composite"} {
		dir := filepath.Join(sharedData(t), "jose", folder)
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) == 0 {
			t.Skipf("no vectors in %s: %v", dir, err)
		}
		for _, file := range files {
			total++
			name := filepath.Base(file)
			if reason, out := leftOut[name]; out {
				t.Logf("%s left out: %s", name, reason)
				checkRefused(t, file)
				continue
			}
			if t.Run(name, func(t *testing.T) { checkVector(t, readVector(t, file)) }) {
				passed++
			}
		}
	}
	t.Logf("post-quantum vectors: %d of %d passed, %d left out with a reason", passed, total-len(leftOut), len(leftOut))
	if passed != 2 || total != 2+len(leftOut) {
		t.Errorf("%d of %d vectors passed; two algorithms of the profile have one each", passed, total)
	}
}

// sharedData is the folder of public samples, absent from the repository.
func sharedData(t *testing.T) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("public samples are absent: %v (EHDSGW_SHARED names their folder)", err)
	}
	return root
}

func readVector(t *testing.T, file string) pqVector {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v pqVector
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// checkRefused: an algorithm outside the profile gives no usable key.
func checkRefused(t *testing.T, file string) {
	v := readVector(t, file)
	delete(v.JWK, "priv")
	if key, reason := readJWK(v.JWK); reason == "" {
		t.Errorf("%s: a key of %s is usable", filepath.Base(file), key.Alg)
	}
}

func checkVector(t *testing.T, v pqVector) {
	seed := unhex(t, v.Priv+v.MLDSASeed+v.EdDSASeed)
	var alg, kid, priv string
	for name, into := range map[string]*string{"alg": &alg, "kid": &kid, "priv": &priv} {
		*into, _ = textOf(v.JWK[name])
	}
	if !bytes.Equal(unb64(t, priv), seed) {
		t.Error("priv of the JWK is not the seed")
	}
	signing, err := SignerFromSeed(alg, seed)
	if err != nil {
		t.Fatal(err)
	}
	if signing.Kid != kid || signing.Alg != alg {
		t.Errorf("kid %s, alg %s; want the thumbprint %s, %s", signing.Kid, signing.Alg, kid, alg)
	}
	if _, reason := readJWK(v.JWK); reason != "private or symmetric key material" {
		t.Errorf("a JWK with its private member: %q", reason)
	}
	delete(v.JWK, "priv")
	public, reason := readJWK(v.JWK)
	if reason != "" {
		t.Fatal(reason)
	}
	if own, _ := signing.Public(); !own.Key.(interface{ Equal(crypto.PublicKey) bool }).Equal(public.Key) {
		t.Error("the seed gives another public key")
	}
	checkVectorToken(t, v, public)
	checkVectorSignature(t, v, alg, signing)
}

// checkVectorToken verifies the example token. Its header has no typ and its payload is text, so the
// parts go to the same table that Token.Verify uses.
func checkVectorToken(t *testing.T, v pqVector, public PublicKey) {
	dot := strings.LastIndexByte(v.JWS, '.')
	token := Token{
		Header:       Header{Alg: public.Alg, Kid: public.Kid},
		SigningInput: []byte(v.JWS[:dot]), Signature: unb64(t, v.JWS[dot+1:]),
	}
	if err := token.Verify(public); err != nil {
		t.Errorf("the example: %v", err)
	}
	for _, at := range []int{0, mldsaSignatureBytes - 1, len(token.Signature) - 1} {
		token.Signature[at] ^= 1
		if err := token.Verify(public); Rule(err) != "signature" {
			t.Errorf("one bit of the signature's byte %d: %v", at, err)
		}
		token.Signature[at] ^= 1
	}
	token.SigningInput[3] ^= 1
	if err := token.Verify(public); Rule(err) != "signature" {
		t.Errorf("one bit of the input: %v", err)
	}
}

// checkVectorSignature makes the example's signature again, with the deterministic variant.
func checkVectorSignature(t *testing.T, v pqVector, alg string, signing SigningKey) {
	input := []byte(v.JWS[:strings.LastIndexByte(v.JWS, '.')])
	if alg == AlgComposite {
		if got := compositeRepresentative(input); !bytes.Equal(got, unhex(t, v.Signed)) {
			t.Errorf("message representative %x", got)
		}
	}
	got, err := signing.Signer.Sign(nil, input, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := unhex(t, v.Signature+v.Composite)
	half := mldsaSignatureBytes
	if !bytes.Equal(got[half:], want[half:]) {
		t.Error("the Ed25519 half differs")
	}
	if !bytes.Equal(got[:half], want[:half]) {
		t.Log("the example's ML-DSA-65 signature is a hedged one: another signature of the same message verifies")
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
