package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"math/big"
)

// p256Bytes is the length of a coordinate and of half a signature (RFC 7518 §3.4).
const p256Bytes = 32

func inMemory(s crypto.Signer) bool {
	switch s.(type) {
	case ed25519.PrivateKey, *ecdsa.PrivateKey, *MLDSAPrivateKey, *CompositePrivateKey:
		return true
	}
	return false
}

func signEd25519(s crypto.Signer, input []byte) ([]byte, error) {
	if inMemory(s) {
		return librarySign(AlgEdDSA, s, input)
	}
	return s.Sign(rand.Reader, input, crypto.Hash(0))
}

// signWhole is for algorithms whose signer takes the message itself.
func signWhole(s crypto.Signer, input []byte) ([]byte, error) {
	return s.Sign(rand.Reader, input, crypto.Hash(0))
}

func signES256(s crypto.Signer, input []byte) ([]byte, error) {
	if inMemory(s) {
		return librarySign(AlgES256, s, input)
	}
	digest := sha256.Sum256(input)
	der, err := s.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	return fixedWidth(der)
}

// fixedWidth turns the DER form that a crypto.Signer returns for ECDSA into
// the r ‖ s of RFC 7518 §3.4. A device's answer is foreign input as well.
func fixedWidth(der []byte) ([]byte, error) {
	var sig struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &sig)
	if err != nil || len(rest) > 0 {
		return nil, errors.New("signature is not DER")
	}
	for _, n := range []*big.Int{sig.R, sig.S} {
		if n.Sign() <= 0 || n.BitLen() > 8*p256Bytes {
			return nil, errors.New("signature is out of range")
		}
	}
	out := make([]byte, 2*p256Bytes)
	sig.R.FillBytes(out[:p256Bytes])
	sig.S.FillBytes(out[p256Bytes:])
	return out, nil
}
