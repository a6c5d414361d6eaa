package register

import (
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ids(p Page) string {
	var out []string
	for _, e := range p.Entries {
		out = append(out, e.ID)
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	r := New()
	r.Put("app:A1", []Entry{
		{ID: "a", Kind: KindApplication, Updated: day(1), Title: "Asthma and moving", Purposes: []string{"e"}, User: &User{Name: "University"}},
		{ID: "d", Kind: KindDecision, Updated: day(3), Reasons: "fine", Body: &Body{Entity: hdab, Name: map[string]string{"fr": "Organisme"}}, Datasets: []Dataset{{ID: "ds:1", Holder: "Hospital", Title: map[string]string{"fi": "Hoitojaksot"}}}},
	})
	r.Put("app:A2", []Entry{{ID: "b", Kind: KindApplication, Updated: day(2), Title: "Diabetes", Purposes: []string{"a"}}})
	for name, c := range map[string]struct {
		q    Query
		want string
	}{
		"all, newest first":   {Query{}, "d b a"},
		"a kind":              {Query{Kind: KindApplication}, "b a"},
		"words, all of them":  {Query{Text: "MOVING asthma"}, "a"},
		"a word of a dataset": {Query{Text: "hoito"}, "d"},
		"a word of a purpose": {Query{Text: "scientific"}, "a"},
		"a user":              {Query{Text: "university"}, "a"},
		"a body's name":       {Query{Text: "organisme"}, "d"},
		"a body":              {Query{Body: hdab}, "d"},
		"a dataset":           {Query{Dataset: "ds:1"}, "d"},
		"a purpose":           {Query{Purpose: "a"}, "b"},
		"nothing":             {Query{Text: "asthma diabetes"}, ""},
		"the second page":     {Query{Page: 2, PageSize: 2}, "a"},
		"beyond the last":     {Query{Page: 9, PageSize: 2}, ""},
	} {
		if got := ids(r.Find(c.q)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if p := r.Find(Query{PageSize: 2}); p.Total != 3 || p.Pages != 2 || p.Page != 1 {
		t.Errorf("page %+v", p)
	}
	r.Put("app:A1", []Entry{{ID: "a", Kind: KindApplication, Updated: day(9)}})
	if got := ids(r.Find(Query{})); got != "a b" {
		t.Errorf("after a change: %q", got)
	}
	r.Put("app:A2", nil)
	if _, ok := r.Entry("b"); ok || ids(r.Find(Query{})) != "a" || len(r.Of("app:A2")) != 0 {
		t.Error("what was taken out is still there")
	}
	if r.IsReady() {
		t.Error("ready before it was said to be")
	}
}

// Readers see a whole register while it changes.
func TestManyReaders(t *testing.T) {
	t.Parallel()
	r := New()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 50 {
				id := fmt.Sprint(i, "-", n%5)
				r.Put(id, []Entry{{ID: id, Updated: day(1 + n%20)}})
				if p := r.Find(Query{}); p.Total < 1 || len(p.Entries) != p.Total {
					t.Errorf("%d of %d", len(p.Entries), p.Total)
				}
			}
		})
	}
	wg.Wait()
	if p := r.Find(Query{}); p.Total != 20 {
		t.Errorf("%d entries", p.Total)
	}
}

// The feed is what RFC 4287 §4.1 asks for.
func TestFeed(t *testing.T) {
	t.Parallel()
	r := New()
	r.Put("app:A1", Project(source(t)))
	raw, err := Feed(FeedHead{Base: "https://ncp.example/register", Title: "Register & more", Self: "https://ncp.example/register/feed", Next: "https://ncp.example/register/feed?page=2"}, r.Find(Query{}))
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID        string `xml:"id"`
			Title     string `xml:"title"`
			Updated   string `xml:"updated"`
			Published string `xml:"published"`
			Summary   string `xml:"summary"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(raw, &f); err != nil {
		t.Fatal(err)
	}
	if f.ID == "" || f.Title != "Register & more" || f.Author == "" || f.Updated != "2027-03-15T00:00:00Z" || len(f.Links) != 3 || len(f.Entries) != 6 {
		t.Errorf("feed %+v", f)
	}
	seen := map[string]bool{}
	for _, e := range f.Entries {
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil || seen[e.ID] || !strings.HasPrefix(e.ID, "https://ncp.example/register/entries/") || e.Title == "" || e.Summary == "" {
			t.Errorf("entry %+v, %v", e, err)
		}
		seen[e.ID] = true
	}
	empty, err := Feed(FeedHead{Base: "https://ncp.example/register"}, Page{})
	if err != nil || !strings.Contains(string(empty), "<updated>2025-03-26T00:00:00Z</updated>") {
		t.Errorf("%s, %v", empty, err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		Headline(Entry{Kind: KindDecision, Outcome: "Negative", Title: "T"}):               "Refusal: T",
		Headline(Entry{Kind: KindDecision, Outcome: "Positive", Title: "T"}):               "Decision in favour: T",
		Headline(Entry{Kind: KindPermit, Permit: "DP", Application: "A"}):                  "Permit DP: A",
		Headline(Entry{Kind: KindApplication, Application: "A", Erased: true}):             "Application: A, erased",
		Headline(Entry{Kind: KindMeasure, Measure: "ADMIN_FINE", ID: "measure:x"}):         "Measure: administrative fine (Art. 64)",
		StatusName("POSITIVE_DECISION_ACCEPTED"):                                           "Positive decision accepted",
		StatusName(""):                                                                     "",
		UserName(&User{Natural: true}):                                                     "a natural person",
		UserName(nil):                                                                      "",
		PurposeName("zz"):                                                                  "zz",
		MeasureName("NEW"):                                                                 "NEW",
		english(map[string]string{"fr": "b", "de": "a"}):                                   "a",
		Summary(Entry{User: &User{Name: "U"}, Status: "GRANTED", Purposes: []string{"c"}}): "User: U. Purposes: statistics (Art. 53(1)(c)). Status: Granted",
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}
