package catalogue

import (
	"errors"
	"fmt"
)

// Guard stops a publication that would remove or refuse a suspicious part of a catalogue: a source
// that comes up half empty is far more often broken than right. The zero Guard lets nothing be
// removed and nothing be invalid.
type Guard struct {
	MaxRemovedShare float64 // share of the published records that may vanish at once, 0 to 1
	MaxInvalidShare float64 // share of the records read that may be invalid, 0 to 1
	MinRecords      int     // with fewer records than this the shares are not applied
}

// ErrGuard is what every GuardError wraps.
var ErrGuard = errors.New("catalogue: stopped by the guard")

// GuardError says which limit a pass exceeds, with the numbers.
type GuardError struct {
	What  string  // "removed" or "invalid"
	Count int     // how many
	Of    int     // out of how many
	Max   float64 // the share allowed
}

// Error gives the numbers.
func (e *GuardError) Error() string {
	if e.Of <= 0 || e.Count < 0 {
		return fmt.Sprintf("catalogue: stopped by the guard: %d of %d records %s cannot be right", e.Count, e.Of, e.What)
	}
	return fmt.Sprintf("catalogue: stopped by the guard: %d of %d records %s (%.1f %%), at most %.1f %% allowed",
		e.Count, e.Of, e.What, 100*float64(e.Count)/float64(e.Of), 100*e.Max)
}

// Unwrap gives ErrGuard.
func (e *GuardError) Unwrap() error { return ErrGuard }

// Check judges a complete pass: before records were published, removed of them would be deleted;
// total were read, invalid of those are quarantined. The error is a *GuardError.
func (g Guard) Check(before, removed, invalid, total int) error {
	if err := g.share("removed", removed, before, g.MaxRemovedShare); err != nil {
		return err
	}
	return g.share("invalid", invalid, total, g.MaxInvalidShare)
}

func (g Guard) share(what string, count, of int, limit float64) error {
	switch {
	case count == 0 && of >= 0:
		return nil
	case count < 0 || of < count:
		return &GuardError{what, count, of, limit}
	case of < g.MinRecords:
		return nil
	case float64(count)/float64(of) <= limit:
		return nil
	}
	return &GuardError{what, count, of, limit}
}
