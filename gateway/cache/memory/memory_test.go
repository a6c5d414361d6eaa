package memory

import (
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/cachetest"
)

// clock is a time that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestContract(t *testing.T) {
	clock := newClock()
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		c, err := cache.Open(t.Context(), "memory:", Drivers(clock.read))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}, cachetest.Capabilities{AdvanceClock: clock.advance})
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	c := New(Options{Entries: 3, Now: newClock().read})
	for _, key := range []string{"a", "b", "c"} {
		must(t, c.Set(t.Context(), key, []byte(key), time.Hour))
	}
	if !has(t, c, "a") { // used: b is the oldest now
		t.Fatal("a is gone")
	}
	must(t, c.Set(t.Context(), "d", nil, time.Hour))
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if has(t, c, key) != want {
			t.Errorf("%s is there: %v, want %v", key, !want, want)
		}
	}
}

func TestBytesAreBounded(t *testing.T) {
	c := New(Options{Bytes: 10_000, Now: newClock().read})
	for i := range 1000 {
		must(t, c.Set(t.Context(), fmt.Sprint(i), make([]byte, i), time.Hour))
		if _, err := c.Incr(t.Context(), fmt.Sprint("n", i%7), time.Hour); err != nil {
			t.Fatal(err)
		}
		total := int64(0)
		for el := c.recent.Front(); el != nil; el = el.Next() {
			total += el.Value.(*entry).size()
		}
		if total != c.bytes || c.bytes > 10_000 || c.recent.Len() != len(c.entries) {
			t.Fatalf("after %d: %d bytes counted, %d held, %d and %d entries", i, c.bytes, total, c.recent.Len(), len(c.entries))
		}
	}
	must(t, c.Set(t.Context(), "big", []byte("small"), time.Hour))
	must(t, c.Set(t.Context(), "big", make([]byte, 20_000), time.Hour))
	if has(t, c, "big") {
		t.Error("a value over the bound is there, or the one before it")
	}
}

func TestDrivers(t *testing.T) {
	open := Drivers(newClock().read)["memory"]
	u, _ := url.Parse("memory:?entries=7&bytes=1000")
	c, err := open(t.Context(), u)
	if err != nil {
		t.Fatal(err)
	}
	if o := c.(*Cache).options; o.Entries != 7 || o.Bytes != 1000 {
		t.Errorf("options = %+v", o)
	}
	for _, bad := range []string{"memory:?entries=0", "memory:?bytes=x", "memory:?size=1", "memory:?entries=9999999999"} {
		u, _ := url.Parse(bad)
		if _, err := open(t.Context(), u); !errors.Is(err, cache.ErrURL) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	c := New(Options{Now: newClock().read})
	for i := range 1000 {
		_ = c.Set(b.Context(), fmt.Sprint(i), make([]byte, 500), time.Hour)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_, _, _ = c.Get(b.Context(), "7")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, c *Cache, key string) bool {
	t.Helper()
	_, ok, err := c.Get(t.Context(), key)
	must(t, err)
	return ok
}
