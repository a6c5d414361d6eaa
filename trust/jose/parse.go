package jose

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

// maxKid is the longest kid accepted, in bytes: kids become map keys and log
// attributes.
const maxKid = 256

// closedHeaders are the members every token may carry (wire profile §3).
var closedHeaders = []string{"alg", "kid", "typ", "cty", "trust_chain", "peer_trust_chain"}

// neverHeaders would change what is signed or bring a key along (RFC 7515
// §4.1, RFC 7797); no caller may admit them.
var neverHeaders = []string{"crit", "b64", "jwk", "x5u", "x5c"}

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

func parseHeader(raw []byte, extra []string) (Header, error) {
	members, err := object(raw)
	if err != nil {
		return Header{}, err
	}
	var h Header
	for name, value := range members {
		ok := true
		switch name {
		case "alg":
			h.Alg, ok = textOf(value)
		case "kid":
			h.Kid, ok = textOf(value)
		case "typ":
			h.Typ, ok = textOf(value)
		case "cty":
			h.Cty, ok = textOf(value)
			ok = ok && h.Cty != ""
		case "trust_chain":
			h.TrustChain, ok = textsOf(value)
			ok = ok && len(h.TrustChain) > 0
		case "peer_trust_chain":
			h.PeerTrustChain, ok = textsOf(value)
			ok = ok && len(h.PeerTrustChain) > 0
		default:
			if !slices.Contains(extra, name) || slices.Contains(neverHeaders, name) {
				return Header{}, ErrHeaderMember
			}
			if h.Extra == nil {
				h.Extra = map[string]json.RawMessage{}
			}
			h.Extra[name] = value
		}
		if !ok {
			return Header{}, ErrHeaderMember
		}
	}
	if h.Alg == "" || h.Typ == "" || h.Kid == "" || len(h.Kid) > maxKid {
		return Header{}, ErrHeaderMember
	}
	return h, nil
}
