package profile

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// full reads the description in which no rule finds anything.
func full(t testing.TB) *rdf.Graph {
	t.Helper()
	doc, err := os.ReadFile("testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	return turtle(t, "full.ttl", doc)
}

func turtle(t testing.TB, name string, doc []byte) *rdf.Graph {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), bytes.NewReader(doc), rdf.ReadOptions{File: name, Base: "https://base.example.org/"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// record takes the one dataset out of a graph.
func record(t testing.TB, g *rdf.Graph) catalogue.Record {
	t.Helper()
	records, findings, err := catalogue.Records(t.Context(), g, "full.ttl")
	if err != nil || len(records) != 1 || len(findings) != 0 {
		t.Fatalf("%d records, findings %v, error %v", len(records), findings, err)
	}
	return records[0]
}

// edited is the full description without some statements and with others.
func edited(t testing.TB, drop func(rdf.Triple) bool, add ...rdf.Triple) catalogue.Record {
	t.Helper()
	out := rdf.NewGraph()
	for tr := range full(t).All() {
		if !drop(tr) {
			out.Add(tr)
		}
	}
	for _, tr := range add {
		out.Add(tr)
	}
	return record(t, out)
}

func TestFullDescriptionHasNoFindings(t *testing.T) {
	for _, l := range []Levels{Public, Restricted, NonPublic} {
		if got := ValidateAt(record(t, full(t)), l); len(got) != 0 {
			t.Errorf("level %d: %v", l, got)
		}
	}
}

// TestEveryRuleBites breaks each facet of each rule in the full description and wants exactly the
// finding of that rule.
func TestEveryRuleBites(t *testing.T) {
	base := record(t, full(t))
	spots := find(base)
	for i, rule := range Rules() {
		if len(spots[rule.On]) == 0 {
			t.Errorf("rule %d: the full description has no %s", i, rule.On)
			continue
		}
		tested := 0
		for _, b := range breaks(t, base.Graph, rule, spots[rule.On]) {
			tested++
			name := fmt.Sprintf("%d %s %s %s", i, rule.On, catalogue.Compact(rule.Properties[0]), b.name)
			t.Run(name, func(t *testing.T) {
				got := ValidateAt(edited(t, b.drop, b.add...), strictestLevel(rule.Levels))
				if len(got) != 1 {
					t.Fatalf("want exactly one finding of %s, got %v", b.code, got)
				}
				f := got[0]
				if f.Code != b.code || f.Severity != b.severity || f.Property != rule.Properties[0] ||
					!strings.HasSuffix(f.Path, catalogue.Compact(rule.Properties[0])) {
					t.Errorf("got %+v, want code %s, severity %s", f, b.code, b.severity)
				}
				if f.Subject != "https://catalogue.example.org/sleep-cohort" || f.File != "full.ttl" || f.Line == 0 || f.Message == "" || f.Clause == "" {
					t.Errorf("incomplete finding %+v", f)
				}
			})
		}
		if tested == 0 {
			t.Errorf("rule %d (%s %s) asks for nothing", i, rule.On, rule.Properties[0])
		}
	}
}

// strictestLevel is the strictest level of a rule.
func strictestLevel(l Levels) Levels {
	for _, one := range []Levels{NonPublic, Restricted} {
		if l&one != 0 {
			return one
		}
	}
	return Public
}

// broken is one way to break a rule.
type broken struct {
	name, code string
	severity   catalogue.Severity
	drop       func(rdf.Triple) bool
	add        []rdf.Triple
}

// breaks lists the ways to break the facets of a rule.
func breaks(t *testing.T, g *rdf.Graph, rule Rule, spots []spot) []broken {
	t.Helper()
	victim, ok := sample(g, rule, spots)
	if !ok {
		t.Errorf("the full description has no %v at a %s", rule.Properties, rule.On)
		return nil
	}
	only := func(tr rdf.Triple) bool { return tr.S == victim.S && tr.P == victim.P && tr.O == victim.O }
	with := func(o rdf.Term) []rdf.Triple { return []rdf.Triple{{S: victim.S, P: victim.P, O: o, Line: 1, Col: 1}} }
	var out []broken
	add := func(name, code string, drop func(rdf.Triple) bool, add []rdf.Triple) {
		out = append(out, broken{name, code, strictest(rule, code), drop, add})
	}
	if rule.Min > 0 {
		add("is missing", catalogue.CodeMissingProperty, func(tr rdf.Triple) bool {
			return tr.S == victim.S && contains(rule.Properties, tr.P.Value)
		}, nil)
	}
	if rule.Max > 0 {
		add("has too many values", catalogue.CodeTooManyValues, nothing, second(g, rule, victim))
	}
	if rule.Contains != "" {
		add("lacks a value", catalogue.CodeMissingValue, func(tr rdf.Triple) bool {
			return tr.S == victim.S && tr.P == victim.P && tr.O.Value == rule.Contains
		}, nil)
	}
	switch rule.Kind {
	case IRIValue, NodeValue:
		add("is a literal", catalogue.CodeWrongNodeKind, only, with(rdf.NewString("x")))
	case TextValue:
		add("is an IRI", catalogue.CodeWrongNodeKind, only, with(rdf.NewIRI("https://example.org/x")))
	}
	if rule.Datatype != "" {
		add("is a plain string", catalogue.CodeWrongDatatype, only, with(rdf.NewString(victim.O.Value)))
		add("is badly written", catalogue.CodeWrongDatatype, only, with(rdf.NewTyped("some", rule.Datatype)))
	}
	if rule.List != nil {
		add("is of another list", catalogue.CodeNotInCodelist, only, with(rdf.NewIRI("https://example.org/code")))
		if rule.List.Codes != nil {
			add("is an unknown code", catalogue.CodeNotInCodelist, only, with(rdf.NewIRI(rule.List.Prefixes[0]+"NO_SUCH")))
		}
	}
	if len(rule.Classes) > 0 {
		isType := func(tr rdf.Triple) bool { return tr.S == victim.O && tr.P.Value == rdf.RDFType }
		add("is of another class", catalogue.CodeWrongClass, isType,
			[]rdf.Triple{{S: victim.O, P: rdf.NewIRI(rdf.RDFType), O: rdf.NewIRI("https://example.org/Class")}})
	}
	return out
}

// strictest is the severity with which the first rule on the same property reports a code.
func strictest(rule Rule, code string) catalogue.Severity {
	if code == catalogue.CodeWrongNodeKind {
		for _, r := range Rules() {
			if r.On == rule.On && r.Properties[0] == rule.Properties[0] && r.Kind != AnyValue {
				return r.Severity
			}
		}
	}
	return rule.Severity
}

// sample picks a statement to break: not the value another rule demands.
func sample(g *rdf.Graph, rule Rule, spots []spot) (rdf.Triple, bool) {
	for _, s := range spots {
		for tr := range g.Match(s.node, rdf.NewIRI(rule.Properties[0]), rdf.Term{}) {
			if tr.O.Value != themeHealth && tr.O.Value != ehdsRegulation || rule.On != Dataset {
				return tr, true
			}
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
	case rule.Kind == TextValue:
		again.O = rdf.NewString("another")
	case rule.List != nil:
		again.O = rdf.NewIRI(rule.List.Prefixes[0] + rule.List.Codes[0])
	default:
		again.O = rdf.NewIRI("https://example.org/another")
	}
	out := []rdf.Triple{again}
	if rule.Kind == NodeValue {
		for tr := range g.Match(victim.O, rdf.Term{}, rdf.Term{}) {
			out = append(out, rdf.Triple{S: again.O, P: tr.P, O: tr.O})
		}
	}
	return out
}

func nothing(rdf.Triple) bool { return false }

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func TestVariablesAreAskedOfStructuredDataOnly(t *testing.T) {
	for value, want := range map[string]int{"true": 1, "1": 1, "false": 0, "0": 0} {
		drop := func(tr rdf.Triple) bool {
			return tr.P.Value == healthHasVariables || tr.P.Value == healthStructured
		}
		got := Validate(edited(t, drop, rdf.Triple{
			S: rdf.NewIRI("https://catalogue.example.org/sleep-cohort"), P: rdf.NewIRI(healthStructured), O: rdf.NewTyped(value, rdf.XSDBoolean),
		}))
		if len(got) != want {
			t.Errorf("hasStructuredData %s: %v", value, got)
		}
	}
}

func TestLevels(t *testing.T) {
	bare := `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://example.org/d> a dcat:Dataset ; dct:accessRights <http://publications.europa.eu/resource/authority/access-right/%s> .`
	common := "dct:title dct:description dct:identifier dcatap:applicableLegislation dcat:theme healthdcatap:healthCategory " +
		"healthdcatap:hdab healthdcatap:hasStructuredData dcat:distribution "
	strict := "dcat:contactPoint dcat:keyword dct:type dct:provenance "
	for right, want := range map[string]string{
		"PUBLIC":     common,
		"RESTRICTED": common,
		"NON_PUBLIC": common + strict,
		"OTHER":      common + strict + "not-in-codelist:dct:accessRights ",
	} {
		missing := map[string]bool{}
		for _, f := range Validate(record(t, turtle(t, "bare.ttl", fmt.Appendf(nil, bare, right)))) {
			if f.Severity != catalogue.Violation {
				continue
			}
			name := f.Path
			if f.Code != catalogue.CodeMissingProperty {
				name = f.Code + ":" + f.Path
			}
			missing[name] = true
			if f.Line != 2 || f.Property == "" {
				t.Errorf("%s: misplaced finding %+v", right, f)
			}
		}
		wanted := map[string]bool{}
		for _, w := range strings.Fields(want) {
			wanted[w] = true
		}
		if diff := cmp.Diff(wanted, missing); diff != "" {
			t.Errorf("%s: violations (-want +got):\n%s", right, diff)
		}
	}
}

func TestFindingsOfPartsNameTheirPlace(t *testing.T) {
	part := rdf.NewIRI("https://catalogue.example.org/extract")
	got := Validate(edited(t, func(tr rdf.Triple) bool { return tr.S == part && tr.P.Value == dcatAccessURL }))
	want := []catalogue.Finding{{
		File: "full.ttl", Line: 71, Code: catalogue.CodeMissingProperty, Severity: catalogue.Violation,
		Subject: "https://catalogue.example.org/sleep-cohort", Identifier: "SLEEP-2024", Node: part.Value,
		Property: dcatAccessURL, Path: "dcat:distribution/dcat:accessURL", Message: "the distribution has no access URL",
		Hint: "link the page where access is asked for or given", Clause: "DCAT-AP 3.0, dcat:Distribution",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestAgentThatIsOnlyReferredTo(t *testing.T) {
	body := rdf.NewIRI("https://catalogue.example.org/body")
	got := Validate(edited(t, func(tr rdf.Triple) bool { return tr.S == body }))
	if len(got) != 1 || got[0].Path != "healthdcatap:hdab/cv:contactPoint" || got[0].Node != body.Value {
		t.Errorf("findings %v", got)
	}
}

func TestObsoleteNamespaces(t *testing.T) {
	subject := rdf.NewIRI("https://catalogue.example.org/sleep-cohort")
	old := "http://data.europa.eu/r5r/healthdcatap#"
	got := Validate(edited(t,
		func(tr rdf.Triple) bool { return tr.P.Value == healthStructured },
		rdf.Triple{S: subject, P: rdf.NewIRI(old + "hasStructuredData"), O: rdf.NewTyped("true", rdf.XSDBoolean), Line: 90, Col: 3},
		rdf.Triple{S: subject, P: rdf.NewIRI(old + "other"), O: rdf.NewIRI("https://w3c.github.io/dpv/2.0/pd/Age"), Line: 91, Col: 4},
	))
	var seen []string
	for _, f := range got {
		seen = append(seen, fmt.Sprintf("%d %s %s %s", f.Line, f.Severity, f.Code, f.Hint))
	}
	want := []string{
		"22 violation missing-property it is there under an obsolete name, <" + old + "hasStructuredData>",
		"90 warning obsolete-namespace use http://healthdataportal.eu/ns/health#",
		"91 warning obsolete-namespace use https://w3id.org/dpv/dpv-pd#",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestUnnamedDataset(t *testing.T) {
	got := Validate(record(t, turtle(t, "b.ttl", []byte("[] a <http://www.w3.org/ns/dcat#Dataset> ."))))
	if !strings.Contains(fmt.Sprint(got), catalogue.CodeUnnamedDataset) {
		t.Errorf("findings %v", got)
	}
}

func TestReceivedRecordsAreJudgedAlike(t *testing.T) {
	sent := edited(t, func(tr rdf.Triple) bool { return tr.P.Value == dcatAccessURL || tr.P.Value == cvContactPoint })
	got, err := catalogue.ParseNQuadsRecord(t.Context(), sent.NQuads, sent.Digest)
	if err != nil {
		t.Fatal(err)
	}
	count := func(findings []catalogue.Finding) map[string]int {
		out := map[string]int{}
		for _, f := range findings {
			out[f.Code+" "+f.Path+" "+string(f.Severity)]++
		}
		return out
	}
	if diff := cmp.Diff(count(Validate(sent)), count(Validate(got))); diff != "" {
		t.Errorf("findings (-sent +received):\n%s", diff)
	}
}

func TestLocalNames(t *testing.T) {
	part := rdf.NewIRI("https://catalogue.example.org/extract")
	link := func(o string) rdf.Triple {
		return rdf.Triple{S: part, P: rdf.NewIRI(rdf.NSDCAT + "downloadURL"), O: rdf.NewIRI(o), Line: 80, Col: 5}
	}
	got := Validate(edited(t, nothing, link("file:///a.csv"), link("file:///b.csv"), link("https://example.org/file:")))
	if len(got) != 1 || got[0].Code != catalogue.CodeLocalName || got[0].Line != 80 || got[0].Severity != catalogue.Warning {
		t.Errorf("findings %v", got)
	}
}

func TestTwoRulesOnOneValueAreOneFinding(t *testing.T) {
	drop := func(tr rdf.Triple) bool {
		return tr.P.Value == dctType && strings.HasSuffix(tr.S.Value, "sleep-cohort")
	}
	sent := edited(t, drop, rdf.Triple{S: rdf.NewIRI("https://catalogue.example.org/sleep-cohort"), P: rdf.NewIRI(dctType), O: rdf.NewString("x")})
	got, err := catalogue.ParseNQuadsRecord(t.Context(), sent.NQuads, sent.Digest)
	if err != nil {
		t.Fatal(err)
	}
	if f := Validate(got); len(f) != 1 || f[0].Severity != catalogue.Violation {
		t.Errorf("findings %v", f)
	}
}
