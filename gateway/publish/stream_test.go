package publish

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// raw is a document as the source gave it.
func raw(file string, datasets ...string) connectors.CatalogueItem {
	var b strings.Builder
	b.WriteString(prefixes)
	for _, d := range datasets {
		id, title, _ := strings.Cut(d, "=")
		fmt.Fprintf(&b, "ex:%s a dcat:Dataset ; dct:identifier %q ; dct:title %q@en ; dct:accessRights ar:NON_PUBLIC .\n", id, id, title)
	}
	return connectors.CatalogueItem{File: file, Raw: &connectors.RawDocument{
		Content: []byte(b.String()), Format: rdf.Turtle, Options: rdf.ReadOptions{File: file},
	}}
}

// counting warns of every record and counts the calls.
func (b *bench) counting() *atomic.Int64 {
	var n atomic.Int64
	b.Sources[0].Validate = func(r catalogue.Record) []catalogue.Finding {
		n.Add(1)
		return append(judge(r), r.Finding(catalogue.CodeWrongClass, catalogue.Warning, "look at it"))
	}
	return &n
}

// What is unchanged since the pass before is not judged again, and nothing else is left out.
func TestUnchangedIsNotJudgedAgain(t *testing.T) {
	b := newBench(t)
	judged := b.counting()
	set := func(items ...connectors.CatalogueItem) { b.src.pages = [][]connectors.CatalogueItem{items} }
	graph := document(t, "g.ttl", `ex:g a dcat:Dataset ; dct:identifier "g" ; dct:title "1"@en ; dct:accessRights ar:NON_PUBLIC .`)
	one, two, bad := raw("one.ttl", "a=1", "b=1"), raw("two.ttl", "c=1", "d=1"), raw("bad.ttl", "e=1", "f=bad")
	step := func(name string, o Options, did string, judgements int64, same, warnings, out int) {
		t.Helper()
		judged.Store(0)
		r := b.pass(o, did)
		if judged.Load() != judgements || r.Totals.Same != same || r.Totals.Warnings != warnings || r.FindingsLeftOut != out ||
			len(r.Findings) != r.Totals.Warnings+r.Totals.Violations-out {
			t.Errorf("%s: judged %d, left out %d, %+v", name, judged.Load(), r.FindingsLeftOut, r.Totals)
		}
	}
	set(one, two, graph)
	step("first", Options{}, "+a +b +c +d +g", 5, 0, 5, 0)
	step("again", Options{}, "", 0, 2, 5, 5)
	step("dry", Options{DryRun: true}, "", 5, 0, 5, 0)
	step("after a dry one", Options{}, "", 0, 2, 5, 5)
	set(raw("one.ttl", "a=2", "b=1"), two, graph)
	step("one changed", Options{}, "~a", 1, 1, 5, 4)
	set(raw("one.ttl", "a=2", "b=1"), two, graph, bad)
	step("a new document", Options{}, "+e", 2, 3-1, 7, 5)
	step("a document with a violation is read again", Options{}, "", 1, 2, 7, 6)
	set(raw("one.ttl", "a=2", "b=1"), raw("two.ttl", "d=1"), graph)
	step("one gone", Options{}, "-c -e", 0, 1, 4, 4)
	set(raw("one.ttl", "a=2", "b=1"), raw("three.ttl", "d=1"), graph)
	step("another name", Options{}, "", 0, 1, 4, 4)
	b.answer("d", ehds.Validated, "EU-d")
	if err := b.sendDelete(t.Context(), "d", "x"); err != nil {
		t.Fatal(err)
	}
	step("no longer published", Options{}, "+d", 1, 1, 4, 3)
	b.Sources[0].Release = "r9"
	step("another release", Options{}, "~a ~b ~d ~g", 4, 0, 4, 0)
}

// A duplicate in an unchanged document is found, and its document is looked at again.
func TestUnchangedDocumentsStillClash(t *testing.T) {
	b := newBench(t)
	b.src.pages = [][]connectors.CatalogueItem{{raw("b.ttl", "a=1", "b=1")}}
	b.pass(Options{}, "+a +b")
	b.src.pages = [][]connectors.CatalogueItem{{raw("a.ttl", "a=1"), raw("b.ttl", "a=1", "b=1")}}
	for range 2 {
		r := b.pass(Options{}, "")
		if r.Totals.Quarantined != 1 || len(r.Findings) != 1 || r.Findings[0].File != "b.ttl" || r.Findings[0].Hint != "the first is at a.ttl:5" || r.Unchanged != 2 {
			t.Errorf("%+v", r)
		}
	}
}

