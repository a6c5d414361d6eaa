package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/register"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// shows R15.2.5-6
func TestForms(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		name, accept, query string
		status              int
		media               string
	}{
		{"a browser", browser, "", 200, "text/html"},
		{"anything", "*/*", "", 200, "text/html"},
		{"no header", "", "", 200, "text/html"},
		{"JSON", "application/json", "", 200, "application/json"},
		{"Turtle", "text/turtle", "", 200, "text/turtle"},
		{"Turtle rather than HTML", "text/html;q=0.5, text/turtle", "", 200, "text/turtle"},
		{"HTML rather than Turtle", "text/turtle;q=0.5, text/html;q=0.9", "", 200, "text/html"},
		{"the specific range decides", "text/*, text/html;q=0", "", 200, "text/turtle"},
		{"some text", "text/*", "", 200, "text/html"},
		{"some application", "application/*;q=0.3", "", 200, "application/json"},
		{"JSON-LD", "application/ld+json", "", 200, "application/ld+json"},
		{"JSON-LD rather than JSON", "application/json;q=0.5, application/ld+json", "", 200, "application/ld+json"},
		{"JSON-LD by name", browser, "format=jsonld", 200, "application/ld+json"},
		{"N-Quads", "application/n-quads", "", 200, "application/n-quads"},
		{"upper case", "TEXT/TURTLE", "", 200, "text/turtle"},
		{"parameters", "text/turtle;charset=utf-8;q=0.7", "", 200, "text/turtle"},
		{"an image", "image/png", "", 406, "application/problem+json"},
		{"nothing", "text/html;q=0, */*;q=0", "", 406, "application/problem+json"},
		{"a bad weight counts as none", "text/turtle;q=high", "", 406, "application/problem+json"},
		{"by name", browser, "format=turtle", 200, "text/turtle"},
		{"by another name", browser, "format=ttl", 200, "text/turtle"},
		{"by no name we know", browser, "format=pdf", 406, "application/problem+json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var header []string
			if c.accept != "" {
				header = []string{"Accept", c.accept}
			}
			for _, path := range []string{"/hub/catalogue", "/hub/catalogue/datasets/eu:c"} {
				rec := get(t, h, http.MethodGet, path+"?"+c.query, header...)
				media, _, _ := strings.Cut(rec.Header().Get("Content-Type"), ";")
				if rec.Code != c.status || media != c.media {
					t.Errorf("%s: status %d, %s, want %d, %s", path, rec.Code, media, c.status, c.media)
				}
				if vary := rec.Header().Get("Vary"); vary != "Accept, Accept-Language" {
					t.Errorf("%s: Vary %q", path, vary)
				}
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	for target, c := range map[string]struct {
		status int
		code   string
	}{
		"/hub/catalogue?page=0":                                   {400, "query"},
		"/hub/catalogue?page=x":                                   {400, "query"},
		"/hub/catalogue?limit=101":                                {400, "query"},
		"/hub/catalogue?page=9999&limit=100":                      {400, "query"},
		"/hub/catalogue?page=2":                                   {404, "not-found"},
		"/hub/catalogue?q=" + strings.Repeat("a", 600):            {400, "query"},
		"/hub/catalogue?q=" + url.QueryEscape("\xff"):             {400, "query"},
		"/hub/catalogue?q=" + strings.Repeat("ab+", 20):           {400, "query"},
		"/hub/catalogue?" + strings.Repeat("country=FI&", 20):     {400, "query"},
		"/hub/catalogue/datasets/eu:none":                         {404, "not-found"},
		"/hub/catalogue/datasets/" + strings.Repeat("x", 100_000): {404, "not-found"},
	} {
		short := target[:min(len(target), 60)]
		var p struct{ Code string }
		rec := get(t, h, http.MethodGet, target, "Accept", "application/json")
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != c.status || p.Code != c.code {
			t.Errorf("%s: status %d, code %q, %v, want %d, %s", short, rec.Code, p.Code, err, c.status, c.code)
		}
		page := get(t, h, http.MethodGet, target, "Accept", "text/html")
		if media := page.Header().Get("Content-Type"); page.Code != c.status || !strings.HasPrefix(media, "text/html") {
			t.Errorf("%s: to a browser status %d, %s", short, page.Code, media)
		}
	}
	if rec := get(t, h, http.MethodPost, "/hub/catalogue"); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", rec.Code)
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := (&Catalogue{Base: "https://ncp.example", Slots: make(chan struct{})}).Handler()
		if err != nil {
			t.Fatal(err)
		}
		r := register.New()
		r.Ready()
		g, err := (&Register{Register: r, Base: "https://ncp.example", Slots: make(chan struct{})}).Handler()
		if err != nil {
			t.Fatal(err)
		}
		for path, h := range map[string]http.Handler{"/catalogue": c, "/register": g} {
			began := time.Now()
			rec := get(t, h, http.MethodGet, path, "Accept", "application/json")
			if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || time.Since(began) != slotTime || !strings.Contains(rec.Body.String(), `"busy"`) {
				t.Errorf("%s: status %d, %v after %v: %s", path, rec.Code, rec.Header(), time.Since(began), rec.Body)
			}
		}
	})
}

