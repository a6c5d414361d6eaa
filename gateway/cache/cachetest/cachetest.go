// Package cachetest is the contract of gateway/cache as a test suite.
//
// Every driver runs it in its own tests ([Run]). It checks what [cache.Cache]
// promises and nothing a driver may do as it likes, such as when it forgets.
// It is imported by tests only.
package cachetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

// Capabilities say how the suite may steer the driver under test.
type Capabilities struct {
	// AdvanceClock moves the driver's time. Nil means real time: the suite then
	// uses short windows and waits for them.
	AdvanceClock func(time.Duration)
	// Flush empties the server behind the driver's back. Nil skips that case.
	Flush func(t *testing.T)
	// Forgiving marks a cache that answers a driver's failure with a miss, as
	// cache.Safe does: the case with a context that is over expects no error.
	Forgiving bool
}

// suite is one run.
type suite struct {
	open func(*testing.T) cache.Cache
	caps Capabilities
}

// Run checks the contract. open returns a cache that the suite closes; caches it
// returns in turn may share their content.
func Run(t *testing.T, open func(*testing.T) cache.Cache, caps Capabilities) {
	s := suite{open, caps}
	for _, c := range []struct {
		name string
		run  func(*testing.T, cache.Cache, func(string) string)
	}{
		{"Get of nothing is a miss", s.miss},
		{"Set then Get", s.setGet},
		{"Set replaces value and expiry", s.replace},
		{"Values are copies", s.copies},
		{"Delete forgets several", s.deletes},
		{"Entries expire", s.expires},
		{"Incr counts", s.counts},
		{"Incr keeps its window", s.window},
		{"Incr is atomic", s.atomic},
		{"Incr refuses other values", s.notCounter},
		{"Limits of an entry", s.limits},
		{"A context that is over", s.context},
		{"Ping", s.ping},
		{"Close ends everything", s.closes},
		{"A flush is only misses", s.flush},
	} {
		t.Run(c.name, func(t *testing.T) {
			cached := open(t)
			t.Cleanup(func() { _ = cached.Close() })
			prefix := "cachetest:" + rand.Text() + ":"
			c.run(t, cached, func(name string) string { return prefix + name })
		})
	}
}

