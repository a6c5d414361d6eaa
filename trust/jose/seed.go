package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"
)

// SeedSize returns the length in bytes of the private part a key of the
// algorithm is made from, and whether the algorithm signs here. It is what
// [SignerFromSeed] takes and what the private member of a JWK holds.
func SeedSize(alg string) (int, bool) {
	a, ok := algorithmNamed(alg)
	if !ok || a.fromSeed == nil {
		return 0, false
	}
	return a.seed, true
}

// SignerFromSeed makes the signing key of the algorithm from its private part;
// the same seed always gives the same key and kid. For Ed25519 the seed is that
// of RFC 8032 §5.1.5, for ES256 the scalar of RFC 7518 §6.2.2.1. ErrAlg: not an
// algorithm that signs here. ErrKey: the seed has the wrong length or, for
// ES256 with a chance below 2^-31 in random bytes, is no scalar of the curve;
// then draw again.
func SignerFromSeed(alg string, seed []byte) (SigningKey, error) {
	a, ok := algorithmNamed(alg)
	if !ok || a.fromSeed == nil {
		return SigningKey{}, ErrAlg
	}
	if len(seed) != a.seed {
		return SigningKey{}, fmt.Errorf("%w: seed has the wrong length", ErrKey)
	}
	signer, err := a.fromSeed(seed)
	if err != nil {
		return SigningKey{}, fmt.Errorf("%w: seed is out of range", ErrKey)
	}
	return NewSigningKey(signer)
}

func seedEd25519(seed []byte) (crypto.Signer, error) { return ed25519.NewKeyFromSeed(seed), nil }

func seedES256(seed []byte) (crypto.Signer, error) {
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
}
