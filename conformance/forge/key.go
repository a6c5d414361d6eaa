package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// The algorithms forge signs with (RFC 9864, RFC 7518 §3.4). AlgEdDSA is read only, for keys that
// name it (wire profile §2).
const (
	AlgEd25519 = "Ed25519"
	AlgES256   = "ES256"
	AlgEdDSA   = "EdDSA"
)

// ErrKey means that a key is malformed, or does not fit what it is asked to do.
var ErrKey = errors.New("forge: unusable key")

// Key is a signing key.
type Key struct {
	Kid     string // RFC 7638 thumbprint
	Alg     string
	private crypto.Signer
}

// NewKey makes a key for AlgEd25519 or AlgES256 from a source of randomness, the same key from the
// same bytes.
func NewKey(alg string, random io.Reader) (*Key, error) {
	seed := make([]byte, 32)
	for {
		if _, err := io.ReadFull(random, seed); err != nil {
			return nil, fmt.Errorf("new key: %w", err)
		}
		k, err := keyFromSeed(alg, seed)
		if err == nil || alg != AlgES256 {
			return k, err
		}
		// A scalar outside the group's order, once in 2^32: draw again.
	}
}

// Signer gives the private key itself, for what SignRaw would never do.
func (k *Key) Signer() crypto.Signer { return k.private }

func keyFromSeed(alg string, seed []byte) (*Key, error) {
	var private crypto.Signer
	switch alg {
	case AlgEd25519:
		if len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("%w: length", ErrKey)
		}
		private = ed25519.NewKeyFromSeed(seed)
	case AlgES256:
		p, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed)
		if err != nil {
			return nil, fmt.Errorf("%w: scalar", ErrKey)
		}
		private = p
	default:
		return nil, fmt.Errorf("%w: algorithm", ErrKey)
	}
	k := &Key{Alg: alg, private: private}
	pub, err := jwkOf(private.Public())
	if err != nil {
		return nil, err
	}
	k.Kid, err = pub.Thumbprint()
	return k, err
}

// Public is the key as peers know it.
func (k *Key) Public() JWK {
	j, err := jwkOf(k.private.Public())
	if err != nil { // the key was made by NewKey or ParsePrivate: both know its type
		return JWK{}
	}
	j.Kid, j.Alg, j.Use = k.Kid, k.Alg, "sig"
	return j
}

// SignRaw signs bytes as JWS signs its signing input (RFC 7518 §3.4, RFC 8037 §3.1), the same
// signature for the same bytes.
func (k *Key) SignRaw(input []byte) ([]byte, error) {
	switch p := k.private.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(p, input), nil
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256(input)
		// Without a source of randomness the nonce follows from key and digest (RFC 6979), so that
		// vectors can be made again byte for byte.
		der, err := p.Sign(nil, sum[:], crypto.SHA256)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		var point struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der, &point); err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		out := make([]byte, 64)
		point.R.FillBytes(out[:32])
		point.S.FillBytes(out[32:])
		return out, nil
	}
	return nil, fmt.Errorf("%w: type", ErrKey)
}

// privateJWK is a key as a file keeps it (RFC 7517 §4, RFC 8037 §2).
type privateJWK struct {
	JWK
	D string `json:"d"`
}

// MarshalPrivate writes the key with its private part. It belongs in a file only its owner can read.
func (k *Key) MarshalPrivate() ([]byte, error) {
	var d []byte
	switch p := k.private.(type) {
	case ed25519.PrivateKey:
		d = p.Seed()
	case *ecdsa.PrivateKey:
		raw, err := p.Bytes()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKey, err)
		}
		d = raw
	default:
		return nil, fmt.Errorf("%w: type", ErrKey)
	}
	return json.Marshal(privateJWK{JWK: k.Public(), D: base64.RawURLEncoding.EncodeToString(d)})
}

// ParsePrivate reads what MarshalPrivate writes and checks that public and private part belong
// together.
func ParsePrivate(raw []byte) (*Key, error) {
	var j privateJWK
	if err := DecodeExact(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	d, err := decodeSegment(j.D)
	if err != nil {
		return nil, fmt.Errorf("%w: private part", ErrKey)
	}
	k, err := keyFromSeed(j.Alg, d)
	if err != nil {
		return nil, err
	}
	if k.Public() != j.JWK {
		return nil, fmt.Errorf("%w: public and private part differ", ErrKey)
	}
	return k, nil
}

// verifyRaw checks a signature over a signing input.
func verifyRaw(pub crypto.PublicKey, input, signature []byte) bool {
	switch p := pub.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(p, input, signature)
	case *ecdsa.PublicKey:
		if len(signature) != 64 {
			return false
		}
		sum := sha256.Sum256(input)
		return ecdsa.Verify(p, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	return false
}
