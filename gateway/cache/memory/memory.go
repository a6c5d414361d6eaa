// Package memory is the cache of a single process.
//
// It is the default driver, for a gateway that runs as one instance. It is
// bounded in entries and in bytes, drops the least recently used entry first,
// and takes the time from an injected clock.
//
// It starts no goroutine and shares nothing with other instances; all is gone
// when the process ends.
package memory

import (
	"container/list"
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

// Defaults of [Options].
const (
	DefaultEntries = 100_000
	DefaultBytes   = 64 << 20
)

// overhead is a fair guess at what one entry costs beside its key and value.
const overhead = 160

// Options bound the cache. Zero values mean the defaults.
type Options struct {
	Entries int
	Bytes   int64            // keys, values and overhead together
	Now     func() time.Time // required
}

// Cache is a [cache.Cache] in memory.
type Cache struct {
	options Options

	mu      sync.Mutex
	closed  bool
	bytes   int64
	entries map[string]*list.Element
	recent  *list.List // front: most recently used; of *entry
}

type entry struct {
	key     string
	value   []byte
	expires time.Time
}

func (e *entry) size() int64 { return int64(len(e.key)) + int64(len(e.value)) + overhead }

var _ cache.Cache = (*Cache)(nil)

// New makes an empty cache.
func New(o Options) *Cache {
	if o.Entries <= 0 {
		o.Entries = DefaultEntries
	}
	if o.Bytes <= 0 {
		o.Bytes = DefaultBytes
	}
	return &Cache{options: o, entries: map[string]*list.Element{}, recent: list.New()}
}

// Drivers returns the opener of "memory:". The URL may set the bounds:
// memory:?entries=10000&bytes=16777216.
func Drivers(now func() time.Time) map[string]cache.Opener {
	return map[string]cache.Opener{"memory": func(_ context.Context, u *url.URL) (cache.Cache, error) {
		o := Options{Now: now}
		for name, values := range u.Query() {
			n, err := strconv.ParseInt(values[0], 10, 64)
			if err != nil || n <= 0 || n > math.MaxInt32 && name == "entries" {
				return nil, fmt.Errorf("%w: %s is not a positive number", cache.ErrURL, name)
			}
			switch name {
			case "entries":
				o.Entries = int(n)
			case "bytes":
				o.Bytes = n
			default:
				return nil, fmt.Errorf("%w: unknown parameter", cache.ErrURL)
			}
		}
		return New(o), nil
	}}
}

// Get returns a copy of the value and marks it as used.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := c.enter(ctx, cache.CheckKey(key)); err != nil {
		return nil, false, err
	}
	defer c.mu.Unlock()
	e := c.live(key)
	if e == nil {
		return nil, false, nil
	}
	return append([]byte{}, e.value...), true, nil
}

// Set stores a copy of the value. One that is larger than the whole cache is
// forgotten at once.
func (c *Cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := c.enter(ctx, cache.CheckEntry(key, value, ttl)); err != nil {
		return err
	}
	defer c.mu.Unlock()
	c.remove(key)
	c.add(&entry{key, append([]byte{}, value...), c.options.Now().Add(ttl)})
	return nil
}

// Delete forgets keys.
func (c *Cache) Delete(ctx context.Context, keys ...string) error {
	var wrong error
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			wrong = err
		}
	}
	if err := c.enter(ctx, wrong); err != nil {
		return err
	}
	defer c.mu.Unlock()
	for _, key := range keys {
		c.remove(key)
	}
	return nil
}

// Incr adds one to a counter.
func (c *Cache) Incr(ctx context.Context, key string, ttl time.Duration) (int64, error) {
	if err := c.enter(ctx, cache.CheckEntry(key, nil, ttl)); err != nil {
		return 0, err
	}
	defer c.mu.Unlock()
	e := c.live(key)
	if e == nil {
		c.add(&entry{key, []byte("1"), c.options.Now().Add(ttl)})
		return 1, nil
	}
	n, err := strconv.ParseInt(string(e.value), 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, cache.ErrNotCounter
	}
	c.bytes -= e.size()
	e.value = strconv.AppendInt(nil, n+1, 10)
	c.bytes += e.size()
	c.shrink()
	return n + 1, nil
}

// Ping tells whether the cache is open.
func (c *Cache) Ping(ctx context.Context) error {
	if err := c.enter(ctx, nil); err != nil {
		return err
	}
	c.mu.Unlock()
	return nil
}

// Close forgets everything.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed, c.bytes = true, 0
	c.entries, c.recent = nil, list.New()
	return nil
}

// enter takes the lock unless the caller is wrong or gone, or the cache closed.
func (c *Cache) enter(ctx context.Context, wrong error) error {
	if wrong != nil {
		return wrong
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return cache.ErrClosed
	}
	return nil
}

// live returns the entry of a key, now the most recently used; one that has
// expired is dropped.
func (c *Cache) live(key string) *entry {
	el, ok := c.entries[key]
	if !ok {
		return nil
	}
	e := el.Value.(*entry)
	if !c.options.Now().Before(e.expires) {
		c.remove(key)
		return nil
	}
	c.recent.MoveToFront(el)
	return e
}

func (c *Cache) add(e *entry) {
	c.entries[e.key] = c.recent.PushFront(e)
	c.bytes += e.size()
	c.shrink()
}

// shrink drops the least recently used entries until the bounds hold.
func (c *Cache) shrink() {
	for len(c.entries) > c.options.Entries || c.bytes > c.options.Bytes {
		c.remove(c.recent.Back().Value.(*entry).key)
	}
}

func (c *Cache) remove(key string) {
	if el, ok := c.entries[key]; ok {
		c.bytes -= el.Value.(*entry).size()
		c.recent.Remove(el)
		delete(c.entries, key)
	}
}
