package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// sampleDataset is a public dataset that Release 8 has nothing against.
const sampleDataset = `@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> . @prefix h: <http://healthdataportal.eu/ns/health#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix cv: <http://data.europa.eu/m8g/> .
<https://x.example/%[1]s> a dcat:Dataset ; dct:identifier "%[1]s" ; dct:title "%[2]s"@en ; dct:description "Data."@en ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
  h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS> ;
  h:hdab [ a foaf:Agent ; foaf:name "Body" ; cv:contactPoint [ a cv:ContactPoint ; cv:email "hdab@example.org" ] ] ;
  h:hasStructuredData false ;
  dcat:distribution [ a dcat:Distribution ; dcatap:applicableLegislation <http://data.europa.eu/eli/reg/2025/327/oj> ;
    dcat:accessURL <https://example.org/access> ] .
`

// source is a directory of documents; it gives the configuration of a source.
func (u *union) source(name string, documents map[string]string) (dir, config string) {
	u.t.Helper()
	dir = filepath.Join(u.dir, "source-"+name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		u.t.Fatal(err)
	}
	for id, title := range documents {
		u.document(dir, id, title)
	}
	return dir, fmt.Sprintf("{name: %s, driver: rdffile, location: %q, interval: 0s, profile: r8}", name, dir)
}

func (u *union) document(dir, id, title string) {
	u.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, id+".ttl"), fmt.Appendf(nil, sampleDataset, id, title), 0o600); err != nil {
		u.t.Fatal(err)
	}
}

// read reads a path of the gateway's public listener.
func (u *union) read(path string, header ...string) (int, string) {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), http.MethodGet, "https://"+u.gateway.Addr()+path, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := u.client().Do(req)
	if err != nil {
		u.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		u.t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// found asks the public catalogue for words and gives country and title of what is found, sorted.
func (u *union) found(text string) (out []string, keys map[string]string) {
	u.t.Helper()
	status, body := u.read("/catalogue?format=json&" + url.Values{"q": {text}}.Encode())
	var list struct{ Datasets []search.Document }
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != 200 {
		u.t.Fatalf("status %d, %v: %s", status, err, body)
	}
	keys = map[string]string{}
	for _, d := range list.Datasets {
		name := d.Country + " " + d.Title["en"]
		out, keys[name] = append(out, name), d.Key
	}
	slices.Sort(out)
	return out, keys
}

// finds waits until the public catalogue finds just these.
func (u *union) finds(text string, want ...string) {
	u.t.Helper()
	u.until(fmt.Sprintf("finding %v by %q", want, text), func() error {
		if got, _ := u.found(text); !slices.Equal(got, want) {
			return fmt.Errorf("found %v", got)
		}
		return nil
	})
}

// again starts the gateway that was stopped on its address, after a change to its data.
func (u *union) again(change func(dataDir string)) {
	u.t.Helper()
	g := u.gateway
	address := g.Addr()
	(&nation{t: u.t, log: &u.log}).stop(g)
	change(g.cfg.DataDir)
	ln, err := net.Listen("tcp", address)
	if err != nil {
		u.t.Fatal(err)
	}
	u.starts(g.cfg, ln)
}

// TestCatalogueIsSearched: what a nation publishes and what another one does is found at the first,
// through the centre; after a restart, after the index was lost, and after it was damaged; and what is
// withdrawn is not.
func TestCatalogueIsSearched(t *testing.T) {
	t.Parallel()
	u := newUnion(t)
	u.country = "DE"
	_, german := u.source("german", map[string]string{"de-1": "Cancer stays", "de-2": "Vaccinations"})
	u.harvests(german)
	if r := u.publish("german"); len(r.Created) != 2 {
		t.Fatalf("%+v", r)
	}
	u.until("the centre shows what is German", func() error {
		if n := len(u.catalogue()); n != 2 {
			return fmt.Errorf("%d datasets", n)
		}
		return nil
	})
	u.country, u.more = "FR", fmt.Sprintf(", mirror: {url: %q, interval: 1m}", u.centre.Entity()+"/catalogue")
	dir, french := u.source("french", map[string]string{"fr-1": "Cancer registry", "fr-2": "Vaccination campaign"})
	u.harvests(french)
	u.publish("french")
	u.finds("cancer", "DE Cancer stays", "FR Cancer registry")
	u.finds("vaccination", "DE Vaccinations", "FR Vaccination campaign")
	u.readsBoth()

	u.again(func(string) {})
	if got, _ := u.found("cancer"); !slices.Equal(got, []string{"DE Cancer stays", "FR Cancer registry"}) {
		t.Errorf("at once after a restart: %v", got)
	}
	u.again(func(data string) {
		if err := os.RemoveAll(SearchDir(data)); err != nil {
			t.Fatal(err)
		}
	})
	u.finds("cancer", "DE Cancer stays", "FR Cancer registry")
	u.again(func(data string) {
		list, err := filepath.Glob(filepath.Join(SearchDir(data), "store", "*.zap"))
		if err != nil || len(list) == 0 {
			t.Fatalf("%v, %v", list, err)
		}
		for _, f := range list {
			if err := os.Truncate(f, 100); err != nil {
				t.Fatal(err)
			}
		}
	})
	u.finds("cancer", "DE Cancer stays", "FR Cancer registry")
	if !strings.Contains(u.log.String(), "the search index could not be used and is made anew") {
		t.Error("the log does not tell of the damaged index")
	}

	u.document(dir, "fr-1", "Tumour registry")
	if err := os.Remove(filepath.Join(dir, "fr-2.ttl")); err != nil {
		t.Fatal(err)
	}
	if r := u.publish("french"); len(r.Updated) != 1 || len(r.Deleted) != 1 {
		t.Fatalf("%+v", r)
	}
	u.finds("registry", "FR Tumour registry")
	u.finds("vaccination", "DE Vaccinations")
}

// readsBoth reads one description of each origin, as a page and as Turtle.
func (u *union) readsBoth() {
	u.t.Helper()
	_, keys := u.found("cancer")
	for name, key := range keys {
		path := "/catalogue/datasets/" + url.PathEscape(key)
		if status, page := u.read(path, "Accept", "text/html"); status != 200 || !strings.Contains(page, name[3:]) {
			u.t.Errorf("%s: status %d, %s", path, status, page)
		}
		status, text := u.read(path, "Accept", "text/turtle")
		g, err := rdf.ReadTurtle(u.t.Context(), strings.NewReader(text), rdf.ReadOptions{})
		if status != 200 || err != nil {
			u.t.Fatalf("%s: status %d, %v", path, status, err)
		}
		origin := map[bool]string{true: "de-1", false: "fr-1"}[name[:2] == "DE"]
		notation, isOfCentre := g.Object(rdf.Term{}, rdf.NewIRI(rdf.NSSKOS+"notation"))
		if own := g.Has(rdf.NewIRI("https://x.example/"+origin), rdf.NewIRI(rdf.NSDCT+"identifier"), rdf.NewString(origin)); own == isOfCentre || isOfCentre && notation.Value != origin {
			u.t.Errorf("%s: by its own identifier: %t, by the centre's: %t (%s)", key, own, isOfCentre, notation.Value)
		}
	}
}
