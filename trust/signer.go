package trust

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Keyring gives the key that signs now. Signing with a fixed key would outlive a rotation.
type Keyring interface {
	SigningKey() (jose.SigningKey, error)
}

// AlgKeyring is a Keyring that can also be asked for the key of one algorithm: hybrid signatures take
// one key of each of two.
type AlgKeyring interface {
	Keyring
	SigningKeyFor(alg string) (jose.SigningKey, error)
}

// KeyringFunc adapts a function.
type KeyringFunc func() (jose.SigningKey, error)

// SigningKey calls f.
func (f KeyringFunc) SigningKey() (jose.SigningKey, error) { return f() }

// Signer signs claims with the key that is active at the moment of signing.
type Signer struct {
	keys     Keyring
	policies SignaturePolicies
}

// NewSigner makes a signer that signs classically toward everybody.
func NewSigner(k Keyring) *Signer { return &Signer{keys: k} }

// Under returns a signer that signs for each audience in the form the policy toward it asks for: what
// one side demands of a peer it also gives it, and to SignHybrid before. That is the nested form,
// which meets every policy the other side can have; where there is no ML-DSA-65 key and the composite
// is among the algorithms, it is the composite. The keyring should be an AlgKeyring then; without the
// keys nothing is signed, rather than something weaker.
func (s *Signer) Under(p SignaturePolicies) *Signer { return &Signer{s.keys, p} }

// Sign returns claims as a compact JWS of the given typ. chain, when not nil, becomes the
// trust_chain header (OpenID Federation 1.1 §4.3), so that the token can be proved from itself.
func (s *Signer) Sign(typ string, claims any, chain []string) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims of %s: %w", typ, err)
	}
	token, err := s.sign(typ, payload, jose.SignOptions{TrustChain: chain})
	if err != nil {
		return "", fmt.Errorf("signing %s: %w", typ, err)
	}
	return token, nil
}

func (s *Signer) sign(typ string, payload []byte, o jose.SignOptions) (string, error) {
	if s.policies.HybridFor(audienceOf(payload)) {
		return s.signStrong(typ, payload, o)
	}
	key, err := s.keys.SigningKey()
	if err != nil {
		return "", fmt.Errorf("no key to sign with: %w", err)
	}
	return jose.Sign(key, typ, o, payload)
}

// Ready says which key is missing to sign for an audience under its policy; nil when none is.
func (s *Signer) Ready(audience string) error {
	if s.policies.HybridFor(audience) {
		_, err := s.strongKeys()
		return err
	}
	_, err := s.keys.SigningKey()
	return err
}

// ErrNotListed: the audience's metadata does not list the algorithm that would be signed with.
var ErrNotListed = errors.New("the peer does not read the signature asked for")

// ReadableBy reports whether an audience reads what is signed for it: listed is its
// signing_alg_values_supported (wire profile §2: hybrid where both sides list it). A list that lacks the
// algorithm never makes the signature weaker; it is an error, ErrNotListed.
func (s *Signer) ReadableBy(audience string, listed []string) error {
	if !s.policies.HybridFor(audience) {
		return nil
	}
	keys, err := s.strongKeys()
	if err != nil {
		return err
	}
	if alg := keys[0].Alg; !slices.Contains(listed, alg) {
		return fmt.Errorf("%w: its metadata does not list %s", ErrNotListed, alg)
	}
	return nil
}

// strongKeys are those of the nested form, outer one first, or the one of the composite.
func (s *Signer) strongKeys() ([]jose.SigningKey, error) {
	ring, ok := s.keys.(AlgKeyring)
	if !ok {
		return nil, fmt.Errorf("%w: the keyring has one key only", ErrPolicy)
	}
	outer, err := ring.SigningKeyFor(jose.AlgMLDSA65)
	if err != nil {
		if slices.Contains(s.policies.Algs, jose.AlgComposite) {
			if both, compositeErr := ring.SigningKeyFor(jose.AlgComposite); compositeErr == nil {
				return []jose.SigningKey{both}, nil
			}
		}
		return nil, fmt.Errorf("%w: no %s key: %w", ErrPolicy, jose.AlgMLDSA65, err)
	}
	inner, err := ring.SigningKeyFor(jose.AlgEd25519)
	if err != nil {
		return nil, fmt.Errorf("%w: no %s key: %w", ErrPolicy, jose.AlgEd25519, err)
	}
	return []jose.SigningKey{outer, inner}, nil
}

func (s *Signer) signStrong(typ string, payload []byte, o jose.SignOptions) (string, error) {
	keys, err := s.strongKeys()
	if err != nil {
		return "", err
	}
	if len(keys) == 1 {
		return jose.Sign(keys[0], typ, o, payload)
	}
	inner, err := jose.Sign(keys[1], typ, jose.SignOptions{}, payload)
	if err != nil {
		return "", err
	}
	return jose.SignNested(keys[0], typ, o, inner)
}

// audienceOf is the one reader claims are addressed to; empty when there is none.
func audienceOf(payload []byte) string {
	var c struct {
		Aud json.RawMessage `json:"aud"`
	}
	var aud string
	if json.Unmarshal(payload, &c) != nil || json.Unmarshal(c.Aud, &aud) != nil {
		return ""
	}
	return aud
}
