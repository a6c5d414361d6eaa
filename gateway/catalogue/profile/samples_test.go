package profile

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// summary lists the findings of a severity as "code path".
func summary(findings []catalogue.Finding, s catalogue.Severity) []string {
	var out []string
	for _, f := range findings {
		if f.Severity == s {
			out = append(out, f.Code+" "+f.Path)
		}
	}
	slices.Sort(out)
	return out
}

func TestOfficialExampleConforms(t *testing.T) {
	r := record(t, mustShared(t, "samples", "healthdcat-r8", "example-healthdcat-dataset.ttl"))
	got := r8(t).Validate(r)
	if v := summary(got, catalogue.Violation); len(v) != 0 {
		t.Errorf("violations %v", v)
	}
	want := []string{"missing-property dct:source", "missing-value dcatap:applicableLegislation"}
	if diff := cmp.Diff(want, summary(got, catalogue.Warning)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestGermanSamples(t *testing.T) {
	for file, want := range map[string]struct {
		line       int
		violations []string
		obsolete   int
	}{
		"FDZ-Gesundheit.ttl": {17, []string{
			"missing-property dcat:distribution",
			"missing-property dct:publisher/cv:contactPoint",
			"missing-property healthdcatap:hasStructuredData",
			"missing-property healthdcatap:hdab",
			"missing-property healthdcatap:healthCategory",
			"wrong-class dct:publisher",
			"wrong-class dqv:hasQualityAnnotation",
			"wrong-class dqv:hasQualityAnnotation",
			"wrong-node-kind dcat:contactPoint/vcard:hasEmail",
		}, 1},
		"zfkd_healthdcat-ap.ttl": {34, []string{
			"missing-property adms:sample/dcat:accessURL",
			"missing-property adms:sample/dcatap:applicableLegislation",
			"missing-property dcat:distribution/dcatap:applicableLegislation",
			"missing-property dcatap:applicableLegislation",
			"missing-property dct:accessRights",
			"missing-property dct:provenance",
			"missing-property dct:publisher/cv:contactPoint",
			"missing-property healthdcatap:hasStructuredData",
			"missing-property healthdcatap:hdab",
			"missing-property healthdcatap:healthCategory",
			"wrong-node-kind dcat:contactPoint/vcard:hasEmail",
			"wrong-node-kind dct:accrualPeriodicity",
			"wrong-node-kind dct:conformsTo",
			"wrong-node-kind dct:identifier",
		}, 7},
	} {
		t.Run(file, func(t *testing.T) {
			r := record(t, mustShared(t, "samples", "healthdcat-de", file))
			if r.Source.Line != want.line {
				t.Errorf("dataset at line %d, want %d", r.Source.Line, want.line)
			}
			obsolete := 0
			got := r8(t).Validate(r)
			if diff := cmp.Diff(want.violations, summary(got, catalogue.Violation)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			for _, f := range got {
				if f.Code == catalogue.CodeObsoleteNamespace {
					obsolete++
				}
				if f.Code == catalogue.CodeMissingProperty && !strings.Contains(f.Path, "/") && (f.Line != want.line || f.Subject != r.IRI || f.Property == "") {
					t.Errorf("misplaced finding %+v", f)
				}
			}
			if obsolete != want.obsolete {
				t.Errorf("%d obsolete namespaces, want %d", obsolete, want.obsolete)
			}
		})
	}
}

func TestMalformedSamples(t *testing.T) {
	for _, file := range []string{"RKI_SARS-CoV-2_Infektionen_in_Deutschland.ttl", "RKI_SARS-CoV-2_Sequenzdaten_aus_Deutschland.ttl"} {
		_, err := readShared(t, "samples", "healthdcat-de", file)
		var syntax *rdf.SyntaxError
		if !errors.As(err, &syntax) {
			t.Fatalf("%s: error %v", file, err)
		}
		f := catalogue.SyntaxFinding(syntax)
		want := file + `:11:19: violation: the prefix "geodcatap:" is not defined [undefined-prefix]`
		if f.String() != want {
			t.Errorf("got %s, want %s", f, want)
		}
	}
}
