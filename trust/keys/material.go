package keys

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const secretSize = 32 // of a record secret

// privateJWK is a key pair of a type that signs here, OKP (RFC 8037 §2), EC (RFC 7518 §6.2) or AKP
// (RFC 9964), or an oct secret (RFC 7518 §6.4).
type privateJWK struct {
	Kty  string `json:"kty"`
	Alg  string `json:"alg,omitempty"` // of AKP, which says nothing without it
	Crv  string `json:"crv,omitempty"`
	X    string `json:"x,omitempty"`
	Y    string `json:"y,omitempty"`
	D    string `json:"d,omitempty"`
	Pub  string `json:"pub,omitempty"`
	Priv string `json:"priv,omitempty"`
	K    string `json:"k,omitempty"`
}

// secret is the member everything else of the key follows from.
func (j *privateJWK) secret() *string {
	switch j.Kty {
	case "oct":
		return &j.K
	case "AKP":
		return &j.Priv
	}
	return &j.D
}

// material is a usable key with its written form.
type material struct {
	written privateJWK
	kid     string
	signing jose.SigningKey    // of keys that sign tokens; without a Signer while a device's is not at hand
	public  jose.PublicKey     // of the same
	sealing jose.SealingKey    // of sealing keys
	log     ed25519.PrivateKey // of log keys
	secret  []byte             // of record keys
}

// newMaterial makes fresh key material for a purpose.
func newMaterial(p Purpose, alg string, rand io.Reader) (material, error) {
	size := seedSize(p, alg)
	const attempts = 4 // a P-256 scalar is out of range once in 2^32
	var err error
	for range attempts {
		seed := make([]byte, size)
		if _, err := io.ReadFull(rand, seed); err != nil {
			return material{}, fmt.Errorf("keys: read randomness: %w", err)
		}
		var m material
		if m, err = materialFrom(p, alg, seed); err == nil {
			return m, nil
		}
	}
	return material{}, fmt.Errorf("keys: %w", err)
}

// seedSize is the length of the secret part in bytes; the algorithm is one of the purpose's.
func seedSize(p Purpose, alg string) int {
	switch p {
	case Record:
		return secretSize
	case Sealing:
		return sealingSecret
	}
	size, _ := jose.SeedSize(alg)
	return size
}

// materialFrom derives the key from its secret part.
func materialFrom(p Purpose, alg string, seed []byte) (material, error) {
	written := base64.RawURLEncoding.EncodeToString(seed)
	if p == Record {
		if len(seed) != secretSize {
			return material{}, fmt.Errorf("secret has %d bytes, not %d", len(seed), secretSize)
		}
		return material{written: privateJWK{Kty: "oct", K: written}, kid: secretID(seed), secret: seed}, nil
	}
	var m material
	var err error
	if p == Sealing {
		if m.sealing, err = jose.SealingKeyFromSeed(alg, seed); err != nil {
			return material{}, err
		}
		m.kid, m.public = m.sealing.Kid, m.sealing.Public()
		return m.write(written)
	}
	if m.signing, err = jose.SignerFromSeed(alg, seed); err != nil {
		return material{}, err
	}
	m.kid = m.signing.Kid
	m.log, _ = m.signing.Signer.(ed25519.PrivateKey)
	if m.public, err = m.signing.Public(); err != nil {
		return material{}, err
	}
	return m.write(written)
}

// write adds the written form, which is the published one and the secret part.
func (m material) write(secret string) (material, error) {
	text, err := m.public.MarshalJSON()
	if err != nil {
		return material{}, err
	}
	if err := json.Unmarshal(text, &m.written); err != nil {
		return material{}, err
	}
	*m.written.secret() = secret
	if m.written.Kty != "AKP" {
		m.written.Alg = "" // the record says it
	}
	return m, nil
}

// secretID is the RFC 7638 thumbprint of an oct key.
func secretID(secret []byte) string {
	b64 := base64.RawURLEncoding
	sum := sha256.Sum256([]byte(`{"k":"` + b64.EncodeToString(secret) + `","kty":"oct"}`))
	return b64.EncodeToString(sum[:])
}
