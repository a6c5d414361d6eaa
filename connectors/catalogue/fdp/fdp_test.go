package fdp

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Origins of the real files.
const (
	portal  = "https://fair.healthinformationportal.eu"
	sandbox = "https://health-ri.sandbox.semlab-leiden.nl"
	dtl     = "http://www.dtls.nl"
)

// realPortal is the health information portal: its catalogue as it is, but for its one dataset, whose
// file was not published with it; another of the same catalogue stands in.
func realPortal(t testing.TB) *point {
	t.Helper()
	const there, here = "125c32c0-3aa8-4277-92f6-34acdd058d43", "898ca4b8-197b-4d40-bc81-d9cd88197670"
	const catalogue = "/catalog/1c75c2c9-d2cc-44cb-aaa8-cf8c11515c8d"
	return newPoint(t, map[string]string{
		"":                 rootOf(catalogue),
		catalogue:          strings.ReplaceAll(sample(t, "fdp-gdi/fdp_catalog.ttl", portal), there, here),
		"/dataset/" + here: sample(t, "fdp-gdi/dataset_"+here+".ttl", portal),
	})
}

// rootOf is a point's own document as the reference server writes it.
func rootOf(catalogues ...string) string {
	list := "<BASE" + strings.Join(catalogues, ">, <BASE") + ">"
	return `@prefix ldp: <http://www.w3.org/ns/ldp#> . @prefix fdpo: <https://w3id.org/fdp/fdp-o#> . @prefix dct: <http://purl.org/dc/terms/> .
<BASE> a fdpo:FAIRDataPoint ; dct:title "A point" ; fdpo:metadataCatalog ` + list + ` .
<BASE/catalog/> a ldp:DirectContainer ; dct:title "Catalogs" ; ldp:membershipResource <BASE> ;
  ldp:hasMemberRelation fdpo:metadataCatalog ; ldp:contains ` + list + " ."
}

// catalogOf is a catalogue's document as the reference server writes it.
func catalogOf(path string, datasets ...string) string {
	doc := `@prefix ldp: <http://www.w3.org/ns/ldp#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<BASE` + path + `> a dcat:Catalog ; dct:title "A catalogue" .
<BASE/dataset/> a ldp:DirectContainer ; dct:title "Datasets" ; ldp:membershipResource <BASE` + path + `> ; ldp:hasMemberRelation dcat:dataset .
`
	for _, d := range datasets {
		doc += "<BASE" + path + "> dcat:dataset <BASE" + d + "> . <BASE/dataset/> ldp:contains <BASE" + d + "> .\n"
	}
	return doc
}

// datasetOf is a small dataset.
func datasetOf(path string, distributions ...string) string {
	doc := `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<BASE` + path + `> a dcat:Dataset ; dct:title "A dataset" .
`
	for _, d := range distributions {
		doc += "<BASE" + path + "> dcat:distribution <BASE" + d + "> .\n"
	}
	return doc
}

func TestRealPortal(t *testing.T) {
	t.Parallel()
	p := realPortal(t)
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"BASE/dataset/898ca4b8-197b-4d40-bc81-d9cd88197670: 46 triples"}
	if diff := cmp.Diff(want, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, line := range p.canonical(t, items[0].Graph) {
		if strings.Contains(line, "DirectContainer") || strings.Contains(line, "/profile/") {
			t.Errorf("not of the dataset: %s", line)
		}
	}
}

// realSandbox has the datasets of two files, and the distribution of the first.
func realSandbox(t testing.TB) *point {
	t.Helper()
	const catalogue = "/catalog/e3faf7ad-050c-475f-8ce4-da7e2faa5cd0"
	first, second := "/dataset/d7129d28-b72a-437f-8db0-4f0258dd3c25", "/dataset/d9956191-1aff-4181-ac8b-16b829135ed5"
	return newPoint(t, map[string]string{
		"":        rootOf(catalogue),
		catalogue: catalogOf(catalogue, first, second),
		first:     sample(t, "fdp-gdi/dataset_d7129d28-b72a-437f-8db0-4f0258dd3c25.ttl", sandbox),
		second:    sample(t, "fdp-gdi/dataset_cbioportal.ttl", sandbox),
		"/distribution/f9b9dff8-a039-4ca2-be9b-da72a61e3bac": sample(t, "fdp-gdi/distribution_f9b9dff8-a039-4ca2-be9b-da72a61e3bac.ttl", sandbox),
	})
}

