// Package redis is the cache that several instances of the gateway share.
//
// It is a driver of gateway/cache for a Redis 7 server (or one that speaks the
// same protocol), alone, behind Sentinel, or as a cluster; the URL says which.
//
// Guarantees: every command ends with the caller's context; no command that may
// have reached the server is sent a second time; connections are bounded; TLS is
// version 1.2 or newer; errors hold neither keys, values nor the password. The
// counter's increment and its expiry are one script, so no counter stays forever.
//
// Opening waits for no server. The client library's own log is switched off for
// the process: callers see errors, and gateway/cache.Safe logs the transitions.
// It does not configure the server: an eviction policy such as allkeys-lru and a
// memory limit are the operator's to set.
package redis

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
)

// Cache is a [cache.Cache] on a server.
type Cache struct {
	client goredis.UniversalClient
}

var _ cache.Cache = (*Cache)(nil)

// Drivers returns the openers of the schemes this package serves.
func Drivers(o Options) map[string]cache.Opener {
	open := func(_ context.Context, u *url.URL) (cache.Cache, error) { return New(u, o) }
	return map[string]cache.Opener{
		schemePlain: open, schemeTLS: open, schemeSentinel: open, schemeCluster: open,
	}
}

// New makes the client for an address without connecting. Errors wrap
// [cache.ErrURL].
func New(u *url.URL, o Options) (*Cache, error) {
	universal, err := parse(u, o)
	if err != nil {
		return nil, err
	}
	logging.Disable()
	return &Cache{client: goredis.NewUniversalClient(universal)}, nil
}

// Get reads a value.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool, error) {
	if err := cache.CheckKey(key); err != nil {
		return nil, false, err
	}
	value, err := c.client.Get(ctx, key).Bytes()
	switch {
	case errors.Is(err, goredis.Nil):
		return nil, false, nil
	case err != nil:
		return nil, false, wrap("get", err)
	}
	return value, true, nil
}

// Set stores a value with its expiry.
func (c *Cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckEntry(key, value, ttl); err != nil {
		return err
	}
	// Written out because the library would send whole seconds as EX and less
	// than a millisecond as none.
	return wrap("set", c.client.Do(ctx, "SET", key, value, "PX", milliseconds(ttl)).Err())
}

// Delete forgets keys, one command each: in a cluster they live on several nodes.
func (c *Cache) Delete(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		return nil
	}
	_, err := c.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for _, key := range keys {
			p.Unlink(ctx, key)
		}
		return nil
	})
	return wrap("delete", err)
}

// increment counts and gives the counter its window when it has none.
const increment = `local n = redis.call('INCR', KEYS[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return n`

// incrementHash is the name the server gives the script.
var incrementHash = goredis.NewScript(increment).Hash()

// Incr counts. A failed call may or may not have counted; it is never repeated.
func (c *Cache) Incr(ctx context.Context, key string, ttl time.Duration) (int64, error) {
	if err := cache.CheckEntry(key, nil, ttl); err != nil {
		return 0, err
	}
	n, err := c.script(ctx, "EVALSHA", incrementHash, key, ttl)
	if goredis.HasErrorPrefix(err, "NOSCRIPT") { // then the server has run nothing
		n, err = c.script(ctx, "EVAL", increment, key, ttl)
	}
	if err != nil && strings.Contains(err.Error(), "not an integer") {
		return 0, cache.ErrNotCounter
	}
	return n, wrap("incr", err)
}

func (c *Cache) script(ctx context.Context, verb, script, key string, ttl time.Duration) (int64, error) {
	cmd := once{goredis.NewCmd(ctx, verb, script, 1, key, milliseconds(ttl))}
	if err := c.client.Process(ctx, cmd); err != nil {
		return 0, err
	}
	return cmd.Int64()
}

// once is a command that the library must not send again after an error that
// leaves open whether the server has run it.
type once struct{ *goredis.Cmd }

// NoRetry overrides the library's answer.
func (once) NoRetry() bool { return true }

// Ping asks the server.
func (c *Cache) Ping(ctx context.Context) error {
	return wrap("ping", c.client.Ping(ctx).Err())
}

// Close closes the connections. Closing twice is no error.
func (c *Cache) Close() error {
	if err := c.client.Close(); err != nil && !errors.Is(err, goredis.ErrClosed) {
		return fmt.Errorf("redis: close: %w", err)
	}
	return nil
}

// milliseconds rounds up: Redis refuses 0 and would forget early otherwise.
func milliseconds(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

func wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, goredis.ErrClosed):
		return cache.ErrClosed
	}
	return fmt.Errorf("redis: %s: %w", op, err)
}
