package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

const prefixes = `@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix ex: <https://x.example/> .
`

// entry is a dataset at the centre.
type entry struct {
	id, title, country string
	changed            time.Time
}

func (e entry) turtle() string {
	return fmt.Sprintf(`ex:%[1]s a dcat:Dataset ; dct:identifier "%[1]s" ; dct:title "%[2]s"@en ; dct:isPartOf ex:nation-%[3]s ;
  adms:identifier [ a adms:Identifier ; skos:notation "origin-%[1]s" ] .
ex:nation-%[3]s dct:spatial <http://publications.europa.eu/resource/authority/country/%[3]s> .
ex:r-%[1]s a dcat:CatalogRecord ; foaf:primaryTopic ex:%[1]s ; dct:modified "%[4]s"^^xsd:dateTime .
`, e.id, e.title, e.country, e.changed.UTC().Format(time.RFC3339Nano))
}

// centre is a catalogue that pages by two and, when told, misbehaves.
type centre struct {
	mu      sync.Mutex
	entries []entry
	asked   []string // query strings
	twist   func(w http.ResponseWriter, r *http.Request, page string) bool
}

func (c *centre) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r.URL.RawQuery)
	q := r.URL.Query()
	since, _ := time.Parse(time.RFC3339Nano, q.Get("modified_since"))
	var list []entry
	for _, e := range c.entries {
		if !e.changed.Before(since) {
			list = append(list, e)
		}
	}
	n, _ := strconv.Atoi(q.Get("page"))
	n = max(n, 1)
	text := prefixes + fmt.Sprintf("<> hydra:totalItems %d .\n", len(list))
	for _, e := range list[min(2*n-2, len(list)):min(2*n, len(list))] {
		text += e.turtle()
	}
	if 2*n < len(list) {
		q.Set("page", strconv.Itoa(n+1))
		text += fmt.Sprintf("<#view> hydra:next \"/catalogue?%s\" .\n", q.Encode())
	}
	if c.twist != nil && c.twist(w, r, text) {
		return
	}
	w.Header().Set("Content-Type", "text/turtle")
	_, _ = io.WriteString(w, text)
}

func (c *centre) set(entries ...entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries, c.asked, c.twist = entries, nil, nil
}

func (c *centre) misbehave(twist func(http.ResponseWriter, *http.Request, string) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.twist = twist
}

// scene is a mirror of a centre on a real index.
type scene struct {
	*testing.T
	centre *centre
	index  *search.Index
	mirror *Mirror
	now    time.Time
}

var began = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

