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
	// Foresee says whether the cases would take events of this instance now, one after the other, and refuses
	// as they would, with the state they are in. A driver in front of which somebody waits asks before it says
	// that it is done. It may be nil: then nobody is asked.
	Foresee func(ctx context.Context, events []PermitEvent) error
}
