package trust

import (
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Signed is a token that passed the strict reader, with the token within it in the nested hybrid form
// (wire profile §2). Nothing in it is proved until Verify returned nil.
type Signed struct{ outer, inner *jose.Token }

// ReadSigned reads raw strictly, and in the nested form the token within as strictly. Errors have a
// jose.Rule. o.Nested is not looked at.
func ReadSigned(raw []byte, o jose.ParseOptions) (*Signed, error) {
	o.Nested = true
	outer, err := jose.Parse(raw, o)
	if err != nil {
		return nil, err
	}
	s := &Signed{outer, outer}
	if outer.IsNested() {
		if s.inner, err = outer.Inner(o.Limits); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Header is the outermost header.
func (s *Signed) Header() jose.Header { return s.outer.Header }

// Payload are the claims.
func (s *Signed) Payload() []byte { return s.inner.Payload }

// Form is what the signature is made of.
func (s *Signed) Form() Form {
	switch {
	case s.outer != s.inner:
		return FormNested
	case s.outer.Header.Alg == jose.AlgComposite:
		return FormComposite
	case s.outer.Header.Alg == jose.AlgMLDSA65:
		return FormMLDSA
	}
	return FormClassical
}

// Verify checks every signature with exactly one of keys, the outer one first: keys are those of the
// issuer that the claims name, so both signatures of a nested token are of one issuer. A refusal is a
// *RuleError of class ErrNotAuthenticated.
func (s *Signed) Verify(keys jose.KeySet) error {
	_, err := s.VerifiedBy(keys)
	return err
}

// VerifiedBy is Verify, and tells the keys that signed: one, or in the nested form two, the outer first.
func (s *Signed) VerifiedBy(keys jose.KeySet) ([]jose.PublicKey, error) {
	outer, err := verifyOne(s.outer, keys)
	switch {
	case err != nil && s.Form() == FormNested && errors.Is(err, jose.ErrKeyUnknown):
		return nil, refuse(ErrNotAuthenticated, "nested-issuer", fmt.Errorf("%w: %w", ErrNestedIssuer, err))
	case err != nil:
		return nil, refuse(ErrNotAuthenticated, jose.Rule(err), err)
	case s.Form() != FormNested:
		return []jose.PublicKey{outer}, nil
	}
	inner, err := verifyOne(s.inner, keys)
	if err != nil {
		return nil, refuse(ErrNotAuthenticated, jose.Rule(err), fmt.Errorf("token within: %w", err))
	}
	return []jose.PublicKey{outer, inner}, nil
}

func verifyOne(t *jose.Token, keys jose.KeySet) (jose.PublicKey, error) {
	key, err := keys.Select(t.Header.Kid, t.Header.Alg, "sig")
	if err != nil {
		return key, err
	}
	return key, t.Verify(key)
}
