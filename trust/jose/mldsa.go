package jose

import (
	"crypto"
	"errors"
	"io"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// Sizes of ML-DSA-65 in bytes (FIPS 204, table 2).
const (
	mldsaSeedBytes      = mldsa65.SeedSize
	mldsaPublicBytes    = mldsa65.PublicKeySize
	mldsaSignatureBytes = mldsa65.SignatureSize
)

// MLDSAPublicKey is an ML-DSA-65 public key (FIPS 204), unpacked when it is read: expanding the
// matrix costs more than a verification, so it is done once per key and not once per token. It is
// immutable and safe for concurrent use; the zero value is no key and verifies nothing.
type MLDSAPublicKey struct {
	packed   [mldsaPublicBytes]byte
	unpacked *unpackedPublic
}

// The library's unpacked forms.
type (
	unpackedPublic  = mldsa65.PublicKey
	unpackedPrivate = mldsa65.PrivateKey
)

// NewMLDSAPublicKey unpacks the encoding of FIPS 204 §7.2, 1952 bytes; any other length is ErrKey.
func NewMLDSAPublicKey(encoded []byte) (*MLDSAPublicKey, error) {
	if len(encoded) != mldsaPublicBytes {
		return nil, ErrKey
	}
	return unpackMLDSA([mldsaPublicBytes]byte(encoded)), nil
}

// unpackMLDSA cannot fail: every string of the right length is a key.
func unpackMLDSA(packed [mldsaPublicBytes]byte) *MLDSAPublicKey {
	k := &MLDSAPublicKey{packed: packed, unpacked: new(unpackedPublic)}
	k.unpacked.Unpack(&k.packed)
	return k
}

func isMLDSA(key crypto.PublicKey) bool {
	k, ok := key.(*MLDSAPublicKey)
	return ok && k != nil && k.unpacked != nil
}

// Bytes returns the encoding of FIPS 204 §7.2.
func (k *MLDSAPublicKey) Bytes() []byte { return append([]byte(nil), k.packed[:]...) }

// Equal reports whether other is the same key.
func (k *MLDSAPublicKey) Equal(other crypto.PublicKey) bool {
	o, ok := other.(*MLDSAPublicKey)
	return ok && o != nil && o.packed == k.packed
}

// holds verifies sig over msg under a context string (FIPS 204 §5.3).
func (k *MLDSAPublicKey) holds(msg, context, sig []byte) bool {
	return mldsa65.Verify(k.unpacked, msg, context, sig)
}

// MLDSAPrivateKey is an ML-DSA-65 private key, kept as its seed (RFC 9964) and unpacked once. It
// implements crypto.Signer over whole messages.
type MLDSAPrivateKey struct {
	seed   [mldsaSeedBytes]byte
	secret *unpackedPrivate
	public *MLDSAPublicKey
}

var _ crypto.Signer = (*MLDSAPrivateKey)(nil)

// NewMLDSAPrivateKey expands a seed of 32 bytes (FIPS 204 §6.1); any other length is ErrKey.
func NewMLDSAPrivateKey(seed []byte) (*MLDSAPrivateKey, error) {
	if len(seed) != mldsaSeedBytes {
		return nil, ErrKey
	}
	k := &MLDSAPrivateKey{seed: [mldsaSeedBytes]byte(seed)}
	public, secret := mldsa65.NewKeyFromSeed(&k.seed)
	k.secret, k.public = secret, unpackMLDSA([mldsaPublicBytes]byte(public.Bytes()))
	return k, nil
}

// Public returns the *MLDSAPublicKey.
func (k *MLDSAPrivateKey) Public() crypto.PublicKey { return k.public }

// Sign signs msg itself, with an empty context (RFC 9964). A nil source of randomness gives the
// deterministic variant of FIPS 204 §5.2; any other one the hedged variant, which draws from the
// system's. Options that name a hash are refused.
func (k *MLDSAPrivateKey) Sign(random io.Reader, msg []byte, o crypto.SignerOpts) ([]byte, error) {
	return k.signContext(random, msg, nil, o)
}

func (k *MLDSAPrivateKey) signContext(random io.Reader, msg, context []byte, o crypto.SignerOpts) ([]byte, error) {
	if o != nil && o.HashFunc() != 0 {
		return nil, errors.New("ML-DSA-65 signs messages, not digests")
	}
	sig := make([]byte, mldsaSignatureBytes)
	if err := mldsa65.SignTo(k.secret, msg, context, random != nil, sig); err != nil {
		return nil, err
	}
	return sig, nil
}

// String names the type, never the secret.
func (k *MLDSAPrivateKey) String() string { return "ML-DSA-65 private key" }

// GoString is String, so that %#v shows no secret either.
func (k *MLDSAPrivateKey) GoString() string { return k.String() }
