package publish

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
)

const prefixes = `@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix ar: <http://publications.europa.eu/resource/authority/access-right/> .
@prefix ex: <https://catalogue.example.org/> .
`

// source is a catalogue whose pages tests write.
type source struct {
	pages [][]connectors.CatalogueItem
	next  []string // overrides the cursor after a page
	err   error    // of the page after the last
	asked int
}

func (*source) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Paged: true}
}

func (s *source) List(_ context.Context, _ time.Time, cursor string) (connectors.CataloguePage, error) {
	s.asked++
	i := 0
	if cursor != "" {
		if _, err := fmt.Sscanf(cursor, "p%d", &i); err != nil {
			return connectors.CataloguePage{}, err
		}
	}
	if i >= len(s.pages) {
		return connectors.CataloguePage{}, s.err
	}
	p := connectors.CataloguePage{Items: s.pages[i]}
	if i+1 < len(s.pages) || s.err != nil {
		p.Next = fmt.Sprintf("p%d", i+1)
	}
	if i < len(s.next) {
		p.Next = s.next[i]
	}
	return p, nil
}

// set makes one page of documents, each a dataset with an identifier and a title.
func (s *source) set(t testing.TB, datasets ...string) {
	t.Helper()
	s.pages = nil
	var items []connectors.CatalogueItem
	for _, d := range datasets {
		items = append(items, item(t, d))
	}
	s.pages = append(s.pages, items)
}

func item(t testing.TB, d string) connectors.CatalogueItem {
	t.Helper()
	id, title, _ := strings.Cut(d, "=")
	return document(t, id+title+".ttl", fmt.Sprintf("ex:%s a dcat:Dataset ; dct:identifier %q ; dct:title %q@en ; dct:accessRights ar:NON_PUBLIC .", id, id, title))
}

func document(t testing.TB, file, turtle string) connectors.CatalogueItem {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(prefixes+turtle), rdf.ReadOptions{File: file})
	if err != nil {
		return connectors.CatalogueItem{File: file, Err: err}
	}
	return connectors.CatalogueItem{File: file, Graph: g}
}

// bench is a publisher over a real record.
type bench struct {
	t      testing.TB
	dir    string // of the record
	now    time.Time
	src    *source
	other  *source
	record *store.Record
	*Publisher
	woken    int
	observed map[string]int
}

func newBench(t testing.TB) *bench {
	t.Helper()
	skey, _, err := note.GenerateKey(rand.Reader, "ncp.example/log")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: filepath.Join(t.TempDir(), "record"), now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC), src: &source{}, other: &source{}, observed: map[string]int{}}
	clock := func() time.Time { return b.now }
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	b.record, err = store.Open(t.Context(), store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: b.dir}), Origin: "ncp.example/log", LogSigner: signer,
		RecordKey: make([]byte, store.RecordKeySize), Clock: clock, Rand: rand.Reader, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.record.Close() })
	b.Publisher = &Publisher{
		Record: b.record, Country: "FR", Centre: "https://centre.example", Clock: clock, Logger: log,
		Sources: []Source{{Name: "one", Driver: b.src, Release: "r8", Validate: judge}, {Name: "two", Driver: b.other, Release: "r8", Validate: judge}},
		Compose: exchange.Composer{Entity: "https://ncp.example", Profile: ehds.ProfileR8, Rand: rand.Reader},
		Guard:   catalogue.Guard{MaxRemovedShare: 0.5, MaxInvalidShare: 0.5, MinRecords: 3},
		Wake:    func() { b.woken++ }, Observe: func(action string, n int) { b.observed[action] += n },
	}
	return b
}

// judge refuses records whose title is "bad".
func judge(r catalogue.Record) []catalogue.Finding {
	if r.Title["en"] == "bad" {
		return []catalogue.Finding{r.Finding(catalogue.CodeMissingProperty, catalogue.Violation, "bad")}
	}
	return nil
}

// pass runs one pass and says what it did.
func (b *bench) pass(o Options, want string) Report {
	b.t.Helper()
	r, err := b.Run(b.t.Context(), "one", o)
	if err != nil {
		b.t.Fatal(err)
	}
	if got := did(r); got != want {
		b.t.Errorf("did %q, want %q", got, want)
	}
	return r
}

func did(r Report) string {
	var out []string
	for _, part := range []struct {
		sign string
		list []Item
	}{{"+", r.Created}, {"~", r.Updated}, {"-", r.Deleted}, {"?", r.Withheld}} {
		for _, i := range part.list {
			out = append(out, part.sign+i.Identifier)
		}
	}
	return strings.Join(out, " ")
}

