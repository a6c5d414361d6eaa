package gate

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// formRules are about the form itself: its kind, its fields, the shapes and keys of their values.
func formRules() []Rule {
	return []Rule{
		{ID: "language", Article: "D6.4 R7.1.2", Title: "the language is an official one of the Union", Severity: Warning, Kinds: anyKind, check: language},
		{ID: "form-kind", Article: "67(1), 69(1)", Title: "the form is that of the application's kind", Severity: Violation, Kinds: anyKind, check: formKind},
		{ID: "form-other-kind", Article: "67(2), 69(2)", Title: "a field stands on the form of the other kind", Severity: Info, Kinds: anyKind, check: otherKind},
		{ID: "field-shape", Article: "D6.4 tables", Title: "a value has another shape than its field", Severity: Warning, Completion: true, Kinds: anyKind, check: shapes},
		{ID: "field-unknown", Article: "D6.4 tables", Title: "a field is not on the form of this release", Severity: Info, Kinds: anyKind, check: unknownFields},
		{ID: "choice-unknown", Article: "D6.4 tables", Title: "the key of a choice is not known", Severity: Warning, Kinds: anyKind, check: unknownChoices},
		{ID: "country-unknown", Article: "67(2)(d)", Title: "section 6 names its country", Severity: Warning, Completion: true, Kinds: anyKind, Sections: []int{6}, check: entryCountries},
	}
}

func language(x *exam) {
	p := place{plain: "/language"}
	switch {
	case x.body.Language == "":
		x.report(p, "the application does not say its language", "state the language as a BCP 47 tag")
	case !Language(x.body.Language):
		x.report(p, "the language is none of the 24 official ones of the Union", "apply in an official language, or agree with the body")
	}
}

// marks are fields that only one kind of form has, and has always.
var marks = map[kinds][]place{
	access: {at(5, "whyTheDataIsNeeded"), at(5, "formatOfTheElectronicHealthData"), at(8, "peopleWhoWillBeProcessingTheData"),
		at(8, "technicalRequirementsForEnvironment")},
	request: {at(5, "whyAreTheDataRequested"), at(0, "tabulationPlanArray"), at(6, "tabulationPlanArray"),
		at(8, "awareInformationCorrect"), at(8, "acceptHealthDataBody")},
}

// formKind refuses a form that is the other kind's: none of its own fields, and some of the other's.
func formKind(x *exam) {
	has := func(k kinds) (out []place) {
		for _, p := range marks[k] {
			if x.form.answered(p.section, p.field) {
				out = append(out, p)
			}
		}
		return out
	}
	if own, other := has(x.kind), has(both&^x.kind); len(own) == 0 && len(other) > 0 {
		x.report(place{plain: "/kind"}, "the form is that of the other kind of application",
			"send the form of this kind, or state the other kind: access under Art. 67, a statistical answer under Art. 69")
	}
}

// value is one value of the form with its place and its field; known is false for a field that the release
// has not.
type value struct {
	place
	raw   json.RawMessage
	is    field
	known bool
	empty bool
}

// read lists the values of the form, in order. They are looked at once, for all rules.
func (x *exam) read() (out []value) {
	one := func(n, entry int, s section, table map[string]field) {
		for _, name := range slices.Sorted(maps.Keys(s)) {
			is, known := table[name]
			out = append(out, value{place{section: n, entry: entry, field: name}, s[name], is, known, empty(s[name])})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(x.form.sections)) {
		one(n, 0, x.form.sections[n], release7[n])
	}
	for i, e := range x.form.entries {
		one(cohortSection, i, e.fields, release7Cohort)
	}
	return out
}

func otherKind(x *exam) {
	x.bySection(func(v value) bool { return v.known && v.is.kinds&x.kind == 0 && !v.empty },
		"%d field(s) are not on the form of this kind; they have no effect", "leave them out, or state the other kind")
}

func shapes(x *exam) {
	for _, n := range x.form.unread {
		x.report(place{section: n}, "the section has another shape and is not read", "send the section as an object; section 6 as a list of them")
	}
	for _, v := range x.values {
		if v.known && v.is.kinds&x.kind != 0 && !v.empty && !v.is.shape.fits(v.raw) {
			x.report(v.place, "the value has another shape than this field and is not read", "send it in the shape of the field")
		}
	}
}

// unknownFields tells of a section that it has fields nobody knows. Their names are the sender's text.
func unknownFields(x *exam) {
	x.bySection(func(v value) bool { return !v.known },
		"%d field(s) are not known here; they are kept and handed on", "nothing, if another release has them")
}

// bySection reports once for each section in which values are such, with their number.
func (x *exam) bySection(such func(value) bool, message, mend string) {
	type where struct{ section, entry int }
	names := map[where][]string{}
	var order []where
	for _, v := range x.values {
		if !such(v) {
			continue
		}
		w := where{v.section, v.entry}
		if names[w] == nil {
			order = append(order, w)
		}
		names[w] = append(names[w], v.field)
	}
	for _, w := range order {
		x.report(place{section: w.section, entry: w.entry}, fmt.Sprintf(message, len(names[w])), mend, names[w]...)
	}
}

func unknownChoices(x *exam) {
	for _, v := range x.values {
		if !v.known || v.is.keys == "" || v.empty {
			continue
		}
		var strange []string
		for _, key := range keysOf(v.raw) {
			if !v.is.keys.knows(key) {
				strange = append(strange, key)
			}
		}
		if len(strange) > 0 {
			x.report(v.place, "a choice is not known here; it is kept and a person must read it", "choose among those of the form", strange...)
		}
	}
}

// keysOf are the keys of a choice or of several.
func keysOf(raw json.RawMessage) []string {
	list := make([]choice, 1)
	if first(raw) == '[' {
		list, _ = as[[]choice](raw)
	} else {
		list[0], _ = as[choice](raw)
	}
	var out []string
	for _, c := range list {
		if k := c.key(); k != "" {
			out = append(out, k)
		}
	}
	return out
}

func entryCountries(x *exam) {
	for i, e := range x.form.entries {
		if e.Country == "" {
			x.report(place{section: cohortSection, entry: i, field: "country_id"},
				"the part of a country does not name a country of the exchange", "give country_id as the upper-case English name")
		}
	}
}
