package register

import (
	"slices"
	"strings"
	"unicode"
)

// span is a part of a text, in bytes.
type span struct{ from, to int }

// wordsIn finds the words of a text: letters and digits alone, so that a name is found before an apostrophe
// or a hyphen as well.
func wordsIn(s string) (out []span) {
	from := -1
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			if from < 0 {
				from = i
			}
		case from >= 0:
			out = append(out, span{from, i})
			from = -1
		}
	}
	if from >= 0 {
		out = append(out, span{from, len(s)})
	}
	return out
}

// withoutNames replaces whole names, and single words that are the last part of one.
func (v veil) withoutNames(s string) string {
	if len(v.names) == 0 {
		return s
	}
	words := wordsIn(s)
	small := make([]string, len(words))
	for i, w := range words {
		small[i] = strings.ToLower(s[w.from:w.to])
	}
	var out strings.Builder
	at := 0
	for i := 0; i < len(words); {
		n := v.nameAt(s, words[i:], small[i:])
		if n == 0 && v.family[s[words[i].from:words[i].to]] {
			n = 1
		}
		if n == 0 {
			i++
			continue
		}
		out.WriteString(s[at:words[i].from] + Removed)
		at = words[i+n-1].to
		i += n
	}
	return out.String() + s[at:]
}

// nameAt is how many words of the longest name begin a text; between them is only what stands in names.
func (v veil) nameAt(s string, words []span, small []string) (most int) {
	for _, name := range v.names[small[0]] {
		if len(name) <= most || len(name) > len(small) || !slices.Equal(name, small[:len(name)]) {
			continue
		}
		together := true
		for i := 1; i < len(name); i++ {
			together = together && strings.Trim(s[words[i-1].to:words[i].from], " ,.-'’\u00a0\u2010\u2011\t\r\n") == ""
		}
		if together {
			most = len(name)
		}
	}
	return most
}

// withoutNumber replaces a telephone number, however it is grouped.
func withoutNumber(s, digits string) string {
	var out strings.Builder
	at := 0
	for i := 0; i < len(s); i++ {
		if end := numberAt(s[i:], digits); end > 0 {
			out.WriteString(s[at:i] + Removed)
			at = i + end
			i = at - 1
		}
	}
	return out.String() + s[at:]
}

// numberAt is where a number that begins a text ends; 0 when there is none.
func numberAt(s, digits string) int {
	n := 0
	for i := 0; i < len(s) && n < len(digits); i++ {
		switch {
		case s[i] == digits[n]:
			if n++; n == len(digits) {
				return i + 1
			}
		case n == 0 || !strings.ContainsRune(" ()./-", rune(s[i])):
			return 0
		}
	}
	return 0
}
