package cases

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
)

// performance are the cases of group PERFORMANCE: they measure and never decide. Tester and target share one
// machine, so the figures compare runs on that machine, and say nothing about another.
func performance() []c.Case {
	common := c.Case{Level: c.May, Profiles: []c.Profile{c.Core}}
	rows := group(common,
		c.Case{
			ID: "EHG-PERFORMANCE-001", Title: "Acknowledged messages a second, eight at a time", Polarity: c.Positive,
			Why:     "A receipt is owed after the message is on disk: this is what that costs.",
			Clauses: []string{"wire §4"}, Needs: []c.Need{c.NeedAlone}, Run: throughput,
		},
		c.Case{
			ID: "EHG-PERFORMANCE-002", Title: "Time to a receipt, one at a time", Polarity: c.Positive,
			Why:     "What a sender waits for when nothing else is under way.",
			Clauses: []string{"wire §4"}, Needs: []c.Need{c.NeedAlone}, Run: latency,
		},
		c.Case{
			ID: "EHG-PERFORMANCE-003", Title: "Time from an application to its acknowledgement at the centre", Polarity: c.Positive,
			Why:     "What an applicant waits for until the portal shows that the application arrived.",
			Clauses: []string{"D7.3 §5.2 use case 4"}, Needs: []c.Need{c.NeedAlone}, Run: turnaround,
		},
		c.Case{
			ID: "EHG-PERFORMANCE-004", Title: "Readings a second of what everybody reads", Polarity: c.Positive,
			Why:     "Configurations and the register are read by all neighbours and by the public.",
			Clauses: []string{"wire §1", "Art. 58"}, Needs: []c.Need{c.NeedAlone}, Run: readings,
		},
	)
	for i := range rows {
		rows[i].Report = true
	}
	return rows
}

// How long is measured: a rate under load, and what settles sooner.
const (
	measured = 2 * time.Second
	briefly  = time.Second
)

// rate runs work side by side until d is over: how long each took that succeeded, and how many a second.
func rate(ctx context.Context, t *c.T, d time.Duration, wide int, work func(ctx context.Context) bool) (took []time.Duration, perSecond float64) {
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	began := t.Now()
	for range wide {
		wg.Go(func() {
			for ctx.Err() == nil && t.Now().Sub(began) < d {
				start := t.Now()
				if !work(ctx) {
					continue
				}
				mu.Lock()
				took = append(took, t.Now().Sub(start))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(took) == 0 {
		t.Trouble(errors.New("no request succeeded: there is nothing to measure"))
	}
	slices.Sort(took)
	return took, float64(len(took)) / t.Now().Sub(began).Seconds()
}

// quantiles notes the middle and the slow end of sorted times.
func quantiles(t *c.T, name string, took []time.Duration) {
	t.Measure(name+", p50", took[len(took)/2].Seconds()*1000, "ms")
	t.Measure(name+", p99", took[len(took)*99/100].Seconds()*1000, "ms")
}

// acknowledged sends one application and says whether it was receipted.
func acknowledged(ctx context.Context, t *c.T) bool {
	env, err := draftApplication(t)
	if err != nil {
		return false
	}
	s, err := t.Centre.Send(ctx, env)
	return err == nil && s.Received() && s.Fault == nil
}

func throughput(ctx context.Context, t *c.T) {
	took, perSecond := rate(ctx, t, measured, 8, func(ctx context.Context) bool { return acknowledged(ctx, t) })
	t.Measure("messages acknowledged", perSecond, "1/s")
	quantiles(t, "receipt, eight at a time", took)
}

func latency(ctx context.Context, t *c.T) {
	took, _ := rate(ctx, t, briefly, 1, func(ctx context.Context) bool { return acknowledged(ctx, t) })
	quantiles(t, "receipt, one at a time", took)
}

func turnaround(ctx context.Context, t *c.T) {
	took, _ := rate(ctx, t, briefly, 1, func(ctx context.Context) bool {
		env, err := draftApplication(t)
		if err != nil {
			return false
		}
		if s, err := t.Centre.Send(ctx, env); err != nil || !s.Received() {
			return false
		}
		ctx, cancel := context.WithTimeout(ctx, t.Patience(c.Wait))
		defer cancel()
		_, err = t.Centre.Await(ctx, acknowledges(env))
		return err == nil
	})
	quantiles(t, "application to acknowledgement", took)
}

func readings(ctx context.Context, t *c.T) {
	about := t.Target.Announced()
	pages := map[string]string{"entity configuration": about.Entity + roles.WellKnown}
	if about.URLs.Register != "" {
		pages["register"] = about.URLs.Register + "?format=json"
	}
	for name, page := range pages {
		took, perSecond := rate(ctx, t, briefly, 8, func(ctx context.Context) bool {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
			if err != nil {
				return false
			}
			resp, err := t.HTTP.Do(req)
			if err != nil {
				return false
			}
			return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
		})
		t.Measure(name+" read", perSecond, "1/s")
		quantiles(t, name, took)
	}
}
