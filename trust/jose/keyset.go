package jose

import (
	"bytes"
	"crypto"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Caps on a JWK set read by [ParseKeySet].
const (
	// MaxKeySet is the largest JWK set, in bytes.
	MaxKeySet = 256 << 10
	// MaxKeys is the largest number of entries in a JWK set.
	MaxKeys = 128
)

// KeySet is the usable part of a JWK set (RFC 7517 §5), with a note on every
// key that was left out.
type KeySet struct {
	// Keys are the usable keys, in the order of the document.
	Keys []PublicKey
	// Ignored are the keys left out, in the order of the document.
	Ignored []IgnoredKey
}

// IgnoredKey says why one entry of a JWK set is not used.
type IgnoredKey struct {
	// Index is the entry's position in "keys", from 0.
	Index int
	// Kid is the entry's kid, empty when absent or unreadable.
	Kid string
	// Reason is a short constant text, fit for a log.
	Reason string
}

// Private says that the entry held private or symmetric key material: whoever
// published it has to replace the key.
func (k IgnoredKey) Private() bool { return k.Reason == reasonPrivate }

// ParseKeySet reads a JWK set. The document must pass [CheckJSON], stay within
// [MaxKeySet] and [MaxKeys] and have an array "keys"; unknown members are
// fine. One entry never spoils the others: an entry of an unknown type, with
// private or symmetric key material, with malformed or weak key values, or
// without a kid goes to Ignored. Entries that share a kid are all ignored,
// since nothing tells them apart.
func ParseKeySet(raw []byte) (KeySet, error) {
	if len(raw) > MaxKeySet {
		return KeySet{}, fmt.Errorf("%w: key set", ErrSize)
	}
	if err := CheckJSON(raw, DefaultMaxDepth); err != nil {
		return KeySet{}, err
	}
	members, err := object(raw)
	if err != nil {
		return KeySet{}, err
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(members["keys"], &entries); err != nil || entries == nil {
		return KeySet{}, fmt.Errorf("%w: key set has no array keys", ErrJSON)
	}
	if len(entries) > MaxKeys {
		return KeySet{}, fmt.Errorf("%w: too many keys", ErrSize)
	}
	return readEntries(entries), nil
}

func readEntries(entries []json.RawMessage) KeySet {
	var set KeySet
	count := map[string]int{}
	jwks := make([]map[string]json.RawMessage, len(entries))
	for i, entry := range entries {
		jwks[i], _ = object(entry) // nil when the entry is no object
		if kid, ok := textOf(jwks[i]["kid"]); ok {
			count[kid]++
		}
	}
	for i, jwk := range jwks {
		kid, _ := textOf(jwk["kid"])
		if len(kid) > maxKid {
			kid = ""
		}
		if count[kid] > 1 {
			set.Ignored = append(set.Ignored, IgnoredKey{i, kid, "kid appears more than once"})
			continue
		}
		key, reason := readJWK(jwk)
		if reason != "" {
			set.Ignored = append(set.Ignored, IgnoredKey{i, kid, reason})
			continue
		}
		set.Keys = append(set.Keys, key)
	}
	return set
}

// Select returns the one key that carries kid and may be used with the header
// algorithm alg for use: "sig", or "enc". A key without use counts as "sig".
// No match is ErrKeyUnknown, several are ErrKeyAmbiguous.
func (s KeySet) Select(kid, alg, use string) (PublicKey, error) {
	var found []PublicKey
	for _, k := range s.Keys {
		if k.Kid == kid && k.isFor(use) && k.goesWith(alg) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return PublicKey{}, ErrKeyUnknown
	case 1:
		return found[0], nil
	}
	return PublicKey{}, ErrKeyAmbiguous
}

// MarshalJSON writes the usable keys as a JWK set sorted by kid, byte for byte
// the same for the same keys.
func (s KeySet) MarshalJSON() ([]byte, error) {
	keys := slices.Clone(s.Keys)
	slices.SortStableFunc(keys, func(a, b PublicKey) int { return strings.Compare(a.Kid, b.Kid) })
	var out bytes.Buffer
	out.WriteString(`{"keys":[`)
	for i, k := range keys {
		if i > 0 {
			out.WriteByte(',')
		}
		text, err := k.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out.Write(text)
	}
	out.WriteString(`]}`)
	return out.Bytes(), nil
}

// UnmarshalJSON reads the set with [ParseKeySet], so that a struct with a
// KeySet member gets the same strict reading.
func (s *KeySet) UnmarshalJSON(raw []byte) error {
	set, err := ParseKeySet(raw)
	if err != nil {
		return err
	}
	*s = set
	return nil
}

// PublicKey is one key from a JWK set.
type PublicKey struct {
	// Kid names the key.
	Kid string
	// Alg is the JWK's alg; empty when absent.
	Alg string
	// Use is the JWK's use, "sig" or "enc"; empty when absent.
	Use string
	// KeyOps is the JWK's key_ops; nil when absent.
	KeyOps []string
	// Key is an ed25519.PublicKey, a *ecdsa.PublicKey on P-256, a
	// *MLDSAPublicKey, a *CompositePublicKey, a *rsa.PublicKey, or of use
	// "enc" a *SealingPublicKey.
	Key crypto.PublicKey
}

// isFor reports whether use permits the purpose; an absent use is a signature
// key (RFC 7517 §4.2 makes use optional).
func (k PublicKey) isFor(use string) bool { return k.Use == use || k.Use == "" && use == "sig" }

// goesWith reports whether the key's alg fits the header algorithm. For an
// algorithm outside the signature table the names must be equal.
func (k PublicKey) goesWith(alg string) bool {
	a, ok := algorithmNamed(alg)
	if !ok {
		return alg != "" && k.Alg == alg
	}
	return a.fits(k.Key) && slices.Contains(a.keyAlgs, k.Alg)
}

// allows reports whether key_ops, optional and apart from use, permits the
// operation (RFC 7517 §4.3).
func (k PublicKey) allows(operation string) bool {
	return k.KeyOps == nil || slices.Contains(k.KeyOps, operation)
}