func TestRealSandbox(t *testing.T) {
	t.Parallel()
	p := realSandbox(t)
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"BASE/dataset/d7129d28-b72a-437f-8db0-4f0258dd3c25: 41 triples",
		"BASE/dataset/d9956191-1aff-4181-ac8b-16b829135ed5: 40 triples",
	}
	if diff := cmp.Diff(want, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantAsked := []string{
		"GET /", "GET /page/catalog?page=0&size=1", "GET /catalog/e3faf7ad-050c-475f-8ce4-da7e2faa5cd0",
		"GET /catalog/e3faf7ad-050c-475f-8ce4-da7e2faa5cd0/page/dataset?page=0&size=1",
		"GET /dataset/d7129d28-b72a-437f-8db0-4f0258dd3c25", "GET /distribution/f9b9dff8-a039-4ca2-be9b-da72a61e3bac",
		"GET /dataset/d9956191-1aff-4181-ac8b-16b829135ed5",
	}
	if diff := cmp.Diff(wantAsked, p.requests()); diff != "" {
		t.Errorf("drafts in ldp:contains and distributions already described need no request (-want +got):\n%s", diff)
	}
}

// TestAgainstAnotherHarvester compares with what the GDI user portal's harvester makes of the same
// documents. It keeps the container and the profile's label; of a distribution it takes some properties only.
func TestAgainstAnotherHarvester(t *testing.T) {
	t.Parallel()
	p := realSandbox(t)
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	ours := p.canonical(t, items[0].Graph)
	theirs := p.canonical(t, p.turtle(t, sample(t, "fdp-gdi/dataset_d7129d28-b72a-437f-8db0-4f0258dd3c25_out.ttl", sandbox)))
	for _, line := range theirs {
		if !slices.Contains(ours, line) && !strings.HasPrefix(line, "<BASE/distribution/> ") && !strings.HasPrefix(line, "<BASE/profile/") {
			t.Errorf("they have %s", line)
		}
	}
	const distribution = "<BASE/distribution/f9b9dff8-a039-4ca2-be9b-da72a61e3bac"
	for _, line := range ours {
		if !slices.Contains(theirs, line) && !strings.HasPrefix(line, distribution+"#identifier> ") && !strings.HasPrefix(line, distribution+"/metrics/") {
			t.Errorf("we have %s", line)
		}
	}
	if len(ours) != 41 || len(theirs) < 40 {
		t.Errorf("%d and %d lines", len(ours), len(theirs))
	}
}

func TestAccessServiceOfAnotherHarvester(t *testing.T) {
	t.Parallel()
	const dataset, distribution = "/dataset/with-accessservice", "/distribution/with-accessservice"
	const here, form = "https://example.org", "https://fdp-example.com"
	p := newPoint(t, map[string]string{
		"":              rootOf("/catalog/test"),
		"/catalog/test": catalogOf("/catalog/test", dataset),
		dataset:         sample(t, "fdp-gdi/dataset_with-accessservice.ttl", here, form),
		distribution:    sample(t, "fdp-gdi/distribution_with-accessservice.ttl", here, form),
	})
	items, _, err := pass(t, p.driver(t))
	if err != nil || len(items) != 1 || items[0].Err != nil {
		t.Fatalf("%v, %v", p.told(t, items), err)
	}
	want := p.canonical(t, p.turtle(t, sample(t, "fdp-gdi/dataset-distribution_with_accessservice_out.ttl", here)))
	if diff := cmp.Diff(want, p.canonical(t, items[0].Graph)); diff != "" {
		t.Errorf("(-theirs +ours):\n%s", diff)
	}
}

