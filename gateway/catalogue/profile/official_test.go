package profile

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// official are the published shapes of Release 8 at a level, in the same engine as ours.
type official struct {
	level  string
	shapes *shacl.Shapes
	base   *shacl.Shapes // of DCAT-AP
	ours   *RuleSet
	used   map[int]int // how often each difference was met
}

func officialAt(t *testing.T, level string, ours *RuleSet, records map[string]catalogue.Record) *official {
	t.Helper()
	compile := func(background *rdf.Graph, files ...[]string) *shacl.Shapes {
		var sources []shacl.Source
		for _, f := range files {
			sources = append(sources, shacl.Source{File: f[2], Graph: mustShared(t, f...)})
		}
		shapes, err := shacl.Compile(sources[0].Graph, shacl.Options{More: sources[1:], Background: []*rdf.Graph{background}})
		if err != nil {
			t.Fatal(err)
		}
		return shapes
	}
	const r8, base = "healthdcat-ap-r8", "dcat-ap-3.0.1"
	return &official{
		level: level, ours: ours, used: map[int]int{},
		shapes: compile(background(t, records), []string{"shacl", r8, level + "-shapes.ttl"}, []string{"shacl", r8, "range.ttl"},
			[]string{"shacl", r8, "mdr-vocabularies.shape.ttl"}),
		base: compile(rdf.NewGraph(), []string{"shacl", base, "shapes.ttl"}, []string{"shacl", base, "range.ttl"}),
	}
}

