package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"slices"
)

// The algorithm names of the profile (RFC 9864, RFC 8037, RFC 7518).
const (
	algEd25519 = "Ed25519"
	algEdDSA   = "EdDSA"
	algES256   = "ES256"
)

// algorithm is one row of the table: what a header's alg asks of the key, and
// how it verifies and signs. An algorithm the library does not know is one
// more row with its own functions.
type algorithm struct {
	name string
	// keyAlgs are the JWK alg values that go with it; "" is an absent alg.
	keyAlgs []string
	// fits reports whether the key has the right type and curve.
	fits func(crypto.PublicKey) bool
	// size is the length of a signature in bytes.
	size int
	// verify checks sig over input with exactly this key.
	verify func(key crypto.PublicKey, input, sig []byte) error
	// sign makes a signature in JWS form; nil when the name is for reading only.
	sign func(key crypto.Signer, input []byte) ([]byte, error)
	// seed is the length in bytes of what fromSeed makes a key from; fromSeed
	// is nil when sign is.
	seed     int
	fromSeed func(seed []byte) (crypto.Signer, error)
}

// algorithms is the allow-list in full. EdDSA is the older name of Ed25519:
// read, never written. A key that names its alg must name this one; only the
// older name also goes with a key that says nothing or says Ed25519
// (wire profile §2).
var algorithms = []algorithm{
	{
		name:     algEd25519,
		keyAlgs:  []string{algEd25519},
		fits:     isEd25519,
		size:     ed25519.SignatureSize,
		verify:   libraryVerify(algEdDSA),
		sign:     signEd25519,
		seed:     ed25519.SeedSize,
		fromSeed: seedEd25519,
	},
	{
		name:    algEdDSA,
		keyAlgs: []string{"", algEdDSA, algEd25519},
		fits:    isEd25519,
		size:    ed25519.SignatureSize,
		verify:  libraryVerify(algEdDSA),
	},
	{
		name:     algES256,
		keyAlgs:  []string{algES256},
		fits:     isP256,
		size:     2 * p256Bytes,
		verify:   libraryVerify(algES256),
		sign:     signES256,
		seed:     p256Bytes,
		fromSeed: seedES256,
	},
}

// DefaultAlgs returns the algorithms accepted when a caller names none.
func DefaultAlgs() []string {
	names := make([]string, len(algorithms))
	for i, a := range algorithms {
		names[i] = a.name
	}
	return names
}

func algorithmNamed(name string) (algorithm, bool) {
	i := slices.IndexFunc(algorithms, func(a algorithm) bool { return a.name == name })
	if i < 0 {
		return algorithm{}, false
	}
	return algorithms[i], true
}

// checkAlg applies the caller's allow-list on top of the table.
func checkAlg(name string, allowed []string) error {
	if _, ok := algorithmNamed(name); !ok {
		return ErrAlg
	}
	if len(allowed) > 0 && !slices.Contains(allowed, name) {
		return ErrAlg
	}
	return nil
}

func isEd25519(key crypto.PublicKey) bool {
	k, ok := key.(ed25519.PublicKey)
	return ok && len(k) == ed25519.PublicKeySize
}

func isP256(key crypto.PublicKey) bool {
	k, ok := key.(*ecdsa.PublicKey)
	return ok && k != nil && k.Curve == elliptic.P256()
}
