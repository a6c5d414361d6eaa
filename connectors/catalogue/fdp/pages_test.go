package fdp

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

// long is a point with one catalogue of n datasets, which its document lists up to a number of them.
func long(t testing.TB, n, listed int) *point {
	t.Helper()
	p := newPoint(t, nil)
	var paths []string
	for i := range n {
		path := fmt.Sprintf("/dataset/%03d", i)
		paths = append(paths, path)
		p.docs[path] = datasetOf(path) + fmt.Sprintf("<BASE%s> dct:identifier <BASE%s#identifier> . <BASE%s#identifier> a dct:Thing .", path, path, path)
	}
	p.docs[""], p.docs["/catalog/1"] = rootOf("/catalog/1"), catalogOf("/catalog/1", paths[:listed]...)
	p.paged["/catalog/1/page/dataset"] = paths
	return p
}

// TestPagesCompleteTheList: whatever a catalogue's document lists, none is missed that the pages tell of.
func TestPagesCompleteTheList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ all, listed, requests int }{
		{120, 0, 3},   // the document lists nothing: three pages
		{120, 7, 4},   // it lists a part: the number first, then the pages
		{120, 120, 1}, // it lists all: the number only
		{50, 0, 1}, {0, 0, 1},
	} {
		p := long(t, c.all, c.listed)
		items, _, err := pass(t, p.driver(t))
		if err != nil || len(items) != c.all {
			t.Errorf("%+v: %d items, %v", c, len(items), err)
		}
		pages := 0
		for _, r := range p.requests() {
			if strings.Contains(r, "/page/dataset") {
				pages++
			}
		}
		if pages != c.requests {
			t.Errorf("%+v: %d requests for pages", c, pages)
		}
		for _, i := range items {
			if i.Err != nil {
				t.Errorf("%+v: %s: %v", c, i.File, i.Err)
			}
		}
	}
}

// TestPagesThatWereBegunAreReadToTheirEnd, or the pass is none.
func TestPagesThatWereBegunAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	link := func(to func(*http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/turtle")
			w.Header().Set("Link", `<`+to(r)+`>; rel="next"`)
		}
	}
	for name, c := range map[string]struct {
		listed int
		second bool // only what follows the first page fails
		do     http.HandlerFunc
		items  int
		want   error
	}{
		"none offered, all listed":   {120, false, status(404), 120, nil},
		"broken, all listed":         {120, false, status(500), 120, nil},
		"none offered, none listed":  {0, false, status(404), 0, nil},
		"not allowed":                {0, false, status(405), 0, nil},
		"for people":                 {0, false, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, 0, origin.ErrMediaType},
		"refused":                    {0, false, status(http.StatusForbidden), 0, origin.ErrFetch},
		"for people, all listed":     {120, false, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/html") }, 120, nil},
		"broken, none listed":        {0, false, status(500), 0, origin.ErrFetch},
		"too many requests":          {0, false, status(429), 0, origin.ErrFetch},
		"the second is broken":       {0, true, status(500), 0, origin.ErrFetch},
		"the second is gone":         {0, true, status(404), 0, origin.ErrFetch},
		"the next page is the same":  {0, false, link(func(r *http.Request) string { return r.URL.RequestURI() }), 0, ErrLoop},
		"the next page is elsewhere": {0, false, link(func(*http.Request) string { return "https://127.0.0.1:1/page" }), 0, origin.ErrElsewhere},
		"pages leave children out": {0, false, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/turtle")
			w.Header().Set("Link", `</catalog/1/page/dataset?page=2&size=50>; rel="last"`)
			_, _ = fmt.Fprintf(w, "<https://%s/dataset/000> a <http://www.w3.org/ns/dcat#Dataset> .", r.Host)
		}, 0, ErrShort},
		"pages of others": {0, false, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/turtle")
			_, _ = fmt.Fprint(w, "<https://other.example/dataset/000> a <http://www.w3.org/ns/dcat#Dataset> .")
		}, 0, ErrNotContainer},
		"always another next page": {0, false, link(func(r *http.Request) string { return r.URL.Path + "?n=" + r.URL.Query().Get("n") + "1" }), 0, ErrTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := long(t, 120, c.listed)
			list := p.paged["/catalog/1/page/dataset"]
			p.fault("/catalog/1/page/dataset", func(w http.ResponseWriter, r *http.Request) {
				if c.second && r.URL.Query().Get("page") == "0" {
					p.page(w, r, list)
					return
				}
				c.do(w, r)
			})
			d := p.driver(t, func(o *Options) { o.MaxContainers = 50 })
			page, err := d.List(t.Context(), time.Time{}, "")
			if !errors.Is(err, c.want) {
				t.Fatalf("%v", err)
			}
			if err != nil && len(page.Items) > 0 {
				t.Errorf("%d items beside an error", len(page.Items))
			}
			if err == nil {
				items, _, err := pass(t, d)
				if err != nil || len(items) != c.items {
					t.Errorf("%d items, %v", len(items), err)
				}
			}
		})
	}
}

// TestPagesOfTheContainerItself: some servers page the document with Link headers of its own.
func TestPagesOfTheContainerItself(t *testing.T) {
	t.Parallel()
	p := small(t)
	p.fault("/catalog/1", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/turtle")
		if r.URL.RawQuery == "" {
			w.Header().Set("Link", `</catalog/1?page=2>; rel="next", <https://purl.example/x>; rel="type"`)
			p.write(w, catalogOf("/catalog/1", "/dataset/a"))
			return
		}
		p.write(w, catalogOf("/catalog/1", "/dataset/c"))
	})
	p.docs["/catalog/2"] = catalogOf("/catalog/2", "/dataset/b")
	items, _, err := pass(t, p.driver(t))
	if err != nil || len(items) != 3 {
		t.Errorf("%q, %v", p.told(t, items), err)
	}
}

// TestPagesThatRepeatTheContainer: what every page says again counts once, or parts would be missed.
func TestPagesThatRepeatTheContainer(t *testing.T) {
	t.Parallel()
	p := long(t, 12, 0)
	list := func(w http.ResponseWriter, next string) {
		w.Header().Set("Content-Type", "text/turtle")
		if next != "" {
			w.Header().Set("Link", "<"+next+`>; rel="next"`)
		}
		p.write(w, catalogOf("/catalog/1", p.paged["/catalog/1/page/dataset"][:7]...))
	}
	p.fault("/catalog/1", func(w http.ResponseWriter, r *http.Request) {
		list(w, map[string]string{"": "/catalog/1?page=2"}[r.URL.RawQuery])
	})
	items, _, err := pass(t, p.driver(t))
	if err != nil || len(items) != 12 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

// TestPagesWithoutEnd: what they list is bounded before they are read.
func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	p := small(t)
	n := 0
	p.fault("/catalog/1", func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("Content-Type", "text/turtle")
		w.Header().Set("Link", fmt.Sprintf(`</catalog/1?page=%d>; rel="next"`, n))
		var parts []string
		for i := range 50 {
			parts = append(parts, fmt.Sprintf("/dataset/%d-%d", n, i))
		}
		p.write(w, catalogOf("/catalog/1", parts...))
	})
	_, _, err := pass(t, p.driver(t, func(o *Options) { o.MaxDatasets, o.MaxContainers = 10, 490 }))
	if asked := len(p.requests()); !errors.Is(err, ErrTooMany) || asked > 30 {
		t.Errorf("%v after %d requests", err, asked)
	}
}