// publishedLists are the Commission's lists as their validator loads them: concepts of a scheme.
func publishedLists(t *testing.T) *rdf.Graph {
	t.Helper()
	g := rdf.NewGraph()
	for _, file := range []string{"healthcategories", "health-theme", "publisher-type", "health-activity", "standard", "coding-system"} {
		doc, err := os.ReadFile(shared(t, "codelists", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var published struct {
			Scheme   string
			Concepts []struct{ IRI string }
		}
		if err := json.Unmarshal(doc, &published); err != nil {
			t.Fatal(err)
		}
		for _, c := range published.Concepts {
			concept(g, c.IRI, published.Scheme)
		}
	}
	return g
}

// concept describes a value of a list as the lists do, with the classes the ranges ask for.
func concept(g *rdf.Graph, iri, scheme string) {
	typed := func(s, class string) {
		g.Add(rdf.Triple{S: rdf.NewIRI(s), P: rdf.NewIRI(rdf.RDFType), O: rdf.NewIRI(class)})
	}
	typed(iri, rdf.NSSKOS+"Concept")
	typed(iri, rdf.NSDCT+"Standard")
	typed(iri, rdf.NSDCT+"Frequency")
	typed(scheme, rdf.NSSKOS+"ConceptScheme")
	g.Add(rdf.Triple{S: rdf.NewIRI(iri), P: rdf.NewIRI(rdf.NSSKOS + "inScheme"), O: rdf.NewIRI(scheme)})
}

// background is what the validator knows beside the records: the Commission's lists, and of the other lists
// and of data protection terms those values the records use. They are too large to be here, and both
// sides go by their namespaces.
func background(t *testing.T, records map[string]catalogue.Record) *rdf.Graph {
	t.Helper()
	out := publishedLists(t)
	for _, c := range [][2]string{{"Organization", "Agent"}, {"Person", "Agent"}} {
		out.Add(rdf.Triple{S: rdf.NewIRI(rdf.NSFOAF + c[0]), P: rdf.NewIRI(rdf.NSRDFS + "subClassOf"), O: rdf.NewIRI(rdf.NSFOAF + c[1])})
	}
	const authority = "http://publications.europa.eu/resource/authority/"
	for _, r := range records {
		for tr := range r.Graph.All() {
			if rest, ok := strings.CutPrefix(tr.O.Value, authority); ok && tr.O.Kind == rdf.IRI {
				table, _, _ := strings.Cut(rest, "/")
				concept(out, tr.O.Value, authority+table)
			}
			if strings.HasPrefix(tr.O.Value, "https://w3id.org/dpv/dpv-pd#") {
				out.Add(rdf.Triple{S: tr.O, P: rdf.NewIRI(rdf.RDFType), O: rdf.NewIRI(rdf.NSDPV + "PersonalData")})
			}
		}
	}
	return out
}

// verdict is what is compared: whether a record conforms, and what it lacks, as "node property".
type verdict struct {
	Conforms bool
	Lacks    []string
}

// theirs is the verdict of the published shapes about a record.
func (o *official) theirs(t *testing.T, r catalogue.Record) verdict {
	t.Helper()
	report, err := o.shapes.Validate(t.Context(), r.Graph)
	if err != nil {
		t.Fatal(err)
	}
	lacks := map[string]bool{}
	v := verdict{Conforms: true}
	var look func([]shacl.Result)
	look = func(results []shacl.Result) {
		for i := range results {
			x := &results[i]
			if x.Severity != shacl.Violation {
				continue
			}
			v.Conforms = false
			switch p := x.Path.Predicates(); {
			case x.Component == shacl.MinCountComponent && x.Focus.Kind != rdf.Literal && p[0].Value != rdf.NSSKOS+"inScheme":
				lacks[lack(x, p[0].Value)] = true
			}
			if x.Component == shacl.OrComponent {
				lacks[lack(x, healthHasVariables)] = true
				continue
			}
			look(x.Details)
		}
	}
	look(report.Results)
	look(o.imported(t, r))
	v.Lacks = slices.Sorted(maps.Keys(lacks))
	return v
}

// imported is what Release 8 takes from DCAT-AP and we ask for. The rest of DCAT-AP is the receiver's
// business. Its ranges are asked of nodes that the record describes.
func (o *official) imported(t *testing.T, r catalogue.Record) []shacl.Result {
	t.Helper()
	report, err := o.base.Validate(t.Context(), r.Graph)
	if err != nil {
		t.Fatal(err)
	}
	ofDataset := []string{dctTitle, dctDescription, dctPublisher, dcatContactPoint, rdf.NSDCAT + "distribution", rdf.NSADMS + "sample"}
	return slices.DeleteFunc(report.Results, func(x shacl.Result) bool {
		p, _ := x.Path.Predicate()
		asked := x.Focus == r.Subject && slices.Contains(ofDataset, p.Value) || p.Value == accessURL
		known := x.Component != shacl.ClassComponent || x.Value.Kind == rdf.Literal ||
			r.Graph.Has(x.Value, rdf.NewIRI(rdf.RDFType), rdf.Term{}) && !subclassed(r.Graph, x.Value)
		return !asked || !known
	})
}

// subclassed says whether a node is of a class below the one a range names; the record does not say so.
func subclassed(g *rdf.Graph, n rdf.Term) bool {
	return slices.ContainsFunc(g.Objects(n, rdf.NewIRI(rdf.RDFType)), func(c rdf.Term) bool {
		return strings.HasPrefix(c.Value, rdf.NSFOAF) || strings.HasPrefix(c.Value, rdf.NSVCard)
	})
}

// mine is the verdict of our rule set about a record.
func (o *official) mine(t *testing.T, r catalogue.Record) verdict {
	t.Helper()
	c := o.ours.levels[o.level]
	report, err := c.shapes.Validate(t.Context(), r.Graph)
	if err != nil {
		t.Fatal(err)
	}
	v, lacks := verdict{Conforms: true}, map[string]bool{}
	for _, x := range defects(r.Graph, report.Results) {
		if x.Severity != shacl.Violation {
			continue
		}
		v.Conforms = false
		if codes[x.Component] == catalogue.CodeMissingProperty {
			// Of the alternatives of a path the first stands for all; ours and theirs order them
			// differently, so the smaller name is taken on both sides.
			lacks[lack(x, c.notes.byShape[x.Shape].properties[0])] = true
		}
	}
	v.Lacks = slices.Sorted(maps.Keys(lacks))
	return v
}

func lack(x *shacl.Result, property string) string {
	for _, p := range x.Path.Predicates() {
		property = min(property, p.Value)
	}
	return x.Focus.String() + " " + catalogue.Compact(property)
}

// TestVerdictsOfOfficialShapes judges every dataset of every public sample, and every way to break the full
// description, by the published shapes and by ours.
func TestVerdictsOfOfficialShapes(t *testing.T) {
	t.Parallel()
	samples := sampleRecords(t)
	for _, level := range levelNames {
		ours, records := open(t, "r8-"+level), maps.Clone(samples)
		maps.Copy(records, brokenRecords(t, ours, level))
		o := officialAt(t, level, ours, records)
		for name, r := range records {
			o.compare(t, name, r)
		}
		t.Logf("%s: %d descriptions judged alike", level, len(records))
		for i, d := range differences {
			if o.used[i] == 0 {
				t.Errorf("%s: this difference was not met: %s", level, d.why)
			}
		}
	}
}

func (o *official) compare(t *testing.T, name string, r catalogue.Record) {
	t.Helper()
	want, got := o.theirs(t, r), o.mine(t, r)
	for i, d := range differences {
		for _, v := range []struct {
			*verdict
			theirs bool
		}{{&want, true}, {&got, false}} {
			before := len(v.Lacks)
			v.Lacks = slices.DeleteFunc(v.Lacks, func(lack string) bool { return d.is(r, lack, v.theirs) })
			o.used[i] += before - len(v.Lacks)
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s, %s (-published +ours):\n%s", o.level, name, diff)
	}
}

// sampleRecords are the datasets of all samples that parse.
func sampleRecords(t *testing.T) map[string]catalogue.Record {
	t.Helper()
	root, out := shared(t, "samples"), map[string]catalogue.Record{}
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
			return nil // malformed
		}
		records, _, err := catalogue.Records(t.Context(), g, filepath.Base(path))
		for i, r := range records {
			out[fmt.Sprintf("%s %d", strings.TrimPrefix(path, root), i)] = r
		}
		return err
	})
	if err != nil || len(out) < 20 {
		t.Fatalf("%d datasets, %v", len(out), err)
	}
	return out
}

