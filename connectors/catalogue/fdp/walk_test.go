package fdp

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// small is a point of two catalogues with three datasets, one of them in both.
func small(t testing.TB) *point {
	t.Helper()
	return newPoint(t, map[string]string{
		"":           rootOf("/catalog/1", "/catalog/2"),
		"/catalog/1": catalogOf("/catalog/1", "/dataset/a", "/dataset/c"), "/catalog/2": catalogOf("/catalog/2", "/dataset/b", "/dataset/c"),
		"/dataset/a": datasetOf("/dataset/a"), "/dataset/b": datasetOf("/dataset/b", "/distribution/b1"), "/dataset/c": datasetOf("/dataset/c"),
		"/distribution/b1": `@prefix dcat: <http://www.w3.org/ns/dcat#> . <BASE/distribution/b1> a dcat:Distribution ; dcat:accessURL <https://data.example/b1> .`,
	})
}

var smallTold = []string{"BASE/dataset/a: 2 triples", "BASE/dataset/b: 5 triples", "BASE/dataset/c: 2 triples"}

func TestCursorOutlivesTheDriver(t *testing.T) {
	t.Parallel()
	p := small(t)
	var told []string
	for cursor, n := "", 0; ; n++ {
		page, err := p.driver(t, func(o *Options) { o.PageDatasets = 1 }).List(t.Context(), time.Time{}, cursor)
		if err != nil || len(page.Items) != 1 || n > 3 {
			t.Fatalf("page %d: %d items, %v", n, len(page.Items), err)
		}
		told = append(told, p.told(t, page.Items)...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(smallTold, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOneWalkAPass(t *testing.T) {
	t.Parallel()
	p := small(t)
	d := p.driver(t, func(o *Options) { o.PageDatasets = 1 })
	for range 2 {
		items, pages, err := pass(t, d)
		if err != nil || pages != 3 {
			t.Fatalf("%d pages, %v", pages, err)
		}
		if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		roots := 0
		for _, r := range p.requests() {
			if r == "GET /" {
				roots++
			}
		}
		if roots != 1 {
			t.Errorf("the root was read %d times in a pass", roots)
		}
	}
}

// TestAContainerThatFailsEndsThePass: nothing may be taken for deleted because of it.
func TestAContainerThatFailsEndsThePass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"the root": {"", origin.ErrFetch}, "a catalogue": {"/catalog/2", origin.ErrFetch},
	} {
		for kind, h := range map[string]http.HandlerFunc{
			"500": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
			"404": http.NotFound,
			"half a document": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/turtle")
				w.Header().Set("Content-Length", "1000")
				_, _ = w.Write([]byte("<x:a> <x:b> <x:c> .\n"))
				panic(http.ErrAbortHandler)
			},
			"a page for people": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html></html>"))
			},
			"deflated": func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/turtle")
				w.Header().Set("Content-Encoding", "gzip")
			},
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				p := small(t)
				p.fault(c.path, h)
				page, err := p.driver(t).List(t.Context(), time.Time{}, "")
				if !errors.Is(err, c.want) || len(page.Items) != 0 {
					t.Errorf("%d items, error %v", len(page.Items), err)
				}
			})
		}
	}
	p := small(t)
	p.docs["/catalog/2"] = "<x:a> <x:b>"
	if _, err := p.driver(t).List(t.Context(), time.Time{}, ""); err == nil {
		t.Error("a malformed catalogue is no error")
	}
}

