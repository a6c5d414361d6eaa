package forge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// maxSafe is the largest integer every JSON reader keeps (RFC 7493 §2.2).
const maxSafe = 1<<53 - 1

// Canonical is the RFC 8785 form of a JSON value. Numbers must be integers of at most 2^53-1, written
// without fraction or exponent (wire profile §3).
func Canonical(raw []byte) ([]byte, error) {
	v, err := ParseJSON(raw)
	if err != nil {
		return nil, err
	}
	return appendCanonical(nil, v)
}

// ContentDigest is the hex SHA-256 over the canonical form of the claims without iat and exp: what
// makes two attempts of one message the same (wire profile §3).
func ContentDigest(payload []byte) (string, error) {
	v, err := ParseJSON(payload)
	if err != nil {
		return "", err
	}
	claims, ok := v.(map[string]any)
	if !ok {
		return "", fmt.Errorf("%w: not an object", ErrJSON)
	}
	delete(claims, "iat")
	delete(claims, "exp")
	text, err := appendCanonical(nil, claims)
	if err != nil {
		return "", err
	}
	return SHA256Hex(text), nil
}

// SHA256Hex is the lower-case hex SHA-256 of bytes.
func SHA256Hex[T string | []byte](b T) string {
	sum := sha256.Sum256([]byte(b))
	return hex.EncodeToString(sum[:])
}

func appendCanonical(out []byte, v any) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		return appendText(out, v), nil
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil || n > maxSafe || n < -maxSafe {
			return nil, fmt.Errorf("%w: not an integer of 53 bits", ErrJSON)
		}
		return strconv.AppendInt(out, n, 10), nil
	case []any:
		out = append(out, '[')
		for i, e := range v {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = appendCanonical(out, e); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case map[string]any:
		out = append(out, '{')
		for i, name := range sortedNames(v) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendText(out, name), ':')
			if out, err = appendCanonical(out, v[name]); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	}
	return nil, fmt.Errorf("%w: type", ErrJSON)
}

// sortedNames orders by UTF-16 code units (RFC 8785 §3.2.3).
func sortedNames(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
	})
	return names
}

// appendText writes a string with the short escapes where there are any (RFC 8785 §3.2.2.2).
func appendText(out []byte, s string) []byte {
	const short = "\b\t\n\f\r\"\\"
	const letters = "btnfr\"\\"
	out = append(out, '"')
	for _, c := range []byte(s) {
		switch i := strings.IndexByte(short, c); {
		case i >= 0:
			out = append(out, '\\', letters[i])
		case c < 0x20:
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
