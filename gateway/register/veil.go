package register

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
)

// Removed stands in public texts for what names or reaches a person.
const Removed = "[…]"

// veil takes persons out of texts that are to be public. It knows those that the form and the grants name;
// of others it knows only what looks like an address of mail or a telephone number with its country code.
// What a body writes of a person that it met elsewhere it cannot know.
type veil struct {
	names   map[string][][]string // sequences of words in small letters, by the first
	family  map[string]bool       // last parts of names, as written
	numbers []string              // digits of telephone numbers
	private []*regexp.Regexp      // addresses, in any letters
	persons int
	blind   bool // more persons than can be looked for: no text is shown
}

// Bounds of what a veil looks for.
const (
	maxPersons = 1000
	maxPrivate = 300 // runes of one name or address
)

// full says whether a veil can take no more, or not this.
func (v *veil) full(s string) bool {
	if v.persons++; v.persons > maxPersons || utf8.RuneCountInString(s) > maxPrivate {
		v.blind = true
	}
	return v.blind
}

var (
	mailAddress = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	telephone   = regexp.MustCompile(`\+\d[\d ()./-]{5,}\d`)
)

func newVeil() veil { return veil{names: map[string][][]string{}, family: map[string]bool{}} }

// veilOf knows everybody an application names.
func veilOf(s Source) veil {
	v := newVeil()
	if s.Filing != nil {
		for _, raw := range s.Filing.Form {
			v.learn("", raw)
		}
		form := gate.Read(*s.Filing)
		if leader := form.Text(2, "projectLeader"); leader != form.Text(3, "legalPersonName") { // some name the organisation
			v.name(leader)
		}
		for _, person := range form.People() {
			v.name(person.Name)
		}
	}
	for i := range s.Application.Tracks {
		for _, d := range decisions(&s.Application.Tracks[i]) {
			if d.Grant != nil {
				v.name(d.Grant.Investigator)
				for _, person := range d.Grant.Persons {
					v.name(person.Name)
				}
			}
		}
	}
	for _, c := range s.Cards {
		v.name(c.Signatory.Name)
	}
	return v
}

// learn walks a form: which fields are of a person is told by their names, as the form of Release 7 has
// them, so that a field it does not have yet is likely to be seen as well.
func (v *veil) learn(field string, raw json.RawMessage) {
	var object map[string]json.RawMessage
	var list []json.RawMessage
	var text string
	switch {
	case json.Unmarshal(raw, &object) == nil:
		for name, inner := range object {
			if name == "number" && strings.Contains(strings.ToLower(field), "phone") {
				name = field
			}
			v.learn(name, inner)
		}
	case json.Unmarshal(raw, &list) == nil:
		for _, inner := range list {
			v.learn(field, inner)
		}
	case json.Unmarshal(raw, &text) == nil:
		v.take(strings.ToLower(field), text)
	}
}

func (v *veil) take(field, text string) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(field, w) })
	}
	switch {
	case has("legalperson", "organisation", "organization", "project", "environment"):
		// of an organisation
	case has("phone", "fax", "mobile"):
		v.number(text)
	case has("email"):
		v.address(text)
	case has("address") && has("person"), field == "address":
		v.address(text)
	case has("name") && has("person", "contact", "full", "first", "last", "family", "given"):
		v.name(text)
	}
}

// name takes a person's name, forwards and backwards. Its last part is looked for alone too, as written: it
// may be a common word.
func (v *veil) name(s string) {
	if s = strings.ToValidUTF8(s, "\uFFFD"); v.full(s) {
		return
	}
	var parts []string
	for _, w := range wordsIn(s) {
		parts = append(parts, s[w.from:w.to])
	}
	if len(parts) == 0 || utf8.RuneCountInString(s) < 3 {
		return
	}
	forward := make([]string, len(parts))
	for i, part := range parts {
		forward[i] = strings.ToLower(part)
	}
	backward := slices.Clone(forward)
	slices.Reverse(backward)
	v.names[forward[0]] = append(v.names[forward[0]], forward)
	v.names[backward[0]] = append(v.names[backward[0]], backward)
	if last := parts[len(parts)-1]; len(parts) > 1 && utf8.RuneCountInString(last) >= 3 {
		v.family[last] = true
	}
}

func (v *veil) number(s string) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) >= 5 && !v.full(digits) {
		v.numbers = append(v.numbers, digits)
	}
}

func (v *veil) address(s string) {
	if s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")); utf8.RuneCountInString(s) >= 5 && !v.full(s) {
		v.private = append(v.private, regexp.MustCompile(`(?i)`+regexp.QuoteMeta(s)))
	}
}

// knows says whether a text is nothing but the name of a person.
func (v veil) knows(text string) bool { return v.withoutNames(text) == Removed }

// text is a text without persons.
func (v veil) text(s string) string {
	if v.blind && s != "" {
		return Removed
	}
	s = shortened(strings.ToValidUTF8(s, "\uFFFD"))
	for _, p := range v.private {
		s = p.ReplaceAllLiteralString(s, Removed)
	}
	s = mailAddress.ReplaceAllLiteralString(s, Removed)
	for _, n := range v.numbers {
		s = withoutNumber(s, n)
	}
	return v.withoutNames(telephone.ReplaceAllLiteralString(s, Removed))
}

// maxText bounds one public text, in runes.
const maxText = 20_000

func shortened(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxText {
			return s[:i] + " …"
		}
	}
	return s
}
