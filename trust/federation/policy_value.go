package federation

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// scopeParameter is the parameter whose value is a string of words separated by spaces, and which
// operators see as a list of them (OpenID Federation 1.1 §6.1.3.1.8, RFC 7591 §2).
const scopeParameter = "scope"

// decodeValue reads a JSON value that was checked before; numbers keep their text.
func decodeValue(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// asList is a value as operators see it: scope as the list of its words, others as they are.
func asList(parameter string, v any) any {
	text, ok := v.(string)
	if parameter != scopeParameter || !ok {
		return v
	}
	words := []any{}
	for _, w := range strings.Fields(text) {
		words = append(words, w)
	}
	return words
}

// asWritten undoes asList for the metadata.
func asWritten(parameter string, v any) any {
	list, ok := v.([]any)
	if parameter != scopeParameter || !ok {
		return v
	}
	words := make([]string, 0, len(list))
	for _, w := range list {
		text, ok := w.(string)
		if !ok {
			return v
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// equal compares two JSON values. Lists are compared in order, objects by their members.
func equal(a, b any) bool { return identity(a) == identity(b) }

// identity is a text that two JSON values share exactly when they are equal, so that sets of thousands
// of values are compared in one pass over each.
func identity(v any) string { return string(appendIdentity(nil, v)) }

func appendIdentity(b []byte, v any) []byte {
	switch x := v.(type) {
	case string:
		return strconv.AppendQuote(b, x)
	case json.Number:
		return append(b, numberText(x)...)
	case []any:
		b = append(b, '[')
		for _, e := range x {
			b = append(appendIdentity(b, e), ',')
		}
		return append(b, ']')
	case map[string]any:
		b = append(b, '{')
		for _, name := range slices.Sorted(maps.Keys(x)) {
			b = append(strconv.AppendQuote(b, name), ':')
			b = append(appendIdentity(b, x[name]), ',')
		}
		return append(b, '}')
	case bool:
		return strconv.AppendBool(b, x)
	}
	return append(b, "null"...)
}

// numberText writes equal numbers alike, 1.0 as 1, within the integers every JSON reader keeps exact
// (RFC 8259 §6). Beyond them only the same spelling is the same number.
func numberText(n json.Number) string {
	const exact = 1 << 53
	f, err := n.Float64()
	if err != nil || math.Abs(f) >= exact {
		return n.String()
	}
	if f == 0 {
		return "0"
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// set is the identities of a list's values.
func set(list []any) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, v := range list {
		out[identity(v)] = true
	}
	return out
}

// union is a, then what b has besides; each value once.
func union(a, b []any) []any {
	out, have := []any{}, map[string]bool{}
	for _, list := range [][]any{a, b} {
		for _, v := range list {
			if id := identity(v); !have[id] {
				have[id] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// intersection is the values of a that b has too, in the order of a; each value once.
func intersection(a, b []any) []any {
	out, left := []any{}, set(b)
	for _, v := range a {
		if id := identity(v); left[id] {
			left[id] = false
			out = append(out, v)
		}
	}
	return out
}

// contains says whether every value of part is one of whole.
func contains(whole, part []any) bool {
	all := set(whole)
	return !slices.ContainsFunc(part, func(v any) bool { return !all[identity(v)] })
}