// TestRealOldPoint is the point of 2016: plain containers, no server statements, one address wrong.
func TestRealOldPoint(t *testing.T) {
	t.Parallel()
	docs := map[string]string{}
	for path, name := range map[string]string{
		"/fdp": "dtl-fdp", "/fdp/textmining": "textmining-catalog", "/fdp/transcriptomics": "transcriptomics-catalog",
		"/fdp/comparativeGenomics":          "comparative-genomics-catalog",
		"/fdp/comparativeGenomics/goNlSvR5": "goNlSvR5-dataset", "/fdp/comparativeGenomics/goNlSvR5/html": "goNlSvR5-html",
		"/fdp/comparativeGenomics/goNlSvR5/textfile-gzip": "goNlSvR5-textfile-gzip",
		"/fdp/transcriptomics/fantom5":                    "fantom5", "/fdp/transcriptomics/fantom5/html": "fantom5-html",
		"/fdp/transcriptomics/fantom5/sparqlEndpoint": "fantom5-sparql", "/fdp/transcriptomics/fantom5/textfile-gzip": "fantom5-textfile",
		"/fdp/textmining/gene-disease-association_disgenet": "disgenet", "/fdp/textmining/gene-disease-association_disgenet/html": "disgenet-html-page",
		"/fdp/textmining/gene-disease-association_disgenet/nanopubs-gzip": "disgenet-nanopubs-gzip",
		"/fdp/textmining/gene-disease-association_disgenet/textfile-gzip": "disgenet-textfile-gzip",
		"/fdp/textmining/gene-disease-association_lumc":                   "gda-lumc",
		"/textmining/gene-disease-association_lumc/textfile":              "gda-lumc-textfile", "/textmining/gene-disease-association_lumc/sparql": "gda-lumc-sparql",
	} {
		docs[path] = sample(t, "fdp-fairdatateam/"+name+".ttl", dtl)
	}
	p := newPoint(t, docs)
	items, pages, err := pass(t, p.driver(t, func(o *Options) { o.Location += "/fdp/"; o.PageDatasets = 3 }))
	if err != nil || pages != 2 {
		t.Fatalf("%d pages, %v", pages, err)
	}
	want := []string{
		"BASE/fdp/comparativeGenomics/goNlSvR5: 42 triples",
		"BASE/fdp/textmining/gene-disease-association_disgenet: 50 triples",
		"BASE/fdp/textmining/gene-disease-association_lumc: " + ErrNotDataset.Error(),
		"BASE/fdp/transcriptomics/fantom5: 56 triples",
	}
	if diff := cmp.Diff(want, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWholeTreesInOneDocument are files in which one document describes a tree of containers.
func TestWholeTreesInOneDocument(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, origin, root string
		want               []string
	}{
		"series":           {"root_fdp_response.ttl", "http://example.org", "/Catalog1", []string{"BASE/Dataset1: 4 triples"}},
		"several parents":  {"fdp_multiple_parents.ttl", "http://example.org", "/Study1", []string{"BASE/Dataset1: 3 triples"}},
		"plain containers": {"fdp_process_catalogs.ttl", "http://example.com", "", []string{"BASE/dataset1: 2 triples"}},
		"no catalogue":     {"root_fdp_response_no_catalogs.ttl", "https://example.com", "/fdp", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPoint(t, nil)
			doc := sample(t, "fdp-gdi/"+c.file, c.origin)
			for _, path := range []string{"", "/Catalog1", "/DatasetSeries1", "/Dataset1", "/Study1", "/Population1", "/Dataseries1", "/catalog1", "/dataset1", "/fdp"} {
				p.docs[path] = doc
			}
			items, _, err := pass(t, p.driver(t, func(o *Options) { o.Location += c.root }))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, p.told(t, items)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
