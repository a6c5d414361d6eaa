package forge

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of a token (wire profile §3), in bytes.
const (
	MaxToken  = 2 << 20
	maxHeader = 64 << 10
	maxKid    = 256
)

// Errors of reading.
var (
	// ErrToken means that bytes are not a compact JWS in the strict form.
	ErrToken = errors.New("forge: not a strict token")
	// ErrTooLarge means that a token exceeds MaxToken.
	ErrTooLarge = errors.New("forge: token too large")
	// ErrSignature means that no fitting key made the signature.
	ErrSignature = errors.New("forge: signature does not hold")
)

// Header is the closed set of header members (wire profile §3).
type Header struct {
	Alg            string   `json:"alg"`
	Kid            string   `json:"kid"`
	Typ            string   `json:"typ"`
	Cty            string   `json:"cty,omitempty"`
	TrustChain     []string `json:"trust_chain,omitempty"`
	PeerTrustChain []string `json:"peer_trust_chain,omitempty"`
}

// Token is a token in the strict form whose signature is not checked yet.
type Token struct {
	Raw     string
	Header  Header
	Payload []byte // the claims, one JSON object

	input, signature []byte
}

// Parse reads a token strictly, in the order of wire profile §3, up to the algorithm.
func Parse(raw, typ string) (*Token, error) {
	if len(raw) > MaxToken {
		return nil, ErrTooLarge
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("%w: segments", ErrToken)
	}
	if len(parts[0]) > base64.RawURLEncoding.EncodedLen(maxHeader) {
		return nil, fmt.Errorf("%w: header size", ErrToken)
	}
	var decoded [3][]byte
	for i, p := range parts {
		b, err := decodeSegment(p)
		if err != nil {
			return nil, fmt.Errorf("%w: base64url", ErrToken)
		}
		decoded[i] = b
	}
	t := &Token{Raw: raw, Payload: decoded[1], signature: decoded[2], input: []byte(parts[0] + "." + parts[1])}
	if err := DecodeExact(decoded[0], &t.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrToken, err)
	}
	if err := filled(decoded[0]); err != nil {
		return nil, err
	}
	claims, err := ParseJSON(t.Payload)
	if err != nil {
		return nil, fmt.Errorf("%w: payload: %w", ErrToken, err)
	}
	if _, object := claims.(map[string]any); !object {
		return nil, fmt.Errorf("%w: payload is no object", ErrToken)
	}
	if t.Header.Typ != typ {
		return nil, fmt.Errorf("%w: typ", ErrToken)
	}
	if t.Header.Kid == "" || len(t.Header.Kid) > maxKid {
		return nil, fmt.Errorf("%w: kid", ErrToken)
	}
	if !slices.Contains([]string{AlgEd25519, AlgEdDSA, AlgES256}, t.Header.Alg) {
		return nil, fmt.Errorf("%w: alg", ErrToken)
	}
	return t, nil
}

// filled refuses optional members that are there and say nothing: null, an empty cty, a chain without
// statements or with one that is null.
func filled(header []byte) error {
	v, err := ParseJSON(header)
	if err != nil {
		return fmt.Errorf("%w: header: %w", ErrToken, err)
	}
	for _, member := range v.(map[string]any) { // DecodeExact has seen an object
		list, isList := member.([]any)
		if member == nil || member == "" || isList && (len(list) == 0 || slices.Contains(list, nil)) {
			return fmt.Errorf("%w: an empty member in the header", ErrToken)
		}
	}
	return nil
}

// Verify checks the signature with the one key of the set that fits the header.
func (t *Token) Verify(set JWKS) error {
	j, err := set.Select(t.Header.Kid, t.Header.Alg)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	pub, err := j.Key()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if !verifyRaw(pub, t.input, t.signature) {
		return ErrSignature
	}
	return nil
}

// SHA256 is the hex SHA-256 of the compact token, as receipts name it.
func (t *Token) SHA256() string { return SHA256Hex(t.Raw) }

// decodeSegment decodes the one canonical spelling of base64url.
func decodeSegment(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n=") {
		return nil, ErrToken
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// Sign writes a compact token over claims of any shape, under the header {alg, kid, typ} of the key.
func Sign(k *Key, typ string, claims any) (string, error) {
	return SignHeader(k, Header{Alg: k.Alg, Kid: k.Kid, Typ: typ}, claims)
}

// SignHeader writes a compact token under a header of any shape: a Header, a map, or whatever a case
// needs.
func SignHeader(k *Key, header, claims any) (string, error) {
	h, err := marshal(header)
	if err != nil {
		return "", fmt.Errorf("header: %w", err)
	}
	c, err := marshal(claims)
	if err != nil {
		return "", fmt.Errorf("claims: %w", err)
	}
	return SignBytes(k, h, c)
}

// SignBytes writes a compact token whose header and payload are these bytes, however malformed.
func SignBytes(k *Key, header, payload []byte) (string, error) {
	input := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := k.SignRaw([]byte(input))
	if err != nil {
		return "", err
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// marshal writes JSON without escaping for HTML: bodies hold IRIs.
func marshal(v any) ([]byte, error) {
	if raw, ok := v.(json.RawMessage); ok {
		return raw, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