// stuck is a reader that takes nothing.
type stuck struct {
	*httptest.ResponseRecorder
	writing, release chan struct{}
}

func (s stuck) Write(b []byte) (int, error) {
	close(s.writing)
	<-s.release
	return len(b), nil
}

// TestSlowReader: who does not take an answer keeps nobody else from theirs.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	release, done := make(chan struct{}), make(chan struct{}, 4)
	for range cap(done) { // more than there are slots
		s := stuck{httptest.NewRecorder(), make(chan struct{}), release}
		go func() {
			h.ServeHTTP(s, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/hub/catalogue", nil))
			done <- struct{}{}
		}()
		<-s.writing
	}
	if rec := get(t, h, http.MethodGet, "/hub/catalogue"); rec.Code != http.StatusOK {
		t.Errorf("status %d", rec.Code)
	}
	close(release)
	for range cap(done) {
		<-done
	}
}

func TestEntityTags(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	for _, target := range []string{
		"/hub/catalogue", "/hub/catalogue?format=ttl", "/hub/catalogue?format=json", "/hub/catalogue/datasets/own:ds:FI:set%252F1", "/hub/catalogue/style.css",
	} {
		first := get(t, h, http.MethodGet, target)
		tag := first.Header().Get("ETag")
		if first.Code != 200 || tag == "" {
			t.Fatalf("%s: status %d, tag %q", target, first.Code, tag)
		}
		for _, match := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			rec := get(t, h, http.MethodGet, target, "If-None-Match", match)
			if rec.Code != http.StatusNotModified || rec.Body.Len() != 0 || rec.Header().Get("ETag") != tag {
				t.Errorf("%s, If-None-Match %s: status %d, %d bytes", target, match, rec.Code, rec.Body.Len())
			}
		}
		if rec := get(t, h, http.MethodGet, target, "If-None-Match", `"other"`); rec.Code != 200 {
			t.Errorf("%s, another tag: status %d", target, rec.Code)
		}
	}
	// The server drops the body for HEAD; the head is that of GET.
	head, full := get(t, h, http.MethodHead, "/hub/catalogue"), get(t, h, http.MethodGet, "/hub/catalogue")
	if head.Code != 200 || head.Header().Get("ETag") != full.Header().Get("ETag") {
		t.Errorf("HEAD: status %d, %v", head.Code, head.Header())
	}
	fi := get(t, h, http.MethodGet, "/hub/catalogue", "Accept-Language", "fi")
	if fi.Header().Get("ETag") == full.Header().Get("ETag") {
		t.Error("a page in another language has the same tag")
	}
}

