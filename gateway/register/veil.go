package register

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Removed stands in public texts for what names or reaches a person.
const Removed = "[…]"

// veil takes persons out of texts that are to be public. It knows those that the form and the grants name;
// of others it knows only what looks like an address of mail or a telephone number with its country code.
// What a body writes of a person that it met elsewhere it cannot know.
type veil struct {
	names   []*regexp.Regexp // whole names, in any letters
	family  map[string]bool  // last parts of names, as written
	numbers []*regexp.Regexp // telephone numbers, however grouped
	private []string         // addresses
	blind   bool             // more persons than can be looked for: no text is shown
}

// Bounds of what a veil looks for.
const (
	maxPersons = 1000
	maxPrivate = 300 // runes of one name or address
)

// full says whether a veil can take no more, or not this.
func (v *veil) full(s string) bool {
	if len(v.names)/2+len(v.private)+len(v.numbers) >= maxPersons || utf8.RuneCountInString(s) > maxPrivate {
		v.blind = true
	}
	return v.blind
}

var (
	mailAddress = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	telephone   = regexp.MustCompile(`\+\d[\d ()./-]{5,}\d`)
)

// veilOf knows everybody an application names.
func veilOf(s Source) veil {
	v := veil{family: map[string]bool{}}
	if s.Filing != nil {
		for _, raw := range s.Filing.Form {
			v.learn("", raw)
		}
		for _, person := range gate.Read(*s.Filing).People() {
			v.name(person.Name)
		}
	}
	for _, t := range s.Application.Tracks {
		for _, d := range append(slices.Clone(t.SetAside), decisionOf(t.Decision)...) {
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

// name takes a person's name. Its last part is looked for alone, as written: it may be a common word.
func (v *veil) name(s string) {
	if s = strings.ToValidUTF8(s, "\uFFFD"); v.full(s) {
		return
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
	if len(parts) == 0 || utf8.RuneCountInString(s) < 3 {
		return
	}
	forward, backward := slices.Clone(parts), slices.Clone(parts)
	slices.Reverse(backward)
	for _, order := range [][]string{forward, backward} {
		for i := range order {
			order[i] = regexp.QuoteMeta(order[i])
		}
		v.names = append(v.names, regexp.MustCompile(`(?i)`+strings.Join(order, `[\s,]+`)))
	}
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
		v.numbers = append(v.numbers, regexp.MustCompile(strings.Join(strings.Split(digits, ""), `[ ()./-]*`)))
	}
}

func (v *veil) address(s string) {
	if s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD")); utf8.RuneCountInString(s) >= 5 && !v.full(s) {
		v.private = append(v.private, s)
	}
}

// knows says whether a text is nothing but the name of a person.
func (v veil) knows(text string) bool {
	return slices.ContainsFunc(v.names, func(n *regexp.Regexp) bool {
		at := n.FindStringIndex(text)
		return at != nil && at[0] == 0 && at[1] == len(text)
	})
}

// text is a text without persons.
func (v veil) text(s string) string {
	if v.blind && s != "" {
		return Removed
	}
	s = shortened(strings.ToValidUTF8(s, "\uFFFD"))
	for _, p := range v.private {
		s = replaceFold(s, p)
	}
	s = mailAddress.ReplaceAllString(s, Removed)
	for _, n := range v.numbers {
		s = n.ReplaceAllString(s, Removed)
	}
	s = telephone.ReplaceAllString(s, Removed)
	for _, n := range v.names {
		s = replaceWhole(s, n)
	}
	return v.families(s)
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

// replaceWhole replaces what stands alone, not in the middle of a word.
func replaceWhole(s string, pattern *regexp.Regexp) string {
	var out strings.Builder
	at := 0
	for _, m := range pattern.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:m[0]])
		after, _ := utf8.DecodeRuneInString(s[m[1]:])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			continue
		}
		out.WriteString(s[at:m[0]] + Removed)
		at = m[1]
	}
	return out.String() + s[at:]
}

func replaceFold(s, private string) string {
	return regexp.MustCompile(`(?i)`+regexp.QuoteMeta(private)).ReplaceAllString(s, Removed)
}

// families replaces words that are the last part of a name.
func (v veil) families(s string) string {
	if len(v.family) == 0 {
		return s
	}
	var out, word strings.Builder
	flush := func() {
		if w := word.String(); v.family[w] {
			out.WriteString(Removed)
		} else {
			out.WriteString(w)
		}
		word.Reset()
	}
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsMark(r) || (r == '-' || r == '’' || r == '\'') && word.Len() > 0 {
			word.WriteRune(r)
			continue
		}
		flush()
		out.WriteRune(r)
	}
	flush()
	return out.String()
}

func decisionOf[T any](d *T) []T {
	if d == nil {
		return nil
	}
	return []T{*d}
}

// legalPerson is the key of section 3 by which a legal person applies.
const legalPerson = "a"

// userOf is who applied: a legal person by its name, a natural one as such. Where the form says neither, a
// person is assumed.
func userOf(b *ehds.ApplicationBody) *User {
	if b == nil {
		return nil
	}
	form := gate.Read(*b)
	name := strings.TrimSpace(form.Text(3, "legalPersonName"))
	v := veilOf(Source{Filing: b})
	if form.Choice(3, "legalOrNaturalPerson") != legalPerson || name == "" || v.knows(name) {
		return &User{Natural: true}
	}
	return &User{Name: veil{}.text(name), Country: countryOf(form.Choice(3, "legalPersonCountry"))}
}

func countryOf(key string) string {
	if c, ok := ehds.CountryByCode(strings.ToUpper(key)); ok {
		return c.Code
	}
	return ""
}
