package connectors

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Host is what the gateway lends a driver: everything it needs of the outside, nothing more.
type Host struct {
	Instance string // name of this instance, from configuration
	Mailbox  Mailbox
	HTTP     *http.Client // guarded: resolved addresses checked, no cross-host redirects, capped
	Clock    func() time.Time
	Rand     func([]byte) error
	Logger   *slog.Logger
	// OpenAttachment opens an attachment that was handed over, by its Ref. It may be nil for drivers
	// that are handed none.
	OpenAttachment func(ctx context.Context, ref string) (io.ReadCloser, error)
}

// Mailbox is a driver's durable memory in the record: keys and values in its own namespace. Batch
// is atomic and durable when it returns.
type Mailbox interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	// Scan returns up to limit entries with the prefix, in key order, after the given key.
	Scan(ctx context.Context, prefix, after string, limit int) ([]Mail, error)
	Batch(ctx context.Context, puts []Mail, deletes []string) error
}

// Mail is an entry of a mailbox. Case names the case whose key seals the value; empty means it
// holds nothing personal.
type Mail struct {
	Key   string
	Case  string
	Value []byte
}
