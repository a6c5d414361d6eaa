package federation

import (
	"errors"
	"fmt"
)

// Bounds of one resolution. Its depth is maxChain, its time three times Options.Timeout.
const (
	maxHints   = 4       // authority_hints of one entity
	maxFetches = 16      // exchanges with other hosts
	maxBytes   = 2 << 20 // of statements received
)

// One sentinel per bound of a resolution.
var (
	// ErrDepth: no anchor within the length of a chain.
	ErrDepth = rule("resolve-depth", ErrChain, "the way to an anchor is too long")
	// ErrHints: an entity names no superior, or more than may be tried.
	ErrHints = rule("resolve-hints", ErrChain, "the entity names no superior, or too many")
	// ErrLoop: the superiors of an entity lead back to it.
	ErrLoop = rule("resolve-loop", ErrChain, "the superiors lead back to an entity below them")
	// ErrFetches: more statements to fetch than one resolution may.
	ErrFetches = rule("resolve-fetches", ErrChain, "too many statements to fetch")
	// ErrBytes: more bytes of statements than one resolution may take.
	ErrBytes = rule("resolve-bytes", ErrChain, "too many bytes of statements")
	// ErrTime: one resolution took too long.
	ErrTime = rule("resolve-time", ErrUnavailable, "the resolution took too long")
)

// budget is what one resolution may still cost. It belongs to one goroutine.
type budget struct{ fetches, bytes int }

func newBudget() *budget { return &budget{fetches: maxFetches, bytes: maxBytes} }

// fetch spends one exchange.
func (b *budget) fetch() error {
	if b.fetches--; b.fetches < 0 {
		return fmt.Errorf("%w: over %d", ErrFetches, maxFetches)
	}
	return nil
}

// read spends the bytes of one answer.
func (b *budget) read(n int) error {
	if b.bytes -= n; b.bytes < 0 {
		return fmt.Errorf("%w: over %d", ErrBytes, maxBytes)
	}
	return nil
}

// spent says whether nothing more may be tried.
func spent(err error) bool { return errors.Is(err, ErrFetches) || errors.Is(err, ErrBytes) }

func isUnavailable(err error) bool { return errors.Is(err, ErrUnavailable) }
