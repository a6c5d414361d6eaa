package connectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// ErrPanic is what a call of a driver that panicked returns. The panic is logged with its type and
// stack, not with its text, which may hold content; it ends the call, not the gateway.
var ErrPanic = errors.New("the driver panicked")

// Deadlines bound single calls of drivers. Zero means no bound but the caller's.
type Deadlines struct {
	List, Permits, Send time.Duration
}

// DefaultDeadlines leave room for a page of a slow catalogue and for 256 MiB of attachments.
func DefaultDeadlines() Deadlines {
	return Deadlines{List: 5 * time.Minute, Permits: time.Minute, Send: 10 * time.Minute}
}

// call runs one call of a driver behind the fence.
func call[T any](ctx context.Context, log *slog.Logger, instance, what string, limit time.Duration, f func(context.Context) (T, error)) (out T, err error) {
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "a driver panicked", "connector", instance, "call", what, "panic", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = fmt.Errorf("%s of %s: %w", what, instance, ErrPanic)
		}
	}()
	return f(ctx)
}

// done adapts a call without result.
func done(f func(context.Context) error) func(context.Context) (struct{}, error) {
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) }
}

// GuardCatalogue puts a deadline and a panic fence around a catalogue driver.
func GuardCatalogue(d Catalogue, h Host, t Deadlines) Catalogue { return guardedCatalogue{d, h, t} }

type guardedCatalogue struct {
	driver Catalogue
	host   Host
	limits Deadlines
}

func (g guardedCatalogue) Capabilities() CatalogueCapabilities { return g.driver.Capabilities() }

func (g guardedCatalogue) List(ctx context.Context, since time.Time, cursor string) (CataloguePage, error) {
	return call(ctx, g.host.Logger, g.host.Instance, "List", g.limits.List, func(ctx context.Context) (CataloguePage, error) {
		return g.driver.List(ctx, since, cursor)
	})
}

// GuardPermits puts a deadline and a panic fence around a permit driver.
func GuardPermits(d Permits, h Host, t Deadlines) Permits { return guardedPermits{d, h, t} }

type guardedPermits struct {
	driver Permits
	host   Host
	limits Deadlines
}

func (g guardedPermits) run(ctx context.Context, what string, f func(context.Context) error) error {
	_, err := call(ctx, g.host.Logger, g.host.Instance, what, g.limits.Permits, done(f))
	return err
}

func (g guardedPermits) Submit(ctx context.Context, s Submission) error {
	return g.run(ctx, "Submit", func(ctx context.Context) error { return g.driver.Submit(ctx, s) })
}

func (g guardedPermits) Info(ctx context.Context, i Information) error {
	return g.run(ctx, "Info", func(ctx context.Context) error { return g.driver.Info(ctx, i) })
}

func (g guardedPermits) Withdraw(ctx context.Context, w Withdrawal) error {
	return g.run(ctx, "Withdraw", func(ctx context.Context) error { return g.driver.Withdraw(ctx, w) })
}

func (g guardedPermits) Answer(ctx context.Context, a DecisionAnswer) error {
	return g.run(ctx, "Answer", func(ctx context.Context) error { return g.driver.Answer(ctx, a) })
}

func (g guardedPermits) Events(ctx context.Context, cursor string) (PermitEvents, error) {
	return call(ctx, g.host.Logger, g.host.Instance, "Events", g.limits.Permits, func(ctx context.Context) (PermitEvents, error) {
		return g.driver.Events(ctx, cursor)
	})
}

// GuardCentral puts a deadline and a panic fence around a central driver.
func GuardCentral(d Central, h Host, t Deadlines) Central { return guardedCentral{d, h, t} }

type guardedCentral struct {
	driver Central
	host   Host
	limits Deadlines
}

func (g guardedCentral) Send(ctx context.Context, p Peer, token string, attachments []Outbound) (Answer, error) {
	return call(ctx, g.host.Logger, g.host.Instance, "Send", g.limits.Send, func(ctx context.Context) (Answer, error) {
		return g.driver.Send(ctx, p, token, attachments)
	})
}
