package publish

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// namespace is the publisher's in the mailboxes of the record.
const namespace = "publish"

// LastPass is what is kept of the last complete pass over a source that was not a dry run.
type LastPass struct {
	At     time.Time `json:"at"` // when it began
	Totals Totals    `json:"totals"`
	Read   int       `json:"read"`
}

// note records the end of a pass: which descriptions are published though the source no longer
// confirms them, which it confirms again, and when the source was read.
func (p *Publisher) note(ctx context.Context, x *pass) error {
	var g errgroup.Group
	g.SetLimit(sendParallel)
	by := "source " + x.s.Name
	mark := func(origin string, f func(catalogue.Publication, time.Time) (catalogue.Publication, bool)) {
		g.Go(func() error { return p.mark(ctx, x.standing.have[origin].Published, f) })
	}
	for _, origin := range x.withheld {
		mark(origin, func(pub catalogue.Publication, at time.Time) (catalogue.Publication, bool) {
			return pub.FellBehind(catalogue.BehindQuarantine, by, at)
		})
	}
	for _, origin := range x.caught {
		mark(origin, func(pub catalogue.Publication, at time.Time) (catalogue.Publication, bool) {
			return pub.CaughtUp(by, at)
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	value, err := json.Marshal(LastPass{At: x.r.Started, Totals: x.r.Totals, Read: x.r.Read})
	if err != nil {
		return fmt.Errorf("noting the pass: %w", err)
	}
	if err := p.Record.MailBatch(ctx, namespace, []store.Mail{{Key: "pass/" + x.s.Name, Value: value}}, nil); err != nil {
		return fmt.Errorf("noting the pass: %w", err)
	}
	return nil
}

// mark changes one publication, or leaves it.
func (p *Publisher) mark(ctx context.Context, published string, f func(catalogue.Publication, time.Time) (catalogue.Publication, bool)) error {
	_, err := p.Record.Update(ctx, ehds.DatasetCase(p.Country, published).String(), func(st store.State) (store.Change, error) {
		pub, err := publicationOf(st.Doc)
		if err != nil {
			return store.Change{}, err
		}
		pub, ok := f(pub, st.Now)
		if !ok {
			return store.Change{}, nil
		}
		return store.Change{Doc: encode(pub)}, nil
	})
	if err != nil {
		return fmt.Errorf("noting of %q what the pass found: %w", published, err)
	}
	return nil
}

// Last is the last complete pass over a source; ok is false before the first.
func (p *Publisher) Last(ctx context.Context, source string) (last LastPass, ok bool, err error) {
	value, ok, err := p.Record.MailGet(ctx, namespace, "pass/"+source)
	if err != nil || !ok {
		return last, false, err
	}
	if err := json.Unmarshal(value, &last); err != nil {
		return last, false, fmt.Errorf("the last pass over %s: %w", source, err)
	}
	return last, true, nil
}
