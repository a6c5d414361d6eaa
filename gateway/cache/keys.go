package cache

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// Keys builds the keys of one gateway. Several gateways may share one server:
// each has its own prefix, made from the hash of its entity identifier.
//
// What a key is about is always hashed with a secret, so neither the server nor
// whoever lists its keys learns an address, a partner or a token, not even by
// trying candidates.
type Keys struct {
	prefix string
	secret []byte
}

// NewKeys makes the keys of the gateway with this entity identifier. Instances
// that share a cache must have the same secret; other instances find nothing.
func NewKeys(entity string, secret []byte) Keys {
	sum := sha256.Sum256([]byte(entity))
	return Keys{prefix: "ehdsgw:" + hex.EncodeToString(sum[:8]) + ":", secret: append([]byte(nil), secret...)}
}

// Prefix starts every key of this gateway.
func (k Keys) Prefix() string { return k.prefix }

// Receipt is the key of the receipt of a token with this SHA-256.
func (k Keys) Receipt(token [sha256.Size]byte) string { return k.key("receipt", string(token[:])) }

// Chain is the key of a resolved trust chain from subject up to anchor.
func (k Keys) Chain(subject, anchor string) string { return k.key("chain", subject, anchor) }

// Statement is the key of a federation statement as an address served it.
func (k Keys) Statement(address string) string { return k.key("statement", address) }

// JWKS is the key of the key set of one entity and entity type.
func (k Keys) JWKS(entity, entityType string) string { return k.key("jwks", entity, entityType) }

// Mark is the key of the last known status of a trust mark.
func (k Keys) Mark(subject, markType string) string { return k.key("mark", subject, markType) }

// Rate is the key of a counter: scope names the limit, subject whom it counts.
func (k Keys) Rate(scope, subject string) string { return k.key("rate", scope, subject) }

// Snapshot is the key of a part of the catalogue or register as served.
func (k Keys) Snapshot(name, version string) string { return k.key("snapshot", name, version) }

// key hashes the parts with their lengths, so that no two lists of parts meet.
func (k Keys) key(kind string, parts ...string) string {
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(kind))
	for _, p := range parts {
		n := uint64(len(p))
		mac.Write([]byte{0, byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32),
			byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
		mac.Write([]byte(p))
	}
	return k.prefix + kind + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
