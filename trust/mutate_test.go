package trust_test

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
)

// A mutation changes a token. honest are tokens to take parts from: of the same kind, and of others.
type mutation struct {
	name  string
	apply func(r *rand.Rand, token string, honest []string) string
}

const compactAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// mutations are the ways a token is damaged, forged and patched together.
func mutations() []mutation {
	return []mutation{
		{"bit", func(r *rand.Rand, s string, _ []string) string {
			b, at := []byte(s), r.IntN(len(s))
			b[at] ^= byte(1 << r.IntN(8))
			return string(b)
		}},
		{"letter", func(r *rand.Rand, s string, _ []string) string {
			at := r.IntN(len(s))
			return s[:at] + letter(r) + s[at+1:]
		}},
		{"delete", func(r *rand.Rand, s string, _ []string) string {
			from := r.IntN(len(s))
			return s[:from] + s[min(len(s), from+1+r.IntN(4)):]
		}},
		{"insert", func(r *rand.Rand, s string, _ []string) string {
			at := r.IntN(len(s) + 1)
			return s[:at] + strings.Repeat(letter(r), 1+r.IntN(4)) + s[at:]
		}},
		{"splice", func(r *rand.Rand, s string, honest []string) string {
			other := pick(r, honest)
			from := r.IntN(min(len(s), len(other)))
			to := from + r.IntN(min(len(s), len(other))-from)
			return s[:from] + other[from:to] + s[to:]
		}},
		{"segment", func(r *rand.Rand, s string, honest []string) string {
			seg, other := strings.Split(s, "."), strings.Split(pick(r, honest), ".")
			i := r.IntN(min(len(seg), len(other)))
			seg[i] = other[i]
			return strings.Join(seg, ".")
		}},
		{"shuffle", func(r *rand.Rand, s string, _ []string) string {
			seg := strings.Split(s, ".")
			r.Shuffle(len(seg), func(i, j int) { seg[i], seg[j] = seg[j], seg[i] })
			return strings.Join(seg, ".")
		}},
		{"spelling", respell},
		{"header", func(r *rand.Rand, s string, _ []string) string { return editJSON(r, s, 0) }},
		{"claims", func(r *rand.Rand, s string, _ []string) string { return editJSON(r, s, 1) }},
		{"truncate", func(r *rand.Rand, s string, _ []string) string {
			if r.IntN(2) == 0 {
				return s[:r.IntN(len(s))]
			}
			return s[r.IntN(len(s)):]
		}},
		{"duplicate", func(r *rand.Rand, s string, _ []string) string {
			seg := strings.Split(s, ".")
			i := r.IntN(len(seg))
			return strings.Join(slices.Insert(seg, i, seg[i]), ".")
		}},
		{"signature", editSignature},
		{"whole", func(r *rand.Rand, _ string, honest []string) string { return pick(r, honest) }},
	}
}

func letter(r *rand.Rand) string {
	const all = compactAlphabet + ".=+/ \n"
	i := r.IntN(len(all))
	return all[i : i+1]
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

// respell writes the same octets in another way.
func respell(r *rand.Rand, s string, _ []string) string {
	seg := strings.Split(s, ".")
	i := r.IntN(len(seg))
	switch r.IntN(6) {
	case 0:
		seg[i] += strings.Repeat("=", 1+r.IntN(2))
	case 1: // a bit of the last character that no octet takes
		n, c := len(seg[i]), -1
		if n%4 != 0 {
			c = strings.IndexByte(compactAlphabet, seg[i][n-1])
		}
		if c < 0 {
			return s + "=="
		}
		seg[i] = seg[i][:n-1] + compactAlphabet[c|1:c|1+1]
	case 2:
		seg[i] = strings.NewReplacer("-", "+", "_", "/").Replace(seg[i]) + "="
	case 3:
		at := r.IntN(len(seg[i]) + 1)
		seg[i] = seg[i][:at] + pick(r, []string{"\n", "\r\n", " ", "\t", "\x00"}) + seg[i][at:]
	case 4:
		return pick(r, []string{" ", "\n", "Bearer ", "\ufeff"}) + s
	default:
		return s + pick(r, []string{" ", "\n", ".", "~", "\x00"})
	}
	return strings.Join(seg, ".")
}

// editJSON changes the text of a header or payload and encodes it again, without signing it again.
func editJSON(r *rand.Rand, s string, segment int) string {
	seg := strings.Split(s, ".")
	if segment >= len(seg) {
		return s + "."
	}
	raw, err := base64.RawURLEncoding.DecodeString(seg[segment])
	if err != nil || len(raw) < 3 {
		return s + "."
	}
	text := string(raw)
	switch r.IntN(7) {
	case 0: // a digit
		if at := strings.IndexAny(text, "0123456789"); at >= 0 {
			text = text[:at] + string('0'+byte(r.IntN(10))) + text[at+1:]
		}
	case 1: // a letter
		at := 1 + r.IntN(len(text)-2)
		text = text[:at] + letter(r) + text[at+1:]
	case 2: // a member before
		text = `{"` + pick(r, []string{"alg", "iss", "x", "crit", "jku"}) + `":"x",` + text[1:]
	case 3: // a member after
		text = text[:len(text)-1] + `,"` + pick(r, []string{"alg", "exp", "x", "aud"}) + `":1}`
	case 4: // space, which changes no value
		text = pick(r, []string{" " + text, text + " ", "{ " + text[1:], text[:len(text)-1] + "\n}"})
	case 5: // another name for the algorithm or the audience
		text = strings.NewReplacer("Ed25519", pick(r, []string{"none", "HS256", "EdDSA", "ES256"}), "ncp.de", "ncp.fr").Replace(text)
	default:
		text = pick(r, []string{"{}", "[]", "null", "", text + text, text[:len(text)/2]})
	}
	seg[segment] = base64.RawURLEncoding.EncodeToString([]byte(text))
	return strings.Join(seg, ".")
}

// editSignature changes the octets of the last segment.
func editSignature(r *rand.Rand, s string, _ []string) string {
	dot := strings.LastIndexByte(s, '.')
	raw, err := base64.RawURLEncoding.DecodeString(s[dot+1:])
	if err != nil || len(raw) == 0 {
		return s + "."
	}
	switch r.IntN(6) {
	case 0:
		raw = make([]byte, len(raw))
	case 1:
		raw = append(raw[len(raw)/2:], raw[:len(raw)/2]...)
	case 2:
		raw = raw[:r.IntN(len(raw))]
	case 3:
		raw = append(raw, byte(r.IntN(256)))
	case 4:
		raw[r.IntN(len(raw))] ^= byte(1 << r.IntN(8))
	default:
		for i := range raw {
			raw[i] = byte(r.IntN(256))
		}
	}
	return s[:dot+1] + base64.RawURLEncoding.EncodeToString(raw)
}
