package publish

import (
	"context"
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

// What another source publishes is quarantined, pass after pass, and is free once it is gone there.
func TestIdentifierOfAnotherSource(t *testing.T) {
	b := newBench(t)
	b.src.set(t, "a=1", "z=1")
	b.pass(Options{}, "+a +z")
	b.answer("a", ehds.Validated, "EU-a")
	b.other.set(t, "a=other", "b=1", "c=1")
	for i, o := range []Options{{DryRun: true}, {}, {}} {
		r, err := b.Run(t.Context(), "two", o)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"+b +c", "+b +c", ""}[i]; did(r) != want || r.Read != 3 {
			t.Errorf("pass %d: did %q of %d, want %q", i, did(r), r.Read, want)
		}
		if len(r.Quarantined) != 1 || r.Quarantined[0].Identifier != "a" || r.Quarantined[0].Place == "" || len(r.Findings) != 1 {
			t.Fatalf("pass %d: quarantined %+v, findings %v", i, r.Quarantined, r.Findings)
		}
		f := r.Findings[0]
		if f.Code != catalogue.CodeDuplicateIdentifier || f.Severity != catalogue.Violation || f.Identifier != "a" ||
			f.Line == 0 || f.Property == "" || !strings.Contains(f.Message, `"one"`) {
			t.Errorf("pass %d: finding %+v", i, f)
		}
	}
	if p := b.publication("a"); p.Source != "one" || p.State != catalogue.Validated {
		t.Errorf("a is %s of %s", p.State, p.Source)
	}
	b.src.set(t, "z=1")
	b.pass(Options{}, "-a")
	if r, err := b.Run(t.Context(), "two", Options{}); err != nil || did(r) != "+a" {
		t.Errorf("after it was removed there: %s, %v", did(r), err)
	}
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
	if err := b.sendRecord(t.Context(), b.Sources[0], records[0]); err != nil {
		t.Fatal(err)
	}
	if err := b.sendRecord(t.Context(), b.Sources[1], records[0]); err == nil || b.publication("a").Source != "one" {
		t.Errorf("taken twice: %v", err)
	}
	if _, kinds := b.sent(); kinds != "create a" {
		t.Errorf("sent %s", kinds)
	}
}
