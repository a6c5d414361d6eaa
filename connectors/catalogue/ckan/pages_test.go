package ckan

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// five are the items of five datasets, two a page.
var five = []string{
	"BASE/catalog.ttl#page=1: set-00 set-01", "BASE/catalog.ttl#page=2: set-02 set-03", "BASE/catalog.ttl#page=3: set-04",
}

// Every way in which portals write their links leads through all pages.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"both as text", "old as text", "new as IRIs", "relative"} {
		t.Run(strings.ReplaceAll(words, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 2, many(5)...)
			p.words = words
			items, err := harvest(t, p.driver(t))
			if diff := cmp.Diff(five, p.told(t, items)); diff != "" || err != nil {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
			var asked []string
			for _, r := range p.Requests() {
				asked = append(asked, r.URI)
			}
			want := []string{
				"/catalog.ttl?page=1&profiles=euro_health_dcat_ap", "/catalog.ttl?page=2&profiles=euro_health_dcat_ap",
				"/catalog.ttl?page=3&profiles=euro_health_dcat_ap",
			}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// A listing that moves while it is read keeps what may have been missed from being deleted.
func TestListingMoves(t *testing.T) {
	t.Parallel()
	moved, short := "BASE/catalog.ttl: "+ErrMoved.Error(), "BASE/catalog.ttl: "+ErrShort.Error()
	for name, c := range map[string]struct {
		before func(p *portal) // before the second page is made
		want   []string
	}{
		"a dataset of a later page changes": { // it is not seen, and one comes twice
			func(p *portal) { p.put(made("set-04", -1)) },
			[]string{five[0], "BASE/catalog.ttl#page=2: set-02", moved, "BASE/catalog.ttl#page=3: set-03", short},
		},
		"a dataset of the first page goes": { // one is not seen, none comes twice
			func(p *portal) { p.remove("set-00") },
			[]string{five[0], "BASE/catalog.ttl#page=2: set-03 set-04", moved},
		},
		"the last page has nothing new": {
			func(p *portal) { p.sets = append(many(2), made("new", -1)) },
			[]string{five[0], "BASE/catalog.ttl#page=2:", moved, short},
		},
		"a dataset comes": {
			func(p *portal) { p.put(made("new", -1)) },
			[]string{five[0], "BASE/catalog.ttl#page=2: set-02", moved, "BASE/catalog.ttl#page=3: set-03 set-04", short},
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 2, many(5)...)
			p.between = func(page int) {
				if page == 2 {
					c.before(p)
				}
			}
			items, err := harvest(t, p.driver(t))
			if diff := cmp.Diff(c.want, p.told(t, items)); diff != "" || err != nil {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// onPage is a fault of one page.
func onPage(n int) func(int, *http.Request) bool {
	return func(_ int, r *http.Request) bool { return r.URL.Query().Get("page") == fmt.Sprint(n) }
}

// Pages that lead nowhere or astray are errors, those that are broken are items.
func TestPortalMisbehaves(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) connectortest.Fault {
		return connectortest.Rewrite(func(body string) string {
			if !strings.Contains(body, old) {
				panic("the page does not hold " + old)
			}
			return strings.ReplaceAll(body, old, with)
		})
	}
	nothing := connectortest.Rewrite(func(string) string { return "" })
	spoiled := connectortest.Rewrite(func(body string) string { return body + "<<" })
	bad := func(n int) string { return fmt.Sprintf("BASE/catalog.ttl#page=%d: malformed", n) }
	short, moved := "BASE/catalog.ttl: "+ErrShort.Error(), "BASE/catalog.ttl: "+ErrMoved.Error()
	for name, c := range map[string]struct {
		fault connectortest.Fault
		when  func(int, *http.Request) bool
		want  []string
		err   error
	}{
		"next is the same page":          {replace("page=3", "page=2"), onPage(2), five[:2], ErrLoop},
		"every page is the first":        {connectortest.Repeat(), nil, append(five[:1:1], "BASE/catalog.ttl#page=2:", moved), ErrLoop},
		"next is elsewhere":              {replace(`nextPage "https://127`, `nextPage "https://foreign.example/127`), onPage(2), five[:1], origin.ErrElsewhere},
		"next is http":                   {replace(`hydra:next "https:`, `hydra:next "http:`), onPage(2), five[:1], origin.ErrElsewhere},
		"two next pages":                 {replace(`hydra:nextPage "`, `hydra:nextPage "/other`), onPage(1), nil, ErrNotCatalogue},
		"next is nothing":                {replace(`hydra:next "`, `hydra:next [], "`), onPage(1), nil, ErrNotCatalogue},
		"an empty answer":                {nothing, onPage(2), five[:1], ErrNotCatalogue},
		"the link is lost":               {replace("hydra:next", "hydra:lost"), onPage(2), append(five[:2:2], short), nil},
		"a page not there":               {connectortest.Status(404), onPage(3), five[:2], origin.Status(404)},
		"the first is malformed":         {spoiled, onPage(1), []string{bad(1), five[1], five[2], short}, nil},
		"one in the middle is malformed": {spoiled, onPage(2), []string{five[0], bad(2), five[2], short}, nil},
		"the last one is malformed":      {spoiled, onPage(3), []string{five[0], five[1], bad(3), "BASE/catalog.ttl#page=4:", short}, nil},
		"all are malformed":              {spoiled, nil, []string{bad(1)}, errMalformed},
		"misnamed":                       {connectortest.WrongType("application/rdf+xml"), onPage(1), []string{bad(1), five[1], five[2], short}, nil},
		"unnamed":                        {connectortest.WrongType("text/plain"), nil, nil, origin.ErrMediaType},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p := newPortal(t, 2, many(5)...)
			p.Misbehave(c.fault, c.when)
			items, err := harvest(t, p.driver(t))
			var syntax *rdf.SyntaxError
			for i := range items {
				if errors.As(items[i].Err, &syntax) {
					if syntax.File != items[i].File || syntax.Line == 0 {
						t.Errorf("%s has no place: %+v", items[i].File, syntax)
					}
					items[i].Err = errors.New("malformed")
				}
			}
			if errors.Is(c.err, errMalformed) && errors.As(err, &syntax) {
				err = errMalformed
			}
			if diff := cmp.Diff(c.want, p.told(t, items)); diff != "" || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("error %v, want %v (-want +got):\n%s", err, c.err, diff)
			}
		})
	}
}

var errMalformed = errors.New("malformed")

func TestPagesAreBounded(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 1, many(5)...)
	items, err := harvest(t, p.driver(t, func(o *Options) { o.MaxPages = 3 }))
	if !errors.Is(err, ErrTooMany) || len(items) != 3 {
		t.Errorf("%d items, %v", len(items), err)
	}
	items, err = harvest(t, p.driver(t, func(o *Options) { o.MaxDatasets = 3 }))
	if !errors.Is(err, ErrTooMany) || len(items) != 3 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

// The time is written as ckanext-dcat wants it: UTC, without a zone.
func TestSince(t *testing.T) {
	t.Parallel()
	p := newPortal(t, 2, many(5)...)
	at := connectortest.Now().Add(-36 * time.Hour).In(time.FixedZone("CET", 3600))
	page, err := p.driver(t).List(t.Context(), at, "")
	if diff := cmp.Diff([]string{"BASE/catalog.ttl#page=1: set-00 set-01"}, p.told(t, page.Items)); diff != "" || err != nil || page.Next != "" {
		t.Errorf("error %v, next %q (-want +got):\n%s", err, page.Next, diff)
	}
	if asked := p.Requests(); len(asked) != 1 || !strings.Contains(asked[0].URI, "modified_since=2026-11-01T21%3A30%3A00&") {
		t.Errorf("asked %v", asked)
	}
}

func TestCursors(t *testing.T) {
	t.Parallel()
	d := newPortal(t, 2, many(5)...).driver(t)
	for _, cursor := range []string{"x", "2 2 5 false", "0 0 0 false /", "2 -1 5 false /", "2 2 -2 false /", "2 2 5 maybe /", "2 2 5 false https://a.example/", "2 2 5 false //", "2 2 5 false @a.example/"} {
		if _, err := d.List(t.Context(), time.Time{}, cursor); err == nil {
			t.Errorf("%q was taken", cursor)
		}
	}
	if _, err := d.List(t.Context(), time.Time{}, "2 2 5 false @a.example/"); !errors.Is(err, ErrCursor) {
		t.Errorf("%v", err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("2 2 5 false /catalog.ttl?page=2")
	f.Fuzz(func(t *testing.T, cursor string) {
		p, err := parsePosition(cursor)
		if err != nil {
			return
		}
		if again, err := parsePosition(p.String()); err != nil || again != p {
			t.Errorf("%q: %+v, %+v, %v", cursor, p, again, err)
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    Options
		want string // address of the listing
		err  error
	}{
		"portal":       {Options{Location: "https://ckan.example"}, "https://ckan.example/catalog.ttl", nil},
		"below a path": {Options{Location: "https://ckan.example/data/"}, "https://ckan.example/data/catalog.ttl", nil},
		"the page":     {Options{Location: "https://ckan.example/dcat/all.ttl"}, "https://ckan.example/dcat/all.ttl", nil},
		"RDF/XML":      {Options{Location: "https://ckan.example", Format: rdf.RDFXML}, "https://ckan.example/catalog.rdf", nil},
		"another form": {Options{Location: "https://ckan.example", Format: rdf.NQuads}, "", ErrFormat},
		"no form":      {Options{Location: "https://ckan.example", Format: "word"}, "", ErrFormat},
		"another view": {Options{Location: "https://ckan.example", View: "html"}, "", ErrView},
		"a path":       {Options{Location: "/srv/ckan"}, "", origin.ErrLocation},
		"http":         {Options{Location: "http://ckan.example"}, "", origin.ErrLocation},
		"a query":      {Options{Location: "https://ckan.example?q=x"}, "", origin.ErrLocation},
	} {
		c.o.HTTP = &http.Client{}
		d, err := New(c.o)
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || err == nil && d.listing.String() != c.want {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
	if _, err := New(Options{Location: "https://ckan.example"}); !errors.Is(err, origin.ErrNoClient) {
		t.Errorf("without a client: %v", err)
	}
}
