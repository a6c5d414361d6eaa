package gateway

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// fairDataPoint serves Turtle by path to who is logged in. In its documents BASE stands for its own address.
type fairDataPoint struct {
	base   string
	mu     sync.Mutex
	docs   map[string]string
	down   map[string]bool // answers 500
	logins int             // each token replaces the one before
}

// The account that the point knows.
const pointLogin = `{"email":"steward@point.example","password":"not for logs"}`

func (u *union) fairDataPoint() *fairDataPoint {
	s := u.serve()
	p := &fairDataPoint{base: s.URL, docs: map[string]string{}, down: map[string]bool{}}
	s.Config.Handler = p
	return p
}

func (p *fairDataPoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := strings.TrimSuffix(r.URL.Path, "/")
	doc, ok := p.docs[path]
	switch {
	case r.Method == http.MethodPost && path == "/tokens":
		if body, err := io.ReadAll(r.Body); err != nil || strings.TrimSpace(string(body)) != pointLogin {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		p.logins++
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"token": "token-%d"}`, p.logins) // the client went away
	case r.Header.Get("Authorization") != fmt.Sprintf("Bearer token-%d", p.logins):
		w.WriteHeader(http.StatusUnauthorized)
	case p.down[path]:
		w.WriteHeader(http.StatusInternalServerError)
	case !ok:
		http.NotFound(w, r)
	default:
		w.Header().Set("Content-Type", "text/turtle")
		_, _ = fmt.Fprint(w, doc) // the client went away
	}
}

// put places a document.
func (p *fairDataPoint) put(path, doc string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = strings.ReplaceAll(doc, "BASE", p.base)
}

// fail lets a path answer 500, or answer again.
func (p *fairDataPoint) fail(path string, fails bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down[path] = fails
}

// expire ends the tokens given out so far.
func (p *fairDataPoint) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.logins += 100
}

// list makes root and catalogue name these datasets.
func (p *fairDataPoint) list(datasets ...string) {
	p.put("", `@prefix fdpo: <https://w3id.org/fdp/fdp-o#> . <BASE> a fdpo:FAIRDataPoint ; fdpo:metadataCatalog <BASE/catalog/1> .`)
	doc := `@prefix ldp: <http://www.w3.org/ns/ldp#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . <BASE/catalog/1> a dcat:Catalog .
<BASE/dataset/> a ldp:DirectContainer ; ldp:membershipResource <BASE/catalog/1> ; ldp:hasMemberRelation dcat:dataset .
`
	for _, d := range datasets {
		doc += fmt.Sprintf("<BASE/catalog/1> dcat:dataset <BASE%[1]s> . <BASE/dataset/> ldp:contains <BASE%[1]s> .\n", d)
	}
	p.put("/catalog/1", doc)
}

// apart takes what a document says of some subjects out of it: a FAIR Data Point has a document of its
// own for every distribution. It gives the rest, and for each subject a document of it and of what is
// reached from it.
func apart(t *testing.T, doc string, subjects ...string) (rest string, parts map[string]string) {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(doc), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	remaining := rdf.NewGraph()
	for tr := range g.All() {
		if !slices.Contains(subjects, tr.S.Value) {
			remaining.Add(tr)
		}
	}
	parts = map[string]string{}
	for _, s := range subjects {
		part := rdf.NewGraph()
		for queue := []rdf.Term{rdf.NewIRI(s)}; len(queue) > 0; queue = queue[1:] {
			for tr := range g.Match(queue[0], rdf.Term{}, rdf.Term{}) {
				if part.Add(tr) && tr.O.Kind != rdf.Literal {
					queue = append(queue, tr.O)
				}
			}
		}
		parts[s] = turtle(t, part)
	}
	return turtle(t, remaining), parts
}

func turtle(t *testing.T, g *rdf.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if err := rdf.WriteTurtle(&b, g, rdf.Prefixes()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestHarvestOfAFAIRDataPoint: real files from a FAIR Data Point into the European catalogue. What does
// not meet the release is quarantined with its findings; what does arrives as it was written, although
// its distributions lie in documents of their own; a dataset that cannot be read stays published.
func TestHarvestOfAFAIRDataPoint(t *testing.T) {
	t.Parallel()
	const portal, example = "https://fair.healthinformationportal.eu", "https://healthdcat-ap.example.org"
	const r8, r8csv, r8fhir = "/release-7/example/dataset-oncology-ehrs-2024", "/release-7/example/distribution-main-csv", "/release-7/example/distribution-fhir-package"
	const slovenia, absent = "/dataset/898ca4b8-197b-4d40-bc81-d9cd88197670", "/dataset/125c32c0-3aa8-4277-92f6-34acdd058d43"
	good := sharedSample(t, "healthdcat-r8", "example-healthdcat-dataset.ttl")
	old := sharedSample(t, "fdp-gdi", "dataset_898ca4b8-197b-4d40-bc81-d9cd88197670.ttl")
	u := newUnion(t)
	p := u.fairDataPoint()
	good = strings.ReplaceAll(good, example, p.base)
	records := recordsOf(t, good)
	if len(records) != 1 {
		t.Fatalf("%d records in the example", len(records))
	}
	rest, parts := apart(t, good, p.base+r8csv, p.base+r8fhir)
	p.put(r8, rest)
	for iri, part := range parts {
		p.put(strings.TrimPrefix(iri, p.base), part)
	}
	p.put(slovenia, strings.ReplaceAll(old, portal, p.base))
	p.list(r8, slovenia, absent)
	login := filepath.Join(u.dir, "login.json")
	if err := os.WriteFile(login, []byte(pointLogin), 0o600); err != nil {
		t.Fatal(err)
	}
	u.harvests(fmt.Sprintf("{name: point, driver: fdp, location: %q, login_file: %q, interval: 0s, profile: r8}", p.base, login))

	r := u.publish("point")
	if len(r.Created) != 1 || r.Created[0].Identifier != records[0].Identifier || len(r.Quarantined) != 2 {
		t.Fatalf("%+v", r)
	}
	codes := map[string]map[string]bool{}
	for _, f := range r.Findings {
		if codes[f.File] == nil {
			codes[f.File] = map[string]bool{}
		}
		codes[f.File][f.Path] = true
	}
	if got := slices.Sorted(maps.Keys(codes[p.base+slovenia])); !slices.Contains(got, "healthdcatap:hdab") || !slices.Contains(got, "dcat:distribution") {
		t.Errorf("findings of the old dataset: %q", got)
	}
	if len(codes[p.base+absent]) != 1 {
		t.Errorf("findings of the absent dataset: %v", codes[p.base+absent])
	}
	want := map[string]string{records[0].Identifier: records[0].Digest}
	u.shows(want)

	p.fail(r8csv, true) // without one distribution the description is not whole
	if r = u.publish("point"); len(r.Withheld) != 1 || len(r.Deleted)+len(r.Updated) != 0 || len(r.Quarantined) != 3 {
		t.Errorf("with a broken distribution: %+v", r)
	}
	p.fail(r8csv, false)
	p.expire() // a new login helps
	if r = u.publish("point"); r.Unchanged != 1 || len(r.Updated)+len(r.Created)+len(r.Deleted) != 0 {
		t.Errorf("mended: %+v", r)
	}
	p.put(r8, strings.Replace(rest, "Cross-border oncology EHR cohort 2024", "Oncology cohort 2024", 1))
	if r = u.publish("point"); len(r.Updated) != 1 {
		t.Fatalf("changed: %+v", r)
	}
	want[records[0].Identifier] = recordsOf(t, strings.Replace(good, "Cross-border oncology EHR cohort 2024", "Oncology cohort 2024", 1))[0].Digest
	u.shows(want)
	p.list(slovenia)
	if r = u.publish("point"); len(r.Deleted) != 1 {
		t.Fatalf("removed: %+v", r)
	}
	u.shows(nil)
	if log := u.log.String(); strings.Contains(log, "not for logs") || strings.Contains(log, "token-") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}