// wait lets d pass, on the driver's clock where it has one, until done.
func (s suite) wait(t *testing.T, d time.Duration, done func() bool) {
	t.Helper()
	if s.caps.AdvanceClock != nil {
		s.caps.AdvanceClock(d)
		if !done() {
			t.Errorf("nothing changed after %s", d)
		}
		return
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(d + 5*time.Second); !done(); <-tick.C {
		if time.Now().After(limit) {
			t.Errorf("nothing changed long after %s", d)
			return
		}
	}
}

func (s suite) miss(t *testing.T, c cache.Cache, key func(string) string) {
	if v, ok, err := c.Get(t.Context(), key("a")); v != nil || ok || err != nil {
		t.Errorf("Get = %q, %v, %v; want a miss", v, ok, err)
	}
}

func (s suite) setGet(t *testing.T, c cache.Cache, key func(string) string) {
	for name, value := range map[string][]byte{
		"text": []byte("value"), "empty": {}, "binary": {0, 1, 0xff, '\r', '\n'}, "large": bytes.Repeat([]byte("x"), 1<<20),
	} {
		set(t, c, key(name), value, time.Hour)
		want(t, c, key(name), value)
	}
}

func (s suite) replace(t *testing.T, c cache.Cache, key func(string) string) {
	set(t, c, key("a"), []byte("old"), 60*time.Millisecond)
	set(t, c, key("b"), []byte("old"), 60*time.Millisecond)
	set(t, c, key("a"), []byte("new"), time.Hour)
	s.wait(t, 61*time.Millisecond, func() bool { return !has(t, c, key("b")) })
	want(t, c, key("a"), []byte("new"))
}

func (s suite) copies(t *testing.T, c cache.Cache, key func(string) string) {
	value := []byte("value")
	set(t, c, key("a"), value, time.Hour)
	value[0] = 'X'
	got, _, _ := c.Get(t.Context(), key("a"))
	if len(got) > 0 {
		got[1] = 'X'
	}
	want(t, c, key("a"), []byte("value"))
}

func (s suite) deletes(t *testing.T, c cache.Cache, key func(string) string) {
	for _, name := range []string{"a", "b", "c"} {
		set(t, c, key(name), []byte(name), time.Hour)
	}
	if err := c.Delete(t.Context(), key("a"), key("b"), key("none")); err != nil {
		t.Errorf("Delete: %v", err)
	}
	if err := c.Delete(t.Context()); err != nil {
		t.Errorf("Delete of nothing: %v", err)
	}
	if has(t, c, key("a")) || has(t, c, key("b")) {
		t.Error("a deleted key is still there")
	}
	want(t, c, key("c"), []byte("c"))
}

func (s suite) expires(t *testing.T, c cache.Cache, key func(string) string) {
	set(t, c, key("short"), []byte("v"), 80*time.Millisecond)
	set(t, c, key("tiny"), []byte("v"), time.Microsecond) // rounded up, never for ever
	set(t, c, key("long"), []byte("v"), time.Hour)
	if s.caps.AdvanceClock != nil {
		s.caps.AdvanceClock(79 * time.Millisecond)
		want(t, c, key("short"), []byte("v"))
	}
	s.wait(t, 80*time.Millisecond, func() bool { return !has(t, c, key("short")) && !has(t, c, key("tiny")) })
	want(t, c, key("long"), []byte("v"))
}

func (s suite) counts(t *testing.T, c cache.Cache, key func(string) string) {
	for i := int64(1); i <= 12; i++ {
		if n := incr(t, c, key("n"), time.Hour); n != i {
			t.Fatalf("Incr = %d, want %d", n, i)
		}
	}
	want(t, c, key("n"), []byte("12"))
	if n := incr(t, c, key("other"), time.Hour); n != 1 {
		t.Errorf("another counter starts at %d", n)
	}
	if err := c.Delete(t.Context(), key("n")); err != nil {
		t.Fatal(err)
	}
	if n := incr(t, c, key("n"), time.Hour); n != 1 {
		t.Errorf("a deleted counter goes on with %d", n)
	}
}

// window counts on until the counter starts anew: it can only do so when later
// increments do not push the end away.
func (s suite) window(t *testing.T, c cache.Cache, key func(string) string) {
	const width = 100 * time.Millisecond
	if n := incr(t, c, key("n"), width); n != 1 {
		t.Fatalf("first Incr = %d", n)
	}
	if s.caps.AdvanceClock != nil {
		s.caps.AdvanceClock(width * 9 / 10)
		if n := incr(t, c, key("n"), width); n != 2 {
			t.Errorf("Incr within the window = %d, want 2", n)
		}
		s.caps.AdvanceClock(width * 2 / 10)
		if n := incr(t, c, key("n"), width); n != 1 {
			t.Errorf("Incr after the window = %d, want 1", n)
		}
		return
	}
	s.wait(t, width, func() bool { return incr(t, c, key("n"), width) == 1 })
}

func (s suite) atomic(t *testing.T, c cache.Cache, key func(string) string) {
	const workers, each = 8, 50
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int64]bool{}
	for range workers {
		wg.Go(func() {
			for range each {
				n, err := c.Incr(t.Context(), key("n"), time.Hour)
				if err != nil {
					t.Errorf("Incr: %v", err)
				}
				mu.Lock()
				seen[n] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != workers*each || !seen[workers*each] {
		t.Errorf("%d different counts, want %d", len(seen), workers*each)
	}
}

func (s suite) notCounter(t *testing.T, c cache.Cache, key func(string) string) {
	set(t, c, key("a"), []byte("text"), time.Hour)
	if _, err := c.Incr(t.Context(), key("a"), time.Hour); !errors.Is(err, cache.ErrNotCounter) {
		t.Errorf("Incr of text = %v, want ErrNotCounter", err)
	}
	want(t, c, key("a"), []byte("text"))
}

func (s suite) limits(t *testing.T, c cache.Cache, key func(string) string) {
	long := key(strings.Repeat("k", cache.MaxKey))
	_, _, getErr := c.Get(t.Context(), "")
	_, incrKey := c.Incr(t.Context(), long, time.Hour)
	_, incrTTL := c.Incr(t.Context(), key("n"), -time.Second)
	for _, l := range []struct {
		name      string
		got, want error
	}{
		{"Get of no key", getErr, cache.ErrKey},
		{"Set of no key", c.Set(t.Context(), "", nil, time.Hour), cache.ErrKey},
		{"Set of a long key", c.Set(t.Context(), long, nil, time.Hour), cache.ErrKey},
		{"Set of a large value", c.Set(t.Context(), key("v"), make([]byte, cache.MaxValue+1), time.Hour), cache.ErrValue},
		{"Set without expiry", c.Set(t.Context(), key("v"), nil, 0), cache.ErrTTL},
		{"Delete of no key", c.Delete(t.Context(), key("v"), ""), cache.ErrKey},
		{"Incr of a long key", incrKey, cache.ErrKey},
		{"Incr without window", incrTTL, cache.ErrTTL},
	} {
		if !errors.Is(l.got, l.want) {
			t.Errorf("%s: %v, want %v", l.name, l.got, l.want)
		}
	}
	if has(t, c, key("v")) {
		t.Error("a refused Set stored something")
	}
}

func (s suite) context(t *testing.T, c cache.Cache, key func(string) string) {
	set(t, c, key("a"), []byte("v"), time.Hour)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	var expected error
	if !s.caps.Forgiving {
		expected = context.Canceled
	}
	if _, ok, err := c.Get(over, key("a")); ok || !errors.Is(err, expected) {
		t.Errorf("Get = %v, %v; want nothing and %v", ok, err, expected)
	}
	if err := c.Set(over, key("a"), []byte("w"), time.Hour); !errors.Is(err, expected) {
		t.Errorf("Set = %v, want %v", err, expected)
	}
	want(t, c, key("a"), []byte("v"))
}

func (s suite) ping(t *testing.T, c cache.Cache, _ func(string) string) {
	if err := c.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func (s suite) closes(t *testing.T, c cache.Cache, key func(string) string) {
	set(t, c, key("a"), []byte("v"), time.Hour)
	if err := c.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	_, _, getErr := c.Get(t.Context(), key("a"))
	_, incrErr := c.Incr(t.Context(), key("a"), time.Hour)
	for name, err := range map[string]error{
		"Get": getErr, "Set": c.Set(t.Context(), key("a"), nil, time.Hour), "Delete": c.Delete(t.Context(), key("a")),
		"Incr": incrErr, "Ping": c.Ping(t.Context()),
	} {
		if !errors.Is(err, cache.ErrClosed) {
			t.Errorf("%s after Close = %v, want ErrClosed", name, err)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func (s suite) flush(t *testing.T, c cache.Cache, key func(string) string) {
	if s.caps.Flush == nil {
		t.Skip("this driver has no server to flush")
	}
	for i := range 20 {
		set(t, c, key(fmt.Sprint(i)), []byte("v"), time.Hour)
	}
	incr(t, c, key("n"), time.Hour)
	s.caps.Flush(t)
	for i := range 20 {
		if has(t, c, key(fmt.Sprint(i))) {
			t.Errorf("key %d outlived the flush", i)
		}
	}
	if n := incr(t, c, key("n"), time.Hour); n != 1 { // the script is gone from the server too
		t.Errorf("Incr after the flush = %d, want 1", n)
	}
}

func set(t *testing.T, c cache.Cache, key string, value []byte, ttl time.Duration) {
	t.Helper()
	if err := c.Set(t.Context(), key, value, ttl); err != nil {
		t.Fatalf("Set: %v", err)
	}
}

func incr(t *testing.T, c cache.Cache, key string, ttl time.Duration) int64 {
	t.Helper()
	n, err := c.Incr(t.Context(), key, ttl)
	if err != nil {
		t.Fatalf("Incr: %v", err)
	}
	return n
}

func has(t *testing.T, c cache.Cache, key string) bool {
	t.Helper()
	_, ok, err := c.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	return ok
}

func want(t *testing.T, c cache.Cache, key string, value []byte) {
	t.Helper()
	got, ok, err := c.Get(t.Context(), key)
	if err != nil || !ok || !bytes.Equal(got, value) {
		t.Errorf("Get = %.40q, %v, %v; want %.40q", got, ok, err, value)
	}
}