// Reports stay small however large the catalogue; totals do not.
func TestReportsAreBounded(t *testing.T) {
	b := newBench(t)
	b.Guard.MaxInvalidShare = 1
	b.counting()
	var datasets []string
	for n := range MaxItems + 200 {
		datasets = append(datasets, fmt.Sprintf("x%05d=1", n), fmt.Sprintf("y%05d=bad", n))
	}
	b.src.pages = [][]connectors.CatalogueItem{{raw("all.ttl", datasets...)}}
	r, err := b.Run(t.Context(), "one", Options{DryRun: true})
	n := len(datasets)
	if err != nil || len(r.Created) != MaxItems || len(r.Quarantined) != MaxItems || r.Created[1].Identifier != "x00001" || r.Read != n ||
		r.Totals.Created != n/2 || r.Totals.Quarantined != n/2 || r.Totals.Violations != n/2 || r.Totals.Warnings != n || r.FindingsLeftOut != 0 {
		t.Errorf("%d created, %d quarantined, %d left out, %+v, %v", len(r.Created), len(r.Quarantined), r.FindingsLeftOut, r.Totals, err)
	}
	var few Report
	few.find(2, catalogue.Finding{Severity: catalogue.Warning}, catalogue.Finding{Severity: catalogue.Info}, catalogue.Finding{Severity: catalogue.Warning},
		catalogue.Finding{Severity: catalogue.Violation, Code: "x"})
	if few.FindingsLeftOut != 1 || len(few.Findings) != 3 || few.Findings[2].Code != "x" || few.Totals != (Totals{Violations: 1, Warnings: 2, Notes: 1}) {
		t.Errorf("few: %+v", few)
	}
	all, err := b.Run(t.Context(), "one", Options{DryRun: true, All: true})
	if err != nil || len(all.Created) != n/2 || len(all.Quarantined) != n/2 {
		t.Errorf("all: %d created, %d quarantined, %v", len(all.Created), len(all.Quarantined), err)
	}
}

