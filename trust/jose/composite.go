package jose

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
)

// The composite ML-DSA-65-Ed25519 of draft-ietf-jose-pq-composite-sigs: both signatures cover one
// message representative that starts with a fixed prefix and the algorithm's label, so neither half
// can be taken out and used as a signature of its own.
const (
	compositePrefix = "CompositeAlgorithmSignatures2025"
	compositeLabel  = "COMPSIG-MLDSA65-Ed25519-SHA512"

	compositeSeedBytes      = mldsaSeedBytes + ed25519.SeedSize
	compositePublicBytes    = mldsaPublicBytes + ed25519.PublicKeySize
	compositeSignatureBytes = mldsaSignatureBytes + ed25519.SignatureSize
)

// CompositePublicKey is an ML-DSA-65-Ed25519 public key. It is immutable and safe for concurrent use;
// the zero value is no key and verifies nothing.
type CompositePublicKey struct {
	mldsa   *MLDSAPublicKey
	ed25519 ed25519.PublicKey
}

// NewCompositePublicKey reads the ML-DSA-65 encoding followed by the Ed25519 one, 1984 bytes. Another
// length, or an Ed25519 half that is no point or one of small order, is ErrKey.
func NewCompositePublicKey(encoded []byte) (*CompositePublicKey, error) {
	if len(encoded) != compositePublicBytes || !validEd25519(encoded[mldsaPublicBytes:]) {
		return nil, ErrKey
	}
	half := unpackMLDSA([mldsaPublicBytes]byte(encoded))
	return &CompositePublicKey{half, bytes.Clone(encoded[mldsaPublicBytes:])}, nil
}

func isComposite(key crypto.PublicKey) bool {
	k, ok := key.(*CompositePublicKey)
	return ok && k != nil && isMLDSA(k.mldsa) && isEd25519(k.ed25519)
}

// Bytes returns both encodings, ML-DSA-65 first.
func (k *CompositePublicKey) Bytes() []byte { return append(k.mldsa.Bytes(), k.ed25519...) }

// Equal reports whether other is the same key.
func (k *CompositePublicKey) Equal(other crypto.PublicKey) bool {
	o, ok := other.(*CompositePublicKey)
	return ok && isComposite(o) && isComposite(k) && k.mldsa.Equal(o.mldsa) && k.ed25519.Equal(o.ed25519)
}

// holds wants both halves; the cheaper one is looked at first.
func (k *CompositePublicKey) holds(msg, sig []byte) bool {
	if len(sig) != compositeSignatureBytes {
		return false
	}
	m := compositeRepresentative(msg)
	return ed25519.Verify(k.ed25519, m, sig[mldsaSignatureBytes:]) &&
		k.mldsa.holds(m, []byte(compositeLabel), sig[:mldsaSignatureBytes])
}

// compositeRepresentative is Prefix ‖ Label ‖ len(ctx) ‖ SHA-512(msg) with the empty application
// context that JOSE uses.
func compositeRepresentative(msg []byte) []byte {
	digest := sha512.Sum512(msg)
	out := make([]byte, 0, len(compositePrefix)+len(compositeLabel)+1+len(digest))
	out = append(out, compositePrefix...)
	out = append(out, compositeLabel...)
	out = append(out, 0)
	return append(out, digest[:]...)
}

// CompositePrivateKey is an ML-DSA-65-Ed25519 private key. It implements crypto.Signer over whole
// messages.
type CompositePrivateKey struct {
	mldsa   *MLDSAPrivateKey
	ed25519 ed25519.PrivateKey
	public  *CompositePublicKey
}

var _ crypto.Signer = (*CompositePrivateKey)(nil)

// NewCompositePrivateKey expands the ML-DSA-65 seed followed by the Ed25519 seed, 64 bytes; any other
// length is ErrKey. The two seeds must belong to this key alone (draft, "Key reuse").
func NewCompositePrivateKey(seeds []byte) (*CompositePrivateKey, error) {
	if len(seeds) != compositeSeedBytes {
		return nil, ErrKey
	}
	half, err := NewMLDSAPrivateKey(seeds[:mldsaSeedBytes])
	if err != nil {
		return nil, err
	}
	k := &CompositePrivateKey{mldsa: half, ed25519: ed25519.NewKeyFromSeed(seeds[mldsaSeedBytes:])}
	k.public = &CompositePublicKey{half.public, k.ed25519.Public().(ed25519.PublicKey)}
	return k, nil
}

// Public returns the *CompositePublicKey.
func (k *CompositePrivateKey) Public() crypto.PublicKey { return k.public }

// Sign makes both signatures, as MLDSAPrivateKey.Sign does with random and o.
func (k *CompositePrivateKey) Sign(random io.Reader, msg []byte, o crypto.SignerOpts) ([]byte, error) {
	if o != nil && o.HashFunc() != 0 {
		return nil, errors.New("ML-DSA-65-Ed25519 signs messages, not digests")
	}
	m := compositeRepresentative(msg)
	sig, err := k.mldsa.signContext(random, m, []byte(compositeLabel), nil)
	if err != nil {
		return nil, fmt.Errorf("ML-DSA-65 half: %w", err)
	}
	return append(sig, ed25519.Sign(k.ed25519, m)...), nil
}

// String names the type, never the secret.
func (k *CompositePrivateKey) String() string { return "ML-DSA-65-Ed25519 private key" }

// GoString is String, so that %#v shows no secret either.
func (k *CompositePrivateKey) GoString() string { return k.String() }