// TestADatasetThatFailsIsAnItem: the others go on, and its name is the one it always has.
func TestADatasetThatFailsIsAnItem(t *testing.T) {
	t.Parallel()
	big := "<x:a> <x:b> \"" + strings.Repeat("x", 4096) + "\" ."
	for name, c := range map[string]struct {
		doc  string
		do   http.HandlerFunc
		want string
	}{
		"500":               {do: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, want: "the document could not be fetched: status 500"},
		"404 though listed": {do: http.NotFound, want: "the document could not be fetched: status 404"},
		"malformed":         {doc: "<x:a>\n ex:p 1 .", want: "BASE/dataset/b:2:2: "},
		"too large":         {doc: big, want: "BASE/dataset/b:1:"},
		"another's":         {doc: datasetOf("/dataset/x") + datasetOf("/dataset/y"), want: ErrNotDataset.Error()},
		"a catalogue":       {doc: catalogOf("/dataset/b"), want: ErrNotDataset.Error()},
		"empty":             {doc: " ", want: ErrNotDataset.Error()},
		"no distribution":   {doc: datasetOf("/dataset/b", "/distribution/gone"), want: "distribution BASE/distribution/gone: the document could not be fetched: status 404"},
		"redirect to another host": {do: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://127.0.0.1:1/dataset/b", http.StatusFound)
		}, want: "the document could not be fetched: " + origin.ErrElsewhere.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := small(t)
			if c.doc != "" {
				p.docs["/dataset/b"] = c.doc
			}
			if c.do != nil {
				p.fault("/dataset/b", c.do)
			}
			items, _, err := pass(t, p.driver(t, func(o *Options) { o.MaxBytes = 2048 }))
			if err != nil {
				t.Fatal(err)
			}
			told := p.told(t, items)
			if len(told) != 3 || told[0] != smallTold[0] || told[2] != smallTold[2] || !strings.HasPrefix(told[1], "BASE/dataset/b: "+c.want) {
				t.Errorf("want %q: %q", c.want, told)
			}
		})
	}
}

