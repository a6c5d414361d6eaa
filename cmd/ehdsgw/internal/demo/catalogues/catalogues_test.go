package catalogues

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// judged is a catalogue as publication would see it.
type judged struct {
	valid       map[string]string // identifier → access rights and categories
	quarantined []string          // violations
}

func judge(t *testing.T, dir fs.FS, hdab string, languages ...string) judged {
	t.Helper()
	j := judged{valid: map[string]string{}}
	var records []catalogue.Record
	err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if path.Ext(name) != ".ttl" {
			t.Errorf("%s is no Turtle", name)
		}
		f, err := dir.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		g, err := rdf.ReadTurtle(t.Context(), f, rdf.ReadOptions{File: name})
		var syntax *rdf.SyntaxError
		if errors.As(err, &syntax) {
			j.quarantined = append(j.quarantined, catalogue.SyntaxFinding(syntax).String())
			return nil
		}
		if err != nil {
			return err
		}
		found, findings, err := catalogue.Records(t.Context(), g, name)
		for _, f := range findings {
			t.Errorf("%v", f)
		}
		records = append(records, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	unique, twice := catalogue.Unique(records)
	if len(twice) != 0 {
		t.Errorf("identifiers given twice: %v", twice)
	}
	rules, err := profile.Open(profile.Release)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range unique {
		if findings := rules.Validate(r); catalogue.Blocks(findings) {
			for _, f := range findings {
				if f.Severity == catalogue.Violation {
					j.quarantined = append(j.quarantined, fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.Code, f.Path))
				}
			}
			continue
		}
		j.valid[r.Identifier] = fmt.Sprint(r.AccessRights, r.Categories)
		if r.HDAB != hdab {
			t.Errorf("%s: access body %s", r.Identifier, r.HDAB)
		}
		for _, l := range languages {
			if r.Title[l] == "" {
				t.Errorf("%s: no title in %s", r.Identifier, l)
			}
		}
	}
	slices.Sort(j.quarantined)
	return j
}

func TestFrance(t *testing.T) {
	got := judge(t, FR(), HDABFrance, "fr", "en")
	want := map[string]string{
		"FR-CLAIMS-2025": "NON_PUBLIC[HRAD]", "FR-CANCER-REG": "NON_PUBLIC[MRMR]", "FR-COHORT-2024": "RESTRICTED[DIOH RQSH]",
		"FR-EDS-01": "NON_PUBLIC[EHRS PGEH]", "FR-EDS-STAT": "PUBLIC[NRPE]",
	}
	if diff := cmp.Diff(want, got.valid); diff != "" {
		t.Errorf("valid (-want +got):\n%s", diff)
	}
	quarantined := []string{
		`emergency-visits.ttl:9:19: violation: the prefix "hop:" is not defined [undefined-prefix]`,
		"vaccination-survey.ttl:10 missing-property dct:provenance",
		"vaccination-survey.ttl:10 missing-property healthdcatap:hdab",
		"vaccination-survey.ttl:10 missing-property healthdcatap:healthCategory",
		"vaccination-survey.ttl:21 missing-property dcat:distribution/dcatap:applicableLegislation",
	}
	if diff := cmp.Diff(quarantined, got.quarantined); diff != "" {
		t.Errorf("quarantined (-want +got):\n%s", diff)
	}
}

func TestFinland(t *testing.T) {
	got := judge(t, FI(), HDABFinland, "fi", "en")
	want := map[string]string{
		"FI-REIMB-01": "NON_PUBLIC[HRAD]", "FI-BIOBANK-7": "NON_PUBLIC[EINS HGPD]", "FI-BIRTHS": "NON_PUBLIC[PHDR]", "FI-INFECTIONS": "RESTRICTED[MRMR RPDG]",
	}
	if diff := cmp.Diff(want, got.valid); diff != "" {
		t.Errorf("valid (-want +got):\n%s", diff)
	}
	if len(got.quarantined) != 0 {
		t.Errorf("quarantined: %v", got.quarantined)
	}
}
