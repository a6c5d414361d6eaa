package profile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const accessURL = rdf.NSDCAT + "accessURL"

// r8 is the rule set of the release descriptions are published in.
func r8(t testing.TB) *RuleSet { return open(t, Release) }

func TestVariablesAreAskedOfStructuredDataOnly(t *testing.T) {
	for value, want := range map[string]int{"true": 1, "1": 1, "false": 0, "0": 0} {
		drop := func(tr rdf.Triple) bool {
			return tr.P.Value == healthHasVariables || tr.P.Value == healthStructured
		}
		got := r8(t).Validate(edited(t, drop, rdf.Triple{
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
		for _, f := range r8(t).Validate(record(t, turtle(t, "bare.ttl", fmt.Appendf(nil, bare, right)))) {
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
	got := r8(t).Validate(edited(t, func(tr rdf.Triple) bool { return tr.S == part && tr.P.Value == accessURL }))
	want := []catalogue.Finding{{
		File: "full.ttl", Line: 71, Code: catalogue.CodeMissingProperty, Severity: catalogue.Violation,
		Subject: "https://catalogue.example.org/sleep-cohort", Identifier: "SLEEP-2024", Node: part.Value,
		Property: accessURL, Path: "dcat:distribution/dcat:accessURL", Message: "the distribution has no access URL",
		Hint: "link the page where access is asked for or given", Clause: "DCAT-AP 3.0, dcat:Distribution",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestAgentThatIsOnlyReferredTo(t *testing.T) {
	body := rdf.NewIRI("https://catalogue.example.org/body")
	got := r8(t).Validate(edited(t, func(tr rdf.Triple) bool { return tr.S == body }))
	if len(got) != 1 || got[0].Path != "healthdcatap:hdab/cv:contactPoint" || got[0].Node != body.Value {
		t.Errorf("findings %v", got)
	}
}

func TestObsoleteNamespaces(t *testing.T) {
	subject := rdf.NewIRI("https://catalogue.example.org/sleep-cohort")
	old := "http://data.europa.eu/r5r/healthdcatap#"
	got := r8(t).Validate(edited(t,
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
	got := r8(t).Validate(record(t, turtle(t, "b.ttl", []byte("[] a <http://www.w3.org/ns/dcat#Dataset> ."))))
	if !strings.Contains(fmt.Sprint(got), catalogue.CodeUnnamedDataset) {
		t.Errorf("findings %v", got)
	}
}

func TestReceivedRecordsAreJudgedAlike(t *testing.T) {
	sent := edited(t, func(tr rdf.Triple) bool { return tr.P.Value == accessURL || tr.P.Value == cvContactPoint })
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
	if diff := cmp.Diff(count(r8(t).Validate(sent)), count(r8(t).Validate(got))); diff != "" {
		t.Errorf("findings (-sent +received):\n%s", diff)
	}
}

func TestLocalNames(t *testing.T) {
	part := rdf.NewIRI("https://catalogue.example.org/extract")
	link := func(o string) rdf.Triple {
		return rdf.Triple{S: part, P: rdf.NewIRI(rdf.NSDCAT + "downloadURL"), O: rdf.NewIRI(o), Line: 80, Col: 5}
	}
	got := r8(t).Validate(edited(t, nothing, link("file:///a.csv"), link("file:///b.csv"), link("https://example.org/file:")))
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
	if f := r8(t).Validate(got); len(f) != 1 || f[0].Severity != catalogue.Violation {
		t.Errorf("findings %v", f)
	}
}
