package publish

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// stand is rows as "identifier STATE".
func stand(rows []Row) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Identifier+" "+string(r.State))
	}
	return strings.Join(out, ", ")
}

// Every state is told, in pages, alone or by name.
func TestStatus(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1", "d=1")
	b.pass(Options{}, "+a +b +c +d")
	b.other.set(t, "a=other")
	if _, err := b.Run(t.Context(), "two", Options{}); err != nil {
		t.Fatal(err)
	}
	b.answer("a", ehds.Validated, "EU-a")
	b.answer("b", ehds.NotValidated, "")
	ask := func(q Query, want string) Page {
		t.Helper()
		page, err := b.Status(t.Context(), q)
		if err != nil || stand(page.Rows) != want {
			t.Errorf("%+v: %s, want %s; %v", q, stand(page.Rows), want, err)
		}
		return page
	}
	page := ask(Query{Limit: 10}, "a VALIDATED, b REJECTED, c PENDING, d PENDING, two/a PENDING")
	if diff := cmp.Diff(map[catalogue.PublicationState]int{"VALIDATED": 1, "REJECTED": 1, "PENDING": 3}, page.Totals); diff != "" || page.Next != "" ||
		len(page.Passes) != 2 || page.Passes["one"].Read != 4 {
		t.Errorf("%+v %s", page, diff)
	}
	if r := page.Rows[4]; r.Origin != "a" || r.Source != "two" || r.IRI == "" || r.Title != "other" || r.Release != "r8" {
		t.Errorf("row %+v", r)
	}
	page = ask(Query{Limit: 2}, "a VALIDATED, b REJECTED")
	if page.Totals["PENDING"] != 3 {
		t.Errorf("totals of a first page: %v", page.Totals)
	}
	page = ask(Query{Limit: 2, After: page.Next}, "c PENDING, d PENDING")
	page = ask(Query{Limit: 2, After: page.Next}, "two/a PENDING")
	if page.Next != "" || page.Totals != nil {
		t.Errorf("last page %+v", page)
	}
	ask(Query{Limit: 3, State: catalogue.Rejected}, "b REJECTED")
	ask(Query{Limit: 3, Source: "two"}, "two/a PENDING")
	ask(Query{Limit: 2, State: catalogue.Pending}, "c PENDING, d PENDING")
	for name, want := range map[string]string{
		"a": "a", "two/a": "two/a", "ds:FR:b": "b", "https://catalogue.example.org/c": "c",
		"https://catalogue.example.org/a": "", "nobody": "", "": "",
	} {
		r, err := b.Find(t.Context(), name)
		if r.Identifier != want || errors.Is(err, ErrNoDataset) != (want == "") {
			t.Errorf("%q: %s, %v", name, r.Identifier, err)
		}
	}
	b.now = b.now.Add(DefaultStaleAfter + time.Hour)
	page = ask(Query{Limit: 10, State: catalogue.Stale}, "a STALE")
	if w := page.Rows[0].Behind; w == nil || w.Why != catalogue.BehindUnread || page.Totals[catalogue.Stale] != 1 {
		t.Errorf("unread: %+v", w)
	}
	b.pass(Options{}, "") // read, and nothing to tell
	ask(Query{Limit: 10, State: catalogue.Stale}, "")
	b.Sources[0].Release = "r9"
	if r, err := b.Find(t.Context(), "a"); err != nil || r.State != catalogue.Stale || r.Behind.Why != catalogue.BehindRelease {
		t.Errorf("another release: %+v, %v", r, err)
	}
	b.Publisher.Record = noReading{b.record}
	if _, err := b.Status(t.Context(), Query{Limit: 1}); err == nil {
		t.Error("an unreadable record has a status")
	}
}

// A check is due a year after the last one or the last change; confirming it begins another.
func TestReviews(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1")
	b.pass(Options{}, "+a +b +c")
	b.now = b.now.AddDate(0, 1, 0)
	b.src.set(t, "a=1", "b=2", "c=1")
	b.pass(Options{}, "~b")
	at := func(when string, due, soon int, rows string) Reviews {
		t.Helper()
		now, err := time.Parse(time.DateOnly, when)
		if err != nil {
			t.Fatal(err)
		}
		b.now = now
		r, err := b.Reviews(t.Context(), 10)
		var ids []string
		for _, row := range r.Rows {
			ids = append(ids, row.Identifier+" "+string(row.Review.When))
		}
		if err != nil || r.Due != due || r.Soon != soon || strings.Join(ids, ", ") != rows {
			t.Errorf("%s: %d due, %d soon, %v; %v", when, r.Due, r.Soon, ids, err)
		}
		return r
	}
	at("2028-01-15", 0, 0, "")
	r := at("2028-02-15", 0, 2, "a soon, c soon")
	if row := r.Rows[0].Review; row.By != "source one" || row.LastDay != "2028-03-01" || row.Due.Format(time.DateOnly) != "2028-03-02" {
		t.Errorf("review %+v", row)
	}
	at("2028-03-02", 2, 0, "a due, c due")
	at("2028-03-20", 2, 1, "a due, c due, b soon")
	row, err := b.Confirm(t.Context(), "a", "Ada")
	if err != nil || row.Review.By != "Ada" || row.Review.When != "" || row.State != catalogue.Pending {
		t.Errorf("confirmed %+v, %v", row, err)
	}
	at("2028-03-20", 1, 1, "c due, b soon")
	if r, err := b.Reviews(t.Context(), 1); err != nil || len(r.Rows) != 1 || r.Due+r.Soon != 2 || r.Rows[0].Identifier != "c" {
		t.Errorf("one row: %+v, %v", r, err)
	}
	if _, err := b.Confirm(t.Context(), "nobody", "Ada"); !errors.Is(err, ErrNoDataset) {
		t.Errorf("of nobody: %v", err)
	}
	b.src.set(t, "a=1", "b=2")
	b.pass(Options{}, "-c")
	at("2028-03-20", 0, 1, "b soon") // what leaves is checked by nobody
	if rows, _ := b.sent(); len(rows) != 5 {
		t.Errorf("%d messages: a check tells the centre nothing", len(rows))
	}
}

