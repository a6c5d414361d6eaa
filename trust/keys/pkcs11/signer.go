//go:build pkcs11

package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"

	"github.com/miekg/pkcs11"
)

// What PKCS#11 3.0 added for Edwards curves; the library's constants are older.
const (
	ckkECEdwards           = 0x00000040
	ckmECEdwardsKeyPairGen = 0x00001055
	ckmEdDSA               = 0x00001057
)

// kind is how a token treats keys of one algorithm.
type kind struct {
	keyType   uint
	generate  uint
	mechanism uint
	curve     []byte // CKA_EC_PARAMS, DER
	hash      crypto.Hash
	read      func(point []byte) crypto.PublicKey // nil when it is no point
}

var kinds = map[string]kind{
	"Ed25519": {
		keyType: ckkECEdwards, generate: ckmECEdwardsKeyPairGen, mechanism: ckmEdDSA,
		curve: []byte("\x13\x0cedwards25519"), // PrintableString (PKCS#11 3.0 §2.3.5)
		read: func(point []byte) crypto.PublicKey {
			if len(point) != ed25519.PublicKeySize {
				return nil
			}
			return ed25519.PublicKey(point)
		},
	},
	"ES256": {
		keyType: pkcs11.CKK_EC, generate: pkcs11.CKM_EC_KEY_PAIR_GEN, mechanism: pkcs11.CKM_ECDSA,
		curve: []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, // prime256v1
		hash:  crypto.SHA256,
		read: func(point []byte) crypto.PublicKey {
			public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
			if err != nil {
				return nil
			}
			return public
		},
	},
}

func (k kind) template(class uint, id []byte) []*pkcs11.Attribute {
	return []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, k.keyType),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_ID, id),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, fmt.Sprintf("ehdsgw %x", id)),
	}
}

// point reads CKA_EC_POINT: the point in an OCTET STRING.
func (k kind) point(value []byte) (crypto.PublicKey, error) {
	var inner []byte
	if rest, err := asn1.Unmarshal(value, &inner); err == nil && len(rest) == 0 {
		value = inner
	}
	if public := k.read(value); public != nil {
		return public, nil
	}
	return nil, fmt.Errorf("%w: the token's public half is no point of the curve", ErrKey)
}

// signer is a key in the token.
type signer struct {
	token  *Token
	kind   kind
	id     []byte
	public crypto.PublicKey
}

// Public is the public half.
func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign signs as crypto.Signer asks: the message itself for Ed25519, a SHA-256
// digest for ES256, whose signature is DER. The token draws its own randomness.
func (s *signer) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	if o.HashFunc() != s.kind.hash {
		return nil, fmt.Errorf("%w %x: signs over %v only", ErrKey, s.id, s.kind.hash)
	}
	var sig []byte
	err := s.token.do(func(session pkcs11.SessionHandle) error {
		// The handle is looked up each time: handles end with their session.
		h, err := s.token.one(session, pkcs11.CKO_PRIVATE_KEY, s.kind, s.id)
		if err != nil {
			return err
		}
		if err := s.token.ctx.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(s.kind.mechanism, nil)}, h); err != nil {
			return fmt.Errorf("%w %x: sign: %w", ErrKey, s.id, err)
		}
		if sig, err = s.token.ctx.Sign(session, digest); err != nil {
			return fmt.Errorf("%w %x: sign: %w", ErrKey, s.id, err)
		}
		return nil
	})
	if err != nil || s.kind.hash == 0 {
		return sig, err
	}
	half := len(sig) / 2 // r ‖ s
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(sig[:half]), new(big.Int).SetBytes(sig[half:])})
}
