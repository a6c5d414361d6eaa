package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
)

// keyType is one row: how the members that make up a key are read and written.
type keyType struct {
	// names reports whether kty, crv and alg are this row's.
	names func(kty, crv, alg string) bool
	// read returns the key, or a reason why it is not usable.
	read func(members map[string]json.RawMessage) (crypto.PublicKey, string)
	// write fills the members; false for a key of another type.
	write func(pub crypto.PublicKey) (jwk, bool)
}

var keyTypes = []keyType{
	suites[0].keyType(), suites[1].keyType(), suites[2].keyType(), // by alg, before the curves they share
	{isKtyCrv("OKP", "Ed25519"), readEd25519, writeEd25519},
	{isKtyCrv("EC", "P-256"), readP256, writeP256},
	{isAKP(AlgMLDSA65), readMLDSA, writeMLDSA},
	{isAKP(AlgComposite), readComposite, writeComposite},
	{isKtyCrv("RSA", ""), readRSA, writeRSA},
}

func isKtyCrv(kty, crv string) func(string, string, string) bool {
	return func(k, c, _ string) bool { return k == kty && c == crv }
}

// isAKP: in an Algorithm Key Pair the alg, which is required, says what the octets are (RFC 9964).
func isAKP(alg string) func(string, string, string) bool {
	return func(kty, _, a string) bool { return kty == "AKP" && a == alg }
}

func readEd25519(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	x, ok := coordinate(members["x"], ed25519.PublicKeySize)
	if !ok {
		return nil, "x is not canonical base64url of the right length"
	}
	if !validEd25519(x) {
		return nil, "point is invalid or of small order"
	}
	return ed25519.PublicKey(x), ""
}

func writeEd25519(pub crypto.PublicKey) (jwk, bool) {
	if !isEd25519(pub) {
		return jwk{}, false
	}
	return jwk{Kty: "OKP", Crv: "Ed25519", X: encode(pub.(ed25519.PublicKey))}, true
}

func readP256(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	x, okX := coordinate(members["x"], p256Bytes)
	y, okY := coordinate(members["y"], p256Bytes)
	if !okX || !okY {
		return nil, "x or y is not canonical base64url of the right length"
	}
	point := append(append([]byte{4}, x...), y...)
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, "point is not on the curve"
	}
	return pub, ""
}

func writeP256(pub crypto.PublicKey) (jwk, bool) {
	if !isP256(pub) {
		return jwk{}, false
	}
	point, err := pub.(*ecdsa.PublicKey).Bytes()
	if err != nil {
		return jwk{}, false // not on the curve
	}
	return jwk{Kty: "EC", Crv: "P-256", X: encode(point[1 : 1+p256Bytes]), Y: encode(point[1+p256Bytes:])}, true
}

func readMLDSA(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	pub, ok := coordinate(members["pub"], mldsaPublicBytes)
	if !ok {
		return nil, "pub is not canonical base64url of the right length"
	}
	return unpackMLDSA([mldsaPublicBytes]byte(pub)), ""
}

func writeMLDSA(pub crypto.PublicKey) (jwk, bool) {
	if !isMLDSA(pub) {
		return jwk{}, false
	}
	return jwk{Kty: "AKP", Alg: AlgMLDSA65, Pub: encode(pub.(*MLDSAPublicKey).packed[:])}, true
}

func readComposite(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	pub, ok := coordinate(members["pub"], compositePublicBytes)
	if !ok {
		return nil, "pub is not canonical base64url of the right length"
	}
	k, err := NewCompositePublicKey(pub)
	if err != nil {
		return nil, "the Ed25519 half is invalid or of small order"
	}
	return k, ""
}

func writeComposite(pub crypto.PublicKey) (jwk, bool) {
	if !isComposite(pub) {
		return jwk{}, false
	}
	return jwk{Kty: "AKP", Alg: AlgComposite, Pub: encode(pub.(*CompositePublicKey).Bytes())}, true
}

// Bounds on RSA keys: GA4GH asks for 2048 bits or more (AAI profile 1.2.1); above 4096 a key is a way
// to make a verifier work.
const (
	minRSABits = 2048
	maxRSABits = 4096
	maxRSAExp  = 1<<31 - 1
)

func readRSA(members map[string]json.RawMessage) (crypto.PublicKey, string) {
	n, okN := integer(members["n"], maxRSABits/8)
	e, okE := integer(members["e"], 4)
	if !okN || !okE {
		return nil, "n or e is not a canonical integer of a usable length"
	}
	if n.BitLen() < minRSABits || n.BitLen() > maxRSABits || n.Bit(0) == 0 {
		return nil, "RSA modulus is not of 2048 to 4096 bits, or even"
	}
	if isROCA(n) {
		return nil, "RSA modulus comes from a generator known to be broken"
	}
	// Small exponents made forgeries possible in practice; all keys in use have 65537.
	if e.Int64() < 65537 || e.Int64() > maxRSAExp || e.Bit(0) == 0 {
		return nil, "RSA exponent is small, large or even"
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, ""
}

func writeRSA(pub crypto.PublicKey) (jwk, bool) {
	if !isRSA(pub) {
		return jwk{}, false
	}
	k := pub.(*rsa.PublicKey)
	return jwk{Kty: "RSA", N: encode(k.N.Bytes()), E: encode(big.NewInt(int64(k.E)).Bytes())}, true
}

// integer reads a Base64urlUInt of RFC 7518 §2: no leading zero octets.
func integer(raw json.RawMessage, maxBytes int) (*big.Int, bool) {
	text, ok := textOf(raw)
	if !ok || text == "" || len(text) > base64.RawURLEncoding.EncodedLen(maxBytes) {
		return nil, false
	}
	value, err := decodeBase64([]byte(text))
	if err != nil || value[0] == 0 {
		return nil, false
	}
	return new(big.Int).SetBytes(value), true
}

func encode(value []byte) string { return base64.RawURLEncoding.EncodeToString(value) }