func newScene(t *testing.T) *scene {
	t.Parallel()
	s := &scene{T: t, centre: &centre{}, now: began}
	server := httptest.NewServer(s.centre)
	t.Cleanup(server.Close)
	x, _, err := search.Open(t.Context(), search.Options{Dir: filepath.Join(t.TempDir(), "search"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	s.index = x
	s.mirror = &Mirror{
		URL: server.URL + "/catalogue", HTTP: server.Client(), Index: x, Skip: "FI", Clock: func() time.Time { return s.now },
		Logger: slog.New(slog.DiscardHandler), TempDir: t.TempDir(),
	}
	return s
}

func (s *scene) run() Report {
	s.Helper()
	r, err := s.mirror.Run(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.mirror.TempDir, "*")); len(left) > 0 {
		s.Errorf("left behind: %v", left)
	}
	return r
}

// holds compares the identifiers mirrored.
func (s *scene) holds(want ...string) {
	s.Helper()
	have, err := s.index.Versions(s.Context(), search.EU)
	if err != nil {
		s.Fatal(err)
	}
	got := []string{}
	for key := range have {
		got = append(got, strings.TrimPrefix(key, "eu:"))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) && len(got)+len(want) > 0 {
		s.Errorf("mirrored %v, want %v", got, want)
	}
}

func entries(n int) (out []entry) {
	for i := range n {
		out = append(out, entry{fmt.Sprintf("d%02d", i), fmt.Sprintf("Set %d", i), "FRA", began.Add(time.Duration(i) * time.Minute)})
	}
	return out
}

func TestMirror(t *testing.T) {
	s := newScene(t)
	list := entries(5)
	list[1].country = "FIN"
	s.centre.set(list...)
	if r := s.run(); !r.Complete || r.Pages != 3 || r.Read != 5 || r.Put != 4 || r.Skipped != 1 {
		t.Errorf("first pass %+v", r)
	}
	s.holds("d00", "d02", "d03", "d04")
	d, ok, err := s.index.Get(t.Context(), search.EUKey("d02"))
	if err != nil || !ok || d.Country != "FR" || d.CentralID != "d02" || d.Identifier != "origin-d02" || d.Title["en"] != "Set 2" ||
		!strings.Contains(string(d.Content), `"origin-d02"`) || d.IRI != "https://x.example/d02" || !d.Modified.Equal(began.Add(2*time.Minute)) {
		t.Errorf("%+v, %t, %v", d, ok, err)
	}
	if r := s.run(); r.Complete || r.Read != 1 || r.Unchanged != 1 || r.Put != 0 {
		t.Errorf("an unchanged pass %+v", r)
	}
	list[0].title, list[0].changed = "Renamed", began.Add(time.Hour)
	s.centre.set(append(list[:4], entry{"new", "New", "DEU", began.Add(time.Hour)})...)
	if r := s.run(); r.Complete || r.Put != 2 || r.Removed != 0 {
		t.Errorf("an incremental pass %+v", r)
	}
	if got := s.centre.asked[0]; got != "modified_since=2026-05-01T08%3A04%3A00Z" {
		t.Errorf("asked for %s", got)
	}
	s.holds("d00", "d02", "d03", "d04", "new")
	s.now = s.now.Add(completeEvery)
	if r := s.run(); !r.Complete || r.Removed != 1 || r.Put != 0 || r.Unchanged != 4 {
		t.Errorf("a complete pass %+v", r)
	}
	s.holds("d00", "d02", "d03", "new")
}

// TestForgotten: with the index goes how far it was read.
func TestForgotten(t *testing.T) {
	s := newScene(t)
	s.centre.set(entries(3)...)
	s.run()
	x, _, err := search.Open(t.Context(), search.Options{Dir: filepath.Join(t.TempDir(), "search"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	s.mirror.Index, s.index = x, x
	if r := s.run(); !r.Complete || r.Put != 3 {
		t.Errorf("%+v", r)
	}
}

func TestMisbehaviour(t *testing.T) {
	part := func(after int, with func(text string) string) func(http.ResponseWriter, *http.Request, string) bool {
		return func(w http.ResponseWriter, r *http.Request, text string) bool {
			n, _ := strconv.Atoi(r.URL.Query().Get("page"))
			if max(n, 1) <= after {
				return false
			}
			w.Header().Set("Content-Type", "text/turtle")
			_, _ = io.WriteString(w, with(text))
			return true
		}
	}
	for name, c := range map[string]struct {
		twist func(http.ResponseWriter, *http.Request, string) bool
		want  error
	}{
		"half a page":       {part(1, func(s string) string { return s[:len(s)*2/3] }), ErrPage},
		"next is this page": {part(1, func(s string) string { return s + "<#view> hydra:next <?page=2> ." }), ErrLoop},
		"next is the first": {part(1, func(s string) string { return strings.ReplaceAll(s, "page=3", "page=1") }), ErrLoop},
		"pages without end": {part(1, func(string) string {
			return prefixes + "<> hydra:next <?page=" + strconv.Itoa(int(time.Now().UnixNano())) + "> ."
		}), ErrLoop},
		"another host": {part(0, func(s string) string {
			return strings.ReplaceAll(s, `"/catalogue?page=2"`, "<http://other.example/catalogue>")
		}), ErrForeign},
		"credentials":        {part(0, func(s string) string { return strings.ReplaceAll(s, `"/catalogue?page=2"`, `"//u:p@127.0.0.1/"`) }), ErrForeign},
		"another scheme":     {part(0, func(s string) string { return strings.ReplaceAll(s, `"/catalogue?page=2"`, "<file:///etc/passwd>") }), ErrForeign},
		"fewer than said":    {part(0, func(s string) string { return strings.ReplaceAll(s, "totalItems 5", "totalItems 50") }), ErrHalf},
		"the rest is absent": {part(1, func(string) string { return prefixes + "<> hydra:totalItems 5 ." }), ErrHalf},
		"and untold":         {part(1, func(string) string { return prefixes }), ErrHalf},
		"empty":              {part(0, func(string) string { return prefixes + "<> hydra:totalItems 0 ." }), ErrEmpty},
		"not RDF": {func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>")
			return true
		}, ErrPage},
		"an error": {func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}, ErrPage},
		"cut off": {func(w http.ResponseWriter, _ *http.Request, text string) bool {
			w.Header().Set("Content-Type", "text/turtle")
			w.Header().Set("Content-Length", strconv.Itoa(len(text)+10))
			_, _ = io.WriteString(w, text)
			return true
		}, ErrPage},
		"endless": {func(w http.ResponseWriter, _ *http.Request, _ string) bool {
			w.Header().Set("Content-Type", "text/turtle")
			line := []byte(strings.Repeat(" ", 1<<20) + "\n")
			for {
				if _, err := w.Write(line); err != nil {
					return true
				}
			}
		}, ErrPage},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			list := entries(5)
			s.centre.set(list...)
			s.run()
			mark, _ := s.index.Mark(t.Context(), markSince)
			list[0].title = "Changed"
			s.centre.set(list...)
			s.centre.misbehave(c.twist)
			s.now = s.now.Add(completeEvery)
			r, err := s.mirror.Run(t.Context())
			if !errors.Is(err, c.want) {
				t.Fatalf("%+v, %v, want %v", r, err, c.want)
			}
			s.holds("d00", "d01", "d02", "d03", "d04")
			d, _, _ := s.index.Get(t.Context(), search.EUKey("d00"))
			after, _ := s.index.Mark(t.Context(), markSince)
			if d.Title["en"] != "Set 0" || mark != after {
				t.Error("a pass that failed changed something")
			}
		})
	}
}

// TestRemovalsWait: much gone at once is believed the second time.
func TestRemovalsWait(t *testing.T) {
	s := newScene(t)
	s.centre.set(entries(30)...)
	s.run()
	day := func(n int) Report {
		s.centre.set(entries(n)...)
		s.now = s.now.Add(completeEvery)
		return s.run()
	}
	if r := day(15); r.Withheld != 15 || r.Removed != 0 {
		t.Errorf("%+v", r)
	}
	if r := day(30); r.Withheld != 0 || r.Removed != 0 {
		t.Errorf("back again: %+v", r)
	}
	if r := day(15); r.Withheld != 15 || r.Removed != 0 {
		t.Errorf("gone again: %+v", r)
	}
	if r := day(15); r.Removed != 15 {
		t.Errorf("still gone: %+v", r)
	}
	if r := day(12); r.Removed != 3 {
		t.Errorf("a few more: %+v", r)
	}
}

// TestOthersWait: what waits is remembered, not only that something does.
func TestOthersWait(t *testing.T) {
	s := newScene(t)
	all := entries(40)
	s.centre.set(all...)
	s.run()
	day := func(gone ...entry) Report {
		s.centre.set(slices.DeleteFunc(slices.Clone(all), func(e entry) bool { return slices.Contains(gone, e) })...)
		s.now = s.now.Add(completeEvery)
		return s.run()
	}
	if r := day(all[:15]...); r.Withheld != 15 || r.Removed != 0 {
		t.Errorf("%+v", r)
	}
	if r := day(all[10:28]...); r.Withheld != 13 || r.Removed != 5 {
		t.Errorf("others: %+v", r)
	}
	if r := day(all[10:28]...); r.Withheld != 0 || r.Removed != 13 {
		t.Errorf("the same others: %+v", r)
	}
}

func TestUnfitIsLeftOut(t *testing.T) {
	s := newScene(t)
	list := entries(3)
	s.centre.set(list...)
	s.centre.misbehave(func(w http.ResponseWriter, _ *http.Request, text string) bool {
		w.Header().Set("Content-Type", "text/turtle; charset=utf-8")
		_, _ = io.WriteString(w, strings.ReplaceAll(text, `dct:identifier "d00" ;`, ""))
		return true
	})
	if r := s.run(); r.Unfit != 1 || r.Put != 2 {
		t.Errorf("%+v", r)
	}
	s.holds("d01", "d02")
}

// TestEveryForm: the pages may be in any form that is read.
func TestEveryForm(t *testing.T) {
	for _, f := range []rdf.Format{rdf.NQuads, rdf.JSONLD} {
		t.Run(string(f), func(t *testing.T) {
			s := newScene(t)
			s.centre.set(entries(5)...)
			s.centre.misbehave(func(w http.ResponseWriter, r *http.Request, text string) bool {
				g, err := rdf.ReadTurtle(r.Context(), strings.NewReader(text), rdf.ReadOptions{Base: "http://" + r.Host + "/catalogue"})
				if err != nil {
					t.Error(err)
				}
				w.Header().Set("Content-Type", f.MediaType())
				if f == rdf.JSONLD {
					err = rdf.WriteJSONLD(w, g.Quads(), rdf.Prefixes())
				} else {
					err = rdf.WriteNQuads(w, g.Quads())
				}
				if err != nil {
					t.Error(err)
				}
				return true
			})
			if r := s.run(); r.Pages != 3 || r.Put != 5 {
				t.Errorf("%+v", r)
			}
			s.holds("d00", "d01", "d02", "d03", "d04")
		})
	}
}

// TestRoom: without room nothing is fetched and nothing is put.
func TestRoom(t *testing.T) {
	for name, after := range map[string]int{"at first": 0, "in the middle": 2, "before the index": 3} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.centre.set(entries(5)...)
			left := after
			s.mirror.Room = func() error {
				if left--; left < 0 {
					return io.ErrShortWrite
				}
				return nil
			}
			if r, err := s.mirror.Run(t.Context()); !errors.Is(err, ErrRoom) || !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%+v, %v", r, err)
			}
			s.holds()
			s.mirror.Room = nil
			s.run()
			s.holds("d00", "d01", "d02", "d03", "d04")
		})
	}
}

func TestStops(t *testing.T) {
	s := newScene(t)
	s.centre.set(entries(3)...)
	ctx, cancel := context.WithCancel(t.Context())
	s.centre.misbehave(func(http.ResponseWriter, *http.Request, string) bool { cancel(); return false })
	if _, err := s.mirror.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	s.holds()
}
