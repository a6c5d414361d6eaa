package cache

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Outcome of one operation of a [Guarded] cache.
type Outcome string

// The outcomes, small enough a set for a metric label.
const (
	Hit     Outcome = "hit"     // Get found a value
	Miss    Outcome = "miss"    // Get found none
	Done    Outcome = "done"    // another operation worked
	Failed  Outcome = "failed"  // the driver failed or was too slow
	Skipped Outcome = "skipped" // the breaker was open; the driver was not asked
)

// Observer counts what a [Guarded] cache does. op is get, set, delete or incr.
type Observer interface {
	CacheOperation(op string, outcome Outcome, took time.Duration)
}

// SafeOptions tune [Safe]. Zero values mean the defaults.
type SafeOptions struct {
	Timeout  time.Duration    // for one operation; 100 ms
	Failures int              // in a row that open the breaker; 3
	Open     time.Duration    // until one operation is tried again; 1 s
	Now      func() time.Time // required
	Logger   *slog.Logger     // nil: silent
	Observer Observer         // nil: none
}

// Guarded is a cache that never fails its caller. See [Safe].
type Guarded struct {
	cache    Cache
	timeout  time.Duration
	now      func() time.Time
	observer Observer
	breaker  *breaker
}

var _ Cache = (*Guarded)(nil)

// Safe wraps a driver. Get answers a failure with a miss; Set and Delete answer
// it with nothing; Incr answers it with 0, which a counter never has, so the
// caller knows that the count is not shared now. Mistakes of the caller
// ([ErrKey], [ErrValue], [ErrTTL], [ErrNotCounter]) and [ErrClosed] are returned.
// Ping asks the driver and returns its error.
func Safe(c Cache, o SafeOptions) *Guarded {
	if o.Timeout <= 0 {
		o.Timeout = 100 * time.Millisecond
	}
	if o.Failures <= 0 {
		o.Failures = 3
	}
	if o.Open <= 0 {
		o.Open = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	b := &breaker{limit: o.Failures, open: o.Open, now: o.Now, logger: o.Logger}
	return &Guarded{cache: c, timeout: o.Timeout, now: o.Now, observer: o.Observer, breaker: b}
}

// Get returns the value, or a miss when the driver fails.
func (g *Guarded) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	err = g.run(ctx, "get", func(ctx context.Context) (Outcome, error) {
		v, found, err := g.cache.Get(ctx, key)
		if err != nil {
			return Failed, err
		}
		if !found {
			return Miss, nil
		}
		value, ok = v, true
		return Hit, nil
	})
	return value, ok, err
}

// Set stores the value, or does nothing when the driver fails.
func (g *Guarded) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return g.run(ctx, "set", func(ctx context.Context) (Outcome, error) {
		return Done, g.cache.Set(ctx, key, value, ttl)
	})
}

// Delete forgets keys, or does nothing when the driver fails.
func (g *Guarded) Delete(ctx context.Context, keys ...string) error {
	return g.run(ctx, "delete", func(ctx context.Context) (Outcome, error) {
		return Done, g.cache.Delete(ctx, keys...)
	})
}

// Incr counts, or returns 0 when the driver fails.
func (g *Guarded) Incr(ctx context.Context, key string, ttl time.Duration) (n int64, err error) {
	err = g.run(ctx, "incr", func(ctx context.Context) (Outcome, error) {
		counted, err := g.cache.Incr(ctx, key, ttl)
		if err == nil {
			n = counted
		}
		return Done, err
	})
	return n, err
}

// Ping asks the driver within the deadline, whatever the breaker says.
func (g *Guarded) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	return g.cache.Ping(ctx)
}

// Close closes the driver.
func (g *Guarded) Close() error { return g.cache.Close() }

// run calls the driver under deadline and breaker and decides whose error it is.
func (g *Guarded) run(ctx context.Context, op string, call func(context.Context) (Outcome, error)) error {
	ticket, allowed := g.breaker.enter()
	if !allowed {
		g.observer.CacheOperation(op, Skipped, 0)
		return nil
	}
	start := g.now()
	bounded, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	outcome, err := call(bounded)
	took := g.now().Sub(start)
	switch {
	case err == nil:
		g.breaker.succeeded()
		g.observer.CacheOperation(op, outcome, took)
		return nil
	case mistake(err):
		g.breaker.leave(ticket)
		g.observer.CacheOperation(op, Failed, took)
		return err
	case ctx.Err() != nil: // the caller gave up first; that says nothing about the driver
		g.breaker.leave(ticket)
	default:
		g.breaker.failed(ctx, ticket, err)
	}
	g.observer.CacheOperation(op, Failed, took)
	return nil
}

// mistake tells the caller's errors from the driver's.
func mistake(err error) bool {
	for _, e := range []error{ErrKey, ErrValue, ErrTTL, ErrNotCounter, ErrClosed} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

type unobserved struct{}

func (unobserved) CacheOperation(string, Outcome, time.Duration) {}
