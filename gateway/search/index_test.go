package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/google/go-cmp/cmp"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shelf are a few descriptions in several languages.
func shelf() []Document {
	return []Document{
		{
			Key: "own:ds:FI:1", Origin: Own, Country: "FI", Identifier: "1", IRI: "https://fi.example/1", Access: "PUBLIC", Version: "v1", Modified: at,
			Title:      map[string]string{"fi": "Syöpärekisteri", "en": "Cancer registry"},
			Keywords:   map[string][]string{"en": {"oncology"}},
			Categories: []string{"REGI"}, Themes: []string{"HEAL"}, Publisher: "Institute of Health",
		},
		{
			Key: "eu:a", Origin: EU, Country: "FR", Identifier: "fr-7", CentralID: "a", Access: "RESTRICTED", Version: "v1", Modified: at.Add(time.Hour),
			Title:       map[string]string{"fr": "Données de séjours à l'hôpital"},
			Description: map[string]string{"fr": "Les séjours des patients atteints de cancers."},
			Categories:  []string{"EHRS", "CLAI"}, Themes: []string{"HEAL"}, Content: []byte("<a:b> <c:d> \"e\" .\n"),
		},
		{
			Key: "eu:b", Origin: EU, Country: "DE", Identifier: "de-1", CentralID: "b", Access: "NON_PUBLIC", Version: "v1", Modified: at,
			Title:    map[string]string{"de": "Krankenhausaufenthalte"},
			Keywords: map[string][]string{"de": {"Krebs"}, "en": {"cancer", "ICD-10"}}, Categories: []string{"EHRS"},
		},
		{
			Key: "eu:c", Origin: EU, Country: "DE", Identifier: "de-2", CentralID: "c", Access: "NON_PUBLIC", Version: "v1", Modified: at,
			Title: map[string]string{"und": "Straßenunfälle"}, Description: map[string]string{"en": "Accidents on roads; no cancer."}, Categories: []string{"SDOH"},
		},
	}
}

func options(dir string) Options { return Options{Dir: dir, Logger: slog.New(slog.DiscardHandler)} }

