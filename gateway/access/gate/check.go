package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Options are what an examination needs beside the application.
type Options struct {
	// Today is the day it is examined for, for dates and for what applies already. It must be set.
	Today time.Time
	// Applicant says what is known of the applicant otherwise; empty believes the form.
	Applicant Applicant
	// Procedure is the one the case is under; empty when none was chosen yet.
	Procedure ehds.Procedure
	// EthicsRequired: national law asks for an assessment of ethical aspects (Art. 67(2)(j)).
	EthicsRequired bool
	// Early is the severity of a category asked for before the duty to make it available applies
	// (Art. 105); empty means Info, since pilots run before. Never a Violation.
	Early Severity
	// Datasets is what the body's own record says of the datasets asked for, by dataset_id. What is not
	// in it is not judged.
	Datasets map[string]Dataset
	// Attachments are the sizes of the files that came with the application, by id; nil says nothing of
	// files: those of an earlier version may not come again.
	Attachments map[string]int64
}

// Dataset is what a body knows of a dataset.
type Dataset struct {
	Categories    []string // codes of Art. 51(1)
	Holder        string
	TrustedHolder bool // the holder is designated under Art. 72(2)
}

// Applicant tells public sector bodies, Union institutions and those acting for them from others.
type Applicant string

// The applicants.
const (
	PublicApplicant  Applicant = "public"
	PrivateApplicant Applicant = "private"
)

// Check examines an application by every rule. Findings come in the order of the form; the same
// application gives the same findings.
func Check(b ehds.ApplicationBody, o Options) []Finding {
	return newExam(b, o).run(func(Rule) bool { return true })
}

func newExam(b ehds.ApplicationBody, o Options) *exam {
	x := &exam{body: b, form: Read(b), o: o, kind: kindsOf(b.Kind)}
	switch o.Applicant {
	case PublicApplicant, PrivateApplicant:
		x.public = o.Applicant == PublicApplicant
	default:
		x.public = x.form.PublicSector()
	}
	x.values = x.read()
	if o.Attachments != nil {
		x.files = x.filesNamed()
	}
	return x
}

// run examines by the rules that are asked for and apply to the kind.
func (x *exam) run(by func(Rule) bool) []Finding {
	for i, r := range Rules() {
		if slices.Contains(r.Kinds, x.body.Kind) && by(r) {
			x.rule, x.order = r, i
			r.check(x)
		}
	}
	slices.SortStableFunc(x.found, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.entry, b.entry),
			strings.Compare(a.Pointer, b.Pointer), cmp.Compare(a.order, b.order))
	})
	out := make([]Finding, len(x.found))
	for i, p := range x.found {
		out[i] = p.Finding
	}
	return out
}

// exam is one examination: what the rules look at and report to.
type exam struct {
	body   ehds.ApplicationBody
	form   Form
	o      Options
	kind   kinds
	public bool // the applicant is a public body or acts for one
	values []value
	files  []formFile // that the form names, when the files that came are known
	rule   Rule
	order  int
	found  []placed
}

type placed struct {
	Finding
	entry, order int
}

// place is where in the message something is.
type place struct {
	section int
	entry   int    // index in section 6
	field   string // "" for the whole section
	below   string // pointer below the field
	plain   string // a pointer into the body that is no place of the form
	outside string // a pointer beside the body
}

// at is a field of the form.
func at(section int, field string) place { return place{section: section, field: field} }

// report adds a finding of the rule at hand; what is returned is it, for what only the rule knows.
func (x *exam) report(p place, message, mend string, seen ...string) *Finding {
	f := Finding{
		Code: x.rule.ID, Article: x.rule.Article, Severity: x.rule.Severity, Completion: x.rule.Completion,
		ForStaff: x.rule.ForStaff, Pointer: x.pointer(p), Section: p.section, Field: p.field, Message: message, Mend: mend, Seen: seen,
	}
	if p.section == cohortSection {
		f.Country = x.country(p.entry)
	}
	x.found = append(x.found, placed{f, p.entry, x.order})
	return &x.found[len(x.found)-1].Finding
}

// country is that of an entry of section 6. Where the section has none, it is that of the first dataset: an
// information request cannot ask for section 6 without one.
func (x *exam) country(entry int) string {
	switch {
	case entry < len(x.form.entries):
		return x.form.entries[entry].Country
	case len(x.body.Datasets) > 0:
		return knownCountry(x.body.Datasets[0].Country)
	}
	return ""
}

// pointer is the place as a JSON pointer. Names in it are ours, never the sender's.
func (x *exam) pointer(p place) string {
	switch {
	case p.outside != "":
		return p.outside
	case p.plain != "":
		return "/body" + p.plain
	}
	s := "/body/form"
	if name, ok := sectionName(p.section); ok {
		s += "/" + name
	}
	if p.section == cohortSection && !x.form.single && (len(x.form.entries) > 0 || p.field != "") {
		s += fmt.Sprintf("/%d", p.entry)
	}
	if p.field != "" {
		s += "/" + p.field
	}
	return s + p.below
}