// brokenRecords are the full description and every way to break it.
func brokenRecords(t *testing.T, s *RuleSet, level string) map[string]catalogue.Record {
	t.Helper()
	g := written(t, Release, level)
	out := map[string]catalogue.Record{"full": record(t, g)}
	for _, rule := range s.Rules(level) {
		for _, b := range breaks(g, s, rule) {
			edited := rdf.NewGraph()
			for tr := range g.All() {
				if !b.drop(tr) {
					edited.Add(tr)
				}
			}
			for _, tr := range b.add {
				edited.Add(tr)
			}
			out[fmt.Sprintf("full, where %s %s", rule.Path(), b.name)] = record(t, edited)
		}
	}
	return out
}

// differences are where we deliberately ask for something else than the published shapes. They are in
// docs/profiles.md for people.
var differences = []struct {
	why string
	is  func(r catalogue.Record, lack string, theirs bool) bool
}{
	{
		"a distribution or contact point that is only referred to: nobody says that it is one, so the published shapes do not look at it",
		func(r catalogue.Record, lack string, theirs bool) bool {
			node, property, _ := strings.Cut(lack, " ")
			iri, isIRI := strings.CutPrefix(node, "<")
			iri = strings.TrimSuffix(iri, ">")
			return !theirs && isIRI && !r.Graph.Has(rdf.NewIRI(iri), rdf.Term{}, rdf.Term{}) && (property == "dcat:accessURL" || property == "vcard:hasEmail")
		},
	},
	{
		"variables of data of which it is said, in a value that is no boolean, whether they are structured: the value is the fault",
		func(r catalogue.Record, lack string, theirs bool) bool {
			v, said := r.Graph.Object(r.Subject, rdf.NewIRI(healthStructured))
			return theirs && strings.HasSuffix(lack, " healthdcatap:hasVariables") && said && (v.Datatype != rdf.XSDBoolean || v.Value != "true" && v.Value != "false")
		},
	},
}
