package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// slack is what a server may have written of one answer beyond what the client read: buffers on the way.
const slack = 12 << 20

// wireRules are the rules about servers that misbehave. Each fault meets every request of a pass in
// turn, alone and together with all that follow. A pass then fails, or tells of what is missing, or
// has everything: it is never complete and short.
func wireRules() []catalogueRule {
	var rules []catalogueRule
	bomb := GzipBomb()
	for _, f := range []struct {
		name string
		make func(c *catalogueCase, foreign string) Fault
	}{
		{"an error of the server", func(*catalogueCase, string) Fault { return Status(http.StatusInternalServerError) }},
		{"a refusal", func(*catalogueCase, string) Fault { return Status(http.StatusForbidden) }},
		{"a page for people", func(*catalogueCase, string) Fault { return Status(http.StatusOK) }},
		{"a wrong content type", func(*catalogueCase, string) Fault { return WrongType("text/html; charset=utf-8") }},
		{"half a body", func(*catalogueCase, string) Fault { return CutBody(true) }},
		{"half a body of unknown length", func(*catalogueCase, string) Fault { return CutBody(false) }},
		{"an endless body", func(*catalogueCase, string) Fault { return EndlessBody() }},
		{"a compressed bomb", func(*catalogueCase, string) Fault { return bomb }},
		{"the first answer for ever", func(*catalogueCase, string) Fault { return Repeat() }},
		{"a redirect to itself", func(*catalogueCase, string) Fault { return RedirectLoop() }},
		{"a redirect to another host", func(_ *catalogueCase, foreign string) Fault { return RedirectElsewhere(foreign) }},
		{"links to another host", func(c *catalogueCase, foreign string) Fault { return LinksElsewhere(c.Wire.URL(), foreign) }},
	} {
		rules = append(rules, catalogueRule{f.name + " makes no pass short", wired, func(ctx context.Context, c *catalogueCase) error {
			foreign, asked := elsewhere(c.t)
			if err := faultEverywhere(ctx, c, func() Fault { return f.make(c, foreign) }); err != nil {
				return err
			}
			if n := asked(); n > 0 {
				return fmt.Errorf("another host was asked %d times", n)
			}
			return nil
		}})
	}
	return append(rules, catalogueRule{"a server that does not answer is left when the context ends", wired, hangingEnds})
}

// elsewhere is another host, and the number of questions it was asked.
func elsewhere(t testing.TB) (url string, asked func() int64) {
	var n atomic.Int64
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Content-Type", "text/turtle")
		_, _ = w.Write([]byte(DatasetTurtle("https://foreign.example/set", Described{Identifier: "foreign", Title: "Foreign", Modified: Now()})))
	}))
	t.Cleanup(s.Close)
	return s.URL, n.Load
}

func faultEverywhere(ctx context.Context, c *catalogueCase, fault func() Fault) error {
	ids := c.fill(c.some())
	c.Wire.Requests()
	if _, err := c.all(ctx); err != nil {
		return err
	}
	requests := len(c.Wire.Requests())
	for at := range requests {
		for _, how := range []struct {
			name string
			when func(int, *http.Request) bool
		}{
			{"alone", func(n int, _ *http.Request) bool { return n == at }},
			{"for good", func(n int, _ *http.Request) bool { return n >= at }},
		} {
			if err := c.faulty(ctx, fault(), how.when, ids, requests); err != nil {
				return fmt.Errorf("at request %d of %d, %s: %w", at+1, requests, how.name, err)
			}
		}
	}
	p, err := c.all(ctx)
	if err != nil {
		return fmt.Errorf("healed: %w", err)
	}
	return p.want(ids)
}

// faulty makes one pass over a server that misbehaves.
func (c *catalogueCase) faulty(ctx context.Context, f Fault, when func(int, *http.Request) bool, ids []string, requests int) error {
	d := c.Open(c.t)
	c.Wire.Misbehave(f, when)
	defer c.Wire.Behave()
	c.Wire.Requests()
	c.Wire.Written()
	p, err := pass(ctx, d, time.Time{}, "")
	asked := c.Wire.Requests()
	if n := c.Wire.Written(); n > int64(len(asked))*(c.MaxBody+slack) {
		return fmt.Errorf("%d bytes were taken in %d answers", n, len(asked))
	}
	if most := 4*requests + 20; len(asked) > most {
		return fmt.Errorf("%d requests where %d are enough", len(asked), requests)
	}
	switch {
	case errors.Is(err, errCircle):
		return err
	case err != nil, len(p.errs) > 0:
		for _, text := range append(texts(p.errs), texts([]error{err})...) {
			if s, ok := carries(text, c.Secrets); ok {
				return fmt.Errorf("%q shows in %q", s, text)
			}
		}
		return nil
	}
	if err := p.want(ids); err != nil {
		return fmt.Errorf("the pass counts as complete: %w", err)
	}
	return nil
}

func hangingEnds(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	d := c.Open(c.t)
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	c.Wire.Misbehave(Hang(cancel), nil)
	defer c.Wire.Behave()
	if _, err := pass(waiting, d, time.Time{}, ""); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("error %w", err)
	}
	return nil
}
