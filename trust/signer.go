package trust

import (
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Keyring gives the key that signs now. Signing with a fixed key would outlive a rotation.
type Keyring interface {
	SigningKey() (jose.SigningKey, error)
}

// KeyringFunc adapts a function.
type KeyringFunc func() (jose.SigningKey, error)

// SigningKey calls f.
func (f KeyringFunc) SigningKey() (jose.SigningKey, error) { return f() }

// Signer signs claims with the key that is active at the moment of signing.
type Signer struct{ keys Keyring }

// NewSigner makes a signer.
func NewSigner(k Keyring) *Signer { return &Signer{keys: k} }

// Sign returns claims as a compact JWS of the given typ. chain, when not nil, becomes the
// trust_chain header (OpenID Federation 1.1 §4.3), so that the token can be proved from itself.
func (s *Signer) Sign(typ string, claims any, chain []string) (string, error) {
	key, err := s.keys.SigningKey()
	if err != nil {
		return "", fmt.Errorf("no key to sign %s with: %w", typ, err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims of %s: %w", typ, err)
	}
	token, err := jose.Sign(key, typ, jose.SignOptions{TrustChain: chain}, payload)
	if err != nil {
		return "", fmt.Errorf("signing %s: %w", typ, err)
	}
	return token, nil
}
