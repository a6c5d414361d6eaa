package gate

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// kinds says on which of the two forms a field stands.
type kinds uint8

const (
	access  kinds = 1 << iota // Art. 67
	request                   // Art. 69
	both    = access | request
)

func kindsOf(k ehds.ApplicationKind) kinds {
	if k == ehds.DataRequestApplication {
		return request
	}
	return access
}

// field is one field of a form.
type field struct {
	shape shape
	kinds kinds
	keys  vocabulary // for choices; "" means that the keys are not listed anywhere public
}

// shape is what a field's value looks like in JSON.
type shape uint8

// The shapes. A choice is {key, value}: the key is stable, the value is in the applicant's language.
const (
	Text shape = iota
	Flag
	Choice
	Choices
	Phone // {number, countryCode, isoCode}
	Files // a list of {id, name, size}
	Texts
	TextOrChoice
	TextOrFiles
	Records // a list of objects
)

// choice is a choice as it travels. A choice without a key is none.
type choice struct {
	Key *string `json:"key"`
}

// fits says whether a value, which is JSON, has the shape. Members beyond those named are nobody's business.
func (s shape) fits(raw json.RawMessage) bool {
	switch s {
	case Text:
		return first(raw) == '"'
	case Flag:
		return first(raw) == 't' || first(raw) == 'f'
	case Choice:
		c, ok := as[choice](raw)
		return ok && c.Key != nil
	case Choices:
		list, ok := as[[]choice](raw)
		for _, c := range list {
			ok = ok && c.Key != nil
		}
		return ok
	case Phone:
		return first(raw) == '{'
	case Files, Records:
		return listOf(raw, '{')
	case Texts:
		return listOf(raw, '"')
	case TextOrChoice:
		return Text.fits(raw) || Choice.fits(raw)
	case TextOrFiles:
		return Text.fits(raw) || Files.fits(raw)
	}
	return false
}

// listOf says whether a value is a list of values that begin so. Null is a value left out.
func listOf(raw json.RawMessage, begin byte) bool {
	list, ok := as[[]json.RawMessage](raw)
	return ok && !slices.ContainsFunc(list, func(e json.RawMessage) bool { return first(e) != begin && first(e) != 'n' })
}

func as[T any](raw json.RawMessage) (T, bool) {
	var v T
	if json.Unmarshal(raw, &v) != nil {
		var zero T
		return zero, false
	}
	return v, true
}

// empty says whether a value answers nothing: null, blank text, false, an empty list or object, one of
// nothing but such, or a choice with a blank key. It looks no further than the first answer.
func empty(raw json.RawMessage) bool {
	switch first(raw) {
	case '"':
		return blankText(raw)
	case '[':
		list, _ := as[[]json.RawMessage](raw)
		return !slices.ContainsFunc(list, func(e json.RawMessage) bool { return !empty(e) })
	case '{':
		members, _ := as[map[string]json.RawMessage](raw)
		if key, isChoice := members["key"]; isChoice {
			return empty(key)
		}
		for _, e := range members {
			if !empty(e) {
				return false
			}
		}
		return true
	case 0, 'n', 'f':
		return true
	}
	return false
}

// first is the first character of a value, 0 when there is none.
func first(raw json.RawMessage) byte {
	if raw = bytes.TrimLeft(raw, " \t\r\n"); len(raw) > 0 {
		return raw[0]
	}
	return 0
}

// blankText decodes a text only when it has something that could be white space of another kind.
func blankText(raw json.RawMessage) bool {
	for _, c := range raw {
		if c > ' ' && c < 0x7f && c != '"' && c != '\\' {
			return false
		}
	}
	s, _ := as[string](raw)
	return blank(s)
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// vocabulary names the keys a choice may have: a list, or one of the rules below.
type vocabulary string

// The vocabularies. Keys beyond them are kept and flagged: a later release may have more.
const (
	yesNo       vocabulary = "a b"
	formats     vocabulary = "a b"         // anonymised, pseudonymised
	persons     vocabulary = "a b"         // legal, natural
	moments     vocabulary = "a b"         // as soon as possible, later
	estimates   vocabulary = "a b"         // estimated, exact
	cohorts     vocabulary = "a b c d"     // by criteria, an earlier cohort, both, the whole population
	extractions vocabulary = "a b c"       // a random sample, all who qualify, another sample
	repeats     vocabulary = "a b"         // once, several times
	intervals   vocabulary = "a b c d"     // every year, half-year, quarter, other
	lawful      vocabulary = "a b c d e f" // the points of GDPR Art. 6(1)
	purposes    vocabulary = "Art. 53(1)"
	languages   vocabulary = "language"
	countries   vocabulary = "ISO 3166-1"
)

// knows says whether a key is in the vocabulary.
func (v vocabulary) knows(key string) bool {
	switch v {
	case "":
		return true
	case purposes:
		_, ok := ehds.Purpose(key)
		return ok
	case languages:
		return Language(key)
	case countries:
		return len(key) == 2 && strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	}
	for _, k := range strings.Fields(string(v)) {
		if k == key {
			return true
		}
	}
	return false
}

// Keys of yes and no, of formats and of persons.
const (
	keyYes           = "a"
	keyNaturalPerson = "b"
)
