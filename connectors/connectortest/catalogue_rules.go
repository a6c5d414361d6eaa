package connectortest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
)

func emptySource(ctx context.Context, c *catalogueCase) error {
	p, err := c.all(ctx) // whether an empty source is an error is the driver's to say
	switch {
	case errors.Is(err, errCircle):
		return err
	case len(p.titles) > 0 || len(p.tombstones) > 0:
		return fmt.Errorf("datasets %v, tombstones %v", p.titles, p.tombstones)
	}
	return nil
}

func everyDataset(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	p, err := c.all(ctx)
	if err != nil {
		return err
	}
	return p.want(ids)
}

func itemsWhole(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	if c.Spoil != nil {
		c.Spoil(c.t, ids[len(ids)-1])
	}
	p, err := c.all(ctx)
	if err != nil {
		return err
	}
	for _, i := range p.items {
		parts := 0
		for _, has := range []bool{i.Graph != nil, i.Raw != nil, i.Err != nil} {
			if has {
				parts++
			}
		}
		switch {
		case i.File == "":
			return fmt.Errorf("an item without a name: %+v", i)
		case parts != 1:
			return fmt.Errorf("%s: graph %v, bytes %v, error %v", i.File, i.Graph != nil, i.Raw != nil, i.Err)
		case i.Raw != nil && len(i.Raw.Content) > connectors.MaxRawDocument:
			return fmt.Errorf("%s: %d bytes are passed on unread", i.File, len(i.Raw.Content))
		}
	}
	return nil
}

func sameTwice(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	d := c.Open(c.t)
	first, err := pass(ctx, d, time.Time{}, "")
	if err != nil {
		return err
	}
	for name, again := range map[string]connectors.Catalogue{"the driver": d, "another driver": c.Open(c.t)} {
		p, err := pass(ctx, again, time.Time{}, "")
		if err != nil {
			return fmt.Errorf("%s, again: %w", name, err)
		}
		if diff := cmp.Diff(first.names(), p.names()); diff != "" {
			return fmt.Errorf("%s names the items otherwise (-first +again):\n%s", name, diff)
		}
		if diff := cmp.Diff(first.titles, p.titles); diff != "" {
			return fmt.Errorf("%s gives other datasets (-first +again):\n%s", name, diff)
		}
	}
	return nil
}

func (p *passed) names() []string {
	var out []string
	for _, i := range p.items {
		out = append(out, i.File)
	}
	return out
}

func changeSeen(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(2)
	d := c.Open(c.t)
	if _, err := pass(ctx, d, time.Time{}, ""); err != nil {
		return err
	}
	c.Put(c.t, Described{Identifier: ids[1], Title: "Another title", Modified: Now()},
		Described{Identifier: "set-new", Title: "New", Modified: Now()})
	p, err := pass(ctx, d, time.Time{}, "")
	if err != nil {
		return err
	}
	if p.titles[ids[1]] != "Another title" {
		return fmt.Errorf("the title is still %q", p.titles[ids[1]])
	}
	return p.want(append(ids, "set-new"))
}

func inPages(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	p, err := c.all(ctx)
	if err != nil {
		return err
	}
	if len(p.pages) < 2 {
		return fmt.Errorf("%d datasets came in %d pages", len(ids), len(p.pages))
	}
	return p.want(ids)
}

func cursorResumed(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	whole, err := c.all(ctx)
	if err != nil {
		return err
	}
	for n, page := range whole.pages[:len(whole.pages)-1] {
		rest, err := pass(ctx, c.Open(c.t), time.Time{}, page.Next)
		if err != nil {
			return fmt.Errorf("after page %d: %w", n, err)
		}
		if got, want := len(rest.pages), len(whole.pages)-n-1; got != want {
			return fmt.Errorf("after page %d: %d pages, want %d", n, got, want)
		}
		want := newPassed()
		for _, later := range whole.pages[n+1:] {
			if err := want.take(ctx, later); err != nil {
				return err
			}
		}
		if diff := cmp.Diff(want.titles, rest.titles); diff != "" {
			return fmt.Errorf("after page %d (-whole +resumed):\n%s", n, diff)
		}
	}
	return nil
}

func pagedHonest(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	d := c.Open(c.t)
	before := d.Capabilities()
	p, err := pass(ctx, d, time.Time{}, "")
	if err != nil {
		return err
	}
	if len(p.pages) > 1 && !before.Paged {
		return fmt.Errorf("%d pages of a source that is not paged", len(p.pages))
	}
	if after := d.Capabilities(); after != before {
		return fmt.Errorf("the capabilities changed from %+v to %+v", before, after)
	}
	return nil
}

