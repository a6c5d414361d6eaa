package publish

import (
	"context"
	"fmt"
)

// turn waits until no other pass of the source runs, and returns what ends this one's turn. The error
// is that of ctx.
func (p *Publisher) turn(ctx context.Context, source string) (func(), error) {
	p.mu.Lock()
	if p.turns == nil {
		p.turns = map[string]chan struct{}{}
	}
	busy, ok := p.turns[source]
	if !ok {
		busy = make(chan struct{}, 1)
		p.turns[source] = busy
	}
	p.mu.Unlock()
	select {
	case busy <- struct{}{}:
		return func() { <-busy }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("source %s: waiting for the pass before: %w", source, ctx.Err())
	}
}
