package ckan

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func portalURL(t testing.TB) *url.URL {
	t.Helper()
	u, err := url.Parse("https://ckan.example/data")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func decoded(t testing.TB, raw []byte) map[string]any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var pkg map[string]any
	if err := dec.Decode(&pkg); err != nil {
		t.Fatal(err)
	}
	return pkg
}

// TestMapping: a package that fills what the mapping knows, beside the description that is made of it.
func TestMapping(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/package.json")
	if err != nil {
		t.Fatal(err)
	}
	g, err := describe(decoded(t, raw), portalURL(t))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := rdf.WriteTurtle(&got, g, rdf.Prefixes()); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/package.ttl"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMappingAsTheExtension: what ckanext-dcat writes of its health package, as far as its own
// authors compare it (what is said without blank nodes), is what we make of the JSON, up to the
// differences stated here.
func TestMappingAsTheExtension(t *testing.T) {
	t.Parallel()
	const dataset = "http://example.healthdata.nl/set/dataset"
	theirs := []string{ // said by the extension alone
		"dct:identifier <http://example.com/dataset/1234567890>",                 // an IRI where DCAT-AP has a literal
		"healthdcatap:healthCategory <http://www.wikidata.org/entity/Q58624061>", // themes as categories
		"healthdcatap:healthCategory <http://www.wikidata.org/entity/Q7907952>",
	}
	ours := []string{ // said by us alone
		`dct:identifier "http://example.com/dataset/1234567890"`,
		"healthdcatap:healthTheme <http://www.wikidata.org/entity/Q58624061>", "healthdcatap:healthTheme <http://www.wikidata.org/entity/Q7907952>",
		// Not in their comparison: places and distributions.
		"dct:spatial <http://publications.europa.eu/resource/authority/country/BEL>",
		"dcat:distribution <https://ckan.example/data/dataset/e7ccf79d-705c-427f-8e96-f87bcd6e5318/resource/7e65aeba-136d-48d6-a824-782176c63104>",
	}
	var packages []json.RawMessage
	if err := json.Unmarshal([]byte(sample(t, "ckanext-dcat", "ckan", "health_dcat_ap.json")), &packages); err != nil || len(packages) != 1 {
		t.Fatalf("%d packages, %v", len(packages), err)
	}
	made, err := describe(decoded(t, packages[0]), portalURL(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := rdf.ReadTurtle(t.Context(), strings.NewReader(sample(t, "ckanext-dcat", "dcat", "dataset_health_no_blank.ttl")), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := append(slices.DeleteFunc(plainly(file, dataset), func(s string) bool { return slices.Contains(theirs, s) }), ours...)
	slices.Sort(want)
	if diff := cmp.Diff(want, plainly(made, dataset)); diff != "" {
		t.Errorf("(-extension +mapping):\n%s", diff)
	}
	// What they compare by eye.
	for _, p := range []struct{ predicate, class, says string }{
		{"healthdcatap:hdab", rdf.NSFOAF + "Agent", "foaf:name \"EU Health Data Access Body\""},
		{"dct:publisher", rdf.NSFOAF + "Agent", "vcard:hasEmail <mailto:info@example.com>"},
		{"dct:temporal", rdf.NSDCT + "PeriodOfTime", "dcat:startDate \"2020-03-01\"^^<" + rdf.XSDDate + ">"},
		{"dct:provenance", rdf.NSDCT + "ProvenanceStatement", "rdfs:label \"This example dataset is partly sourced from TEHDAS2\""},
		{"adms:identifier", rdf.NSADMS + "Identifier", "skos:notation \"internalURI:admsIdentifier0\""},
		{"dcat:contactPoint", rdf.NSVCard + "Kind", "vcard:hasEmail <mailto:covacsurv@sciensano.be>"},
	} {
		nodes := made.Objects(rdf.NewIRI(dataset), rdf.NewIRI(expand(p.predicate)))
		if len(nodes) != 1 || !made.Has(nodes[0], rdfType, rdf.NewIRI(p.class)) || !slices.Contains(plainlyOf(made, nodes[0]), p.says) {
			t.Errorf("%s: %v says %q, want %s", p.predicate, nodes, plainlyOf(made, nodes[0]), p.says)
		}
	}
}

func expand(name string) string {
	prefix, local, _ := strings.Cut(name, ":")
	return rdf.Prefixes()[prefix] + local
}

func plainly(g *rdf.Graph, iri string) []string { return plainlyOf(g, rdf.NewIRI(iri)) }

// plainlyOf are the statements about a node that lead to no blank node, with short predicates.
func plainlyOf(g *rdf.Graph, s rdf.Term) []string {
	var out []string
	for t := range g.Match(s, rdf.Term{}, rdf.Term{}) {
		if t.O.Kind == rdf.Blank {
			continue
		}
		p := t.P.Value
		for prefix, ns := range rdf.Prefixes() {
			if local, ok := strings.CutPrefix(t.P.Value, ns); ok {
				p = prefix + ":" + local
			}
		}
		out = append(out, p+" "+t.O.String())
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The other real packages are mapped, or refused with a reason.
func TestRealPackages(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ckan_dataset.json", "ckan_dataset_multilingual.json", "ckan_full_dataset_dcat_ap.json", "ckan_full_dataset_dcat_ap_legacy.json",
		"ckan_full_dataset_dcat_ap_vocabularies.json", "full_ckan_dataset_legacy.json", "ckan_dcat_ap_dataset_series.json",
	} {
		raw := strings.TrimSpace(sample(t, "ckanext-dcat", "ckan", name))
		pkg := decoded(t, []byte(raw))
		if _, ok := pkg["id"]; !ok {
			pkg["id"] = "made-up" // as if the portal had stored it
		}
		g, err := describe(pkg, portalURL(t))
		if err != nil || g.Len() < 5 || !g.Has(rdf.Term{}, rdfType, dcatDataset) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDescribe: whatever a portal sends is refused or becomes RDF that can be written and read.
func FuzzDescribe(f *testing.F) {
	raw, err := os.ReadFile("testdata/package.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"id": "a/b c", "title": {"pt_BR": "z"}, "uri": "https://a b", "tags": [{"name": 1}, "x", null], "resources": [{"uri": "urn:x:<"}]}`))
	f.Add([]byte(`{"id": "a", "extras": [{"key": "\u0000self", "value": {}}], "hdab_email": "<@>", "contact": {"email": "a@b c"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var pkg map[string]any
		if dec.Decode(&pkg) != nil || pkg == nil {
			return
		}
		g, err := describe(pkg, portalURL(t))
		if err != nil {
			return
		}
		var text bytes.Buffer
		if err := rdf.WriteNQuads(&text, g.Quads()); err != nil {
			t.Fatal(err)
		}
		again, err := rdf.Read(t.Context(), &text, rdf.NQuads, rdf.ReadOptions{})
		if err != nil || again.Len() != g.Len() {
			t.Errorf("%d triples, read again %v: %v\n%s", g.Len(), again, err, raw)
		}
	})
}
