package jose

import (
	"fmt"
)

// The nested hybrid form (wire profile §2): an ML-DSA-65 token whose payload is the ASCII bytes of a
// complete Ed25519 token of the same typ. Whoever breaks one algorithm still has to break the other.
const (
	nestedOuterAlg = algMLDSA65
	nestedInnerAlg = algEd25519
)

// SignNested wraps inner, a compact Ed25519 token, in the nested hybrid form. k must be an ML-DSA-65
// key (else ErrNested); typ and cty are the inner token's typ.
func SignNested(k SigningKey, typ, inner string) (string, error) {
	alg, err := k.check()
	if err != nil {
		return "", err
	}
	if k.Alg != nestedOuterAlg {
		return "", fmt.Errorf("%w: outer algorithm", ErrNested)
	}
	if _, err := Parse([]byte(inner), ParseOptions{Typ: []string{typ}, Algs: []string{nestedInnerAlg}}); err != nil {
		return "", fmt.Errorf("%w: inner token: %w", ErrNested, err)
	}
	return sign(k, alg, typ, SignOptions{Cty: typ}, []byte(inner))
}

// IsNested reports whether the token carries another one, as read with ParseOptions.Nested.
func (t *Token) IsNested() bool { return t.Header.Cty != "" }

// Inner reads the token within a token: cty equals typ, the outer algorithm is ML-DSA-65, and the
// payload is one complete Ed25519 token of the same typ, strictly read and not nested itself. Neither
// signature has been checked.
func (t *Token) Inner(limits Limits) (*Token, error) {
	if t.Header.Cty != t.Header.Typ || t.Header.Alg != nestedOuterAlg {
		return nil, fmt.Errorf("%w: cty or outer algorithm", ErrNested)
	}
	inner, err := Parse(t.Payload, ParseOptions{Limits: limits, Typ: []string{t.Header.Typ}})
	if err != nil {
		return nil, err
	}
	if inner.Header.Cty != "" || inner.Header.Alg != nestedInnerAlg {
		return nil, fmt.Errorf("%w: inner cty or algorithm", ErrNested)
	}
	return inner, nil
}
