package cache_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/cachetest"
	"github.com/ehdsgw/ehdsgw/gateway/cache/memory"
)

// faulty is a memory cache that can fail or hang until the context ends.
type faulty struct {
	cache.Cache
	mu    sync.Mutex
	fail  error
	hang  bool
	calls int
}

func (f *faulty) trouble(ctx context.Context) error {
	f.mu.Lock()
	fail, hang := f.fail, f.hang
	f.calls++
	f.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return fail
}

func (f *faulty) set(fail error, hang bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail, f.hang, f.calls = fail, hang, 0
}

func (f *faulty) asked() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

func (f *faulty) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := f.trouble(ctx); err != nil {
		return []byte("rest of an answer"), true, err
	}
	return f.Cache.Get(ctx, key)
}

func (f *faulty) Incr(ctx context.Context, key string, ttl time.Duration) (int64, error) {
	if err := f.trouble(ctx); err != nil {
		return 17, err
	}
	return f.Cache.Incr(ctx, key, ttl)
}

func (f *faulty) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := f.trouble(ctx); err != nil {
		return err
	}
	return f.Cache.Set(ctx, key, value, ttl)
}

func (f *faulty) Delete(ctx context.Context, keys ...string) error {
	if err := f.trouble(ctx); err != nil {
		return err
	}
	return f.Cache.Delete(ctx, keys...)
}

func (f *faulty) Ping(ctx context.Context) error { return f.trouble(ctx) }

var errDown = errors.New("connection refused")

// outcomes remembers what was observed.
type outcomes struct {
	mu   sync.Mutex
	seen []string
}

func (o *outcomes) CacheOperation(op string, outcome cache.Outcome, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, op+" "+string(outcome))
}

// setup must run inside a synctest bubble, where time.Now is the bubble's.
func setup(logger *slog.Logger, o cache.Observer) (*faulty, *cache.Guarded) {
	f := &faulty{Cache: memory.New(memory.Options{Now: time.Now})}
	return f, cache.Safe(f, cache.SafeOptions{Now: time.Now, Logger: logger, Observer: o})
}

func TestSafeKeepsTheContract(t *testing.T) {
	now := time.Now()
	clock := func() time.Time { return now }
	cachetest.Run(t, func(*testing.T) cache.Cache {
		return cache.Safe(memory.New(memory.Options{Now: clock}), cache.SafeOptions{Timeout: time.Minute, Now: clock})
	}, cachetest.Capabilities{AdvanceClock: func(d time.Duration) { now = now.Add(d) }, Forgiving: true})
}

func TestSafeTurnsErrorsIntoMisses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := setup(nil, nil)
		f.set(errDown, false)
		for range 5 {
			if v, ok, err := c.Get(t.Context(), "k"); v != nil || ok || err != nil {
				t.Errorf("Get = %q, %v, %v", v, ok, err)
			}
			if n, err := c.Incr(t.Context(), "n", time.Hour); n != 0 || err != nil {
				t.Errorf("Incr = %d, %v", n, err)
			}
			if err := c.Set(t.Context(), "k", nil, time.Hour); err != nil {
				t.Errorf("Set = %v", err)
			}
			if err := c.Delete(t.Context(), "k"); err != nil {
				t.Errorf("Delete = %v", err)
			}
		}
		if err := c.Ping(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("Ping = %v, want the driver's error", err)
		}
	})
}

func TestSafeBoundsAHangingDriver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := setup(nil, nil)
		f.set(nil, true)
		for i, want := range []time.Duration{100, 100, 100, 0, 0} { // three open the breaker
			start := time.Now()
			if _, ok, err := c.Get(t.Context(), "k"); ok || err != nil {
				t.Errorf("Get %d = %v, %v", i, ok, err)
			}
			if took := time.Since(start); took != want*time.Millisecond {
				t.Errorf("Get %d took %s, want %d ms", i, took, want)
			}
		}
	})
}

func TestSafeTriesAgainAndLogsTransitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		seen := &outcomes{}
		f, c := setup(slog.New(slog.NewTextHandler(&log, nil)), seen)
		get := func() { _, _, _ = c.Get(t.Context(), "k") }
		f.set(errDown, false)
		for range 6 {
			get() // three fail, three are skipped
		}
		time.Sleep(time.Second)
		get() // a trial that fails
		get() // skipped
		f.set(nil, false)
		time.Sleep(time.Second)
		get() // a trial that works
		get()
		want := []string{"get failed", "get failed", "get failed", "get skipped", "get skipped", "get skipped",
			"get failed", "get skipped", "get miss", "get miss"}
		if !slices.Equal(seen.seen, want) {
			t.Errorf("outcomes = %q, want %q", seen.seen, want)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "does not work") || !strings.Contains(lines[1], "works again") {
			t.Errorf("log:\n%s", log.String())
		}
	})
}

// TestSafeSendsOneTrial hangs the driver and counts what reaches it at once.
func TestSafeSendsOneTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := setup(nil, nil)
		f.set(errDown, false)
		for range 3 {
			_, _, _ = c.Get(t.Context(), "k")
		}
		time.Sleep(time.Second)
		f.set(nil, true)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { _, _, _ = c.Get(t.Context(), "k") })
		}
		wg.Wait()
		if n := f.asked(); n != 1 {
			t.Errorf("%d operations reached a driver that was down, want 1", n)
		}
	})
}

// TestSafeBlamesTheRightSide: neither the caller's mistakes nor the caller's
// giving up open the breaker, and a trial that ends so does not block the next.
func TestSafeBlamesTheRightSide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c := setup(nil, nil)
		over, cancel := context.WithCancel(t.Context())
		cancel()
		f.set(nil, true)
		for range 10 {
			if _, ok, err := c.Get(over, "k"); ok || err != nil {
				t.Errorf("Get with a context that is over = %v, %v", ok, err)
			}
		}
		f.set(nil, false)
		for range 10 {
			if err := c.Set(t.Context(), "", nil, time.Hour); !errors.Is(err, cache.ErrKey) {
				t.Errorf("Set of no key = %v", err)
			}
		}
		if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := c.Get(t.Context(), "k"); !ok {
			t.Error("the breaker is open")
		}
		f.set(errDown, false)
		for range 3 {
			_, _, _ = c.Get(t.Context(), "k")
		}
		f.set(nil, false)
		time.Sleep(time.Second)
		_, _, _ = c.Get(over, "k") // the trial says nothing
		if _, ok, _ := c.Get(t.Context(), "k"); !ok {
			t.Error("no second trial after one that said nothing")
		}
	})
}

func TestOpen(t *testing.T) {
	drivers := memory.Drivers(time.Now)
	drivers["broken"] = func(context.Context, *url.URL) (cache.Cache, error) { return nil, cache.ErrURL }
	for _, bad := range []string{"", "memory", ":hunter2", "other://:hunter2@h", "memory:?x=hunter2", "broken:hunter2", "http://[hunter2"} {
		c, err := cache.Open(t.Context(), bad, drivers)
		if c != nil || !errors.Is(err, cache.ErrURL) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Open(%q) = %v, %v", bad, c, err)
		}
	}
	c, err := cache.Open(t.Context(), "memory:", drivers)
	if err != nil || c.Ping(t.Context()) != nil {
		t.Errorf("Open = %v", err)
	}
}
