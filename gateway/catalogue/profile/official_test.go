package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// shared finds the directory of public test data, or skips.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				root = filepath.Join(dir, "..", "shared", "data")
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	path := filepath.Join(append([]string{root, "catalogue"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("public test data not present: %v", err)
	}
	return path
}

func readShared(t *testing.T, elem ...string) (*rdf.Graph, error) {
	t.Helper()
	f, err := os.Open(shared(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return rdf.ReadTurtle(t.Context(), f, rdf.ReadOptions{File: elem[len(elem)-1], Base: "https://base.example.org/"})
}

func mustShared(t *testing.T, elem ...string) *rdf.Graph {
	t.Helper()
	g, err := readShared(t, elem...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

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
	got := Validate(r)
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
			got := Validate(r)
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

const sh = "http://www.w3.org/ns/shacl#"

// property is what a shape says of one property of a node.
type property struct {
	Min, Max int
	Kind     string
	Datatype string
}

// official reads the property shapes of a node shape, merged by path.
func official(t *testing.T, g *rdf.Graph, shape string, severity string) map[string]property {
	t.Helper()
	out := map[string]property{}
	for s := range subjects(g, shape) {
		for _, p := range g.Objects(s, rdf.NewIRI(sh+"property")) {
			path, ok := g.Object(p, rdf.NewIRI(sh+"path"))
			if sev, given := g.Object(p, rdf.NewIRI(sh+"severity")); !ok || path.Kind != rdf.IRI || given && sev.Value != sh+severity {
				continue
			}
			have := out[path.Value]
			for name, into := range map[string]*int{"minCount": &have.Min, "maxCount": &have.Max} {
				if v, ok := g.Object(p, rdf.NewIRI(sh+name)); ok {
					fmt.Sscan(v.Value, into)
				}
			}
			for name, into := range map[string]*string{"nodeKind": &have.Kind, "datatype": &have.Datatype} {
				if v, ok := g.Object(p, rdf.NewIRI(sh+name)); ok {
					*into = strings.TrimPrefix(v.Value, sh)
				}
			}
			out[path.Value] = have
		}
	}
	return out
}

// subjects yields the node shapes of a local name.
func subjects(g *rdf.Graph, shape string) map[rdf.Term]bool {
	out := map[rdf.Term]bool{}
	for _, s := range g.Subjects(rdf.NewIRI(rdf.RDFType), rdf.NewIRI(sh+"NodeShape")) {
		if strings.HasSuffix(s.Value, "#"+shape) || strings.HasSuffix(s.Value, "/"+shape) {
			out[s] = true
		}
	}
	return out
}

// ours is the table's view of the same: violations about single properties of a shape at a level.
func ours(shape Shape, level Levels, severity catalogue.Severity) map[string]property {
	kinds := map[Kind]string{IRIValue: "IRI", NodeValue: "BlankNodeOrIRI", TextValue: "Literal"}
	out := map[string]property{}
	for _, r := range Rules() {
		if r.On != shape || r.Levels&level == 0 || r.Severity != severity || len(r.Properties) > 1 || r.When != nil {
			continue
		}
		have := out[r.Properties[0]]
		have.Min, have.Max = max(have.Min, r.Min), max(have.Max, r.Max)
		if r.Kind != AnyValue {
			have.Kind = kinds[r.Kind]
		}
		if r.Datatype != "" {
			have.Datatype = r.Datatype
		}
		out[r.Properties[0]] = have
	}
	return out
}

func TestTableAgreesWithOfficialShapes(t *testing.T) {
	for file, level := range map[string]Levels{
		"public-shapes.ttl": Public, "restricted-shapes.ttl": Restricted, "non-public-shapes.ttl": NonPublic,
	} {
		g := mustShared(t, "shacl", "healthdcat-ap-r8", file)
		for name, shape := range map[string]Shape{
			"Dataset_Shape": Dataset, "Distribution_Shape": Distribution, "HealthAgent_Shape": Agent, "HealthPublisherAgent_Shape": Publisher,
			"ContactPoint_Shape": ContactPoint, "TemporalEntity_Shape": Hours, "Kind_Shape": Contact, "CSVWTableGroup_Shape": VariableGroup,
			"CSVWTable_Shape": Table, "CSVWColumnShape": Column,
		} {
			want := official(t, g, name, "Violation")
			if len(want) == 0 {
				t.Errorf("%s: no %s", file, name)
			}
			got := ours(shape, level, catalogue.Violation)
			if shape == Publisher { // the publisher is an agent too
				maps.Copy(got, ours(Agent, level, catalogue.Violation))
			}
			for path, p := range want {
				o := got[path]
				if o.Min != p.Min || o.Max != p.Max || (p.Datatype != "" && o.Datatype != p.Datatype) || looser(o.Kind, p.Kind) {
					t.Errorf("%s %s %s: shapes say %+v, the table %+v", file, name, catalogue.Compact(path), p, o)
				}
			}
			for path, p := range got {
				if _, there := want[path]; !there && p.Min > 0 && !contains([]string{dctTitle, dctDescription, dcatAccessURL}, path) {
					t.Errorf("%s %s: the table alone requires %s", file, name, catalogue.Compact(path))
				}
			}
		}
	}
}

// looser says whether a kind of ours admits more than the shapes' kind.
func looser(ours, theirs string) bool {
	return theirs != "" && ours != theirs && !(theirs == "BlankNodeOrIRI" && ours == "IRI")
}

func TestRecommendationsAgreeWithOfficialShapes(t *testing.T) {
	g := mustShared(t, "shacl", "healthdcat-ap-r8", "non-public-shapes_recommended.ttl")
	minimum := func(all map[string]property) []string {
		var out []string
		for path, p := range all {
			if p.Min > 0 {
				out = append(out, path)
			}
		}
		slices.Sort(out)
		return out
	}
	want, got := minimum(official(t, g, "Dataset_Shape", "Warning")), minimum(ours(Dataset, NonPublic, catalogue.Warning))
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("recommended (-shapes +table):\n%s", diff)
	}
}

func TestDCATAPRequiresWhatTheTableAdds(t *testing.T) {
	g := mustShared(t, "shacl", "dcat-ap-3.0.1", "shapes.ttl")
	dataset, distribution := official(t, g, "Dataset_Shape", "Violation"), official(t, g, "Distribution_Shape", "Violation")
	if dataset[dctTitle].Min != 1 || dataset[dctDescription].Min != 1 || distribution[dcatAccessURL].Min != 1 {
		t.Errorf("title %+v, description %+v, access URL %+v", dataset[dctTitle], dataset[dctDescription], distribution[dcatAccessURL])
	}
}

func TestListsAgreeWithThePublishedCodes(t *testing.T) {
	for file, list := range map[string]*List{
		"healthcategories": healthCategories, "health-theme": healthThemes, "publisher-type": publisherTypes,
		"health-activity": healthActivities, "standard": standards, "coding-system": codingSystems,
	} {
		doc, err := os.ReadFile(shared(t, "codelists", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var published struct {
			Concepts []struct{ Code, IRI string }
		}
		if err := json.Unmarshal(doc, &published); err != nil {
			t.Fatal(err)
		}
		for _, c := range published.Concepts {
			if !list.Has(c.IRI) {
				t.Errorf("%s: %s is not in the list", file, c.IRI)
			}
		}
		if len(published.Concepts) != len(list.Codes) {
			t.Errorf("%s: %d codes, published are %d", file, len(list.Codes), len(published.Concepts))
		}
	}
}
