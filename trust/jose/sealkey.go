package jose

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/json"
	"fmt"
	"log/slog"
)

// The sealing algorithms: integrated encryption of draft-ietf-jose-hpke-encrypt, and HPKE-10 of
// draft-ietf-jose-hpke-pq-pqt, which is a hybrid (X-Wing) and opt-in (wire profile §2).
const (
	algHPKE0  = "HPKE-0"
	algHPKE3  = "HPKE-3"
	algHPKE10 = "HPKE-10"
)

// sealingSeed is the length of every private sealing key: a scalar, or the seed of X-Wing.
const sealingSeed = 32

// suite is one row: the parts of an HPKE ciphersuite (RFC 9180 §7) and how its public key is written.
type suite struct {
	alg  string
	kem  func() hpke.KEM
	kdf  func() hpke.KDF
	aead func() hpke.AEAD
	// names reports whether a JWK's kty and crv go with alg.
	kty, crv string
	// encapsulated is the length of an encapsulated key.
	encapsulated int
}

var suites = []suite{
	{algHPKE0, p256KEM, hpke.HKDFSHA256, hpke.AES128GCM, "EC", "P-256", 65},
	{algHPKE3, x25519KEM, hpke.HKDFSHA256, hpke.AES128GCM, "OKP", "X25519", 32},
	{algHPKE10, hpke.MLKEM768X25519, hpke.SHAKE256, hpke.AES256GCM, "AKP", "", 1120},
}

func p256KEM() hpke.KEM   { return hpke.DHKEM(ecdh.P256()) }
func x25519KEM() hpke.KEM { return hpke.DHKEM(ecdh.X25519()) }

func suiteNamed(alg string) (suite, bool) {
	for _, s := range suites {
		if s.alg == alg {
			return s, true
		}
	}
	return suite{}, false
}

// SealingAlgs returns the sealing algorithms known here, the opt-in one last.
func SealingAlgs() []string { return []string{algHPKE3, algHPKE0, algHPKE10} }

// SealingPublicKey is what others seal to. It verifies no signature.
type SealingPublicKey struct {
	alg     string
	encoded []byte // as the KEM serialises it
	key     hpkePublic
}

// The library's keys.
type (
	hpkePublic  = hpke.PublicKey
	hpkePrivate = hpke.PrivateKey
)

// Alg is the one algorithm the key is for.
func (k *SealingPublicKey) Alg() string { return k.alg }

// Equal reports whether other is the same key for the same algorithm.
func (k *SealingPublicKey) Equal(other crypto.PublicKey) bool {
	o, ok := other.(*SealingPublicKey)
	return ok && o != nil && o.alg == k.alg && bytes.Equal(o.encoded, k.encoded)
}

func newSealingPublicKey(s suite, encoded []byte) (*SealingPublicKey, error) {
	key, err := s.kem().NewPublicKey(encoded)
	if err != nil {
		return nil, ErrKey
	}
	return &SealingPublicKey{s.alg, bytes.Clone(encoded), key}, nil
}

// SealingKey opens what was sealed to its public half.
type SealingKey struct {
	// Kid is the RFC 7638 thumbprint of the public half.
	Kid string
	// Alg is the one algorithm the key is for.
	Alg     string
	public  *SealingPublicKey
	private hpkePrivate
}

// SealingKeyFromSeed makes the key whose private form is seed, 32 bytes: for HPKE-0 the scalar, for
// HPKE-3 the private key of RFC 7748, for HPKE-10 the seed of X-Wing. ErrAlg for another algorithm;
// ErrKey for a seed of another length or out of range.
func SealingKeyFromSeed(alg string, seed []byte) (SealingKey, error) {
	s, ok := suiteNamed(alg)
	if !ok {
		return SealingKey{}, ErrAlg
	}
	if len(seed) != sealingSeed {
		return SealingKey{}, fmt.Errorf("%w: seed has the wrong length", ErrKey)
	}
	private, err := s.kem().NewPrivateKey(seed)
	if err != nil {
		return SealingKey{}, fmt.Errorf("%w: seed is out of range", ErrKey)
	}
	public, err := newSealingPublicKey(s, private.PublicKey().Bytes())
	if err != nil {
		return SealingKey{}, err
	}
	kid, err := Thumbprint(public)
	if err != nil {
		return SealingKey{}, err
	}
	return SealingKey{Kid: kid, Alg: alg, public: public, private: private}, nil
}

// Public returns the key as it is published, with use "enc".
func (k SealingKey) Public() PublicKey {
	return PublicKey{Kid: k.Kid, Alg: k.Alg, Use: "enc", Key: k.public}
}

// String names the key without its secret.
func (k SealingKey) String() string { return k.Alg + " " + k.Kid }

// GoString is String, so that %#v shows no secret either.
func (k SealingKey) GoString() string { return k.String() }

// LogValue is String for structured logs.
func (k SealingKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON always fails: a private key is never written by accident.
func (k SealingKey) MarshalJSON() ([]byte, error) {
	return nil, fmt.Errorf("%w: a sealing key has no JSON form", ErrKey)
}

// keyType makes the suite's row of the table of key types.
func (s suite) keyType() keyType {
	return keyType{
		names: func(kty, crv, alg string) bool { return alg == s.alg && kty == s.kty && crv == s.crv },
		read:  s.readKey,
		write: s.writeKey,
	}
}

func (s suite) readKey(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	if use, _ := textOf(members["use"]); use != "enc" {
		return nil, "a sealing key must have use enc"
	}
	encoded, ok := s.encodedKey(members)
	if !ok {
		return nil, "a value is not canonical base64url of the right length"
	}
	k, err := newSealingPublicKey(s, encoded)
	if err != nil {
		return nil, "the key is not one of its kind"
	}
	return k, ""
}

func (s suite) encodedKey(members map[string]json.RawMessage) ([]byte, bool) {
	switch s.kty {
	case "EC":
		x, okX := coordinate(members["x"], p256Bytes)
		y, okY := coordinate(members["y"], p256Bytes)
		return append(append([]byte{4}, x...), y...), okX && okY
	case "OKP":
		return coordinate(members["x"], x25519Bytes)
	}
	return coordinate(members["pub"], xwingPublicBytes)
}

// Lengths of public keys.
const (
	x25519Bytes      = 32
	xwingPublicBytes = 1216
)

func (s suite) writeKey(pub crypto.PublicKey) (jwk, bool) {
	k, ok := pub.(*SealingPublicKey)
	if !ok || k == nil || k.alg != s.alg {
		return jwk{}, false
	}
	j := jwk{Kty: s.kty, Crv: s.crv, Alg: s.alg}
	switch s.kty {
	case "EC":
		j.X, j.Y = encode(k.encoded[1:1+p256Bytes]), encode(k.encoded[1+p256Bytes:])
	case "OKP":
		j.X = encode(k.encoded)
	default:
		j.Pub = encode(k.encoded)
	}
	return j, true
}
