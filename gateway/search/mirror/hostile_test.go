package mirror

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// apart answers with a TriG page in which each entry is a graph of its own, with what its nation adds.
func apart(outside string, adds map[string]string, list ...entry) func(http.ResponseWriter, *http.Request, string) bool {
	return func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		text := prefixes + outside
		for _, e := range list {
			text += fmt.Sprintf("ex:r-%s {\n%s%s}\n", e.id, e.turtle(), adds[e.id])
		}
		w.Header().Set("Content-Type", "application/trig")
		_, _ = io.WriteString(w, text)
		return true
	}
}

// TestNationsSteerNothing: a nation's own description changes nothing but itself.
func TestNationsSteerNothing(t *testing.T) {
	s := newScene(t)
	list := entries(3)
	list[1].country = "DEU"
	evil := `ex:x hydra:next <https://other.example/> ; hydra:totalItems 900 .
ex:nation-FRA dct:spatial <http://publications.europa.eu/resource/authority/country/FIN> .
ex:fake a dcat:CatalogRecord ; foaf:primaryTopic ex:d01, ex:d02 ; dct:modified "2099-01-01T00:00:00Z"^^xsd:dateTime .
`
	s.centre.misbehave(apart("<> hydra:totalItems 3 .\n", map[string]string{"d01": evil}, list...))
	if r := s.run(); r.Put != 3 || r.Skipped != 0 {
		t.Errorf("%+v", r)
	}
	for id, want := range map[string]string{"d00": "FR", "d01": "DE", "d02": "FR"} {
		if d, _, err := s.index.Get(t.Context(), search.EUKey(id)); err != nil || d.Country != want {
			t.Errorf("%s is of %q, want %q", id, d.Country, want)
		}
	}
	if since, _ := s.index.Mark(t.Context(), markSince); since != "2026-05-01T08:02:00Z" {
		t.Errorf("read up to %s", since)
	}
}

// TestContradictions: a catalogue that is said to be of two countries is of none.
func TestContradictions(t *testing.T) {
	s := newScene(t)
	e := entry{"d", "D", "DEU", began}
	s.centre.misbehave(apart("", map[string]string{"d": `ex:nation-DEU dct:spatial <http://publications.europa.eu/resource/authority/country/FRA> .
ex:d dct:spatial <http://publications.europa.eu/resource/authority/country/FIN> .`}, e))
	if r := s.run(); r.Put != 1 || r.Skipped != 0 {
		t.Errorf("%+v", r)
	}
	if d, _, _ := s.index.Get(t.Context(), search.EUKey("d")); d.Country != "" {
		t.Errorf("of %s", d.Country)
	}
}

// TestOutsideOfGraphs: a page may describe some datasets apart and others not.
func TestOutsideOfGraphs(t *testing.T) {
	s := newScene(t)
	list := entries(3)
	s.centre.misbehave(apart(list[2].turtle(), nil, list[:2]...))
	s.run()
	s.holds("d00", "d01", "d02")
}

func TestTooManyGraphs(t *testing.T) {
	s := newScene(t)
	s.centre.misbehave(func(w http.ResponseWriter, _ *http.Request, _ string) bool {
		w.Header().Set("Content-Type", "application/n-quads")
		for i := range maxParts + 1 {
			_, _ = fmt.Fprintf(w, "<x:a> <x:b> <x:c> <x:g%d> .\n", i)
		}
		return true
	})
	if _, err := s.mirror.Run(t.Context()); !errors.Is(err, ErrPage) {
		t.Error(err)
	}
}

// TestChangesDuringAPass: a page that was read may change before a later one is.
func TestChangesDuringAPass(t *testing.T) {
	s := newScene(t)
	list := entries(4)
	s.centre.set(list...)
	s.centre.misbehave(func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		if r.URL.Query().Get("page") == "" {
			s.now = s.now.Add(10 * time.Minute)
			list[0].title, list[0].changed = "Changed", began.Add(7*time.Minute)
			list[3].changed = began.Add(8 * time.Minute) // comes with the second page
		}
		return false
	})
	s.run()
	s.centre.set(list...)
	if r := s.run(); r.Put != 1 {
		t.Errorf("%+v", r)
	}
	if d, _, _ := s.index.Get(t.Context(), search.EUKey("d00")); d.Title["en"] != "Changed" {
		t.Errorf("missed: %q", d.Title["en"])
	}
}

// forgetful is an index that is made anew when something is put into it.
type forgetful struct {
	*search.Index
	t testing.TB
}

func (f *forgetful) Apply(ctx context.Context, b search.Batch) error {
	if err := f.Index.Apply(ctx, b); err != nil || len(b.Put) == 0 {
		return err
	}
	x, _, err := search.Open(ctx, search.Options{Dir: filepath.Join(f.t.TempDir(), "anew"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	f.t.Cleanup(func() { _ = x.Close() })
	f.Index = x
	return nil
}

// TestForgottenDuringAPass: what a pass found unchanged may be gone when it ends.
func TestForgottenDuringAPass(t *testing.T) {
	s := newScene(t)
	list := entries(5)
	s.centre.set(list...)
	s.run()
	list[0].title = "Changed"
	s.centre.set(list...)
	s.now = s.now.Add(completeEvery)
	f := &forgetful{s.index, t}
	s.mirror.Index = f
	if r, err := s.mirror.Run(t.Context()); !errors.Is(err, ErrForgotten) {
		t.Errorf("%+v, %v", r, err)
	}
	s.index, s.mirror.Index = f.Index, f.Index
	if r := s.run(); !r.Complete || r.Read != 5 {
		t.Errorf("%+v", r)
	}
	s.holds("d00", "d01", "d02", "d03", "d04")
}

// TestBatchesAreBounded by what is in them.
func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const each, n = 4 << 20, 10
	s := newSpool(file)
	for i := range n {
		if err := s.put(search.Document{Key: fmt.Sprint(i), Content: []byte(strings.Repeat("x", each))}); err != nil {
			t.Fatal(err)
		}
	}
	read := 0
	err = s.each(func(batch []search.Document) error {
		read += len(batch)
		if len(batch)*each > batchBytes+each {
			t.Errorf("%d bytes at once", len(batch)*each)
		}
		return nil
	})
	if err != nil || read != n {
		t.Errorf("%d read, %v", read, err)
	}
}
