package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"testing"
)

// Tokens in these tests are put together by hand, apart from Sign.

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// forge signs any header and payload, well-formed or not.
func forge(t testing.TB, key crypto.Signer, header, payload string) string {
	t.Helper()
	return forgeSegments(t, key, b64(header)+"."+b64(payload))
}

func forgeSegments(t testing.TB, key crypto.Signer, input string) string {
	t.Helper()
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return input + "." + b64(string(ed25519.Sign(k, []byte(input))))
	case *ecdsa.PrivateKey:
		digest := sha256.Sum256([]byte(input))
		r, s, err := ecdsa.Sign(rand.Reader, k, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		return input + "." + b64(string(sig))
	}
	t.Fatalf("cannot sign with %T", key)
	return ""
}

const (
	testTyp    = "ehds-message+jwt"
	goodHeader = `{"alg":"Ed25519","kid":"` + rfc8037Kid + `","typ":"` + testTyp + `"}`
	goodClaims = `{"iss":"https://ncp.example","seq":1,"body":{"a":[1,2,{"b":null}]}}`
)

func accept(extra ...string) ParseOptions {
	return ParseOptions{Typ: []string{testTyp}, ExtraHeaders: extra}
}

func edPublic(t testing.TB) PublicKey {
	t.Helper()
	return PublicKey{Kid: rfc8037Kid, Alg: "Ed25519", Use: "sig", Key: rfc8037Key(t).Public()}
}

func ecPublic(t testing.TB) PublicKey {
	t.Helper()
	kid, err := Thumbprint(rfc7515Key(t).Public())
	if err != nil {
		t.Fatal(err)
	}
	return PublicKey{Kid: kid, Alg: "ES256", Use: "sig", Key: rfc7515Key(t).Public()}
}
