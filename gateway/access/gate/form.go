package gate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Form reads the form of an application. Choices are matched by key, never by value, which is in the
// applicant's language. A field that is absent or of another shape reads as the zero value, so that a
// person looks at it; Check says which those are.
type Form struct {
	kind     kinds
	sections map[int]section // 0 is beside the sections
	entries  []Entry
	single   bool  // section 6 is one object, not a list
	unread   []int // sections of another shape
}

type section map[string]json.RawMessage

// Entry is section 6 for one country.
type Entry struct {
	Country string // ISO 3166-1 alpha-2; "" when country_id names no country known here
	fields  section
}

// cohortSection is the one section that is repeated.
const cohortSection = 6

// sectionName is the member of a form that is a section; ok is false for a section no form has.
func sectionName(n int) (name string, ok bool) {
	return fmt.Sprintf("section%d", n), n >= 1 && n <= len(sectionNames)
}

// sectionNames are the members of a form that are sections.
var sectionNames = map[string]int{
	"section1": 1, "section2": 2, "section3": 3, "section4": 4, "section5": 5,
	"section6": 6, "section7": 7, "section8": 8, "section9": 9, "section10": 10,
}

// Read reads the form of an application.
func Read(b ehds.ApplicationBody) Form {
	f := Form{kind: kindsOf(b.Kind), sections: map[int]section{0: {}}}
	for name, raw := range b.Form {
		n, isSection := sectionNames[name]
		switch {
		case !isSection:
			f.sections[0][name] = raw
		case n == cohortSection:
			f.readEntries(raw)
		default:
			s, ok := as[section](raw)
			if f.sections[n] = s; !ok {
				f.unread = append(f.unread, n)
			}
		}
	}
	return f
}

func (f *Form) readEntries(raw json.RawMessage) {
	list, ok := as[[]section](raw)
	if !ok {
		one, isObject := as[section](raw)
		if !isObject {
			f.unread = append(f.unread, cohortSection)
			return
		}
		list, f.single = []section{one}, true
	}
	for _, s := range list {
		id, _ := as[string](s["country_id"])
		f.entries = append(f.entries, Entry{Country: countryCode(id), fields: s})
	}
}

// countryCode reads a country_id: the upper-case English name, or the code itself.
func countryCode(id string) string {
	if c, ok := ehds.CountryByName(id); ok {
		return c.Code
	}
	if c, ok := ehds.CountryByCode(strings.ToUpper(strings.TrimSpace(id))); ok {
		return c.Code
	}
	return ""
}

// Text is a field of text, without the white space around it.
func (f Form) Text(section int, name string) string {
	s, _ := as[string](f.sections[section][name])
	return strings.TrimSpace(s)
}

// Choice is the key of a choice, "" when there is none.
func (f Form) Choice(section int, name string) string {
	c, _ := as[choice](f.sections[section][name])
	return c.key()
}

// Choices are the keys of a field of several choices, in the order of the form.
func (f Form) Choices(section int, name string) []string {
	list, _ := as[[]choice](f.sections[section][name])
	var out []string
	for _, c := range list {
		if k := c.key(); k != "" {
			out = append(out, k)
		}
	}
	return out
}

func (c choice) key() string {
	if c.Key == nil {
		return ""
	}
	return strings.TrimSpace(*c.Key)
}

// Answered says whether a field holds anything; a statement counts when it is true.
func (f Form) Answered(section int, name string) bool { return !empty(f.sections[section][name]) }

// answered says the same of one of several fields; fields of section 6 count when any country has them.
func (f Form) answered(section int, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		if section != cohortSection {
			return f.Answered(section, name)
		}
		return slices.ContainsFunc(f.entries, func(e Entry) bool { return !empty(e.fields[name]) })
	})
}

// Purposes are the keys of Art. 53(1) the applicant marked.
func (f Form) Purposes() []string { return f.Choices(2, "purposeForWhichDataWillBeUsed") }

// Format is the format asked for (ehds.Format…), "" when the form does not say.
func (f Form) Format() string {
	format, _ := ehds.FormatOfKey(f.Choice(5, "formatOfTheElectronicHealthData"))
	return format
}

// PublicSector says whether the applicant states to be a public sector body or a Union institution,
// or to act for one.
func (f Form) PublicSector() bool {
	return f.Choice(3, "applyingForDataOnBehalfOfPublicSector") == keyYes
}

// PublicTask says whether the applicant states to be public, or to act for a public body, and to carry out a
// task; the accelerated procedure asks for a legal mandate in public health, which a person must see
// (Art. 68(6)).
func (f Form) PublicTask() bool {
	return f.PublicSector() && f.Choice(3, "applyingForDataForCarryingOutTasks") == keyYes
}

// OptOutException says whether the applicant asks for data of persons who opted out, and why
// (Art. 67(2)(k), 71(4)).
func (f Form) OptOutException() (asked bool, reason string) {
	return f.Choice(8, "optOutOfTheMechanismProvidedInTheNationalLaw") == keyYes, f.Text(8, "optOutJustification")
}

// Countries are those of section 6, each once.
func (f Form) Countries() []string {
	var out []string
	for _, e := range f.entries {
		if e.Country != "" && !slices.Contains(out, e.Country) {
			out = append(out, e.Country)
		}
	}
	return out
}

// People are those who will process the data (Art. 67(2)(a)). One without a name is left out.
func (f Form) People() []ehds.PermitPerson {
	var out []ehds.PermitPerson
	for _, raw := range f.peopleRaw() {
		p, _ := as[struct {
			FullName    string `json:"fullName"`
			Affiliation string `json:"affiliation"`
		}](raw)
		if name := strings.TrimSpace(p.FullName); name != "" {
			out = append(out, ehds.PermitPerson{Name: name, Affiliation: strings.TrimSpace(p.Affiliation)})
		}
	}
	return out
}

func (f Form) peopleRaw() []json.RawMessage {
	list, _ := as[[]json.RawMessage](f.sections[8]["peopleWhoWillBeProcessingTheData"])
	return list
}
