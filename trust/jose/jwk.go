package jose

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

// privateMembers hold private or symmetric key material in some JWK type
// (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2; RFC 9964). A published key that
// has one is burnt.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// jwk is the written form of a public key; the order of fields is the order
// of members.
type jwk struct {
	Kty    string   `json:"kty"`
	Crv    string   `json:"crv"`
	X      string   `json:"x"`
	Y      string   `json:"y,omitempty"`
	Kid    string   `json:"kid,omitempty"`
	Alg    string   `json:"alg,omitempty"`
	Use    string   `json:"use,omitempty"`
	KeyOps []string `json:"key_ops,omitzero"`
}

// readJWK reads one entry; a reason other than "" says why it is not usable.
func readJWK(members map[string]json.RawMessage) (key PublicKey, reason string) {
	if members == nil {
		return PublicKey{}, "entry is not an object"
	}
	for _, name := range privateMembers {
		if _, ok := members[name]; ok {
			return PublicKey{}, "private or symmetric key material"
		}
	}
	k := PublicKey{}
	ok := true
	if k.Kid, ok = textOf(members["kid"]); !ok || k.Kid == "" || len(k.Kid) > maxKid {
		return PublicKey{}, "kid missing or unfit"
	}
	if raw, present := members["alg"]; present {
		if k.Alg, ok = textOf(raw); !ok || k.Alg == "" {
			return PublicKey{}, "alg is not a name"
		}
	}
	if raw, present := members["use"]; present {
		if k.Use, ok = textOf(raw); !ok || k.Use == "" {
			return PublicKey{}, "use is not a name"
		}
	}
	if raw, present := members["key_ops"]; present {
		if k.KeyOps, ok = textsOf(raw); !ok || repeats(k.KeyOps) {
			return PublicKey{}, "key_ops is not a list of distinct names"
		}
	}
	k.Key, reason = readPoint(members)
	return k, reason
}

func repeats(list []string) bool {
	sorted := slices.Sorted(slices.Values(list))
	return len(slices.Compact(sorted)) != len(list)
}

func readPoint(members map[string]json.RawMessage) (key crypto.PublicKey, reason string) {
	kty, _ := textOf(members["kty"])
	crv, _ := textOf(members["crv"])
	switch {
	case kty == "OKP" && crv == "Ed25519":
		x, ok := coordinate(members["x"], ed25519.PublicKeySize)
		if !ok {
			return nil, "x is not canonical base64url of the right length"
		}
		if !validEd25519(x) {
			return nil, "point is invalid or of small order"
		}
		return ed25519.PublicKey(x), ""
	case kty == "EC" && crv == "P-256":
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
	return nil, "key type or curve is not used here"
}

func coordinate(raw json.RawMessage, size int) ([]byte, bool) {
	text, ok := textOf(raw)
	if !ok || len(text) != base64.RawURLEncoding.EncodedLen(size) {
		return nil, false
	}
	value, err := decodeBase64([]byte(text))
	return value, err == nil && len(value) == size
}

// pointOf fills the members that make up the key itself.
func pointOf(pub crypto.PublicKey) (jwk, error) {
	b64 := base64.RawURLEncoding
	switch {
	case isEd25519(pub):
		return jwk{Kty: "OKP", Crv: "Ed25519", X: b64.EncodeToString(pub.(ed25519.PublicKey))}, nil
	case isP256(pub):
		point, err := pub.(*ecdsa.PublicKey).Bytes()
		if err != nil {
			return jwk{}, fmt.Errorf("%w: point is not on the curve", ErrKey)
		}
		x, y := point[1:1+p256Bytes], point[1+p256Bytes:]
		return jwk{Kty: "EC", Crv: "P-256", X: b64.EncodeToString(x), Y: b64.EncodeToString(y)}, nil
	}
	return jwk{}, fmt.Errorf("%w: type or curve", ErrKey)
}

// MarshalJSON writes the key as a JWK with its members in a fixed order.
func (k PublicKey) MarshalJSON() ([]byte, error) {
	j, err := pointOf(k.Key)
	if err != nil {
		return nil, err
	}
	j.Kid, j.Alg, j.Use, j.KeyOps = k.Kid, k.Alg, k.Use, k.KeyOps
	return json.Marshal(j)
}

// Thumbprint returns the RFC 7638 SHA-256 thumbprint in base64url of an
// ed25519.PublicKey (RFC 8037 appendix A.3) or a *ecdsa.PublicKey on P-256;
// anything else is ErrKey.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	j, err := pointOf(pub)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q}`, j.Crv, j.Kty, j.X)
	if j.Y != "" {
		text = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q,"y":%q}`, j.Crv, j.Kty, j.X, j.Y)
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}