// sent lists the messages queued so far, in order.
func (b *bench) sent() (list []store.Outbox, kinds string) {
	b.t.Helper()
	list, err := b.record.OutboxList(b.t.Context(), "", 0, 10_000)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		out = append(out, strings.TrimPrefix(r.Type, "dataset.")+" "+strings.TrimPrefix(r.Case, "ds:FR:"))
	}
	return list, strings.Join(out, ", ")
}

// answer lets the centre answer the newest message of a dataset.
func (b *bench) answer(id string, result ehds.Validation, central string) {
	b.t.Helper()
	_, err := b.record.Update(b.t.Context(), ehds.DatasetCase("FR", id).String(), func(s store.State) (store.Change, error) {
		p, err := publicationOf(s.Doc)
		return store.Change{Doc: encode(p.Answered(p.Waiting, ehds.ResponseBody{Result: result, CentralID: central}, s.Now))}, err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) publication(id string) catalogue.Publication {
	b.t.Helper()
	c, ok, err := b.record.Case(b.t.Context(), ehds.DatasetCase("FR", id).String())
	if err != nil || !ok {
		b.t.Fatalf("case of %s: %t, %v", id, ok, err)
	}
	p, err := publicationOf(c.Doc)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

// described checks that the record's current description of a dataset has a digest, or "" for none.
func (b *bench) described(id, want string) {
	b.t.Helper()
	content, digest, ok, err := b.record.Description(b.t.Context(), ehds.DatasetCase("FR", id).String())
	if err != nil || ok != (want != "") || digest != want || ok && rdf.Digest(content) != want {
		b.t.Errorf("description of %s: %q, want %q; %v", id, digest, want, err)
	}
}

// One life of a catalogue, pass after pass: what did not change is not told again.
func TestPasses(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1", "d=1")
	r := b.pass(Options{DryRun: true}, "+a +b +c +d")
	if _, kinds := b.sent(); kinds != "" || !r.DryRun || r.Read != 4 || b.woken != 0 {
		t.Errorf("a dry run sent %s", kinds)
	}
	r = b.pass(Options{}, "+a +b +c +d")
	if r.Created[0].Title != "1" || r.Created[0].Place == "" || r.Created[0].IRI == "" || b.woken != 1 || b.observed["create"] != 4 {
		t.Errorf("report %+v, observed %v", r.Created[0], b.observed)
	}
	rows, _ := b.sent()
	for _, row := range rows {
		var env ehds.Envelope
		var body ehds.DatasetBody
		if err := errors.Join(json.Unmarshal(row.Payload, &env), json.Unmarshal(env.Body, &body)); err != nil {
			t.Fatal(err)
		}
		rec, err := catalogue.ParseNQuadsRecord(t.Context(), []byte(body.Record.Content), body.Record.Digest)
		if err != nil || rec.Identifier != body.Identifier || row.Target != "https://centre.example" || row.Seq != 1 || body.Release != "r8" {
			t.Errorf("message %s: %v", row.Case, err)
		}
	}
	b.pass(Options{}, "") // pending is as good as published
	b.described("a", b.publication("a").Digest)
	for _, id := range []string{"a", "b", "c"} {
		b.answer(id, ehds.Validated, "EU-"+id)
	}
	b.answer("d", ehds.NotValidated, "")
	if r := b.pass(Options{}, ""); r.Unchanged != 4 {
		t.Errorf("%d unchanged", r.Unchanged)
	}
	b.src.set(t, "a=2", "b=1", "c=1", "d=1")
	b.pass(Options{}, "~a")
	b.described("a", b.publication("a").Digest)
	b.src.set(t, "a=2", "b=1", "d=2")
	b.pass(Options{}, "~d -c") // d was never published: it is created
	b.described("c", "")
	b.src.set(t, "a=2", "b=1", "d=2")
	b.pass(Options{}, "")
	b.answer("c", ehds.Validated, "")
	b.src.set(t, "a=2", "b=1", "c=1", "d=2")
	b.pass(Options{}, "+c")
	_, kinds := b.sent()
	tail := kinds[strings.Index(kinds, "update"):]
	if tail != "update a, create d, delete c, create c" && tail != "update a, delete c, create d, create c" {
		t.Errorf("sent %s", kinds)
	}
	if b.observed["update"] != 2 || b.observed["delete"] != 1 {
		t.Errorf("observed %v", b.observed)
	}
}

// A description the centre never took goes away in silence; one it will not remove is not asked again.
func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1")
	b.pass(Options{}, "+a +b")
	b.answer("a", ehds.NotValidated, "")
	b.answer("b", ehds.Validated, "EU-b")
	before, _ := b.sent()
	b.src.set(t)
	b.pass(Options{Force: true}, "-a -b")
	after, _ := b.sent()
	if len(after) != len(before)+1 || b.publication("a").State != catalogue.Deleted || b.publication("b").State != catalogue.Deleting {
		t.Errorf("%d messages; a %s, b %s", len(after)-len(before), b.publication("a").State, b.publication("b").State)
	}
	b.answer("b", ehds.NotValidated, "")
	b.pass(Options{}, "")
	b.src.set(t, "b=1")
	b.pass(Options{}, "+b")
	rows, _ := b.sent()
	if last := rows[len(rows)-1]; last.Type != string(ehds.DatasetUpdate) {
		t.Errorf("what the centre still has is told as %s", last.Type)
	}
}

func TestGuardHolds(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1", "d=1")
	b.pass(Options{}, "+a +b +c +d")
	b.src.set(t, "a=2")
	r, err := b.Run(t.Context(), "one", Options{})
	if !errors.Is(err, catalogue.ErrGuard) || did(r) != "~a -b -c -d" || r.Took < 0 {
		t.Fatalf("%s, %v", did(r), err)
	}
	if rows, _ := b.sent(); len(rows) != 4 {
		t.Errorf("%d messages were sent all the same", len(rows))
	}
	b.src.set(t, "a=bad", "b=bad", "c=bad", "d=1")
	if _, err := b.Run(t.Context(), "one", Options{}); !errors.Is(err, catalogue.ErrGuard) {
		t.Errorf("invalid records: %v", err)
	}
	b.src.set(t, "a=2")
	b.pass(Options{Force: true}, "~a -b -c -d")
}

// A small catalogue is guarded too: what comes up empty or cut short removes nothing.
func TestGuardHoldsSmallCatalogues(t *testing.T) {
	b := newBench(t)
	b.Guard.MinRecords = 10
	b.src.set(t, "a=1", "b=1", "c=1")
	b.pass(Options{}, "+a +b +c")
	for name, left := range map[string][]string{"empty": nil, "cut short": {"a=2"}} {
		b.src.set(t, left...)
		r, err := b.Run(t.Context(), "one", Options{})
		if !errors.Is(err, catalogue.ErrGuard) || len(r.Deleted) != 3-len(left) {
			t.Errorf("%s: %s, %v", name, did(r), err)
		}
		if rows, _ := b.sent(); len(rows) != 3 {
			t.Fatalf("%s: %d messages were sent all the same", name, len(rows)-3)
		}
	}
	b.src.set(t, "a=1", "b=1")
	b.pass(Options{}, "-c")
	b.src.set(t, "a=1")
	b.pass(Options{}, "-b")
	b.src.set(t)
	if r, err := b.Run(t.Context(), "one", Options{DryRun: true}); !errors.Is(err, catalogue.ErrGuard) {
		t.Errorf("the last one: %s, %v", did(r), err)
	}
	b.pass(Options{Force: true}, "-a")
	b.pass(Options{}, "") // nothing there, nothing read
	if _, kinds := b.sent(); kinds[strings.Index(kinds, "delete"):] != "delete c, delete b, delete a" {
		t.Errorf("sent %s", kinds)
	}
}

// What was not read to its end deletes nothing and sends nothing.
func TestIncompletePasses(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1", "d=1")
	b.pass(Options{}, "+a +b +c +d")
	page := []connectors.CatalogueItem{item(t, "e=1")}
	for name, s := range map[string]source{
		"second page fails": {pages: [][]connectors.CatalogueItem{page}, err: errors.New("boom")},
		"circle":            {pages: [][]connectors.CatalogueItem{page, page}, next: []string{"p1", "p1"}},
		"circle of two":     {pages: [][]connectors.CatalogueItem{page, page, page}, next: []string{"p1", "p2", "p1"}},
		"garbage cursor":    {pages: [][]connectors.CatalogueItem{page}, next: []string{"x"}},
	} {
		*b.src = s
		if _, err := b.Run(t.Context(), "one", Options{Force: true}); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
		if b.src.asked > 5 {
			t.Errorf("%s: asked %d times", name, b.src.asked)
		}
	}
	*b.src = source{}
	b.src.set(t, "e=1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Run(ctx, "one", Options{Force: true}); err == nil {
		t.Error("a pass that was stopped is complete")
	}
	if rows, _ := b.sent(); len(rows) != 4 {
		t.Errorf("%d messages", len(rows))
	}
	if _, err := b.Run(t.Context(), "three", Options{}); !errors.Is(err, ErrNoSource) {
		t.Errorf("unknown source: %v", err)
	}
}

// What is wrong is quarantined with its findings, keeps what it may hold from deletion, and the rest
// goes on.
func TestQuarantine(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1", "d=1", "e=1")
	b.pass(Options{}, "+a +b +c +d +e")
	b.src.pages = [][]connectors.CatalogueItem{
		{item(t, "a=2"), document(t, "b1.ttl", "ex:b a dcat:Dataset ;; oops"), {File: "nothing.ttl"}},
		{item(t, "c=bad"), {File: "gone.ttl", Err: errors.New("not found")}},
		{item(t, "d=1"), item(t, "d=3"), item(t, "e=1"), item(t, "f=1")},
	}
	b.Guard = catalogue.Guard{MaxRemovedShare: 0, MaxInvalidShare: 1}
	r := b.pass(Options{}, "+f ~a ?b ?c")
	if len(r.Quarantined) != 5 || len(r.Findings) != 5 || r.Unchanged != 2 {
		t.Errorf("%d quarantined, %d findings, %d unchanged: %+v", len(r.Quarantined), len(r.Findings), r.Unchanged, r.Findings)
	}
	for _, f := range r.Findings {
		if f.File == "" || f.Code == "" || f.Message == "" {
			t.Errorf("finding %+v", f)
		}
	}
}

// One record that cannot be queued is named; the others are queued.
func TestOneFailureStopsNobody(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1", "c=1")
	b.Publisher.Record = failsFor{b.record, "ds:FR:a"}
	r, err := b.Run(t.Context(), "one", Options{})
	if err == nil || !strings.Contains(err.Error(), `"a"`) || strings.Contains(err.Error(), `"b"`) {
		t.Errorf("error %v", err)
	}
	if did(r) != "+a +b +c" || b.publication("b").State != catalogue.Pending || b.woken != 1 {
		t.Errorf("did %s; the others were not queued", did(r))
	}
	if rows, kinds := b.sent(); len(rows) != 2 || b.observed["create"] != 2 {
		t.Errorf("sent %s, observed %v", kinds, b.observed)
	}
}

type failsFor struct {
	Record
	id string
}

func (f failsFor) Update(ctx context.Context, id string, change func(store.State) (store.Change, error)) (store.Committed, error) {
	if id == f.id {
		return store.Committed{}, errors.New("boom")
	}
	return f.Record.Update(ctx, id, change)
}

func TestManyFailuresAreSummedUp(t *testing.T) {
	b := newBench(t)
	var list []string
	for i := range maxErrors + 5 {
		list = append(list, fmt.Sprintf("x%d=1", i))
	}
	b.src.set(t, list...)
	b.Publisher.Record = fails{b.record}
	_, err := b.Run(t.Context(), "one", Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "and 5 more") || strings.Count(err.Error(), "queueing") != maxErrors {
		t.Errorf("error %v", err)
	}
	b.Publisher.Record = noReading{b.record}
	if _, err := b.Run(t.Context(), "one", Options{}); err == nil || errors.Is(err, ErrIncomplete) {
		t.Errorf("unreadable record: %v", err)
	}
}

type fails struct{ Record }

func (fails) Update(context.Context, string, func(store.State) (store.Change, error)) (store.Committed, error) {
	return store.Committed{}, errors.New("boom")
}

type noReading struct{ Record }

func (noReading) Cases(context.Context, string, string, int) ([]store.Case, error) {
	return []store.Case{{ID: "ds:FR:a", Doc: []byte("{")}}, nil
}

// A publication that is being removed, or that another pass removed, is not removed twice.
func TestDeleteOnce(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1")
	b.pass(Options{}, "+a")
	for range 2 {
		if err := b.sendDelete(t.Context(), "a", "source one"); err != nil {
			t.Fatal(err)
		}
	}
	if _, kinds := b.sent(); kinds != "create a, delete a" {
		t.Errorf("sent %s", kinds)
	}
}

func TestTitles(t *testing.T) {
	for want, titles := range map[string]map[string]string{"e": {"fr": "f", "en": "e"}, "d": {"fr": "f", "de": "d"}, "": nil} {
		if got := anyTitle(titles); got != want {
			t.Errorf("%v: %q", titles, got)
		}
	}
}
