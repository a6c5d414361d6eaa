package profile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const migrationPrefixes = `@prefix csvw: <http://www.w3.org/ns/csvw#> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dpv: <https://w3id.org/dpv#> .
@prefix h: <http://healthdataportal.eu/ns/health#> .
@prefix old: <http://data.europa.eu/r5r/healthdcatap#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix ex: <https://example.org/> .
`

// document reads Turtle with the prefixes; lines count from the first of its own.
func document(t testing.TB, body string) *rdf.Graph {
	t.Helper()
	return turtle(t, "d.ttl", []byte(strings.ReplaceAll(migrationPrefixes, "\n", " ")+body))
}

func triples(g *rdf.Graph) []string {
	var out []string
	for t := range g.All() {
		out = append(out, t.String())
	}
	slices.Sort(out)
	return out
}

// told lists notes as "line severity was -> now".
func told(notes []Note) []string {
	var out []string
	for _, n := range notes {
		s := fmt.Sprintf("%d %s %s", n.Line, n.Severity, n.Was)
		if n.Now != "" {
			s += " -> " + n.Now
		}
		out = append(out, s)
	}
	return out
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, from, to string
		before, after  string
		notes          []string
	}{
		{
			"a namespace", "r8", "r8", `ex:d old:hasCodeValues "x" .`, `ex:d h:hasCodeValues "x" .`,
			[]string{"1 info <http://data.europa.eu/r5r/healthdcatap#hasCodeValues> -> <http://healthdataportal.eu/ns/health#hasCodeValues>"},
		},
		{
			"a name under an obsolete namespace", "r6", "r6", `ex:d old:minimumTypicalAge 3 .`, `ex:d h:minTypicalAge 3 .`,
			[]string{"1 info <http://data.europa.eu/r5r/healthdcatap#minimumTypicalAge> -> <http://healthdataportal.eu/ns/health#minTypicalAge>"},
		},
		{
			"a host, also of a value that is described", "r7", "r8",
			"ex:d h:healthCategory <http://13.81.34.152:1101/resource/authority/healthcategories/EHRS> .\n<http://13.81.34.152:1101/resource/authority/healthcategories/EHRS> a skos:Concept .",
			"ex:d h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS> . <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS> a skos:Concept .",
			[]string{
				"1 info <http://13.81.34.152:1101/resource/authority/healthcategories/EHRS> -> <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS>",
				"2 info <http://13.81.34.152:1101/resource/authority/healthcategories/EHRS> -> <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS>",
			},
		},
		{"a host that was right at the time", "r6", "r7", `ex:d h:healthTheme <http://13.81.34.152:1101/resource/authority/health-theme/X> .`, `ex:d h:healthTheme <http://13.81.34.152:1101/resource/authority/health-theme/X> .`, nil},
		{"a page on the same site is no name", "r5", "r8", `ex:d dct:source <https://www.dcat-ap.de/def/licenses/x>, <https://healthdcat-ap.github.io/> .`, `ex:d dct:source <https://www.dcat-ap.de/def/licenses/x>, <https://healthdcat-ap.github.io/> .`, nil},
		{
			"what the catalogue describes keeps its name", "r8", "r8",
			`<https://healthdcat-ap.github.io/d1> a dcat:Distribution . ex:d dcat:distribution <https://healthdcat-ap.github.io/d1> .`,
			`<https://healthdcat-ap.github.io/d1> a dcat:Distribution . ex:d dcat:distribution <https://healthdcat-ap.github.io/d1> .`, nil,
		},
		{
			"contact points of agents", "r5", "r6",
			"ex:d h:hdab ex:b .\nex:b dcat:contactPoint [\na vcard:Organization ;\nvcard:fn \"Desk\" ;\nvcard:hasEmail <mailto:a@example.org> ;\nvcard:hasURL ex:desk ;\nvcard:hasTelephone <tel:+33> ] .",
			"ex:d h:hdab ex:b . ex:b cv:contactPoint [ a cv:ContactPoint ; vcard:fn \"Desk\" ; cv:email \"a@example.org\" ; cv:contactPage ex:desk ; cv:telephone \"+33\" ] .",
			[]string{
				"2 info dcat:contactPoint of an agent -> cv:contactPoint", "3 info rdf:type vcard:Organization -> rdf:type cv:ContactPoint",
				"5 info vcard:hasEmail <mailto:a@example.org> -> cv:email \"a@example.org\"", "6 info vcard:hasURL <https://example.org/desk> -> cv:contactPage <https://example.org/desk>",
				"7 info vcard:hasTelephone <tel:+33> -> cv:telephone \"+33\"",
			},
		},
		{"contact points of agents were not old in Release 6", "r6", "r8", "ex:d h:hdab ex:b . ex:b dcat:contactPoint ex:c .", "ex:d h:hdab ex:b . ex:b dcat:contactPoint ex:c .", nil},
		{
			"a contact point shared with a dataset keeps both", "r5", "r6",
			"ex:d dct:publisher ex:b ; dcat:contactPoint ex:c . ex:b dcat:contactPoint ex:c . ex:c a vcard:Kind .",
			"ex:d dct:publisher ex:b ; dcat:contactPoint ex:c . ex:b cv:contactPoint ex:c . ex:c a vcard:Kind, cv:ContactPoint .",
			[]string{"1 info dcat:contactPoint of an agent -> cv:contactPoint", "1 info rdf:type -> rdf:type cv:ContactPoint beside it"},
		},
		{
			"what does not fit the new contact point stays", "r5", "r6", "ex:d dct:publisher ex:b .\nex:b dcat:contactPoint ex:c, \"desk\" .\nex:c vcard:hasURL \"x\" .",
			"ex:d dct:publisher ex:b . ex:b cv:contactPoint ex:c ; dcat:contactPoint \"desk\" . ex:c vcard:hasURL \"x\" .",
			[]string{"2 info dcat:contactPoint of an agent -> cv:contactPoint", "2 warning dcat:contactPoint \"desk\"", "3 warning vcard:hasURL \"x\""},
		},
		{
			"code values", "r5", "r6", "ex:d h:hasCodeValues\n[ skos:notation \"C50\" ],\n[ dct:identifier \"C51\" ],\nex:other,\n\"C52\" .",
			"ex:d h:hasCodeValues \"C50\", \"C51\", ex:other, \"C52\" . [] skos:notation \"C50\" . [] dct:identifier \"C51\" .",
			[]string{
				"2 info healthdcatap:hasCodeValues a blank node -> healthdcatap:hasCodeValues \"C50\"",
				"3 info healthdcatap:hasCodeValues a blank node -> healthdcatap:hasCodeValues \"C51\"",
				"4 warning healthdcatap:hasCodeValues <https://example.org/other>",
			},
		},
		{
			"a publisher's type and note", "r8", "r8", "ex:b h:publisherType ex:t .\nex:d a dcat:Dataset ; dct:publisher ex:b ; h:publisherNote \"n\" .\nex:e a dcat:Dataset ; h:publisherNote \"n\" .",
			"ex:b dct:type ex:t ; dct:description \"n\" . ex:d a dcat:Dataset ; dct:publisher ex:b . ex:e a dcat:Dataset ; h:publisherNote \"n\" .",
			[]string{
				"1 info healthdcatap:publisherType -> dct:type of the publisher", "2 info healthdcatap:publisherNote -> dct:description of the publisher",
				"3 warning healthdcatap:publisherNote \"n\"",
			},
		},
		{
			"what nobody but the holder knows", "r6", "r8", "ex:d a dcat:Dataset .\nex:t a csvw:Table .\nex:g a csvw:TableGroup .\nex:p h:trustedDataHolder true .",
			"ex:d a dcat:Dataset . ex:t a csvw:Table . ex:g a csvw:TableGroup . ex:p h:trustedDataHolder true .",
			[]string{
				"1 warning no healthdcatap:hasStructuredData", "1 warning no healthdcatap:hasVariables", "3 warning no dct:title",
				"4 warning healthdcatap:trustedDataHolder \"true\"^^<http://www.w3.org/2001/XMLSchema#boolean>",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, want := document(t, c.before), document(t, c.after)
			untouched := triples(before)
			got, notes, err := Migrate(before, c.from, c.to)
			if err != nil {
				t.Fatal(err)
			}
			same(t, want, got)
			if diff := cmp.Diff(c.notes, told(notes)); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(untouched, triples(before)); diff != "" {
				t.Errorf("the document was changed:\n%s", diff)
			}
			for _, n := range notes {
				if n.Why == "" || n.Node == "" {
					t.Errorf("incomplete note %+v", n)
				}
			}
			idempotent(t, got, c.from, c.to)
		})
	}
}