// Who did what and when, with the statements each version brought and took.
func TestHistory(t *testing.T) {
	b := newBench(t)
	set := func(body string) {
		b.src.pages = [][]connectors.CatalogueItem{{document(t, "a.ttl", `ex:a a dcat:Dataset ; dct:identifier "a" ; dct:accessRights ar:NON_PUBLIC ; `+body+` .`)}}
	}
	set(`dct:title "one"@en`)
	b.pass(Options{}, "+a")
	b.now = b.now.Add(time.Hour)
	b.answer("a", ehds.Validated, "EU-a")
	set(`dct:title "two"@en ; dct:relation [ dct:title "x" ]`)
	b.now = b.now.Add(time.Hour)
	b.pass(Options{By: "Ada"}, "~a")
	h, err := b.History(t.Context(), "a")
	if err != nil || h.State != catalogue.Pending {
		t.Fatalf("%+v, %v", h, err)
	}
	var got []string
	for _, s := range h.Steps {
		line := fmt.Sprintf("%s %s by %s", s.At.Format("15:04"), s.What, s.By)
		if s.Diff != nil {
			line += fmt.Sprintf(" +%d -%d", len(s.Diff.Added), len(s.Diff.Removed))
		}
		got = append(got, line)
	}
	want := []string{"12:00 queued by source one +4 -0", "13:00 VALIDATED by centre", "14:00 queued by Ada +3 -1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	last := h.Steps[2].Diff
	if !strings.Contains(last.Removed[0], `"one"@en .`) || !strings.Contains(strings.Join(last.Added, "\n"), `_:c14n0 <http://purl.org/dc/terms/title> "x" .`) {
		t.Errorf("changed %+v", last)
	}
	b.now = b.now.Add(time.Hour)
	b.src.set(t)
	b.pass(Options{Force: true}, "-a")
	if h, err = b.History(t.Context(), "a"); err != nil || len(h.Steps) != 4 || h.Steps[3].What != "delete queued" || h.Steps[3].Diff != nil {
		t.Errorf("after it left: %+v, %v", h.Steps, err)
	}
	if _, err := b.History(t.Context(), "nobody"); !errors.Is(err, ErrNoDataset) {
		t.Errorf("of nobody: %v", err)
	}
}

// What is no longer kept is said to be so; what is too much is counted.
func TestHistoryIsBounded(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	version := func(n int, content string) store.Description {
		return store.Description{Version: int64(n), At: at(n), Digest: content, Content: []byte(content)}
	}
	var long strings.Builder
	for n := range MaxDiff + 3 {
		fmt.Fprintf(&long, "line %04d\n", n)
	}
	queued := func(n int, digest string) catalogue.PublicationStep {
		return catalogue.PublicationStep{At: at(n), What: catalogue.StepQueued, Digest: digest}
	}
	got := steps(
		[]catalogue.PublicationStep{queued(1, "gone"), queued(2, "b\n"), queued(3, "a\nb\n"), {At: at(3), What: "VALIDATED", Digest: "a\nb\n"}, queued(4, long.String()), queued(5, "other")},
		[]store.Description{version(2, "b\n"), version(3, "a\nb\n"), version(4, long.String()), version(5, "x\n")},
	)
	want := []*Diff{{Unknown: true}, {Unknown: true}, {Added: []string{"a"}}, nil, {Removed: []string{"a", "b"}, LeftOut: 3}, {Unknown: true}}
	for n, s := range got {
		if n == 4 {
			if len(s.Diff.Added) != MaxDiff || s.Diff.Added[0] != "line 0000" {
				t.Errorf("%d added", len(s.Diff.Added))
			}
			s.Diff.Added = nil
		}
		if diff := cmp.Diff(want[n], s.Diff); diff != "" {
			t.Errorf("step %d: %s", n, diff)
		}
	}
}
