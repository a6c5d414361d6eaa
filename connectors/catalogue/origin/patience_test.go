package origin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A server that asks for time gets it, within bounds, and is asked again.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		after  string
		busy   int // answers before it has time
		slept  []time.Duration
		want   error
	}{
		"503":                {503, "2", 1, []time.Duration{2 * time.Second}, nil},
		"429":                {429, "60", 2, []time.Duration{time.Minute, time.Minute}, nil},
		"at once":            {503, "0", 1, []time.Duration{0}, nil},
		"too long":           {503, "61", 1, nil, Status(503)},
		"too often":          {429, "1", 4, []time.Duration{time.Second, time.Second, time.Second}, Status(429)},
		"nothing said":       {503, "", 1, nil, Status(503)},
		"a date":             {503, "Wed, 21 Oct 2026 07:28:00 GMT", 1, nil, Status(503)},
		"a number too large": {503, "99999999999999999999", 1, nil, Status(503)},
		"below zero":         {503, "-1", 1, nil, Status(503)},
		"another status":     {500, "1", 1, nil, Status(500)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var slept []time.Duration
			asked := 0
			s, r := server(t, func(w http.ResponseWriter, _ *http.Request) {
				if asked++; asked > c.busy {
					_, _ = fmt.Fprint(w, "here")
					return
				}
				if c.after != "" {
					w.Header().Set("Retry-After", c.after)
				}
				w.WriteHeader(c.status)
			}, func(o *Options) {
				o.Sleep = func(_ context.Context, d time.Duration) error {
					slept = append(slept, d)
					return nil
				}
			})
			got, err := body(t, r, s.URL)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || (got == "here") != (c.want == nil) {
				t.Errorf("%q, %v, want %v", got, err, c.want)
			}
			if diff := cmp.Diff(c.slept, slept); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPatienceEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, r := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
	})
	if err := r.Get(ctx, s.URL, "text/plain", func(Answer) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