// opened is an index in a directory of its own, holding documents.
func opened(t testing.TB, documents ...Document) *Index {
	t.Helper()
	x, _, err := Open(t.Context(), options(filepath.Join(t.TempDir(), "search")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := x.Apply(t.Context(), Batch{Put: documents}); err != nil {
		t.Fatal(err)
	}
	return x
}

func keys(r Result) []string {
	out := []string{}
	for _, d := range r.Hits {
		out = append(out, d.Key)
	}
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	x := opened(t, append(shelf(), Document{
		Key: "eu:d", Origin: EU, Country: "PL", Version: "v1", Title: map[string]string{"pl": "Pobyty szpitalne", "et": "Haiglaravi"},
	})...)
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"everything, the last changed first", Query{}, []string{"eu:a", "eu:b", "eu:c", "own:ds:FI:1", "eu:d"}},
		{"title before keyword before description", Query{Text: "cancer"}, []string{"own:ds:FI:1", "eu:b", "eu:c", "eu:a"}},
		{"the plural", Query{Text: "Cancers"}, []string{"own:ds:FI:1", "eu:a", "eu:b", "eu:c"}},
		{"inflected Finnish", Query{Text: "syöpärekisterin"}, []string{"own:ds:FI:1"}},
		{"French, singular", Query{Text: "donnée"}, []string{"eu:a"}},
		{"without accents", Query{Text: "hopital sejour"}, []string{"eu:a"}},
		{"decomposed letters", Query{Text: "ho\u0302pital"}, []string{"eu:a"}},
		{"sharp s", Query{Text: "STRASSENUNFÄLLE"}, []string{"eu:c"}},
		{"German, inflected", Query{Text: "krankenhausaufenthalten"}, []string{"eu:b"}},
		{"inflected Polish, without a stemmer", Query{Text: "szpitalnych"}, []string{"eu:d"}},
		{"inflected Estonian", Query{Text: "haiglaravile"}, []string{"eu:d"}},
		{"a head is no word", Query{Text: "szpita"}, []string{}},
		{"each word", Query{Text: "cancer registry"}, []string{"own:ds:FI:1"}},
		{"words of several languages", Query{Text: "cancers hôpital"}, []string{"eu:a"}},
		{"a word without meaning", Query{Text: "the registry of cancer"}, []string{"own:ds:FI:1"}},
		{"a French one, to a French reader", Query{Text: "séjours avec patients", Languages: []string{"fr-BE"}}, []string{"eu:a"}},
		{"a French one, to a German reader", Query{Text: "séjours avec patients", Languages: []string{"de"}}, []string{}},
		{"nothing but a word without meaning", Query{Text: "of"}, []string{"own:ds:FI:1"}},
		{"a code with a hyphen", Query{Text: "ICD-10"}, []string{"eu:b"}},
		{"an identifier", Query{Text: "fr-7"}, []string{"eu:a"}},
		{"the publisher", Query{Text: "institute"}, []string{"own:ds:FI:1"}},
		{"a pattern is no pattern", Query{Text: "canc*"}, []string{}},
		{"nor an expression", Query{Text: "/can.*cer/"}, []string{}},
		{"operators are words", Query{Text: "+cancer -title:registry"}, []string{}},
		{"separators alone", Query{Text: "--- *** ..."}, []string{"eu:a", "eu:b", "eu:c", "own:ds:FI:1", "eu:d"}},
		{"one country", Query{Filter: map[Facet][]string{ByCountry: {"DE"}}}, []string{"eu:b", "eu:c"}},
		{"two countries", Query{Text: "cancer", Filter: map[Facet][]string{ByCountry: {"FI", "FR"}}}, []string{"own:ds:FI:1", "eu:a"}},
		{"two facets", Query{Filter: map[Facet][]string{ByCountry: {"DE"}, ByCategory: {"EHRS"}}}, []string{"eu:b"}},
		{"an empty filter", Query{Text: "registry", Filter: map[Facet][]string{ByTheme: nil}}, []string{"own:ds:FI:1"}},
		{"a value nobody has", Query{Filter: map[Facet][]string{ByTheme: {"X"}}}, []string{}},
		{"own", Query{Filter: map[Facet][]string{ByOrigin: {"own"}}}, []string{"own:ds:FI:1"}},
		{"a page", Query{Offset: 1, Limit: 2}, []string{"eu:b", "eu:c"}},
		{"past the end", Query{Offset: 50}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := x.Search(t.Context(), c.q)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, keys(got)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	x := opened(t, shelf()...)
	got, err := x.Search(t.Context(), Query{Text: "cancer", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := map[Facet][]Count{
		ByCountry: {{"DE", 2}, {"FI", 1}, {"FR", 1}}, ByCategory: {{"EHRS", 2}, {"CLAI", 1}, {"REGI", 1}, {"SDOH", 1}},
		ByTheme: {{"HEAL", 2}}, ByAccess: {{"NON_PUBLIC", 2}, {"PUBLIC", 1}, {"RESTRICTED", 1}}, ByOrigin: {{"eu", 3}, {"own", 1}},
	}
	if diff := cmp.Diff(want, got.Count); diff != "" || got.Total != 4 || len(got.Hits) != 1 {
		t.Errorf("total %d, %d hits, facets (-want +got):\n%s", got.Total, len(got.Hits), diff)
	}
	whole := shelf()[0]
	if diff := cmp.Diff(whole, got.Hits[0]); diff != "" {
		t.Errorf("the document (-want +got):\n%s", diff)
	}
}

// Documents that nothing tells apart come in the order of their keys, whatever the order they came in
// and in how many batches, and pages neither repeat nor leave out.
func TestOrderIsTheSame(t *testing.T) {
	t.Parallel()
	var documents []Document
	for i := range 250 {
		documents = append(documents, Document{
			Key: fmt.Sprintf("eu:%03d", i), Origin: EU, Title: map[string]string{"en": "Hospital stays"}, Modified: at, Version: "1",
		})
	}
	var want []string
	for _, size := range []int{250, 7} {
		x := opened(t)
		list := slices.Clone(documents)
		if size == 7 {
			slices.Reverse(list)
		}
		for part := range slices.Chunk(list, size) {
			if err := x.Apply(t.Context(), Batch{Put: part}); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range []string{"stays", ""} {
			var got []string
			for offset := 0; offset < 250; offset += 40 {
				r, err := x.Search(t.Context(), Query{Text: text, Offset: offset, Limit: 40})
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, keys(r)...)
			}
			if want == nil {
				want = got
			}
			if !slices.IsSorted(got) || len(got) != 250 || !slices.Equal(got, want) {
				t.Errorf("batches of %d, %q: %d hits in another order", size, text, len(got))
			}
		}
	}
}

func TestKeeps(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "search")
	x, opening, err := Open(t.Context(), options(dir))
	if err != nil || !opening.New || opening.Why != nil {
		t.Fatalf("%+v, %v", opening, err)
	}
	if err := x.Apply(t.Context(), Batch{Put: shelf(), Marks: map[string]string{"eu": "2026", "gone": "x"}}); err != nil {
		t.Fatal(err)
	}
	changed := shelf()[1]
	changed.Title, changed.Version = map[string]string{"fr": "Urgences"}, "v2"
	if err := x.Apply(t.Context(), Batch{Put: []Document{changed}, Delete: []string{"eu:b", "eu:none"}, Marks: map[string]string{"gone": ""}}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(t.Context(), Query{}); !errors.Is(err, ErrClosed) {
		t.Errorf("searching what is closed: %v", err)
	}
	x, opening, err = Open(t.Context(), options(dir))
	if err != nil || opening.New {
		t.Fatalf("opened again: %+v, %v", opening, err)
	}
	defer x.Close()
	got, err := x.Versions(t.Context(), EU)
	if diff := cmp.Diff(map[string]string{"eu:a": "v2", "eu:c": "v1"}, got); diff != "" || err != nil {
		t.Errorf("versions %v (-want +got):\n%s", err, diff)
	}
	for name, want := range map[string]string{"eu": "2026", "gone": "", "never": ""} {
		if got, err := x.Mark(t.Context(), name); got != want || err != nil {
			t.Errorf("mark %s: %q, %v, want %q", name, got, err, want)
		}
	}
	d, ok, err := x.Get(t.Context(), "eu:a")
	if diff := cmp.Diff(changed, d); diff != "" || !ok || err != nil {
		t.Errorf("%t, %v (-want +got):\n%s", ok, err, diff)
	}
	if _, ok, err := x.Get(t.Context(), "eu:b"); ok || err != nil {
		t.Errorf("what was deleted: %t, %v", ok, err)
	}
	if r, err := x.Search(t.Context(), Query{Text: "hôpital"}); err != nil || r.Total != 0 {
		t.Errorf("what was changed is found by what it was: %+v, %v", r, err)
	}
	if n, err := x.Count(); n != 3 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}

// TestReadsWhileWriting: what is applied together is seen together, by readers of any moment.
func TestReadsWhileWriting(t *testing.T) {
	t.Parallel()
	x := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for ctx.Err() == nil {
				r, err := x.Search(t.Context(), Query{Text: "stays"})
				if err != nil || r.Total%5 != 0 {
					t.Errorf("%d found, %v", r.Total, err)
					return
				}
			}
		})
	}
	for i := range 20 {
		var b Batch
		for j := range 5 {
			b.Put = append(b.Put, Document{Key: fmt.Sprintf("eu:%d-%d", i%10, j), Origin: EU, Title: map[string]string{"en": "Stays"}, Version: fmt.Sprint(i)})
		}
		if err := x.Apply(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	readers.Wait()
	if r, err := x.Search(t.Context(), Query{Text: "stays"}); err != nil || r.Total != 50 {
		t.Errorf("%d found, %v", r.Total, err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	many := make([]string, MaxValues+1)
	for _, c := range []struct {
		name string
		q    Query
		want string
	}{
		{"longest", Query{Text: strings.Repeat("a", MaxText), Limit: MaxPage, Offset: MaxDepth - MaxPage}, ""},
		{"too long", Query{Text: strings.Repeat("a", MaxText+1)}, "more than 512 bytes"},
		{"too many words", Query{Text: strings.Repeat("ab ", MaxWords+1)}, "more than 16 words"},
		{"not UTF-8", Query{Text: "a\xff"}, "not UTF-8"},
		{"page too large", Query{Limit: MaxPage + 1}, "1 to 100 hits"},
		{"page negative", Query{Limit: -1}, "1 to 100 hits"},
		{"too deep", Query{Offset: MaxDepth}, "only the first 10000"},
		{"before the start", Query{Offset: -1}, "only the first 10000"},
		{"unknown facet", Query{Filter: map[Facet][]string{"_id": {"x"}}}, `no facet "_id"`},
		{"too many values", Query{Filter: map[Facet][]string{ByTheme: many}}, "more than 16 values"},
		{"a long value", Query{Filter: map[Facet][]string{ByTheme: {strings.Repeat("a", MaxValue+1)}}}, "too long"},
	} {
		err := c.q.Check()
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrQuery) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	x := opened(f, shelf()...)
	for _, s := range []string{"", "cancer", "the of", "a* OR b~2 ^9", `"quoted`, "/re(/", "field:value", "\u0301\u0301", strings.Repeat("ä", 200), "1 2 3", "x\x00y", "ﷺ ŉ ǰ ﬃ", "\u200d\u00ad"} {
		f.Add(s, "fi", 0, 0)
	}
	f.Fuzz(func(t *testing.T, text, value string, offset, limit int) {
		q := Query{Text: text, Filter: map[Facet][]string{ByCountry: {value}}, Languages: []string{value}, Offset: offset, Limit: limit}
		checked := q.Check()
		r, err := x.Search(t.Context(), q)
		if !errors.Is(err, checked) && (err == nil) != (checked == nil) {
			t.Fatalf("%q: %v, checked %v", text, err, checked)
		}
		if len(r.Hits) > MaxPage || r.Total > len(shelf()) {
			t.Fatalf("%d hits of %d", len(r.Hits), r.Total)
		}
		// What matches a text matches each of its words.
		q.Filter, q.Offset, q.Limit, q.Languages = nil, 0, 0, nil
		whole, err := x.Search(t.Context(), q)
		if err != nil {
			return
		}
		for _, w := range split(text) {
			one, err := x.Search(t.Context(), Query{Text: w})
			if err == nil && !x.words.empty(w, []string{"en"}) && one.Total < whole.Total {
				t.Fatalf("%q finds %d, its word %q %d", text, whole.Total, w, one.Total)
			}
		}
	})
}

// files lists an index's files by name.
func files(t *testing.T, dir, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "store", pattern))
	if err != nil || len(list) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return list
}

// TestDamage: whatever happens to the files, opening neither fails nor ends the process, and what is
// not as it was written is never read.
func TestDamage(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, path string, change func([]byte) []byte) {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, change(raw), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, harm := range map[string]func(t *testing.T, dir string){
		"a segment cut short": func(t *testing.T, dir string) {
			write(t, files(t, dir, "*.zap")[0], func(b []byte) []byte { return b[:len(b)/2] })
		},
		"a segment emptied": func(t *testing.T, dir string) {
			write(t, files(t, dir, "*.zap")[0], func([]byte) []byte { return nil })
		},
		"a bit of a segment": func(t *testing.T, dir string) {
			write(t, files(t, dir, "*.zap")[0], func(b []byte) []byte { b[len(b)/3] ^= 4; return b })
		},
		"a segment gone": func(t *testing.T, dir string) { _ = os.Remove(files(t, dir, "*.zap")[0]) },
		"the root gone":  func(t *testing.T, dir string) { _ = os.Remove(files(t, dir, rootFile)[0]) },
		"the root emptied": func(t *testing.T, dir string) {
			write(t, files(t, dir, rootFile)[0], func([]byte) []byte { return nil })
		},
		"the root cut short": func(t *testing.T, dir string) {
			write(t, files(t, dir, rootFile)[0], func(b []byte) []byte { return b[:9000] })
		},
		"the root overwritten": func(t *testing.T, dir string) {
			write(t, files(t, dir, rootFile)[0], func(b []byte) []byte {
				for i := 8192; i < len(b); i++ {
					b[i] = 0xff
				}
				return b
			})
		},
		"the description gone": func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "index_meta.json")) },
		"no directory": func(t *testing.T, dir string) {
			if err := errors.Join(os.RemoveAll(dir), os.WriteFile(dir, []byte("x"), 0o600)); err != nil {
				t.Fatal(err)
			}
		},
		"another version": func(t *testing.T, dir string) {
			x, _, err := Open(t.Context(), options(dir))
			if err == nil {
				err = errors.Join(x.index.SetInternal(versionKey, []byte("0")), x.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "search")
			x, _, err := Open(t.Context(), options(dir))
			if err == nil {
				err = errors.Join(x.Apply(t.Context(), Batch{Put: shelf(), Marks: map[string]string{"eu": "1"}}), x.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			harm(t, dir)
			x, opening, err := Open(t.Context(), options(dir))
			if err != nil || !opening.New || opening.Why == nil {
				t.Fatalf("opened %+v, %v: want a new one, with the reason", opening, err)
			}
			defer x.Close()
			if n, err := x.Count(); n != 0 || err != nil {
				t.Errorf("%d documents in a new index, %v", n, err)
			}
			if mark, _ := x.Mark(t.Context(), "eu"); mark != "" {
				t.Error("a new index remembers how far a source was read")
			}
			if err := x.Apply(t.Context(), Batch{Put: shelf()}); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCutOff: the files as they are after Apply has returned are enough, as after a kill.
func TestCutOff(t *testing.T) {
	t.Parallel()
	dir, copied := filepath.Join(t.TempDir(), "search"), filepath.Join(t.TempDir(), "copy")
	x, _, err := Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if err := x.Apply(t.Context(), Batch{Put: shelf(), Marks: map[string]string{"eu": "1"}}); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	y, opening, err := Open(t.Context(), options(copied))
	if err != nil || opening.New {
		t.Fatalf("%+v, %v", opening, err)
	}
	defer y.Close()
	mark, err := y.Mark(t.Context(), "eu")
	if n, failed := y.Count(); n != len(shelf()) || mark != "1" || errors.Join(err, failed) != nil {
		t.Errorf("%d documents, mark %q, %v, %v", n, mark, err, failed)
	}
}

// TestReset: damage that shows while in use ends the use, and the index is made anew.
func TestReset(t *testing.T) {
	t.Parallel()
	x := opened(t, shelf()...)
	if done, err := x.Reset(); done || err != nil {
		t.Fatalf("a sound index was made anew: %t, %v", done, err)
	}
	told := 0
	x.o.Damaged = func() { told++ }
	for range 2 {
		if err := x.use(func(bleve.Index) error { panic("as if") }); !errors.Is(err, ErrDamaged) || told != 1 {
			t.Errorf("%v, told %d times", err, told)
		}
	}
	if _, err := x.Search(t.Context(), Query{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("searching what is damaged: %v", err)
	}
	if done, err := x.Reset(); !done || err != nil {
		t.Fatalf("%t, %v", done, err)
	}
	if n, err := x.Count(); n != 0 || err != nil {
		t.Errorf("%d documents, %v", n, err)
	}
}