// TestPages follows hydra:next over the whole catalogue: each description once, none missing.
func TestPages(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 7)
	var got []string
	target, pages := "/hub/catalogue?limit=3", 0
	for target != "" {
		if pages++; pages > 10 {
			t.Fatal("the pages do not end")
		}
		rec := get(t, h, http.MethodGet, target, "Accept", "text/turtle")
		g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(rec.Body.String()), rdf.ReadOptions{})
		if err != nil || rec.Code != 200 {
			t.Fatalf("%s: status %d, %v", target, rec.Code, err)
		}
		if total, _ := g.Object(rdf.Term{}, rdf.NewIRI(nsHydra+"totalItems")); total.Value != "10" {
			t.Errorf("%s: totalItems %v", target, total)
		}
		for _, d := range g.Objects(rdf.NewIRI("https://ncp.example/hub/catalogue"), dcatDataset) {
			id, _ := g.Object(d, rdf.NewIRI(rdf.NSDCT+"identifier"))
			got = append(got, id.Value)
		}
		target = ""
		if next, ok := g.Object(rdf.Term{}, rdf.NewIRI(nsHydra+"next")); ok {
			u, err := url.Parse(next.Value)
			if err != nil || u.Host != "ncp.example" {
				t.Fatalf("next %v, %v", next, err)
			}
			target = u.RequestURI()
		}
	}
	if all := len(got); pages != 4 || all != 10 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 10 {
		t.Errorf("%d pages, %v", pages, got)
	}
}

// TestSameInEveryForm: the forms of RDF say the same.
func TestSameInEveryForm(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 0)
	for _, target := range []string{"/hub/catalogue?q=stays", "/hub/catalogue/datasets/own:ds:FI:set%252F1", "/hub/catalogue/datasets/eu:b"} {
		var first string
		for _, f := range []rdf.Format{rdf.Turtle, rdf.JSONLD, rdf.NQuads} {
			rec := get(t, h, http.MethodGet, target, "Accept", f.MediaType())
			format, known := rdf.FormatOfMediaType(rec.Header().Get("Content-Type"))
			if rec.Code != http.StatusOK || !known || format != f {
				t.Fatalf("%s as %s: status %d, %s", target, f, rec.Code, rec.Header().Get("Content-Type"))
			}
			var quads []rdf.Quad
			err := rdf.Parse(t.Context(), strings.NewReader(rec.Body.String()), f, rdf.ReadOptions{}, func(q rdf.Quad) error {
				quads = append(quads, q)
				return nil
			})
			if err != nil {
				t.Fatalf("%s as %s: %v", target, f, err)
			}
			canonical, err := rdf.Canonical(t.Context(), slices.Values(quads), rdf.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(canonical)
			}
			if string(canonical) != first || first == "" {
				t.Errorf("%s as %s says something else", target, f)
			}
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	h := newCatalogue(t, 3)
	var out listed
	rec := get(t, h, http.MethodGet, "/hub/catalogue?q=vaccination&country=SE&limit=2&format=json")
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	if out.Total != 3 || len(out.Datasets) != 2 || out.Pages != 2 || out.Next != "https://ncp.example/hub/catalogue?country=SE&format=json&limit=2&page=2&q=vaccination" {
		t.Errorf("%+v", out)
	}
	if f := out.Facets["country"]; len(f) != 1 || f[0].Value != "SE" || f[0].Count != 3 {
		t.Errorf("facets %v", out.Facets)
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"en": "English", "fr": "Français", "pt-br": "Português"}
	for _, c := range []struct{ header, want, lang string }{
		{"fr", "Français", "fr"}, {"fr-CA, en;q=0.5", "Français", "fr"}, {"de, fr;q=0.2", "Français", "fr"}, {"en;q=0.1, fr;q=0.9", "Français", "fr"},
		{"pt-BR", "Português", "pt-br"}, {"de", "English", "en"}, {"", "English", "en"}, {"*", "English", "en"}, {"fr;q=0", "English", "en"},
	} {
		if got, lang := inLanguage(texts, languages([]string{c.header})); got != c.want || lang != c.lang {
			t.Errorf("%q: %s, %s", c.header, got, lang)
		}
	}
	if got := languages([]string{strings.Repeat("a-", maxTag) + ", fr"}); !slices.Equal(got, []string{"fr"}) {
		t.Errorf("a tag that is none is looked for: %.60q", got)
	}
	if got, lang := inLanguage(map[string]string{"und": "X", "zz": "Z"}, nil); got != "X" || lang != "" {
		t.Errorf("without a language: %s, %s", got, lang)
	}
	if got, _ := inLanguage(nil, []string{"en"}); got != "" {
		t.Errorf("of nothing: %s", got)
	}
}

// wide is a shelf on which everything is as large as a description can be.
type wide struct{ hits []search.Document }

func (w wide) Search(_ context.Context, q search.Query) (search.Result, error) {
	return search.Result{Total: len(w.hits), Hits: w.hits[:min(q.Limit, len(w.hits))]}, nil
}

func (w wide) Read(_ context.Context, key string) (search.Document, bool, error) {
	content := "<https://x.example/" + key + "> <http://purl.org/dc/terms/description> \"" + strings.Repeat("x", catalogue.MaxRecordBytes) + "\" .\n"
	return search.Document{Key: key, Content: []byte(content)}, true, nil
}

// TestLargePages: what a visitor may ask for is bounded by its size too.
// shows R15.3.4
func TestLargePages(t *testing.T) {
	t.Parallel()
	c := &Catalogue{Shelf: wide{make([]search.Document, 100)}, Base: "https://ncp.example", Slots: make(chan struct{}, 1)}
	h, err := c.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]int{
		"/catalogue?limit=100": http.StatusOK, "/catalogue?limit=100&format=json": http.StatusOK,
		"/catalogue?limit=100&format=turtle": http.StatusBadRequest, "/catalogue?limit=2&format=nquads": http.StatusOK,
	} {
		if rec := get(t, h, http.MethodGet, target); rec.Code != want {
			t.Errorf("%s: status %d, %d bytes", target, rec.Code, rec.Body.Len())
		}
	}
}

