package publish

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// inFlight is how many documents may be read and not yet taken, for each that is being worked on: it
// lets a large one be worked on while small ones pass.
const inFlight = 2

// job is a document on its way, and where its result is waited for.
type job struct {
	doc  connectors.CatalogueItem
	done chan *assessed
}

// flow takes every document of the source through the stages: one goroutine collects, as many as
// there are processors normalise and validate, and the results are compared in the order of the
// documents. The error is that of the source or the context: the pass is incomplete then.
func (p *Publisher) flow(ctx context.Context, x *pass) error {
	g, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	jobs, order := make(chan job), make(chan job, inFlight*workers)
	g.Go(func() error {
		defer close(order)
		defer close(jobs)
		return collect(ctx, x.s.Driver, func(doc connectors.CatalogueItem) error {
			j := job{doc, make(chan *assessed, 1)}
			for _, to := range []chan job{order, jobs} { // order first: it is what bounds the others
				select {
				case to <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range workers {
		g.Go(func() error {
			for j := range jobs {
				a, err := x.assess(ctx, j.doc)
				if err != nil {
					return err
				}
				j.done <- a
			}
			return nil
		})
	}
	g.Go(func() error {
		for j := range order {
			select {
			case a := <-j.done:
				if err := x.take(a); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}