// TestDraftsAreNotPublished: the reference server keeps drafts in ldp:contains for everybody, and among
// the others for who is logged in.
func TestDraftsAreNotPublished(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.login = Login{"a@example.org", "secret"}
	p.docs["/catalog/1"] += "<BASE/dataset/> ldp:contains <BASE/dataset/draft> ."
	p.docs["/dataset/draft"] = datasetOf("/dataset/draft")
	p.docs[""] += "<BASE/catalog/> ldp:contains <BASE/catalog/draft> ."
	p.docs["/catalog/draft"] = catalogOf("/catalog/draft", "/dataset/draft2")
	p.docs["/dataset/draft2"] = datasetOf("/dataset/draft2")
	p.drafts["/dataset/draft"], p.drafts["/catalog/draft"] = true, true
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if asked := strings.Join(p.requests(), "\n"); strings.Contains(asked, "/meta") {
		t.Errorf("asked for states that nobody tells a stranger:\n%s", asked)
	}
	p.docs["/catalog/1"] += "<BASE/catalog/1> dcat:dataset <BASE/dataset/draft> ."
	p.docs["/dataset/b"] += "<BASE/dataset/b> dcat:distribution <BASE/distribution/draft> ."
	p.docs["/distribution/draft"] = "<BASE/distribution/draft> a <http://www.w3.org/ns/dcat#Distribution> ."
	p.drafts["/distribution/draft"] = true
	logged := p.driver(t, func(o *Options) { o.Login = p.login })
	if items, _, err = pass(t, logged); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("logged in (-want +got):\n%s", diff)
	}
	p.fault("/catalog/1/meta", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	if _, _, err = pass(t, logged); !errors.Is(err, origin.Status(http.StatusInternalServerError)) {
		t.Errorf("which are drafts is not known: %v", err)
	}
	p.fault("/catalog/1/meta", nil)
	p.fault("/dataset/b/meta", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	if items, _, err = pass(t, logged); err != nil || len(items) != 3 || items[1].Err == nil {
		t.Errorf("%q, %v", p.told(t, items), err)
	}
}

// TestAPointThatKnowsItselfByHTTP is read by https, and its IRIs stay what they are.
func TestAPointThatKnowsItselfByHTTP(t *testing.T) {
	t.Parallel()
	p := small(t)
	plain := "http" + strings.TrimPrefix(p.base, "https")
	for path, doc := range p.docs {
		p.docs[path] = strings.ReplaceAll(doc, "BASE", plain)
	}
	p.docs["/dataset/b"] += "<" + plain + "/dataset/b> dct:conformsTo <" + plain + "/profile/1> ."
	items, _, err := pass(t, p.driver(t, func(o *Options) { o.PageDatasets = 2 }))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, s := range p.told(t, items) {
		told = append(told, strings.ReplaceAll(s, plain, "BASE"))
	}
	if diff := cmp.Diff(smallTold, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if iri := plain + "/dataset/b"; items[1].File != iri || !items[1].Graph.Has(rdf.NewIRI(iri), rdfType, classDataset) {
		t.Errorf("%s is not what it was called", items[1].File)
	}
}

// TestWhatOneCatalogueStatesCounts: a dataset that another catalogue contains only is no draft.
func TestWhatOneCatalogueStatesCounts(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"/catalog/1", "/catalog/2"} { // before and after the one that states it
		p := small(t)
		stating := map[string]string{"/catalog/1": "/catalog/2", "/catalog/2": "/catalog/1"}[other]
		p.docs[stating] += "<BASE" + stating + "> dcat:dataset <BASE/dataset/x> ."
		p.docs[other] += "<BASE/dataset/> ldp:contains <BASE/dataset/x> ."
		p.fault("/dataset/x", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
		items, _, err := pass(t, p.driver(t))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append(slices.Clone(smallTold), "BASE/dataset/x: the document could not be fetched: status 403"), p.told(t, items)); diff != "" {
			t.Errorf("contained in %s (-want +got):\n%s", other, diff)
		}
	}
}

// TestBlankNodesStayApart: a label holds within its document.
func TestBlankNodesStayApart(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.docs["/dataset/b"] += `<BASE/dataset/b> dct:publisher _:x, [ dct:title "anonymous" ] . _:x dct:title "publisher" .`
	p.docs["/distribution/b1"] += `<BASE/distribution/b1> <http://purl.org/dc/terms/rights> _:x, [ dcat:version "anonymous" ] . _:x dcat:version "rights" .`
	items, _, err := pass(t, p.driver(t))
	if err != nil || len(items) != 3 || items[1].Err != nil {
		t.Fatalf("%q, %v", p.told(t, items), err)
	}
	whole := p.turtle(t, p.docs["/dataset/b"]+strings.ReplaceAll(p.docs["/distribution/b1"], "_:x", "_:y"))
	if diff := cmp.Diff(p.canonical(t, whole), p.canonical(t, items[1].Graph)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSamplesAndAnalytics are distributions with documents of their own too.
func TestSamplesAndAnalytics(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.docs["/dataset/a"] += `<BASE/dataset/a> <http://www.w3.org/ns/adms#sample> <BASE/sample/1> ; <http://healthdataportal.eu/ns/health#analytics> <BASE/report/1>, <BASE/report/2> .
<BASE/report/2> a dcat:Distribution .`
	for _, path := range []string{"/sample/1", "/report/1"} {
		p.docs[path] = "<BASE" + path + "> a <http://www.w3.org/ns/dcat#Distribution> ."
	}
	items, _, err := pass(t, p.driver(t))
	if err != nil || len(items) != 3 {
		t.Fatalf("%q, %v", p.told(t, items), err)
	}
	if told := p.told(t, items)[0]; told != "BASE/dataset/a: 8 triples" {
		t.Error(told)
	}
	if asked := strings.Join(p.requests(), "\n"); strings.Contains(asked, "/report/2") {
		t.Errorf("asked for what is described:\n%s", asked)
	}
}

func TestLinksElsewhere(t *testing.T) {
	t.Parallel()
	other := newPoint(t, nil)
	p := small(t)
	p.docs["/catalog/1"] += "<BASE/catalog/1> dcat:dataset <" + other.url("/dataset/z") + ">, <urn:uuid:1>, <https://me:secret@h.example/d> ."
	p.docs[""] += "<BASE> fdpo:metadataCatalog <" + other.url("/catalog/9") + "> ."
	p.docs["/dataset/b"] += "<BASE/dataset/b> dcat:distribution <" + other.url("/distribution/z") + ">, <https://data.example/d> . <https://data.example/d> dcat:accessURL <https://data.example/> ."
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	elsewhere := func(iri string) { want = append(want, iri+": "+origin.ErrElsewhere.Error()) }
	for _, told := range p.told(t, items) {
		if strings.Contains(told, "secret") {
			t.Errorf("credentials in %s", told)
		}
	}
	catalogue, dataset := other.url("/catalog/9"), other.url("/dataset/z")
	first := p.base > other.base // the items are in the order of their IRIs
	if first {
		elsewhere(catalogue)
		elsewhere(dataset)
	}
	want = append(want, smallTold[0], "BASE/dataset/b: 8 triples")
	elsewhere(other.url("/distribution/z"))
	want = append(want, smallTold[2])
	if !first {
		elsewhere(catalogue)
		elsewhere(dataset)
	}
	elsewhere("https://h.example/d")
	elsewhere("urn:uuid:1")
	if diff := cmp.Diff(want, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if asked := other.requests(); len(asked) != 0 {
		t.Errorf("the other host was asked: %q", asked)
	}
}

func TestCirclesEnd(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.docs["/catalog/1"] += "<BASE/catalog/1> dcat:catalog <BASE/catalog/2>, <BASE/catalog/1>, <BASE>, <BASE/> ."
	p.docs["/catalog/2"] += "<BASE/catalog/2> dcat:catalog <BASE/catalog/1> ."
	items, _, err := pass(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(smallTold, p.told(t, items)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options func(*Options)
		spoil   func(*point)
		want    error
	}{
		"datasets":   {func(o *Options) { o.MaxDatasets = 2 }, nil, ErrTooMany},
		"containers": {func(o *Options) { o.MaxContainers = 2 }, nil, ErrTooMany},
		"depth": {func(o *Options) { o.MaxDepth = 3 }, func(p *point) {
			p.fault("", nil)
			for n := range 6 {
				path := fmt.Sprintf("/catalog/%d", n+1)
				p.docs[path] = catalogOf(path) + fmt.Sprintf("<BASE%s> dcat:catalog <BASE/catalog/%d> .", path, n+2)
			}
		}, ErrTooMany},
		"redirects": {nil, func(p *point) {
			p.fault("/catalog/2", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.Path+"?again", http.StatusFound)
			})
		}, origin.ErrFetch},
		"an answer that never ends": {func(o *Options) { o.MaxBytes = 1 << 16 }, func(p *point) {
			p.fault("/catalog/2", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/turtle")
				for r.Context().Err() == nil {
					if _, err := w.Write([]byte("# nothing to see\n")); err != nil {
						return
					}
				}
			})
		}, nil},
		"an answer that never comes": {func(o *Options) { o.Timeout = 50 * time.Millisecond }, func(p *point) {
			p.fault("/catalog/2", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}, origin.ErrFetch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := small(t)
			if c.spoil != nil {
				c.spoil(p)
			}
			var options []func(*Options)
			if c.options != nil {
				options = append(options, c.options)
			}
			items, _, err := pass(t, p.driver(t, options...))
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%d items, error %v", len(items), err)
			}
		})
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	client := http.DefaultClient
	for name, c := range map[string]struct {
		o    Options
		want error
	}{
		"good":            {Options{Location: "https://fdp.example/x/", HTTP: client}, nil},
		"with a login":    {Options{Location: "https://fdp.example", HTTP: client, Login: Login{"a@b.example", "p"}}, nil},
		"not encrypted":   {Options{Location: "http://fdp.example", HTTP: client}, origin.ErrLocation},
		"a path":          {Options{Location: "/srv/fdp", HTTP: client}, origin.ErrLocation},
		"credentials":     {Options{Location: "https://u:p@fdp.example", HTTP: client}, origin.ErrLocation},
		"a query":         {Options{Location: "https://fdp.example/?a=b", HTTP: client}, origin.ErrLocation},
		"no client":       {Options{Location: "https://fdp.example"}, origin.ErrNoClient},
		"half a login":    {Options{Location: "https://fdp.example", HTTP: client, Login: Login{Email: "a@b.example"}}, ErrCredentials},
		"login and token": {Options{Location: "https://fdp.example", HTTP: client, Login: Login{"a@b.example", "p"}, Token: "t"}, ErrCredentials},
	} {
		d, err := New(c.o)
		if !errors.Is(err, c.want) || (err == nil) != (d != nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (!d.Capabilities().Paged || d.Capabilities().Since || d.Capabilities().Tombstones) {
			t.Errorf("%s: capabilities %+v", name, d.Capabilities())
		}
	}
}
