package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// What another source publishes under the same identifier is published under one derived from it, and
// keeps that when the other is gone.
func TestIdentifierOfAnotherSource(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "z=1")
	b.pass(Options{}, "+a +z")
	b.answer("a", ehds.Validated, "EU-a")
	b.other.set(t, "a=other", "b=1", "c=1")
	two := func(o Options, want string) Report {
		t.Helper()
		r, err := b.Run(t.Context(), "two", o)
		if err != nil || did(r) != want || len(r.Quarantined) != 0 || r.Read != 3 {
			t.Errorf("did %q of %d, want %q; %v, %+v", did(r), r.Read, want, err, r.Quarantined)
		}
		return r
	}
	for range 2 {
		r := two(Options{DryRun: true}, "+a +b +c")
		if r.Created[0].As != "two/a" || len(r.Findings) != 1 {
			t.Fatalf("created %+v, findings %v", r.Created, r.Findings)
		}
		f := r.Findings[0]
		if f.Code != catalogue.CodeDuplicateIdentifier || f.Severity != catalogue.Info || f.Identifier != "a" || f.Line == 0 ||
			!strings.Contains(f.Message, `"one"`) || !strings.Contains(f.Message, `"two/a"`) {
			t.Errorf("finding %+v", f)
		}
	}
	two(Options{}, "+a +b +c")
	two(Options{}, "")
	if p := b.publication("a"); p.Source != "one" || p.State != catalogue.Validated {
		t.Errorf("a is %s of %s", p.State, p.Source)
	}
	p := b.publication("two/a")
	if p.Source != "two" || p.OriginIdentifier() != "a" || p.Digest == p.SourceDigest() || p.Exchange == "" {
		t.Errorf("two/a is %+v", p)
	}
	b.described("two/a", p.Digest)
	rows, _ := b.sent()
	for _, row := range rows {
		if row.Case != "ds:FR:two/a" {
			continue
		}
		var env ehds.Envelope
		var body ehds.DatasetBody
		if err := errors.Join(json.Unmarshal(row.Payload, &env), json.Unmarshal(env.Body, &body)); err != nil {
			t.Fatal(err)
		}
		rec, err := catalogue.ParseNQuadsRecord(t.Context(), []byte(body.Record.Content), body.Record.Digest)
		if err != nil || rec.Identifier != "two/a" || body.Identifier != "two/a" || rec.ExchangeDigest != p.Exchange ||
			!strings.Contains(body.Record.Content, `notation> "a"`) {
			t.Errorf("told %v\n%s", err, body.Record.Content)
		}
	}
	b.src.set(t, "z=1")
	b.pass(Options{}, "-a")
	two(Options{}, "")
	b.other.set(t, "a=changed", "b=1", "c=1")
	if r := two(Options{}, "~a"); r.Updated[0].As != "two/a" {
		t.Errorf("updated %+v", r.Updated)
	}
	b.other.set(t, "b=1", "c=1")
	if r, err := b.Run(t.Context(), "two", Options{}); err != nil || did(r) != "-a" || r.Deleted[0].As != "two/a" {
		t.Errorf("gone: %s, %+v, %v", did(r), r.Deleted, err)
	}
	_, kinds := b.sent()
	if tail := kinds[strings.Index(kinds, "create two/a"):]; !strings.HasSuffix(tail, "delete a, update two/a, delete two/a") {
		t.Errorf("sent %s", kinds)
	}
}

