package catalogue

import (
	"errors"
	"fmt"
)

// Guard stops a publication that would remove or refuse a suspicious part of a catalogue: a source
// that comes up half empty is far more often broken than right. Nothing read where something is
// published always stops it. The zero Guard lets nothing be removed and nothing be invalid.
type Guard struct {
	MaxRemovedShare float64 // share of the published records that may vanish at once, 0 to 1
	MaxInvalidShare float64 // share of the records read that may be invalid, 0 to 1
	// MinRecords is the size below which shares say little and are not applied: of fewer published
	// records one may vanish at once, of fewer records read any may be invalid.
	MinRecords int
}

// maxRemovedFew is how many records may vanish at once when there are fewer than MinRecords.
const maxRemovedFew = 1

// ErrGuard is what every GuardError wraps.
var ErrGuard = errors.New("catalogue: stopped by the guard")

// GuardError says which limit a pass exceeds, with the numbers.
type GuardError struct {
	What      string  // "removed", "invalid", or "emptied": nothing was read
	Count     int     // how many
	Of        int     // out of how many
	Max       float64 // the share allowed
	FewerThan int     // when not 0, Max does not apply: of fewer records than this, one may be removed
}

// Error gives the numbers.
func (e *GuardError) Error() string {
	const stopped = "catalogue: stopped by the guard: "
	switch {
	case e.Of <= 0 || e.Count < 0 || e.Count > e.Of:
		return stopped + fmt.Sprintf("%d of %d records %s cannot be right", e.Count, e.Of, e.What)
	case e.What == emptied:
		return stopped + fmt.Sprintf("nothing was read, %d records are published", e.Of)
	case e.FewerThan > 0:
		return stopped + fmt.Sprintf("%d of %d records %s, at most %d at a time of fewer than %d", e.Count, e.Of, e.What, maxRemovedFew, e.FewerThan)
	}
	return stopped + fmt.Sprintf("%d of %d records %s (%.1f %%), at most %.1f %% allowed",
		e.Count, e.Of, e.What, 100*float64(e.Count)/float64(e.Of), 100*e.Max)
}

// Unwrap gives ErrGuard.
func (e *GuardError) Unwrap() error { return ErrGuard }

// What a GuardError is about.
const (
	removed = "removed"
	invalid = "invalid"
	emptied = "emptied"
)

// Check judges a complete pass: before records were published, gone of them would be deleted; total
// were read, bad of those are quarantined. The error is a *GuardError.
func (g Guard) Check(before, gone, bad, total int) error {
	switch {
	case gone < 0 || gone > before:
		return &GuardError{What: removed, Count: gone, Of: before}
	case bad < 0 || bad > total:
		return &GuardError{What: invalid, Count: bad, Of: total}
	case total == 0 && before > 0:
		return &GuardError{What: emptied, Count: gone, Of: before}
	case before < g.MinRecords && gone > maxRemovedFew:
		return &GuardError{What: removed, Count: gone, Of: before, FewerThan: g.MinRecords}
	case before >= g.MinRecords && beyond(gone, before, g.MaxRemovedShare):
		return &GuardError{What: removed, Count: gone, Of: before, Max: g.MaxRemovedShare}
	case total >= g.MinRecords && beyond(bad, total, g.MaxInvalidShare):
		return &GuardError{What: invalid, Count: bad, Of: total, Max: g.MaxInvalidShare}
	}
	return nil
}

// beyond says whether count is more than a share of the whole.
func beyond(count, whole int, share float64) bool {
	return count > 0 && !(float64(count)/float64(whole) <= share)
}
