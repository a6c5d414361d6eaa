package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const (
	themeHealth    = "http://publications.europa.eu/resource/authority/data-theme/HEAL"
	ehdsRegulation = "http://data.europa.eu/eli/reg/2025/327/oj"
)

var subject = rdf.NewIRI("https://catalogue.example.org/sleep-cohort")

// written is the full description as a release wants it, at a level.
func written(t testing.TB, release, level string) *rdf.Graph {
	t.Helper()
	right := strings.ToUpper(strings.ReplaceAll(level, "-", "_"))
	out := rdf.NewGraph()
	g := full(t)
	for tr := range g.All() {
		switch {
		case tr.P.Value == rdf.NSDCT+"accessRights":
			tr.O = rdf.NewIRI(catalogue.NSAccessRight + right)
		case tr.P.Value == csvwTitle && release == "r7":
			tr.P = rdf.NewIRI(rdf.NSCSVW + "titles")
		case release == "r5":
			tr = asInR5(tr)
		}
		out.Add(tr)
	}
	if release == "r5" {
		out.Add(rdf.Triple{S: rdf.NewIRI("https://catalogue.example.org/university"), P: rdf.NewIRI(healthTrustedHolder), O: rdf.NewTyped("true", rdf.XSDBoolean)})
	}
	return out
}

// asInR5 is a statement of the full description as Release 5 wants it: agents with contact points in
// vCard, code values as nodes.
func asInR5(tr rdf.Triple) rdf.Triple {
	switch {
	case tr.P.Value == cvContactPoint:
		tr.P = rdf.NewIRI(dcatContactPoint)
	case tr.O.Value == cvContactClass:
		tr.O = rdf.NewIRI(rdf.NSVCard + "Kind")
	case tr.P.Value == cvEmail:
		tr.P, tr.O = rdf.NewIRI(vcardEmail), rdf.NewIRI("mailto:"+tr.O.Value)
	case tr.P.Value == cvContactPage:
		tr.P = rdf.NewIRI(vcardURL)
	case tr.P.Value == healthCodeValues:
		tr.O = rdf.NewIRI("https://catalogue.example.org/code")
	}
	return tr
}

func TestFullDescriptionHasNoFindings(t *testing.T) {
	t.Parallel()
	for _, a := range RuleSets() {
		s := open(t, a.Name)
		for _, level := range s.Levels() {
			if level == "" {
				level = "non-public"
			}
			if got := s.Validate(record(t, written(t, a.Release, level))); len(got) != 0 {
				t.Errorf("%s at %s: %v", a.Name, level, got)
			}
		}
	}
}

// TestEveryRuleBites breaks each facet of each rule in the full description and wants exactly the
// finding of that rule.
func TestEveryRuleBites(t *testing.T) {
	t.Parallel()
	for _, a := range RuleSets() {
		if a.Level == "own" || a.Release != Release && a.Level != "non-public" {
			continue // the same rules as those of the levels by name; the levels are those of Release 8
		}
		s := open(t, a.Name)
		level := a.Level
		if level == "" {
			level = "non-public"
		}
		g := written(t, a.Release, level)
		if s.Validate(record(t, g)) != nil {
			t.Fatalf("%s: the description has findings", a.Name)
		}
		done := map[*annotated]bool{} // at the first place the description has
		for _, rule := range s.Rules(a.Level) {
			if done[rule.shape] {
				continue
			}
			ways := breaks(g, s, rule)
			done[rule.shape] = len(ways) > 0
			for _, b := range ways {
				bites(t, s, g, rule, b)
			}
		}
		for _, rule := range s.Rules(a.Level) {
			if !done[rule.shape] {
				t.Errorf("%s: the full description has no %s, or the rule asks for nothing", a.Name, rule.Path())
			}
		}
	}
}

// bites breaks a rule one way.
func bites(t *testing.T, s *RuleSet, g *rdf.Graph, rule Rule, b broken) {
	t.Helper()
	out := rdf.NewGraph()
	for tr := range g.All() {
		if !b.drop(tr) {
			out.Add(tr)
		}
	}
	for _, tr := range b.add {
		out.Add(tr)
	}
	name := fmt.Sprintf("%s: %s %s", s.Name, rule.Path(), b.name)
	got := s.Validate(record(t, out))
	if len(got) != 1 {
		t.Errorf("%s: want exactly one finding of %s, got %v", name, b.code, got)
		return
	}
	f := got[0]
	if f.Code != b.code || f.Severity != b.severity || f.Property != rule.Properties[0] || f.Path != rule.Path() {
		t.Errorf("%s: got %+v, want code %s, severity %s", name, f, b.code, b.severity)
	}
	if f.Subject != subject.Value || f.File != "full.ttl" || f.Line == 0 || f.Message == "" || f.Clause == "" || f.Hint == "" {
		t.Errorf("%s: incomplete finding %+v", name, f)
	}
}

// broken is one way to break a rule.
type broken struct {
	name, code string
	severity   catalogue.Severity
	drop       func(rdf.Triple) bool
	add        []rdf.Triple
}

// statements lists those a rule is about.
func statements(g *rdf.Graph, rule Rule) []rdf.Triple {
	nodes := []rdf.Term{subject}
	for _, p := range rule.Way {
		var next []rdf.Term
		for _, n := range nodes {
			next = append(next, g.Objects(n, rdf.NewIRI(p))...)
		}
		nodes = next
	}
	var out []rdf.Triple
	for _, n := range nodes {
		for _, p := range rule.Properties {
			out = slices.AppendSeq(out, g.Match(n, rdf.NewIRI(p), rdf.Term{}))
		}
	}
	return out
}