func listCancelled(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	d := c.Open(c.t)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if page, err := d.List(cancelled, time.Time{}, ""); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("%d items, error %w", len(page.Items), err)
	}
	p, err := pass(ctx, d, time.Time{}, "")
	if err != nil || len(p.titles) != c.some() {
		return fmt.Errorf("afterwards %d datasets, error %w", len(p.titles), err)
	}
	return nil
}

func malformedGoesOn(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	c.Spoil(c.t, ids[len(ids)-1])
	p, err := c.all(ctx)
	if err != nil {
		return fmt.Errorf("one malformed document ends the pass: %w", err)
	}
	if len(p.errs) == 0 {
		return fmt.Errorf("no item tells of it; datasets %v", p.titles)
	}
	if len(p.titles) == 0 {
		return fmt.Errorf("nothing of %d datasets is left: %v", len(ids), p.errs)
	}
	c.Put(c.t, Described{Identifier: ids[len(ids)-1], Title: "Mended", Modified: Now()})
	if p, err = c.all(ctx); err != nil {
		return fmt.Errorf("mended: %w", err)
	}
	return p.want(ids)
}

func failingIsError(ctx context.Context, c *catalogueCase) error {
	c.fill(c.some())
	d := c.Open(c.t)
	c.Fail(c.t)
	if page, err := d.List(ctx, time.Time{}, ""); err == nil {
		return fmt.Errorf("a page of %d items", len(page.Items))
	}
	return nil
}

func failingMidway(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	d := c.Open(c.t)
	first, err := d.List(ctx, time.Time{}, "")
	if err != nil {
		return err
	}
	c.Fail(c.t)
	p, err := pass(ctx, d, time.Time{}, first.Next)
	if err == nil && len(p.errs) == 0 {
		return fmt.Errorf("the pass counts as complete with %d of %d datasets", len(p.titles), len(ids))
	}
	return nil
}

func sinceHonest(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(4) // changed 1, 2, 3 and 4 days ago
	d := c.Open(c.t)
	p, err := pass(ctx, d, Now().Add(-60*time.Hour), "")
	if err != nil {
		return err
	}
	if !d.Capabilities().Since {
		return p.want(ids)
	}
	for i, id := range ids {
		if _, given := p.titles[id]; i < 2 && !given {
			return fmt.Errorf("%s changed since and is not given", id)
		} else if i > 2 && given {
			return fmt.Errorf("%s did not change since and is given", id)
		}
	}
	return nil
}

func removalHonest(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	d := c.Open(c.t)
	if _, err := pass(ctx, d, time.Time{}, ""); err != nil {
		return err
	}
	c.Remove(c.t, ids[1])
	p, err := pass(ctx, d, time.Time{}, "")
	if err != nil {
		return err
	}
	if told := slices.Contains(p.tombstones, ids[1]); told != d.Capabilities().Tombstones || len(p.tombstones) > 1 {
		return fmt.Errorf("tombstones %v of a driver that says %v", p.tombstones, d.Capabilities().Tombstones)
	}
	return p.want(slices.Delete(slices.Clone(ids), 1, 2))
}

func noSecrets(ctx context.Context, c *catalogueCase) error {
	ids := c.fill(c.some())
	if c.Spoil != nil {
		c.Spoil(c.t, ids[0])
	}
	d := c.Open(c.t)
	p, err := pass(ctx, d, time.Time{}, "")
	all := slices.Concat(p.names(), texts(p.errs), texts([]error{err}))
	if c.Fail != nil {
		c.Fail(c.t)
		_, err = pass(ctx, d, time.Time{}, "")
		all = append(all, texts([]error{err})...)
	}
	for _, text := range all {
		if s, ok := carries(text, c.Secrets); ok {
			return fmt.Errorf("%q shows in %q", s, text)
		}
	}
	return nil
}

func texts(errs []error) []string {
	var out []string
	for _, err := range errs {
		if err != nil {
			out = append(out, err.Error())
		}
	}
	return out
}

func relativeResolved(ctx context.Context, c *catalogueCase) error {
	want := c.Relative(c.t)
	p, err := c.all(ctx)
	if err != nil {
		return err
	}
	for _, iri := range p.nodes {
		if iri == want {
			return nil
		}
	}
	return fmt.Errorf("nodes %v, want %s", p.nodes, want)
}
