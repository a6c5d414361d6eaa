package jose

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxInteger is the largest integer every JSON reader agrees on (RFC 7493 §2.2).
const maxInteger = 1<<53 - 1

// Canonical returns the RFC 8785 form of one JSON value, which must pass the
// rules of [CheckJSON] other than being an object. Numbers are integers
// written without fraction or exponent within ±(2^53-1); anything else is
// ErrNumber, so the result never depends on floating-point printing.
func Canonical(raw []byte) ([]byte, error) {
	if err := checkValue(raw, DefaultMaxDepth); err != nil {
		return nil, err
	}
	return canonical(raw)
}

// ContentDigest returns the lower-case hex SHA-256 over the canonical form of
// the payload object without its top-level iat and exp: equal for every
// attempt to send the same content (wire profile §3, replay and retries).
func ContentDigest(payload []byte) (string, error) {
	if err := CheckJSON(payload, DefaultMaxDepth); err != nil {
		return "", err
	}
	text, err := canonical(payload, "iat", "exp")
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// canonical rewrites a checked text, leaving out the named members of the
// outermost object.
func canonical(checked []byte, without ...string) ([]byte, error) {
	w := canonicalWriter{
		scanner: scanner{data: checked, max: DefaultMaxDepth},
		out:     make([]byte, 0, len(checked)),
	}
	if err := w.value(without); err != nil {
		return nil, err
	}
	return w.out, nil
}

// canonicalWriter reads a text that passed checkValue.
type canonicalWriter struct {
	scanner
	out []byte
}

// written is one member as it stands in out, "name":value.
type written struct {
	name       string
	start, end int
}

func (w *canonicalWriter) value(without []string) error {
	switch c := w.peek(); {
	case c == '{':
		return w.object(without)
	case c == '[':
		return w.array()
	case c == '"':
		raw, err := w.text()
		if err != nil {
			return err
		}
		w.out = appendText(w.out, unescape(raw))
		return nil
	case c == '-' || '0' <= c && c <= '9':
		return w.integer()
	default:
		start := w.pos
		if err := w.literal(); err != nil {
			return err
		}
		w.out = append(w.out, w.data[start:w.pos]...)
		return nil
	}
}

func (w *canonicalWriter) object(without []string) error {
	w.accept('{')
	base := len(w.out)
	var members []written
	for !w.accept('}') {
		w.accept(',')
		w.peek()
		raw, err := w.text()
		if err != nil {
			return err
		}
		m := written{name: string(unescape(raw)), start: len(w.out)}
		w.out = append(appendText(w.out, []byte(m.name)), ':')
		w.accept(':')
		if err := w.value(nil); err != nil {
			return err
		}
		m.end = len(w.out)
		if slices.Contains(without, m.name) {
			w.out = w.out[:m.start]
			continue
		}
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b written) int { return compareUTF16(a.name, b.name) })
	sorted := make([]byte, 0, len(w.out)-base+len(members)+2)
	sorted = append(sorted, '{')
	for i, m := range members {
		if i > 0 {
			sorted = append(sorted, ',')
		}
		sorted = append(sorted, w.out[m.start:m.end]...)
	}
	w.out = append(append(w.out[:base], sorted...), '}')
	return nil
}

func (w *canonicalWriter) array() error {
	w.accept('[')
	w.out = append(w.out, '[')
	for first := true; !w.accept(']'); first = false {
		if w.accept(','); !first {
			w.out = append(w.out, ',')
		}
		if err := w.value(nil); err != nil {
			return err
		}
	}
	w.out = append(w.out, ']')
	return nil
}

func (w *canonicalWriter) integer() error {
	raw, err := w.number()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n > maxInteger || n < -maxInteger {
		return ErrNumber
	}
	w.out = strconv.AppendInt(w.out, n, 10)
	return nil
}

// appendText writes a string by RFC 8785 §3.2.2.2.
func appendText(out, text []byte) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= 0x20:
			out = append(out, c)
		case c == '\b':
			out = append(out, '\\', 'b')
		case c == '\t':
			out = append(out, '\\', 't')
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\f':
			out = append(out, '\\', 'f')
		case c == '\r':
			out = append(out, '\\', 'r')
		default:
			out = append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(out, '"')
}

// compareUTF16 orders names by their UTF-16 code units (RFC 8785 §3.2.3).
func compareUTF16(a, b string) int {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			return cmp.Or(cmp.Compare(firstUnit(ra), firstUnit(rb)), cmp.Compare(ra, rb))
		}
		a, b = a[na:], b[nb:]
	}
	return cmp.Compare(len(a), len(b))
}

// firstUnit is a rune's first UTF-16 code unit.
func firstUnit(r rune) rune {
	if r < 0x10000 {
		return r
	}
	return 0xD800 + (r-0x10000)>>10
}