// More than the spool may hold sends nothing; what it held is gone from the disk.
func TestSpoolIsBounded(t *testing.T) {
	b := newBench(t)
	b.SpoolDir, b.MaxSpool = t.TempDir(), 2000
	b.src.set(t, "a=1", "b=1", "c=1", "d=1", "e=1", "f=1")
	_, err := b.Run(t.Context(), "one", Options{})
	if !errors.Is(err, ErrSpool) || !errors.Is(err, ErrIncomplete) {
		t.Errorf("error %v", err)
	}
	if rows, _ := b.sent(); len(rows) != 0 {
		t.Errorf("%d messages", len(rows))
	}
	b.pass(Options{DryRun: true}, "+a +b +c +d +e +f") // a dry run needs none
	b.MaxSpool = 0
	b.pass(Options{}, "+a +b +c +d +e +f")
	if files, err := os.ReadDir(b.SpoolDir); err != nil || len(files) != 0 {
		t.Errorf("left on disk: %v, %v", files, err)
	}
	b.SpoolDir = "/nowhere"
	b.src.set(t, "a=2")
	if _, err := b.Run(t.Context(), "one", Options{Force: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no place for a spool: %v", err)
	}
}

// What a spool gives back is what was put in.
func TestSpool(t *testing.T) {
	s := &spool{dir: t.TempDir(), left: DefaultMaxSpool}
	defer s.close()
	var want []*told
	for n := range 50 {
		d := &told{Told: catalogue.Told{Identifier: fmt.Sprint(n), Title: map[string]string{"en": "é"}}, content: []byte(strings.Repeat("x\x00\n", n*10))}
		if at, err := s.add(d); err != nil || at != n {
			t.Fatalf("%d: %v", at, err)
		}
		want = append(want, d)
	}
	for range 2 {
		err := s.each(t.Context(), func(n int, d *told) error {
			if diff := cmp.Diff(want[n], d, cmp.AllowUnexported(told{})); diff != "" {
				t.Errorf("%d: %s", n, diff)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.each(ctx, func(int, *told) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := s.file.Truncate(10); err != nil {
		t.Fatal(err)
	}
	if err := s.each(t.Context(), func(int, *told) error { return nil }); err == nil {
		t.Error("a spool that was cut short was read")
	}
}

// A document that a rule cannot stand is quarantined, and the pass goes on.
func TestOnePanicStopsNobody(t *testing.T) {
	b := newBench(t)
	b.Sources[0].Validate = func(r catalogue.Record) []catalogue.Finding {
		if r.Identifier == "b" {
			panic("boom")
		}
		return nil
	}
	b.src.set(t, "a=1", "b=1", "c=1")
	r := b.pass(Options{}, "+a +c")
	if len(r.Findings) != 1 || r.Findings[0].Code != catalogue.CodeUnreadable || strings.Contains(r.Findings[0].Message, "boom") {
		t.Errorf("findings %v", r.Findings)
	}
}

// Obsolete spellings are rewritten before anything is compared, each with its finding.
func TestNormalised(t *testing.T) {
	b := newBench(t)
	b.Sources[0].Normalise = func(_ context.Context, g *rdf.Graph, file string) (*rdf.Graph, []catalogue.Finding, error) {
		out, found := rdf.NewGraph(), []catalogue.Finding(nil)
		for q := range g.All() {
			if q.P.Value == "https://catalogue.example.org/titel" {
				q.P = rdf.NewIRI(rdf.NSDCT + "title")
				found = append(found, catalogue.Finding{File: file, Line: q.Line, Code: catalogue.CodeObsoleteNamespace, Severity: catalogue.Info})
			}
			out.Add(q)
		}
		return out, found, nil
	}
	b.src.pages = [][]connectors.CatalogueItem{{document(t, "a.ttl", `ex:a a dcat:Dataset ; dct:identifier "a" ; ex:titel "T"@en ; dct:accessRights ar:NON_PUBLIC .`)}}
	r := b.pass(Options{}, "+a")
	if r.Created[0].Title != "T" || r.Totals.Notes != 1 || r.Findings[0].Line != 5 {
		t.Errorf("%+v", r)
	}
	b.src.pages = [][]connectors.CatalogueItem{{document(t, "a.ttl", `ex:a a dcat:Dataset ; dct:identifier "a" ; dct:title "T"@en ; dct:accessRights ar:NON_PUBLIC .`)}}
	b.pass(Options{}, "") // spelt anew it says the same
}

// What is shown and no longer confirmed is stale until it is confirmed or told again.
func TestStaleUntilConfirmed(t *testing.T) {
	b := newBench(t)
	b.Guard.MaxInvalidShare = 1
	set := func(items ...connectors.CatalogueItem) { b.src.pages = [][]connectors.CatalogueItem{items} }
	set(raw("x.ttl", "a=1", "b=1"), raw("y.ttl", "c=1"))
	b.pass(Options{}, "+a +b +c")
	for _, id := range []string{"a", "b", "c"} {
		b.answer(id, ehds.Validated, "EU-"+id)
	}
	state := func(want string) {
		t.Helper()
		var got []string
		for _, id := range []string{"a", "b", "c"} {
			s, _ := b.publication(id).Standing(b.now, "r8", b.now, 0)
			got = append(got, string(s))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
	set(raw("x.ttl", "a=bad", "b=1"), connectors.CatalogueItem{File: "y.ttl"})
	b.pass(Options{DryRun: true}, "?a ?c")
	state("VALIDATED VALIDATED VALIDATED")
	for range 2 {
		b.pass(Options{}, "?a ?c")
		state("STALE VALIDATED STALE")
	}
	if n := len(b.publication("a").History); n != 3 {
		t.Errorf("%d steps", n)
	}
	set(raw("x.ttl", "a=1", "b=1"), raw("y.ttl", "c=2"))
	b.pass(Options{}, "~c")
	state("VALIDATED VALIDATED PENDING")
	last, ok, err := b.Last(t.Context(), "one")
	if err != nil || !ok || last.Read != 3 || last.Totals.Updated != 1 || !last.At.Equal(b.now) {
		t.Errorf("last pass %+v, %t, %v", last, ok, err)
	}
	if _, ok, err := b.Last(t.Context(), "two"); ok || err != nil {
		t.Errorf("a pass that was not: %v", err)
	}
}

// What was published before descriptions were kept gets its description without being told again.
func TestDescriptionsAreKeptLater(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "b=1")
	b.pass(Options{}, "+a +b")
	_, err := b.record.Update(t.Context(), "ds:FR:a", func(s store.State) (store.Change, error) {
		p, err := publicationOf(s.Doc)
		p.Exchange, p.Release = "", ""
		return store.Change{Doc: encode(p), Describe: withdrawn()}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.described("a", "")
	for range 2 {
		if r := b.pass(Options{}, ""); r.Unchanged != 2 {
			t.Errorf("%d unchanged", r.Unchanged)
		}
		b.described("a", b.publication("a").Digest)
	}
	if p := b.publication("a"); p.Exchange == "" || p.Release != "r8" || len(p.History) != 1 {
		t.Errorf("publication %+v", p)
	}
	if _, kinds := b.sent(); kinds != "create a, create b" && kinds != "create b, create a" {
		t.Errorf("sent %s", kinds)
	}
}