// same compares graphs up to the names of blank nodes.
func same(t *testing.T, want, got *rdf.Graph) {
	t.Helper()
	canonical := func(g *rdf.Graph) string {
		c, err := rdf.Canonical(t.Context(), g.Quads(), rdf.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return string(c)
	}
	if diff := cmp.Diff(canonical(want), canonical(got)); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}

// idempotent wants a migrated document to stay as it is.
func idempotent(t *testing.T, g *rdf.Graph, from, to string) {
	t.Helper()
	again, notes, err := Migrate(g, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if again != g {
		t.Errorf("a second migration changes the document: %v", cmp.Diff(triples(g), triples(again)))
	}
	for _, n := range notes {
		if n.Severity == catalogue.Info {
			t.Errorf("a second migration does something: %s", n)
		}
	}
}

func TestMigrateRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"r8", "r6"}, {"r4", "r8"}, {"r5", "r9"}, {"", "r8"}} {
		if _, _, err := Migrate(rdf.NewGraph(), c[0], c[1]); err == nil {
			t.Errorf("from %q to %q: no error", c[0], c[1])
		}
	}
}

// TestMigrationsOfEverySample migrates every public sample that parses, from each release to each later
// one: twice is once, no literal appears that was not there, and a description of Release 8 stays as it is.
func TestMigrationsOfEverySample(t *testing.T) {
	t.Parallel()
	root, n := shared(t, "samples"), 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		format, ok := rdf.FormatOfName(path)
		if err != nil || d.IsDir() || !ok {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		g, err := rdf.Read(t.Context(), f, format, rdf.ReadOptions{File: path, Base: "https://base.example.org/"})
		if err != nil {
			return nil // a malformed sample
		}
		n++
		for i, from := range releases {
			for _, to := range releases[i:] {
				out, notes, err := Migrate(g, from, to)
				if err != nil {
					return err
				}
				idempotent(t, out, from, to)
				inventsNothing(t, path, g, out)
				if strings.Contains(path, "healthdcat-r8") && (out != g || from == "r8" && len(notes) > 0) {
					t.Errorf("%s: a description of Release 8 changes: %v", path, notes)
				}
			}
		}
		return nil
	})
	if err != nil || n < 20 {
		t.Errorf("%d samples, %v", n, err)
	}
}

// inventsNothing wants each literal of the outcome, and each IRI in an object's place that is no
// respelling, to have been in the document.
func inventsNothing(t *testing.T, path string, before, after *rdf.Graph) {
	t.Helper()
	var had strings.Builder
	for tr := range before.All() {
		had.WriteString(tr.O.Value + "\n")
	}
	for tr := range after.All() {
		if tr.O.Kind == rdf.Literal && !strings.Contains(had.String(), tr.O.Value) {
			t.Errorf("%s: %s was not there", path, tr)
		}
	}
}
