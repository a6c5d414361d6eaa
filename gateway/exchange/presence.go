package exchange

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// clocksNamespace is where the record keeps what the clocks' worker must remember.
const clocksNamespace = "gateway/clocks"

// Keys of the namespace.
const (
	presenceKey = "presence"
	firingKey   = "last-firing"
)

// Presence remembers when the gateway was there to take mail. Peers that bring their mail try again for
// a while after we come back: until then an applicant's act may be on its way that is dated in time, so
// it is a Drained for transports that bring mail.
type Presence struct {
	Record store.Mailboxes
	// CatchUp is how long peers may take to bring what waited for us.
	CatchUp time.Duration
	Clock   func() time.Time
	After   func(time.Duration) <-chan time.Time
	Logger  *slog.Logger

	now atomic.Pointer[Present]
}

// Present is when the gateway was there.
type Present struct {
	Since time.Time `json:"since"` // without a gap
	Seen  time.Time `json:"seen"`
	// Away is the end of the time before Since in which it was there; zero when there was none.
	Away time.Time `json:"away,omitzero"`
}

// Pace of the beats, and how long one may be missing.
const (
	presenceBeat = time.Minute
	presenceGap  = 5 * time.Minute
)

// Run notes that the gateway is there until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	for {
		if err := p.Beat(ctx); err != nil && ctx.Err() == nil {
			p.Logger.ErrorContext(ctx, "the record cannot note that the gateway is there", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.After(p.pause()):
		}
	}
}

// pause is the time until the next beat: one falls on the end of the time in which mail catches up, so
// that the record knows that it passed without a gap.
func (p *Presence) pause() time.Duration {
	if present := p.now.Load(); present != nil {
		if left := present.Since.Add(p.CatchUp).Sub(p.Clock()); left > 0 {
			return min(left, presenceBeat)
		}
	}
	return presenceBeat
}

// Beat notes that the gateway is there now.
func (p *Presence) Beat(ctx context.Context) error {
	now := p.Clock().UTC()
	next, known, err := ReadPresence(ctx, p.Record)
	if err != nil {
		return err
	}
	switch {
	case !known:
		next.Since = now
	case now.Sub(next.Seen) > presenceGap:
		p.Logger.InfoContext(ctx, "the gateway was away; clocks of applicants wait for mail", "from", next.Seen, "to", now, "wait", p.CatchUp)
		next.Since, next.Away = now, next.Seen
	case p.now.Load() == nil && next.Seen.Sub(next.Since) < p.CatchUp:
		// A start before mail had caught up: who tried in between tries again within the same time.
		next.Since = now
	}
	if next.Seen.Before(now) {
		next.Seen = now
	}
	value, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := p.Record.MailBatch(ctx, clocksNamespace, []store.Mail{{Key: presenceKey, Value: value}}, nil); err != nil {
		return err
	}
	p.now.Store(&next)
	return nil
}

// Drained implements Drained: mail had time to come since the gateway is there again. Without a beat for
// a while, as after the machine was suspended, nobody knows yet that it was away.
func (p *Presence) Drained(context.Context, string) (bool, error) {
	present, now := p.now.Load(), p.Clock()
	return present != nil && now.Sub(present.Since) >= p.CatchUp && now.Sub(present.Seen) <= presenceGap, nil
}

// Since is since when the gateway is there without a gap; before the first beat, since now.
func (p *Presence) Since() time.Time {
	if present := p.now.Load(); present != nil {
		return present.Since
	}
	return p.Clock()
}

// ReadPresence is when the gateway was there, as far as the record knows.
func ReadPresence(ctx context.Context, mail store.Mailboxes) (out Present, known bool, err error) {
	known, err = remembered(ctx, mail, presenceKey, &out)
	return out, known, err
}

// ReadLastFiring is the newest effect of a clock on record.
func ReadLastFiring(ctx context.Context, mail store.Mailboxes) (out LastFiring, known bool, err error) {
	known, err = remembered(ctx, mail, firingKey, &out)
	return out, known, err
}

func remembered(ctx context.Context, mail store.Mailboxes, key string, out any) (bool, error) {
	value, known, err := mail.MailGet(ctx, clocksNamespace, key)
	if err != nil || !known {
		return false, err
	}
	return true, json.Unmarshal(value, out)
}
