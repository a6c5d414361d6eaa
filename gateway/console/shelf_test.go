package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// shelf is an index whose contents are all in it.
type shelf struct{ *search.Index }

func (s shelf) Read(ctx context.Context, key string) (search.Document, bool, error) {
	return s.Get(ctx, key)
}

const prefixes = `@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix h: <http://healthdataportal.eu/ns/health#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix ex: <https://x.example/> .
`

// descriptions by key; the second is as hostile as a description can be.
var descriptions = []struct{ key, country, turtle string }{
	{"own:ds:FI:set%2F1", "FI", `ex:one a dcat:Dataset ; dct:identifier "set/1" ; dct:title "Hospital stays"@en, "Hoitojaksot"@fi ;
  dct:description "Stays in hospitals since 1998."@en ; dcat:keyword "stays"@en ; dct:modified "2025-04-01"^^xsd:date ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ; dct:publisher [ foaf:name "Institute" ; foaf:homepage <https://institute.example/> ] ;
  h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS> ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
  dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://x.example/access> ] .`},
	{"eu:b", "FR", `<javascript:alert(1)> a dcat:Dataset ; dct:identifier "b" ; dct:title "<script>alert('stays')</script>\" onmouseover=\"x"@fr ;
  dct:description "</p><img src=//evil.example/x> & \u202E {{.Root}}"@fr ; dct:publisher [ foaf:name "<b>" ] ;
  dcat:landingPage <javascript:alert(2)>, <https://user:pw@evil.example/>, <data:text/html,x>, "https://plain.example/" ;
  dcat:distribution [ dcat:accessURL "javascript:alert(3)"^^xsd:anyURI, "https://good.example/?a=1&b=%22"^^xsd:anyURI ] ;
  dct:relation _:loop . _:loop dct:relation _:loop, _:back . _:back dct:relation _:loop .`},
	{"eu:c", "DE", `ex:c a dcat:Dataset ; dct:identifier "c" ; dct:title "Krankenhaus"@de .`},
}

// newCatalogue serves the descriptions above, and more of one kind.
func newCatalogue(t *testing.T, more int) http.Handler {
	t.Helper()
	x, _, err := search.Open(t.Context(), search.Options{Dir: filepath.Join(t.TempDir(), "search"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	var b search.Batch
	add := func(key, country, turtle string) {
		g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(prefixes+turtle), rdf.ReadOptions{Base: "https://base.example/"})
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := catalogue.Records(t.Context(), g, key)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %d records, %v", key, len(list), err)
		}
		d := search.Describe(catalogue.Summarise(list[0].Graph, list[0].Subject))
		origin, _, _ := strings.Cut(key, ":")
		d.Key, d.Origin, d.Country, d.Version, d.Content = key, search.Origin(origin), country, list[0].Digest, list[0].NQuads
		b.Put = append(b.Put, d)
	}
	for _, d := range descriptions {
		add(d.key, d.country, d.turtle)
	}
	for i := range more {
		id := "m" + strings.Repeat("i", i)
		add("eu:"+id, "SE", `ex:`+id+` a dcat:Dataset ; dct:identifier "`+id+`" ; dct:title "More vaccination" .`)
	}
	if err := x.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	c := &Catalogue{
		Shelf: shelf{x}, Base: "https://ncp.example/hub", Title: map[string]string{"en": "Health data of X", "fi": "X:n terveystiedot"},
		Logger: slog.New(slog.DiscardHandler), Slots: make(chan struct{}, 2),
	}
	h, err := c.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// get asks for a path with headers given as pairs.
func get(t *testing.T, h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req := httptest.NewRequestWithContext(ctx, method, target, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec
}
