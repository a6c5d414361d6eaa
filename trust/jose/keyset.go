package jose

import "crypto"

// PublicKey is one signature key from a JWK set.
type PublicKey struct {
	// Kid names the key.
	Kid string
	// Alg is the JWK's alg; empty when absent.
	Alg string
	// Use is the JWK's use, "sig" or "enc"; empty when absent.
	Use string
	// KeyOps is the JWK's key_ops; nil when absent.
	KeyOps []string
	// Key is an ed25519.PublicKey or a *ecdsa.PublicKey on P-256.
	Key crypto.PublicKey
}

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

// ParseKeySet reads a JWK set.
func ParseKeySet(raw []byte) (KeySet, error) { return KeySet{}, ErrJSON }

// Select returns the one key that carries kid and may be used with the header
// algorithm alg for use ("sig" or "enc").
func (s KeySet) Select(kid, alg, use string) (PublicKey, error) { return PublicKey{}, ErrKeyUnknown }

// MarshalJSON writes the set as a JWK set, sorted by kid, byte for byte the
// same for the same keys.
func (s KeySet) MarshalJSON() ([]byte, error) { return nil, ErrKey }

// UnmarshalJSON reads the set with [ParseKeySet].
func (s *KeySet) UnmarshalJSON(raw []byte) error { return ErrKey }

// Thumbprint returns the RFC 7638 SHA-256 thumbprint of pub in base64url.
func Thumbprint(pub crypto.PublicKey) (string, error) { return "", ErrKey }
