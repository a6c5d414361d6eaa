package trusttest

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Key is the Ed25519 key of a name: the same in every run.
func Key(name string) jose.SigningKey {
	seed := sha256.Sum256([]byte("ehdsgw test key of " + name))
	k, err := jose.NewSigningKey(ed25519.NewKeyFromSeed(seed[:]))
	if err != nil {
		panic(err) // an Ed25519 key is always fit
	}
	return k
}

// KeyFor is the key of a name for any algorithm that signs: the same in every run.
func KeyFor(alg, name string) jose.SigningKey {
	size, ok := jose.SeedSize(alg)
	if !ok {
		panic("trusttest: " + alg + " does not sign")
	}
	seed := sha512.Sum512([]byte("ehdsgw test key of " + name + " for " + alg))
	k, err := jose.SignerFromSeed(alg, seed[:size])
	if err != nil {
		panic(err) // for ES256 with a chance below 2^-31; choose another name
	}
	return k
}

// KeySet publishes keys.
func KeySet(keys ...jose.SigningKey) jose.KeySet {
	var set jose.KeySet
	for _, k := range keys {
		pub, err := k.Public()
		if err != nil {
			panic(err) // made by Key
		}
		set.Keys = append(set.Keys, pub)
	}
	return set
}

// Sign signs claims with a key; chain, when given, becomes the trust_chain header.
func Sign(t testing.TB, key jose.SigningKey, typ string, claims any, chain ...string) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatalf("trusttest: %v", err)
	}
	token, err := jose.Sign(key, typ, jose.SignOptions{TrustChain: chain}, payload)
	if err != nil {
		t.Fatalf("trusttest: %v", err)
	}
	return token
}
