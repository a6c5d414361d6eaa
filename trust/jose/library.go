package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"math/big"
)

// libraryVerify is the primitive for one algorithm and one key.
func libraryVerify(name string) func(crypto.PublicKey, []byte, []byte) error {
	return func(key crypto.PublicKey, input, sig []byte) error {
		holds := false
		switch k := key.(type) {
		case ed25519.PublicKey:
			holds = name == algEdDSA && ed25519.Verify(k, input, sig)
		case *ecdsa.PublicKey:
			digest := sha256.Sum256(input)
			r := new(big.Int).SetBytes(sig[:p256Bytes])
			s := new(big.Int).SetBytes(sig[p256Bytes:])
			holds = name == algES256 && ecdsa.Verify(k, digest[:], r, s)
		}
		if !holds {
			return errors.New("signature does not match")
		}
		return nil
	}
}

// librarySign signs with a key held in memory.
func librarySign(name string, s crypto.Signer, input []byte) ([]byte, error) {
	if name == algEdDSA {
		return s.Sign(rand.Reader, input, crypto.Hash(0))
	}
	digest := sha256.Sum256(input)
	der, err := s.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return fixedWidth(der)
}