// breaks lists the ways to break the facets of a rule.
func breaks(g *rdf.Graph, s *RuleSet, rule Rule) []broken {
	victim, ok := sample(g, rule)
	if !ok {
		return nil
	}
	only := func(tr rdf.Triple) bool { return tr.S == victim.S && tr.P == victim.P && tr.O == victim.O }
	with := func(o rdf.Term) []rdf.Triple { return []rdf.Triple{{S: victim.S, P: victim.P, O: o, Line: 1, Col: 1}} }
	var out []broken
	add := func(name, code string, drop func(rdf.Triple) bool, add []rdf.Triple) {
		out = append(out, broken{name, code, s.strictest(rule, code), drop, add})
	}
	if rule.Min > 0 {
		add("is missing", catalogue.CodeMissingProperty, func(tr rdf.Triple) bool {
			return tr.S == victim.S && slices.Contains(rule.Properties, tr.P.Value)
		}, nil)
	}
	if rule.Max > 0 {
		add("has too many values", catalogue.CodeTooManyValues, nothing, second(g, rule, victim))
	}
	switch {
	case rule.Contains == "":
	case rule.Properties[0] == rdf.NSDCT+"accessRights":
		add("is another", catalogue.CodeMissingValue, only, with(rdf.NewIRI(otherRight(rule.Contains))))
	default:
		add("lacks a value", catalogue.CodeMissingValue, func(tr rdf.Triple) bool {
			return tr.S == victim.S && tr.P == victim.P && tr.O.Value == rule.Contains
		}, nil)
	}
	return append(out, wrongValues(s, rule, victim)...)
}

// wrongValues lists the ways in which one value breaks a rule.
func wrongValues(s *RuleSet, rule Rule, victim rdf.Triple) []broken {
	only := func(tr rdf.Triple) bool { return tr.S == victim.S && tr.P == victim.P && tr.O == victim.O }
	var out []broken
	add := func(name, code string, drop func(rdf.Triple) bool, o rdf.Term) {
		out = append(out, broken{name, code, s.strictest(rule, code), drop, []rdf.Triple{{S: victim.S, P: victim.P, O: o, Line: 1, Col: 1}}})
	}
	switch rule.NodeKind {
	case "IRI", "BlankNodeOrIRI":
		add("is a literal", catalogue.CodeWrongNodeKind, only, rdf.NewString("x"))
	case "Literal":
		add("is an IRI", catalogue.CodeWrongNodeKind, only, rdf.NewIRI("https://example.org/x"))
	}
	if rule.Datatype != "" {
		add("is a plain string", catalogue.CodeWrongDatatype, only, rdf.NewString(victim.O.Value))
		add("is badly written", catalogue.CodeWrongDatatype, only, rdf.NewTyped("some", rule.Datatype))
	}
	if rule.List != nil {
		add("is of another list", catalogue.CodeNotInCodelist, only, rdf.NewIRI("https://example.org/code"))
		if rule.List.Codes != nil {
			add("is an unknown code", catalogue.CodeNotInCodelist, only, rdf.NewIRI(rule.List.Namespaces[0]+"NO_SUCH"))
		}
	}
	if rule.Class != "" {
		isType := func(tr rdf.Triple) bool { return tr.S == victim.O && tr.P.Value == rdf.RDFType }
		out = append(out, broken{"is of another class", catalogue.CodeWrongClass, rule.Severity, isType,
			[]rdf.Triple{{S: victim.O, P: rdf.NewIRI(rdf.RDFType), O: rdf.NewIRI("https://example.org/Class")}}})
	}
	return out
}

func otherRight(right string) string {
	if strings.HasSuffix(right, "/PUBLIC") {
		return catalogue.NSAccessRight + "RESTRICTED"
	}
	return catalogue.NSAccessRight + "PUBLIC"
}

// strictest is the severity of a finding two rules of a set agree on: a literal where an IRI is due breaks
// both that of the list and that of the level.
func (s *RuleSet) strictest(rule Rule, code string) catalogue.Severity {
	if code == catalogue.CodeWrongNodeKind {
		for _, r := range s.Rules(s.Level) {
			if r.Path() == rule.Path() && r.NodeKind != "" && r.Severity == catalogue.Violation {
				return catalogue.Violation
			}
		}
	}
	return rule.Severity
}

// sample picks a statement to break: not the value another rule demands, and none that other ways of the
// same shapes reach too.
func sample(g *rdf.Graph, rule Rule) (rdf.Triple, bool) {
	for _, tr := range statements(g, rule) {
		if tr.O.Value != themeHealth && tr.O.Value != ehdsRegulation || len(rule.Way) > 0 {
			return tr, true
		}
	}
	return rdf.Triple{}, false
}

// second adds one more, equally good value.
func second(g *rdf.Graph, rule Rule, victim rdf.Triple) []rdf.Triple {
	again := rdf.Triple{S: victim.S, P: victim.P, Line: 1, Col: 1}
	switch {
	case rule.Datatype == rdf.XSDBoolean:
		again.O = rdf.NewTyped("false", rule.Datatype)
	case rule.Datatype != "":
		again.O = rdf.NewTyped("7", rule.Datatype)
	case rule.NodeKind == "Literal":
		again.O = rdf.NewString("another")
	case rule.List != nil:
		again.O = rdf.NewIRI(otherRight(victim.O.Value))
	default:
		again.O = rdf.NewIRI("https://example.org/another")
	}
	out := []rdf.Triple{again}
	if rule.NodeKind == "BlankNodeOrIRI" {
		for tr := range g.Match(victim.O, rdf.Term{}, rdf.Term{}) {
			out = append(out, rdf.Triple{S: again.O, P: tr.P, O: tr.O})
		}
	}
	return out
}

func nothing(rdf.Triple) bool { return false }
