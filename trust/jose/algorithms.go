package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"
)

// The algorithm names of the profile.
const (
	AlgEd25519   = "Ed25519"           // RFC 9864
	AlgEdDSA     = "EdDSA"             // RFC 8037; the older name of Ed25519, read only
	AlgES256     = "ES256"             // RFC 7518
	AlgMLDSA65   = "ML-DSA-65"         // RFC 9964
	AlgComposite = "ML-DSA-65-Ed25519" // draft-ietf-jose-pq-composite-sigs; experimental
	AlgRS256     = "RS256"             // GA4GH visas and passports only; read only
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
	// size is the length of a signature under the key, in bytes.
	size func(crypto.PublicKey) int
	// optIn: accepted only where the caller's list names it.
	optIn bool
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
		name:     AlgEd25519,
		keyAlgs:  []string{AlgEd25519},
		fits:     isEd25519,
		size:     bytesLong(ed25519.SignatureSize),
		verify:   libraryVerify(AlgEdDSA),
		sign:     signEd25519,
		seed:     ed25519.SeedSize,
		fromSeed: seedEd25519,
	},
	{
		name:    AlgEdDSA,
		keyAlgs: []string{"", AlgEdDSA, AlgEd25519},
		fits:    isEd25519,
		size:    bytesLong(ed25519.SignatureSize),
		verify:  libraryVerify(AlgEdDSA),
	},
	{
		name:     AlgES256,
		keyAlgs:  []string{AlgES256},
		fits:     isP256,
		size:     bytesLong(2 * p256Bytes),
		verify:   libraryVerify(AlgES256),
		sign:     signES256,
		seed:     p256Bytes,
		fromSeed: seedES256,
	},
	{
		name:    AlgMLDSA65,
		keyAlgs: []string{AlgMLDSA65},
		fits:    isMLDSA,
		size:    bytesLong(mldsaSignatureBytes),
		optIn:   true,
		verify: func(key crypto.PublicKey, input, sig []byte) error {
			return holdsOr(key.(*MLDSAPublicKey).holds(input, nil, sig))
		},
		sign:     signWhole,
		seed:     mldsaSeedBytes,
		fromSeed: func(seed []byte) (crypto.Signer, error) { return NewMLDSAPrivateKey(seed) },
	},
	{
		name:    AlgComposite,
		keyAlgs: []string{AlgComposite},
		fits:    isComposite,
		size:    bytesLong(compositeSignatureBytes),
		optIn:   true,
		verify: func(key crypto.PublicKey, input, sig []byte) error {
			return holdsOr(key.(*CompositePublicKey).holds(input, sig))
		},
		sign:     signWhole,
		seed:     compositeSeedBytes,
		fromSeed: func(seed []byte) (crypto.Signer, error) { return NewCompositePrivateKey(seed) },
	},
	{
		name:    AlgRS256,
		keyAlgs: []string{"", AlgRS256},
		fits:    isRSA,
		size:    func(key crypto.PublicKey) int { return key.(*rsa.PublicKey).Size() },
		optIn:   true,
		verify:  libraryVerify(AlgRS256),
	},
}

func bytesLong(n int) func(crypto.PublicKey) int { return func(crypto.PublicKey) int { return n } }

func holdsOr(ok bool) error {
	if !ok {
		return ErrSignature
	}
	return nil
}

// DefaultAlgs returns the algorithms accepted when a caller names none:
// Ed25519, EdDSA and ES256. ML-DSA-65, ML-DSA-65-Ed25519 and RS256 are read
// only where the caller lists them.
func DefaultAlgs() []string {
	var names []string
	for _, a := range algorithms {
		if !a.optIn {
			names = append(names, a.name)
		}
	}
	return names
}

// ProfileAlgs returns every signature algorithm of the exchange (wire profile
// §2): the default ones and the opt-in ML-DSA-65 and ML-DSA-65-Ed25519. RS256,
// which is for GA4GH alone, is not among them.
func ProfileAlgs() []string { return append(DefaultAlgs(), AlgMLDSA65, AlgComposite) }

func algorithmNamed(name string) (algorithm, bool) {
	i := slices.IndexFunc(algorithms, func(a algorithm) bool { return a.name == name })
	if i < 0 {
		return algorithm{}, false
	}
	return algorithms[i], true
}

// checkAlg applies the caller's allow-list on top of the table.
func checkAlg(name string, allowed []string) error {
	a, ok := algorithmNamed(name)
	if !ok || len(allowed) == 0 && a.optIn {
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

func isRSA(key crypto.PublicKey) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k != nil && k.N != nil && k.N.BitLen() >= minRSABits && k.N.BitLen() <= maxRSABits
}
