package jose

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
)

// Parse reads one compact token strictly and in the order of wire profile §3,
// up to and including the algorithm allow-list. It does not check the
// signature. Every error has a [Rule]. The token does not share memory with
// raw; a token above the size limit costs no memory.
func Parse(raw []byte, o ParseOptions) (*Token, error) {
	limits := o.Limits.withDefaults()
	if len(raw) > limits.MaxToken {
		return nil, ErrSize
	}
	first, second, err := segments(raw)
	if err != nil {
		return nil, err
	}
	if base64.RawURLEncoding.DecodedLen(first) > limits.MaxHeader {
		return nil, fmt.Errorf("%w: header", ErrSize)
	}
	t := &Token{Raw: string(raw), SigningInput: slices.Clone(raw[:second])}
	header, err := decodeBase64(raw[:first])
	if err != nil {
		return nil, err
	}
	if t.Payload, err = decodeBase64(raw[first+1 : second]); err != nil {
		return nil, err
	}
	if t.Signature, err = decodeBase64(raw[second+1:]); err != nil {
		return nil, err
	}
	if err := CheckJSON(header, limits.MaxDepth); err != nil {
		return nil, fmt.Errorf("%w (header)", err)
	}
	parsed, headerErr := parseHeader(header, o.ExtraHeaders)
	if t.Header = parsed; headerErr != nil || !o.Nested || parsed.Cty == "" {
		if err := CheckJSON(t.Payload, limits.MaxDepth); err != nil {
			return nil, fmt.Errorf("%w (payload)", err)
		}
	}
	if headerErr != nil {
		return nil, headerErr
	}
	if !slices.Contains(o.Typ, t.Header.Typ) {
		return nil, ErrTyp
	}
	if err := checkAlg(t.Header.Alg, o.Algs); err != nil {
		return nil, err
	}
	return t, nil
}

// segments checks alphabet and form and returns the positions of the dots.
func segments(raw []byte) (first, second int, err error) {
	for _, c := range raw {
		if !compactByte[c] {
			return 0, 0, ErrAlphabet
		}
	}
	first = bytes.IndexByte(raw, '.')
	second = bytes.LastIndexByte(raw, '.')
	if first == second || bytes.IndexByte(raw[first+1:second], '.') >= 0 {
		return 0, 0, ErrSegments
	}
	return first, second, nil
}

// compactByte holds the bytes of a compact serialisation: the base64url alphabet and the dot.
var compactByte = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") {
		set[c] = true
	}
	return set
}()

// decodeBase64 decodes the one canonical base64url spelling of a value. The
// standard decoder skips line breaks, so they are refused first.
func decodeBase64(text []byte) ([]byte, error) {
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return nil, ErrBase64
	}
	strict := base64.RawURLEncoding.Strict()
	out := make([]byte, strict.DecodedLen(len(text)))
	n, err := strict.Decode(out, text)
	if err != nil {
		return nil, ErrBase64
	}
	return out[:n], nil
}
