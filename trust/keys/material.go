package keys

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const secretSize = 32 // of an Ed25519 seed, a P-256 scalar and a record secret alike

// privateJWK is a key pair, OKP (RFC 8037 §2) or EC (RFC 7518 §6.2), or an oct secret (RFC 7518 §6.4).
type privateJWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	D   string `json:"d,omitempty"`
	K   string `json:"k,omitempty"`
}

// secret is the part everything else of the key follows from.
func (j privateJWK) secret() ([]byte, error) {
	text := j.D
	if j.Kty == "oct" {
		text = j.K
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// material is a usable key with its written form.
type material struct {
	written privateJWK
	kid     string
	signing jose.SigningKey    // of keys that sign tokens
	log     ed25519.PrivateKey // of log keys
	secret  []byte             // of record keys
}

// newMaterial makes fresh key material for a purpose.
func newMaterial(p Purpose, alg string, rand io.Reader) (material, error) {
	const attempts = 4 // a P-256 scalar is out of range once in 2^32
	var err error
	for range attempts {
		seed := make([]byte, secretSize)
		if _, err := io.ReadFull(rand, seed); err != nil {
			return material{}, fmt.Errorf("keys: read randomness: %w", err)
		}
		var m material
		if m, err = materialFrom(p, alg, seed); err == nil {
			return m, nil
		}
	}
	return material{}, err
}

// materialFrom derives the key from its secret part.
func materialFrom(p Purpose, alg string, seed []byte) (material, error) {
	if len(seed) != secretSize {
		return material{}, errors.New("keys: secret part has the wrong length")
	}
	b64 := base64.RawURLEncoding.EncodeToString
	switch {
	case p == Record && alg == "":
		return material{written: privateJWK{Kty: "oct", K: b64(seed)}, kid: secretID(seed), secret: seed}, nil
	case alg == Ed25519:
		private := ed25519.NewKeyFromSeed(seed)
		signing, err := jose.NewSigningKey(private)
		if err != nil {
			return material{}, err
		}
		public := b64(private.Public().(ed25519.PublicKey))
		return material{
			written: privateJWK{Kty: "OKP", Crv: "Ed25519", X: public, D: b64(seed)},
			kid:     signing.Kid, signing: signing, log: private,
		}, nil
	case alg == ES256:
		private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
		if err != nil {
			return material{}, fmt.Errorf("keys: %w", err)
		}
		point, err := private.PublicKey.Bytes()
		if err != nil {
			return material{}, fmt.Errorf("keys: %w", err)
		}
		signing, err := jose.NewSigningKey(private)
		if err != nil {
			return material{}, err
		}
		x, y := b64(point[1:1+secretSize]), b64(point[1+secretSize:])
		return material{written: privateJWK{Kty: "EC", Crv: "P-256", X: x, Y: y, D: b64(seed)}, kid: signing.Kid, signing: signing}, nil
	}
	return material{}, fmt.Errorf("%w: %q", ErrAlg, alg)
}

// secretID is the RFC 7638 thumbprint of an oct key.
func secretID(secret []byte) string {
	b64 := base64.RawURLEncoding
	sum := sha256.Sum256([]byte(`{"k":"` + b64.EncodeToString(secret) + `","kty":"oct"}`))
	return b64.EncodeToString(sum[:])
}
