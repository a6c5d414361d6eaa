package jose

import (
	"bytes"
	"errors"
	"fmt"
)

// The nested hybrid form (wire profile §2): an ML-DSA-65 token whose payload is the ASCII bytes of a
// complete Ed25519 token of the same typ. Whoever breaks one algorithm still has to break the other.
const (
	nestedOuterAlg = AlgMLDSA65
	nestedInnerAlg = AlgEd25519
)

// SignNested wraps inner, a compact Ed25519 token of the given typ, in the nested hybrid form; typ and
// cty of the outer header are that typ. k must be an ML-DSA-65 key, else [ErrNestedAlg]; o is for the
// outer header, its Cty is not used. Errors about inner have the labels that [Token.Inner] gives.
func SignNested(k SigningKey, typ string, o SignOptions, inner string) (string, error) {
	alg, err := k.check()
	if err != nil {
		return "", err
	}
	if k.Alg != nestedOuterAlg {
		return "", fmt.Errorf("%w: outer", ErrNestedAlg)
	}
	if _, err := parseInner([]byte(inner), typ, Limits{}); err != nil {
		return "", fmt.Errorf("inner token: %w", err)
	}
	o.Cty = typ
	return sign(k, alg, typ, o, []byte(inner))
}

// IsNested reports whether the token carries another one, as read with ParseOptions.Nested.
func (t *Token) IsNested() bool { return t.Header.Cty != "" }

// Inner reads the token within a token: cty equals typ, the outer algorithm is ML-DSA-65, and the
// payload is one complete Ed25519 token of the same typ, strictly read and not nested itself. Neither
// signature has been checked.
func (t *Token) Inner(limits Limits) (*Token, error) {
	if t.Header.Cty != t.Header.Typ {
		return nil, ErrCty
	}
	if t.Header.Alg != nestedOuterAlg {
		return nil, fmt.Errorf("%w: outer", ErrNestedAlg)
	}
	return parseInner(t.Payload, t.Header.Typ, limits)
}

// parseInner applies the strict reader and says more of what is wrong with a token that is in the wrong
// place.
func parseInner(raw []byte, typ string, limits Limits) (*Token, error) {
	if bytes.HasPrefix(raw, []byte("{")) {
		return nil, fmt.Errorf("%w: claims stand in its place", ErrCty)
	}
	inner, err := Parse(raw, ParseOptions{Limits: limits, Typ: []string{typ}, Algs: ProfileAlgs(), Nested: true})
	switch {
	case errors.Is(err, ErrTyp):
		return nil, ErrNestedTyp
	case err != nil:
		return nil, err
	case inner.IsNested():
		return nil, ErrNestedTwice
	case inner.Header.Alg != nestedInnerAlg:
		return nil, fmt.Errorf("%w: inner", ErrNestedAlg)
	}
	return inner, nil
}
