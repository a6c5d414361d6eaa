package cache

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// breaker stops asking a driver that keeps failing. While it is open one
// operation in each interval goes through as a trial; the others are skipped.
type breaker struct {
	limit  int
	open   time.Duration
	now    func() time.Time
	logger *slog.Logger

	mu       sync.Mutex
	failures int
	isOpen   bool
	retryAt  time.Time
	trial    bool // a trial is under way
}

// enter tells whether an operation may go through and whether it is the trial.
func (b *breaker) enter() (trial, allowed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case !b.isOpen:
		return false, true
	case b.trial || b.now().Before(b.retryAt):
		return false, false
	}
	b.trial = true
	return true, true
}

// leave ends an operation that says nothing about the driver.
func (b *breaker) leave(trial bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if trial {
		b.trial = false
	}
}

func (b *breaker) succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.isOpen {
		b.logger.Info("cache works again")
	}
	b.failures, b.isOpen, b.trial = 0, false, false
}

// failed counts; the operation that opens the breaker writes the only log line.
func (b *breaker) failed(ctx context.Context, trial bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	if trial {
		b.trial = false
	}
	if b.isOpen || b.failures < b.limit {
		if trial {
			b.retryAt = b.now().Add(b.open)
		}
		return
	}
	b.isOpen, b.retryAt = true, b.now().Add(b.open)
	b.logger.LogAttrs(ctx, slog.LevelWarn, "cache does not work; answering without it", slog.Any("error", err))
}
