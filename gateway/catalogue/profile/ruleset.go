package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Release is the release of HealthDCAT-AP descriptions are published in, as dataset messages name it.
const Release = "r8"

// LegalMinimum is the name of the rule set of the minimum elements that Regulation (EU) 2025/327,
// Art. 77(4), leaves to Implementing Regulation (EU) 2026/2098.
const LegalMinimum = "legal-minimum"

// About says what a rule set is.
type About struct {
	Name    string `json:"name"`            // as on the command line and in the configuration
	Title   string `json:"title"`           // of the text its rules are from
	Release string `json:"release"`         // the release whose spellings it takes for right
	Level   string `json:"level,omitempty"` // public, restricted or non-public; "own" after the record's own access rights; empty when it has no levels
}

// levelNames are the access levels, as in the names of rule sets.
var levelNames = []string{"public", "restricted", "non-public"}

// RuleSets lists the rule sets, the earliest release first and the legal minimum last.
func RuleSets() []About {
	var out []About
	for _, r := range releases {
		title := "HealthDCAT-AP Release " + strings.TrimPrefix(r, "r")
		out = append(out, About{r, title, r, "own"})
		for _, l := range levelNames {
			out = append(out, About{r + "-" + l, title, r, l})
		}
	}
	return append(out, About{LegalMinimum, "Implementing Regulation (EU) 2026/2098", Release, ""})
}

// Find says what the rule set of a name is.
func Find(name string) (About, error) {
	var known []string
	for _, a := range RuleSets() {
		if a.Name == name {
			return a, nil
		}
		known = append(known, a.Name)
	}
	return About{}, fmt.Errorf("there is no rule set %q in this program; it has: %s", name, strings.Join(known, ", "))
}

// RuleSet judges records by a profile. It does not change and may be used by many goroutines.
type RuleSet struct {
	About
	words  *words
	number int                  // of the release
	levels map[string]*compiled // by level; one of name "" when there are none
}

// compiled are the shapes of a level, ready for use.
type compiled struct {
	shapes *shacl.Shapes
	notes  *annotations
}

// Open makes a rule set by its name. It compiles the shapes: keep what it returns.
func Open(name string) (*RuleSet, error) {
	about, err := Find(name)
	if err != nil {
		return nil, err
	}
	s := &RuleSet{About: about, words: wordsIn("en"), number: releaseNumber(about.Release), levels: map[string]*compiled{}}
	names := []string{about.Level}
	if about.Level == "own" {
		names = levelNames
	}
	for _, level := range names {
		if s.levels[level], err = compile(fragmentsOf(about, level)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// fragmentsOf lists the files a rule set is made of at a level.
func fragmentsOf(a About, level string) []string {
	if a.Name == LegalMinimum {
		return ofLegal
	}
	switch a.Release {
	case "r5":
		return slices.Concat(ofR5, levelsR5[level])
	case "r6":
		return slices.Concat(ofR6, levelsR6[level])
	case "r7":
		return slices.Concat(ofR7, levelsR6[level])
	}
	return slices.Concat(ofR8, levelsR6[level])
}

// compile makes shapes of files. A defect in them is an error: they are ours.
func compile(files []string) (*compiled, error) {
	g, err := shapesGraph(files)
	if err != nil {
		return nil, err
	}
	classes, err := fragment("classes")
	if err != nil {
		return nil, fmt.Errorf("profile: classes: %w", err)
	}
	shapes, err := shacl.Compile(g, shacl.Options{Background: []*rdf.Graph{classes}})
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if d := shapes.Defects(); len(d) > 0 {
		return nil, fmt.Errorf("profile: shapes: %s: %s", d[0].Name, d[0].What)
	}
	return &compiled{shapes, readAnnotations(g)}, nil
}

// Graph is the shapes graph of the rule set at a level, for other engines: SHACL Core, with the value lists
// and the class hierarchy it rests on. It is not to be changed. A level the rule set has not is an error.
func (s *RuleSet) Graph(level string) (*rdf.Graph, error) {
	if s.levels[level] == nil {
		return nil, fmt.Errorf("the rule set %s has no level %q; it has: %s", s.Name, level, strings.Join(s.Levels(), ", "))
	}
	return shapesGraph(append(slices.Clone(fragmentsOf(s.About, level)), "classes"))
}

// In is the rule set with messages in a language (BCP 47): en, fr or fi, English for others.
func (s *RuleSet) In(lang string) *RuleSet {
	out := *s
	out.words = wordsIn(lang)
	return &out
}

// LevelOf is the level a record is judged at: that of the rule set, or of the record's access rights.
// Unknown or missing ones mean non-public, the strictest.
func (s *RuleSet) LevelOf(r catalogue.Record) string {
	if s.Level != "own" {
		return s.Level
	}
	switch r.AccessRights {
	case ehds.AccessPublic:
		return "public"
	case ehds.AccessRestricted:
		return "restricted"
	}
	return "non-public"
}

// Rules lists the rules at a level, in the order of the shapes. A level the rule set has not has none.
func (s *RuleSet) Rules(level string) []Rule {
	c := s.levels[level]
	if c == nil {
		return nil
	}
	var out []Rule
	for _, at := range c.notes.order {
		r := c.notes.rule(at)
		r.Message, r.Hint, r.Clause = s.words.of(r.shape.messages), s.words.of(r.shape.hints), s.clause(r.shape)
		if r.List != nil {
			named := *r.List
			named.Name = s.words.of(named.names)
			r.List = &named
		}
		out = append(out, r)
	}
	return out
}

// Levels lists the levels the rule set knows; one empty name when it knows none.
func (s *RuleSet) Levels() []string {
	if s.Level == "own" {
		return slices.Clone(levelNames)
	}
	return []string{s.Level}
}

// clause names the public source of a rule.
func (s *RuleSet) clause(n *annotated) string {
	source := s.Title
	switch n.of {
	case "urn:ehdsgw:rule:DCAT-AP":
		source = "DCAT-AP 3.0"
	case "urn:ehdsgw:rule:EHDS":
		source = "Regulation (EU) 2025/327"
	}
	if n.clause == "" {
		return source
	}
	return source + ", " + n.clause
}
