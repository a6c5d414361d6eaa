package shacl

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// length is sh:minLength or sh:maxLength, in characters (SHACL §4.4.1, §4.4.2).
type length struct {
	n       int
	maximum bool
}

func (k length) pass(r *run, value node) bool {
	t := r.term(value)
	if t.Kind == rdf.Blank {
		return false
	}
	n := utf8.RuneCountInString(t.Value)
	if k.maximum {
		return n <= k.n
	}
	return n >= k.n
}

func (k length) name() string {
	if k.maximum {
		return MaxLengthComponent
	}
	return MinLengthComponent
}
func (k length) asked() want { return want{number: k.n} }

// pattern is sh:pattern with sh:flags (SHACL §4.4.3).
type pattern struct {
	re            *regexp.Regexp
	source, flags string
}

func (k *pattern) pass(r *run, value node) bool {
	t := r.term(value)
	if t.Kind == rdf.Blank {
		return false
	}
	r.worked(len(t.Value) / 64)
	return k.re.MatchString(t.Value)
}
func (k *pattern) name() string { return PatternComponent }
func (k *pattern) asked() want  { return want{text: k.source} }

func buildPattern(c *compiler, d *draft, list []statement) {
	flags := c.single(d, "flags")
	if len(flags) == 0 {
		flags = []statement{{}}
	}
	for _, st := range list {
		for _, f := range flags {
			re, err := compilePattern(st.value.Value, f.value.Value)
			if err != nil || st.value.Kind != rdf.Literal {
				c.defect(d.shape, &st, DefectUnsupported, true, "the constraint is dropped", "sh:pattern %s: %v", st.value, err)
				continue
			}
			d.constraints = append(d.constraints, each(&pattern{re, st.value.Value, f.value.Value}))
		}
	}
}

// languageIn is sh:languageIn (SHACL §4.4.4).
type languageIn struct {
	terms  []rdf.Term
	ranges []string
}

func (k *languageIn) pass(r *run, value node) bool {
	t := r.term(value)
	if t.Lang == "" {
		return false
	}
	for _, lang := range k.ranges {
		if languageMatches(t.Lang, lang) {
			return true
		}
	}
	return false
}
func (k *languageIn) name() string { return LanguageInComponent }
func (k *languageIn) asked() want  { return want{terms: k.terms} }

// languageMatches is basic filtering (RFC 4647 §3.3.1).
func languageMatches(tag, lang string) bool {
	if lang == "*" {
		return tag != ""
	}
	return len(tag) >= len(lang) && strings.EqualFold(tag[:len(lang)], lang) && (len(tag) == len(lang) || tag[len(lang)] == '-')
}

func buildLanguageIn(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "languageIn") {
		members, err := c.list(st.value)
		if err != nil {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:languageIn: %v", err)
			continue
		}
		k := &languageIn{terms: members}
		for _, m := range members {
			k.ranges = append(k.ranges, m.Value)
		}
		d.constraints = append(d.constraints, each(k))
	}
}

// uniqueLang is sh:uniqueLang true (SHACL §4.4.5).
type uniqueLang struct{}

func (uniqueLang) check(r *run, s *shape, focus node, from, to int) bool {
	ok := true
	var twice map[string]bool // the tags already reported
	for i := from; i < to && r.err == nil; i++ {
		lang := r.term(r.values[i]).Lang
		if lang == "" || !r.usedBefore(lang, from, i) {
			continue
		}
		if ok = false; r.quiet > 0 {
			return false
		}
		tag := strings.ToLower(lang)
		if twice[tag] {
			continue
		}
		if twice == nil {
			twice = map[string]bool{}
		}
		twice[tag] = true
		r.reportAt(s, UniqueLangComponent, focus, r.values[i], want{text: lang})
	}
	return ok
}

// usedBefore reports whether a value before i has a language tag.
func (r *run) usedBefore(lang string, from, i int) bool {
	r.worked(i - from)
	for _, v := range r.values[from:i] {
		if strings.EqualFold(r.term(v).Lang, lang) {
			return true
		}
	}
	return false
}

// buildUniqueLang takes sh:uniqueLang for set when it is true, written so (SHACL §4.4.5).
func buildUniqueLang(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "uniqueLang") {
		switch {
		case d.path == nil:
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:uniqueLang without sh:path")
		case st.value == rdf.NewTyped("true", rdf.XSDBoolean):
			d.constraints = append(d.constraints, uniqueLang{})
		case st.value != rdf.NewTyped("false", rdf.XSDBoolean):
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:uniqueLang %s: only true sets it", st.value)
		}
	}
}
