package origin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Bounds of waiting for a server that asks for time.
const (
	maxWait  = time.Minute // longer is the next pass's business
	maxWaits = 3           // of one request
)

// busy is an answer of a server that asks for time (RFC 9110 §10.2.3, RFC 6585 §4).
type busy struct {
	error
	wait time.Duration
}

// Unwrap gives the answer's status.
func (b busy) Unwrap() error { return b.error }

// asksForTime makes an error of an answer one of a busy server, if it says when to come back. A date
// is not read: it would need the clocks to agree.
func asksForTime(err error, status int, header http.Header) error {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return err
	}
	seconds, bad := strconv.ParseUint(header.Get("Retry-After"), 10, 16)
	if bad != nil {
		return err
	}
	return busy{err, time.Duration(seconds) * time.Second}
}

// patient asks until the server has time, or has asked for too much of it.
func (r *Reader) patient(ctx context.Context, ask func() error) error {
	for n := 0; ; n++ {
		err := ask()
		var b busy
		if !errors.As(err, &b) || b.wait > maxWait || n == maxWaits {
			return err
		}
		if err := r.sleep(ctx, b.wait); err != nil {
			return err
		}
	}
}

// sleep waits by the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
