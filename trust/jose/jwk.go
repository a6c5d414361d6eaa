package jose

import (
	"crypto"
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

// reasonPrivate is why a key with one of them is ignored.
const reasonPrivate = "private or symmetric key material"

// jwk is the written form of a public key; the order of fields is the order
// of members.
type jwk struct {
	Kty    string   `json:"kty"`
	Crv    string   `json:"crv,omitempty"`
	X      string   `json:"x,omitempty"`
	Y      string   `json:"y,omitempty"`
	N      string   `json:"n,omitempty"`
	E      string   `json:"e,omitempty"`
	Pub    string   `json:"pub,omitempty"`
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
			return PublicKey{}, reasonPrivate
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

// readPoint reads the members that make up the key itself.
func readPoint(members map[string]json.RawMessage) (key crypto.PublicKey, reason string) {
	kty, _ := textOf(members["kty"])
	crv, _ := textOf(members["crv"])
	alg, _ := textOf(members["alg"])
	for _, t := range keyTypes {
		if t.names(kty, crv, alg) {
			return t.read(members)
		}
	}
	if kty == "AKP" && alg == "" {
		return nil, "AKP key without alg" // RFC 9964 §3 requires it
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
	for _, t := range keyTypes {
		if j, ok := t.write(pub); ok {
			return j, nil
		}
	}
	return jwk{}, fmt.Errorf("%w: type or curve", ErrKey)
}

// MarshalJSON writes the key as a JWK with its members in a fixed order. A key
// of type AKP whose Alg is another's is ErrKey: its alg is part of the key
// (RFC 9964 §3).
func (k PublicKey) MarshalJSON() ([]byte, error) {
	j, err := pointOf(k.Key)
	if err != nil {
		return nil, err
	}
	if j.Alg != "" && j.Alg != k.Alg {
		return nil, fmt.Errorf("%w: alg is not the key's own", ErrKey)
	}
	j.Kid, j.Alg, j.Use, j.KeyOps = k.Kid, k.Alg, k.Use, k.KeyOps
	return json.Marshal(j)
}

// Thumbprint returns the RFC 7638 SHA-256 thumbprint in base64url of an
// ed25519.PublicKey (RFC 8037 appendix A.3), a *ecdsa.PublicKey on P-256, a
// *rsa.PublicKey, or an Algorithm Key Pair (RFC 9964: alg, kty and pub);
// anything else is ErrKey.
func Thumbprint(pub crypto.PublicKey) (string, error) {
	j, err := pointOf(pub)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(j.required()))
	return encode(sum[:]), nil
}

// required is the key's required members in the order RFC 7638 §3.3 hashes.
func (j jwk) required() string {
	switch j.Kty {
	case "AKP":
		return fmt.Sprintf(`{"alg":%q,"kty":%q,"pub":%q}`, j.Alg, j.Kty, j.Pub)
	case "RSA":
		return fmt.Sprintf(`{"e":%q,"kty":%q,"n":%q}`, j.E, j.Kty, j.N)
	case "EC":
		return fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q,"y":%q}`, j.Crv, j.Kty, j.X, j.Y)
	default:
		return fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q}`, j.Crv, j.Kty, j.X)
	}
}
