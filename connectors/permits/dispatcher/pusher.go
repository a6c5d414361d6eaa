package dispatcher

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Pauses between attempts double from the first to the longest; an announcement is given up after
// pushLife. Its notice stays readable, and pushing it again is the operator's to say.
const (
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	pushLife     = 72 * time.Hour
	idlePause    = time.Minute
)

var _ connectors.Pusher = (*Driver)(nil)

// Nudged tells that there may be something to push.
func (d *Driver) Nudged() <-chan struct{} { return d.nudge }

// Push makes the attempts that are due, and says when to come back. A system is announced to in order, and
// one that does not answer waits alone.
func (d *Driver) Push(ctx context.Context) time.Duration {
	var (
		mu   sync.Mutex
		all  sync.WaitGroup
		wait = idlePause
	)
	for _, s := range d.systems {
		if s.Push.URL == "" {
			continue
		}
		all.Go(func() {
			next, err := d.pushTo(ctx, s)
			if err != nil && ctx.Err() == nil {
				d.host.Logger.ErrorContext(ctx, "announcements to a national system cannot be read or written", "system", s.Name, "error", err)
				next = firstPause
			}
			mu.Lock()
			defer mu.Unlock()
			wait = min(wait, next)
		})
	}
	all.Wait()
	return wait
}

// pushTo announces what is due to one system until something stops it.
func (d *Driver) pushTo(ctx context.Context, s *system) (time.Duration, error) {
	prefix := pushPrefix + s.Name + "/"
	wait := idlePause
	err := scan(ctx, d, prefix, prefix, func(key string, a announced) (bool, error) {
		now := d.host.Clock()
		if now.Before(a.Due) {
			wait = a.Due.Sub(now)
			return false, nil
		}
		failed := d.attempt(ctx, s, a)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if failed == "" {
			return true, d.settlePush(ctx, a, key, nil)
		}
		a.Attempts++
		a.Reason = failed
		if now.Sub(a.Queued) > pushLife {
			d.host.Logger.ErrorContext(ctx, "an announcement to a national system was given up", "system", s.Name, "id", a.Notice, "reason", failed)
			return true, d.settlePush(ctx, a, key, &connectors.Mail{Key: deadKey(s.Name, a.Notice), Value: raw(a)})
		}
		wait = pause(a.Attempts)
		a.Due = now.Add(wait)
		return false, d.settlePush(ctx, a, key, &connectors.Mail{Key: key, Value: raw(a)})
	})
	return wait, err
}

// pause is how long to wait after as many attempts.
func pause(attempts int) time.Duration {
	p := firstPause
	for range attempts - 1 {
		if p *= 2; p >= longestPause {
			return longestPause
		}
	}
	return p
}

// settlePush records what became of an attempt, unless the system acknowledged the notice meanwhile.
func (d *Driver) settlePush(ctx context.Context, a announced, key string, then *connectors.Mail) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, still, err := d.host.Mailbox.Get(ctx, key); err != nil || !still {
		return err
	}
	var puts []connectors.Mail
	gone := []string{key}
	if then != nil {
		puts = append(puts, *then)
		if then.Key == key {
			gone = nil
		}
	}
	return d.host.Mailbox.Batch(ctx, puts, gone)
}

// attempt sends one announcement and says what went wrong in a word of ours; "" when it was taken.
func (d *Driver) attempt(ctx context.Context, s *system, a announced) string {
	m := webhook.Message{ID: d.messageID(a), At: d.host.Clock(), Body: a.Body}
	if _, err := webhook.Post(ctx, d.host.HTTP, s.Push, m); err != nil {
		return err.Error()
	}
	return ""
}

// DeadPush is an announcement that was given up.
type DeadPush struct {
	System   string `json:"system"`
	Notice   int64  `json:"notice"`
	Queued   string `json:"queued"` // RFC 3339
	Attempts int    `json:"attempts"`
	Reason   string `json:"reason"` // of the last attempt
}

// DeadPushes lists what was given up, by system and notice.
func (d *Driver) DeadPushes(ctx context.Context) ([]DeadPush, error) {
	out := []DeadPush{}
	err := scan(ctx, d, deadPrefix, deadPrefix, func(key string, a announced) (bool, error) {
		out = append(out, DeadPush{a.System, a.Notice, a.Queued.Format(time.RFC3339), a.Attempts, a.Reason})
		return true, nil
	})
	return out, err
}

// RetryPush announces again what was given up: one notice of a system, or all of it with notice 0. It says
// how many.
func (d *Driver) RetryPush(ctx context.Context, name string, number int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var puts []connectors.Mail
	var gone []string
	prefix := deadPrefix + name + "/"
	err := scan(ctx, d, prefix, prefix, func(key string, a announced) (bool, error) {
		if number == 0 || a.Notice == number {
			a.Queued = d.host.Clock().UTC()
			a.Due, a.Attempts = a.Queued, 0
			puts = append(puts, connectors.Mail{Key: pushPrefix + strings.TrimPrefix(key, deadPrefix), Value: raw(a)})
			gone = append(gone, key)
		}
		return true, nil
	})
	if err == nil && len(puts) == 0 {
		err = fault.New(fault.NotFound, "no-such-push", "no announcement of this system was given up")
	}
	if err != nil {
		return 0, err
	}
	defer d.wake()
	return len(puts), d.host.Mailbox.Batch(ctx, puts, gone)
}
