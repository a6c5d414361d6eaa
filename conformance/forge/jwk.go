package forge

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// JWK is a public signature key (RFC 7517 §4, RFC 7518 §6.2, RFC 8037 §2).
type JWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y,omitempty"`
	Kid string `json:"kid,omitempty"`
	Alg string `json:"alg,omitempty"`
	Use string `json:"use,omitempty"`
}

// JWKS is a set of keys.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// NewJWKS is the set of the keys' public parts.
func NewJWKS(keys ...*Key) JWKS {
	set := JWKS{Keys: make([]JWK, 0, len(keys))}
	for _, k := range keys {
		set.Keys = append(set.Keys, k.Public())
	}
	return set
}

func jwkOf(pub crypto.PublicKey) (JWK, error) {
	switch p := pub.(type) {
	case ed25519.PublicKey:
		return JWK{Kty: "OKP", Crv: "Ed25519", X: base64.RawURLEncoding.EncodeToString(p)}, nil
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil || p.Curve != elliptic.P256() {
			return JWK{}, fmt.Errorf("%w: not on P-256", ErrKey)
		}
		return JWK{
			Kty: "EC", Crv: "P-256", X: base64.RawURLEncoding.EncodeToString(point[1:33]),
			Y: base64.RawURLEncoding.EncodeToString(point[33:]),
		}, nil
	}
	return JWK{}, fmt.Errorf("%w: type", ErrKey)
}

// Thumbprint is the RFC 7638 thumbprint: SHA-256 over the required members in lexical order.
func (j JWK) Thumbprint() (string, error) {
	var members any
	switch j.Kty {
	case "OKP":
		members = struct {
			Crv string `json:"crv"`
			Kty string `json:"kty"`
			X   string `json:"x"`
		}{j.Crv, j.Kty, j.X}
	case "EC":
		members = struct {
			Crv string `json:"crv"`
			Kty string `json:"kty"`
			X   string `json:"x"`
			Y   string `json:"y"`
		}{j.Crv, j.Kty, j.X, j.Y}
	default:
		return "", fmt.Errorf("%w: kty", ErrKey)
	}
	text, err := json.Marshal(members)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// Key is the public key a JWK describes. Points are checked to lie on their curve.
func (j JWK) Key() (crypto.PublicKey, error) {
	x, err := decodeSegment(j.X)
	if err != nil || len(x) != 32 {
		return nil, fmt.Errorf("%w: x", ErrKey)
	}
	switch {
	case j.Kty == "OKP" && j.Crv == "Ed25519" && j.Y == "":
		if smallOrder(x) {
			return nil, fmt.Errorf("%w: point of small order", ErrKey)
		}
		return ed25519.PublicKey(x), nil
	case j.Kty == "EC" && j.Crv == "P-256":
		y, err := decodeSegment(j.Y)
		if err != nil || len(y) != 32 {
			return nil, fmt.Errorf("%w: y", ErrKey)
		}
		p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return nil, fmt.Errorf("%w: not on the curve", ErrKey)
		}
		return p, nil
	}
	return nil, fmt.Errorf("%w: kty or crv", ErrKey)
}

// smallOrder recognises the encodings of y = 0, 1 and -1, whose keys verify forged signatures. The
// rest of the small subgroup is as unlikely in a set an anchor vouches for as it is harmless there.
func smallOrder(x []byte) bool {
	y := slices.Clone(x)
	y[31] &= 0x7f
	low := func(b byte) bool {
		return y[0] == b && !slices.ContainsFunc(y[1:], func(c byte) bool { return c != 0 })
	}
	minusOne := y[0] == 0xec && y[31] == 0x7f && !slices.ContainsFunc(y[1:31], func(c byte) bool { return c != 0xff })
	return low(0) || low(1) || minusOne
}

// fits says whether the key may check a signature made with a header algorithm: the JWK's alg equals
// the header's, or the header says EdDSA and the key is an Ed25519 one that does not contradict it
// (wire profile §2).
func (j JWK) fits(alg string) bool {
	if j.Use != "" && j.Use != "sig" {
		return false
	}
	switch alg {
	case AlgEd25519:
		return j.Crv == "Ed25519" && j.Alg == AlgEd25519
	case AlgEdDSA:
		return j.Crv == "Ed25519" && (j.Alg == "" || j.Alg == AlgEdDSA || j.Alg == AlgEd25519)
	case AlgES256:
		return j.Crv == "P-256" && j.Alg == AlgES256
	}
	return false
}

// maxKeys bounds a set.
const maxKeys = 64

// ParseJWKS reads a set strictly as JSON. Keys of other types are left out, for a set may hold keys
// that are not ours to use; private parts refuse the whole set.
func ParseJWKS(raw []byte) (JWKS, error) {
	v, err := ParseJSON(raw)
	if err != nil {
		return JWKS{}, err
	}
	set, _ := v.(map[string]any)
	list, ok := set["keys"].([]any)
	if !ok || len(list) > maxKeys {
		return JWKS{}, fmt.Errorf("%w: not a key set", ErrKey)
	}
	out := JWKS{Keys: []JWK{}}
	for _, e := range list {
		members, ok := e.(map[string]any)
		if !ok {
			return JWKS{}, fmt.Errorf("%w: an entry is no object", ErrKey)
		}
		for _, secret := range []string{"d", "k", "p", "q", "dp", "dq", "qi", "priv"} {
			if _, has := members[secret]; has {
				return JWKS{}, fmt.Errorf("%w: private key material", ErrKey)
			}
		}
		text := func(name string) string { s, _ := members[name].(string); return s }
		j := JWK{
			Kty: text("kty"), Crv: text("crv"), X: text("x"), Y: text("y"),
			Kid: text("kid"), Alg: text("alg"), Use: text("use"),
		}
		if _, err := j.Key(); err == nil && j.Kid != "" && mayVerify(members) {
			out.Keys = append(out.Keys, j)
		}
	}
	return out, nil
}

// mayVerify reads key_ops (RFC 7517 §4.3): absent, or with "verify".
func mayVerify(members map[string]any) bool {
	ops, present := members["key_ops"]
	if !present {
		return true
	}
	list, _ := ops.([]any)
	return slices.Contains(list, any("verify"))
}

// UnmarshalJSON reads with ParseJWKS, so that a set inside other documents is read as strictly.
func (s *JWKS) UnmarshalJSON(raw []byte) error {
	set, err := ParseJWKS(raw)
	if err != nil {
		return err
	}
	*s = set
	return nil
}

// Select returns the one key that carries kid and fits alg; none or several is an error.
func (s JWKS) Select(kid, alg string) (JWK, error) {
	var found []JWK
	for _, k := range s.Keys {
		if k.Kid == kid && k.fits(alg) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return JWK{}, fmt.Errorf("%w: %d keys match kid, alg and use", ErrKey, len(found))
	}
	return found[0], nil
}
