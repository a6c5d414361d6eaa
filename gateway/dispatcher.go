package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
)

// DispatcherOptions are the settings of a driver dispatcher, as the configuration has them.
func DispatcherOptions(c *config.Config, d config.Dispatcher) dispatcher.Options {
	o := dispatcher.Options{Country: c.Country, Emit: d.Emit, Place: dispatcher.Placement(d.Attachments),
		SPEOperator: d.SPE.Operator, SPETools: d.SPE.Tools}
	if f := d.Fees; f.Currency != "" {
		o.Fees = &ehds.Fees{AmountCents: f.AmountCents, Currency: f.Currency, Note: f.Note}
	}
	for _, s := range d.Systems {
		system := dispatcher.System{Name: s.Name, Rate: s.Rate, Push: webhook.Target{URL: s.PushURL, Secret: s.PushSecret.Reveal()}}
		for _, id := range s.HDABs {
			system.Bodies = append(system.Bodies, HDABEntity(c.Entity, id))
		}
		o.Systems = append(o.Systems, system)
	}
	return o
}

// dispatchers are the interfaces for national systems among the permit systems.
func (g *Gateway) dispatchers() ([]*dispatcher.Driver, error) {
	var out []*dispatcher.Driver
	for _, s := range g.systems {
		if s.dispatcher != nil {
			out = append(out, s.dispatcher)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.NotFound, "no-dispatcher", "another permit system than the dispatcher is configured")
	}
	return out, nil
}

func (g *Gateway) serveDispatcher(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/dispatcher/keys", g.operatorAPIKeys)
	httpapi.Post(api, "/v1/dispatcher/keys/add", g.operatorAPIKey)
	httpapi.Post(api, "/v1/dispatcher/keys/revoke", g.operatorRevokeAPIKey)
	httpapi.Get(api, "/v1/dispatcher/dead", g.operatorDeadPushes)
	httpapi.Post(api, "/v1/dispatcher/retry", g.operatorRetryPush)
}

// APIKeyRequest asks for an API key of a national system. Life is in seconds; 0 has no end.
type APIKeyRequest struct {
	System string `json:"system"`
	Life   int64  `json:"life,omitempty"`
}

// APIKeyRevocation takes an API key out of use, after as many seconds.
type APIKeyRevocation struct {
	ID    string `json:"id"`
	After int64  `json:"after,omitempty"`
}

func (g *Gateway) operatorAPIKeys(ctx context.Context, _ httpapi.Query) ([]dispatcher.APIKey, error) {
	return ofDispatchers(g, func(d *dispatcher.Driver) ([]dispatcher.APIKey, error) { return d.Keys(ctx) })
}

func (g *Gateway) operatorAPIKey(ctx context.Context, r APIKeyRequest) (dispatcher.NewKey, error) {
	life, err := seconds(r.Life, "/life")
	if err != nil {
		return dispatcher.NewKey{}, err
	}
	return eachDispatcher(g, "no-such-system", func(d *dispatcher.Driver) (dispatcher.NewKey, error) { return d.AddKey(ctx, r.System, life) })
}

func (g *Gateway) operatorRevokeAPIKey(ctx context.Context, r APIKeyRevocation) (dispatcher.APIKey, error) {
	after, err := seconds(r.After, "/after")
	if err != nil {
		return dispatcher.APIKey{}, err
	}
	return eachDispatcher(g, "no-such-key", func(d *dispatcher.Driver) (dispatcher.APIKey, error) { return d.RevokeKey(ctx, r.ID, after) })
}

// ofDispatchers lists what all of them have.
func ofDispatchers[T any](g *Gateway, list func(*dispatcher.Driver) ([]T, error)) ([]T, error) {
	all, err := g.dispatchers()
	out := []T{}
	for _, d := range all {
		part, err := list(d)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, err
}

// eachDispatcher asks one dispatcher after the other while they answer that what is asked for is not theirs.
func eachDispatcher[T any](g *Gateway, notMine string, ask func(*dispatcher.Driver) (T, error)) (out T, err error) {
	list, err := g.dispatchers()
	for _, d := range list {
		if out, err = ask(d); fault.CodeOf(err) != notMine {
			break
		}
	}
	return out, err
}

// PushRetry has announcements sent again that were given up: one notice of a system, or all with notice 0.
type PushRetry struct {
	System string `json:"system"`
	Notice int64  `json:"notice,omitempty"`
}

// PushRetried says how many announcements are on their way again.
type PushRetried struct {
	Queued int `json:"queued"`
}

func (g *Gateway) operatorDeadPushes(ctx context.Context, _ httpapi.Query) ([]dispatcher.DeadPush, error) {
	return ofDispatchers(g, func(d *dispatcher.Driver) ([]dispatcher.DeadPush, error) { return d.DeadPushes(ctx) })
}

func (g *Gateway) operatorRetryPush(ctx context.Context, r PushRetry) (PushRetried, error) {
	return eachDispatcher(g, "no-such-push", func(d *dispatcher.Driver) (PushRetried, error) {
		n, err := d.RetryPush(ctx, r.System, r.Notice)
		return PushRetried{n}, err
	})
}

// keepPushed lets a driver announce what it has for its systems, until ctx ends.
func (g *Gateway) keepPushed(ctx context.Context, p connectors.Pusher) {
	for {
		wait := p.Push(ctx)
		select {
		case <-ctx.Done():
			return
		case <-p.Nudged():
		case <-g.o.After(wait):
		}
	}
}

// longest is the longest duration taken in seconds: ten years.
const longest = 10 * 366 * 24 * 3600

func seconds(n int64, field string) (time.Duration, error) {
	if n < 0 || n > longest {
		return 0, fault.New(fault.Invalid, "duration-range", "seconds from 0 to ten years are wanted").At(field)
	}
	return time.Duration(n) * time.Second, nil
}