// TestNothingIsLeftOutInSilence: a page says when it does not show the whole description.
func TestNothingIsLeftOutInSilence(t *testing.T) {
	t.Parallel()
	chain := func(n int) string {
		text := "<https://x.example/d> <https://x.example/p> _:n0 ."
		for i := range n {
			text += fmt.Sprintf(" _:n%d <https://x.example/p> _:n%d .", i, i+1)
		}
		return text + fmt.Sprintf(" _:n%d <https://x.example/p> \"end\" .", n)
	}
	broad := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("<https://x.example/d> <https://x.example/p> \"%d\" .", i)
		}
		return text
	}
	for name, c := range map[string]struct {
		text string
		more bool
	}{
		"a short chain": {chain(1), false}, "a chain as deep as is shown": {chain(maxNesting - 1), false}, "a deeper chain": {chain(maxNesting), true},
		"as many as are shown": {broad(maxStatements), false}, "one more": {broad(maxStatements + 1), true},
	} {
		g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(c.text), rdf.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		shown := tree{g: g, left: maxStatements}
		shown.of(rdf.NewIRI("https://x.example/d"), 0)
		if shown.more != c.more {
			t.Errorf("%s: left out is %t", name, shown.more)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{"", "text/html;q=0.5,*/*", ",,;;q=;q=2", "a/b;q=NaN", strings.Repeat("text/turtle;q=0.1,", 100), "text/html;q=0.9;q=0"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, accept, language string) {
		if chosen, ok := negotiate("", []string{accept}); ok && chosen.media == "" {
			t.Fatalf("%q chose nothing", accept)
		}
		if got := languages([]string{language}); len(got) > maxRanges {
			t.Fatalf("%d languages", len(got))
		}
	})
}
