package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Limits of one entry, the same for every driver.
const (
	// MaxKey is the longest key in bytes.
	MaxKey = 256
	// MaxValue is the largest value in bytes.
	MaxValue = 4 << 20
)

// Errors of every driver. All but [ErrClosed] are the caller's mistakes.
var (
	ErrKey        = errors.New("cache: key is empty or too long")
	ErrValue      = errors.New("cache: value is too large")
	ErrTTL        = errors.New("cache: time to live must be positive")
	ErrNotCounter = errors.New("cache: value is not a counter")
	ErrClosed     = errors.New("cache: closed")
	// ErrURL is wrapped by [Open] and by drivers for an address they cannot use.
	// Its message never repeats the address, which may hold a password.
	ErrURL = errors.New("cache: unusable url")
)

// Cache is a store of bytes that forgets. It is safe for concurrent use. Each
// method returns no later than the context's deadline.
type Cache interface {
	// Get returns a copy of the value; ok is false when there is none.
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// Set stores a copy of the value for ttl, rounded up to milliseconds. It may
	// forget the value at once, but then also the one before it.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Delete forgets keys; a key that is not there is no error.
	Delete(ctx context.Context, keys ...string) error
	// Incr adds one to a counter and returns it. The first increment starts the
	// window of length ttl; later ones do not move its end. A counter reads as
	// its decimal text.
	Incr(ctx context.Context, key string, ttl time.Duration) (int64, error)
	// Ping tells whether the driver can work now.
	Ping(ctx context.Context) error
	// Close releases everything; the other methods return ErrClosed afterwards.
	Close() error
}

// Opener makes a driver from its URL. It does not wait for a server: one that is
// down at start is the same as one that dies later.
type Opener func(ctx context.Context, u *url.URL) (Cache, error)

// Open finds the driver for the scheme of rawURL, such as memory: or
// redis://127.0.0.1:6379/0. The error wraps [ErrURL] when the address is wrong.
func Open(ctx context.Context, rawURL string, drivers map[string]Opener) (Cache, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme == "" {
		return nil, fmt.Errorf("%w: no scheme", ErrURL)
	}
	open, ok := drivers[u.Scheme]
	if !ok {
		return nil, fmt.Errorf("%w: scheme is not one of %s", ErrURL,
			strings.Join(slices.Sorted(maps.Keys(drivers)), ", "))
	}
	return open(ctx, u)
}

// CheckKey applies the limits of a key; drivers call it first.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return ErrKey
	}
	return nil
}

// CheckEntry applies the limits of a whole entry; drivers call it first.
func CheckEntry(key string, value []byte, ttl time.Duration) error {
	switch {
	case key == "" || len(key) > MaxKey:
		return ErrKey
	case len(value) > MaxValue:
		return ErrValue
	case ttl <= 0:
		return ErrTTL
	}
	return nil
}
