package gate

import (
	"fmt"
	"slices"
	"strings"
)

// requirement is content that an application must have: one of the fields must be answered.
type requirement struct {
	id string
	// access and request are where it stands for the two kinds; "" when that kind does not ask for it.
	access, request string
	title           string
	section         int
	fields          []string // of the section; the first is where the finding points
	also            []place  // fields of other sections that answer it as well
	each            bool     // asked of every country of section 6
	when            func(*exam) bool
	mend            string
}

// requirementRules makes a rule of every requirement. Requirements of both kinds that stand in two
// articles are one rule; its article names both.
func requirementRules() []Rule {
	var out []Rule
	for _, q := range requirements() {
		var k kinds
		var articles []string
		if q.access != "" {
			k |= access
		}
		if q.request != "" {
			k |= request
		}
		for _, a := range strings.Split(q.access+", "+q.request, ", ") {
			if a != "" && !slices.Contains(articles, a) {
				articles = append(articles, a)
			}
		}
		out = append(out, Rule{ID: q.id, Article: strings.Join(articles, ", "), Title: q.title, Severity: Warning, Completion: true,
			Kinds: k.list(), Sections: q.sections(), check: q.check})
	}
	return out
}

func (q requirement) sections() []int {
	out := []int{q.section}
	for _, p := range q.also {
		if p.section > 0 && !slices.Contains(out, p.section) {
			out = append(out, p.section)
		}
	}
	slices.Sort(out)
	return out
}

func (q requirement) check(x *exam) {
	if q.when != nil && !q.when(x) {
		return
	}
	for _, p := range q.also {
		if x.form.answered(p.section, p.field) {
			return
		}
	}
	x.rule.Article = q.access // the article of the kind at hand
	if x.kind == request {
		x.rule.Article = q.request
	}
	message := q.title + ": not answered"
	if q.each {
		for i, e := range x.form.entries {
			if !slices.ContainsFunc(q.fields, func(name string) bool { return !empty(e.fields[name]) }) {
				x.report(place{section: q.section, entry: i, field: q.fields[0]}, message, q.mend)
			}
		}
		return
	}
	if !x.form.answered(q.section, q.fields...) {
		x.report(at(q.section, q.fields[0]), message, q.mend)
	}
}

// statements are the five that the applicant makes on protection and security, one requirement each.
func statements() []requirement {
	var out []requirement
	for _, letter := range []string{"A", "B", "C", "D", "E"} {
		out = append(out, requirement{id: "safeguards-" + string(letter[0]|0x20), access: "67(2)(g)",
			title: fmt.Sprintf("statement %s on protection and security", letter), section: 8,
			fields: []string{"protectionAndSecurityStatements" + letter}, mend: "confirm the statement, or say what holds instead"})
	}
	return out
}