// A derived identifier that is somebody's own is no way out.
func TestDerivedIdentifierThatIsTaken(t *testing.T) {
	slashed := document(t, "slashed.ttl", `ex:s a dcat:Dataset ; dct:identifier "two/a" ; dct:title "x"@en ; dct:accessRights ar:NON_PUBLIC .`)
	for name, c := range map[string]struct {
		first, second []connectors.CatalogueItem
		did           string
	}{
		"of the other source": {[]connectors.CatalogueItem{item(t, "a=1"), slashed}, []connectors.CatalogueItem{item(t, "a=2")}, ""},
		"of the same":         {[]connectors.CatalogueItem{item(t, "a=1")}, []connectors.CatalogueItem{item(t, "a=2"), slashed}, "+two/a"},
	} {
		b := newBench(t)
		b.src.pages, b.other.pages = [][]connectors.CatalogueItem{c.first}, [][]connectors.CatalogueItem{c.second}
		if _, err := b.Run(t.Context(), "one", Options{}); err != nil {
			t.Fatal(err)
		}
		r, err := b.Run(t.Context(), "two", Options{})
		if err != nil || did(r) != c.did || len(r.Quarantined) != 1 || r.Quarantined[0].Identifier != "a" || r.Read != len(c.second) || r.Totals.Violations != 1 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// A description whose IRI stays is the same under another identifier; one whose identifier stays is
// the same under another IRI. The centre knows it by the identifier it was first told.
func TestIdentityIsKept(t *testing.T) {
	b := newBench(t)
	doc := func(iri, id, title string) connectors.CatalogueItem {
		return document(t, iri+".ttl", fmt.Sprintf("ex:%s a dcat:Dataset ; dct:identifier %q ; dct:title %q@en ; dct:accessRights ar:NON_PUBLIC .", iri, id, title))
	}
	set := func(items ...connectors.CatalogueItem) { b.src.pages = [][]connectors.CatalogueItem{items} }
	set(doc("a", "1", "x"), doc("b", "2", "x"), doc("c", "3", "x"))
	b.pass(Options{}, "+1 +2 +3")
	set(doc("a", "one", "x"), doc("bb", "2", "x"), doc("c", "3", "x"))
	if r := b.pass(Options{DryRun: true}, "~2 ~one"); r.Updated[1].As != "1" || r.Updated[0].As != "" {
		t.Errorf("updated %+v", r.Updated)
	}
	b.pass(Options{}, "~2 ~one")
	b.pass(Options{}, "")
	one, two := b.publication("1"), b.publication("2")
	if one.OriginIdentifier() != "one" || one.History[1].Note != "identifier at origin was 1" {
		t.Errorf("1 is %+v", one)
	}
	if two.IRI != "https://catalogue.example.org/bb" || two.History[1].Note != "IRI was https://catalogue.example.org/b" {
		t.Errorf("2 is %+v", two)
	}
	b.described("1", one.Digest)
	// A new dataset under the old identifier is another dataset.
	set(doc("a", "one", "x"), doc("bb", "2", "x"), doc("c", "3", "x"), doc("d", "1", "new"))
	if r := b.pass(Options{}, "+1"); r.Created[0].As != "one/1" || len(r.Quarantined) != 0 {
		t.Errorf("created %+v", r.Created)
	}
	b.pass(Options{}, "")
	if p := b.publication("one/1"); p.OriginIdentifier() != "1" || p.IRI != "https://catalogue.example.org/d" {
		t.Errorf("one/1 is %+v", p)
	}
	// Two that have the IRI of one: nobody can say which it is.
	set(doc("a", "one", "x"), doc("bb", "2", "x"), doc("c", "33", "x"), doc("d", "1", "new"),
		document(t, "cc.ttl", `ex:c a dcat:Dataset ; dct:identifier "333" ; dct:title "x"@en ; dct:accessRights ar:NON_PUBLIC .`))
	b.pass(Options{}, "+33 +333 -3")
}

// blocked is a source that waits until it is let go.
type blocked struct {
	source
	entered, release chan struct{}
}

func (b *blocked) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	b.entered <- struct{}{}
	select {
	case <-b.release:
		return b.source.List(ctx, since, cursor)
	case <-ctx.Done():
		return connectors.CataloguePage{}, ctx.Err()
	}
}

// A slow source holds up its own passes only, and nobody waits longer than asked to.
func TestOnePassOfASourceAtATime(t *testing.T) {
	b := newBench(t)
	slow := &blocked{entered: make(chan struct{}, 2), release: make(chan struct{})}
	slow.set(t, "a=1")
	b.Sources[0].Driver = slow
	b.other.set(t, "b=1")
	first := make(chan error, 1)
	go func() {
		_, err := b.Run(t.Context(), "one", Options{})
		first <- err
	}()
	<-slow.entered
	if r, err := b.Run(t.Context(), "two", Options{}); err != nil || did(r) != "+b" {
		t.Errorf("the other source: %s, %v", did(r), err)
	}
	for name, o := range map[string]Options{"pass": {}, "dry run": {DryRun: true}} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := b.Run(ctx, "one", o); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a waiting %s: %v", name, err)
		}
		cancel()
	}
	if len(slow.entered) != 0 {
		t.Error("two passes of one source ran at once")
	}
	close(slow.release)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if r, err := b.Run(t.Context(), "one", Options{}); err != nil || r.Unchanged != 1 {
		t.Errorf("the next pass: %+v, %v", r, err)
	}
}

// Why a document could not be read is told in our words: a driver's error may hold places of this
// machine, or an address with its secrets.
func TestUnreadableSaysNothingOfTheMachine(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "/srv/secret/x.ttl", Err: fs.ErrPermission}
	gone := &fs.PathError{Op: "open", Path: "/srv/secret/x.ttl", Err: fs.ErrNotExist}
	fetch := &url.Error{Op: "Get", URL: "https://holder.example/x?token=secret", Err: context.DeadlineExceeded}
	for _, c := range []struct {
		err  error
		want Reason
	}{
		{fmt.Errorf("rdffile: %w", path), ReasonNoRight}, {gone, ReasonGone}, {fetch, ReasonTimeout},
		{errors.New("boom at /srv/secret"), ReasonOther}, {nil, ReasonEmpty},
		{fmt.Errorf("boom at /srv/secret: %w", connectors.ErrUnsettled), ReasonListing},
	} {
		b := newBench(t)
		b.src.pages = [][]connectors.CatalogueItem{{{File: "x.ttl", Err: c.err}}}
		r := b.pass(Options{}, "")
		if len(r.Findings) != 1 || r.Findings[0].Code != catalogue.CodeUnreadable || r.Findings[0].File != "x.ttl" {
			t.Fatalf("%v: findings %v", c.err, r.Findings)
		}
		if f := r.Findings[0]; !strings.HasSuffix(f.Message, string(c.want)) || strings.Contains(fmt.Sprintf("%+v", r), "secret") {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

// Two passes side by side may both find an identifier free: the record lets one of them have it.
func TestIdentifierIsTakenOnce(t *testing.T) {
	b := newBench(t)
	i := item(t, "a=1")
	records, _, err := catalogue.Records(t.Context(), i.Graph, i.File)
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	send := func(source string) error {
		x := &pass{p: b.Publisher, s: Source{Name: source, Release: "r8"}}
		d, c := toldOf(records[0]), change{verdict: catalogue.Create}
		x.complete(d, c)
		return b.sendRecord(t.Context(), newPackers(), d, c)
	}
	if err := send("one"); err != nil {
		t.Fatal(err)
	}
	if err := send("two"); err == nil || b.publication("a").Source != "one" {
		t.Errorf("taken twice: %v", err)
	}
	if _, kinds := b.sent(); kinds != "create a" {
		t.Errorf("sent %s", kinds)
	}
}
