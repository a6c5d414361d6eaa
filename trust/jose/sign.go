package jose

import "crypto"

// SigningKey is a key that signs. Signer may live in memory or in a device.
type SigningKey struct {
	// Kid is the RFC 7638 thumbprint of the signer's public key.
	Kid string
	// Alg is "Ed25519" or "ES256".
	Alg string
	// Signer makes the signatures.
	Signer crypto.Signer
}

// NewSigningKey fills kid and alg from the signer's public key.
func NewSigningKey(s crypto.Signer) (SigningKey, error) { return SigningKey{}, ErrKey }

// Public returns the verification key with use "sig".
func (k SigningKey) Public() (PublicKey, error) { return PublicKey{}, ErrKey }

// SignOptions are the optional header members of a signed token.
type SignOptions struct {
	// TrustChain and PeerTrustChain are written when not empty.
	TrustChain, PeerTrustChain []string
	// Cty is written when not empty.
	Cty string
	// Extra are further header members, written sorted by name.
	Extra map[string]any
}

// Sign makes a compact JWS over payload, which must be one strict JSON object.
func Sign(k SigningKey, typ string, o SignOptions, payload []byte) (string, error) {
	return "", ErrKey
}

// Verify checks the signature with exactly this key.
func (t *Token) Verify(k PublicKey) error { return ErrSignature }

// DefaultAlgs returns the algorithms accepted when a caller names none.
func DefaultAlgs() []string { return []string{"Ed25519", "EdDSA", "ES256"} }
