package access

import (
	"cmp"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// DueClock is a clock of a track that has run out or soon will.
type DueClock struct {
	Track ehds.Track `json:"track"`
	Clock Clock      `json:"clock"`
	// BySetDate says that it is due by the date staff set, which comes before the law's.
	BySetDate bool `json:"by_set_date,omitempty"`
}

// Expired is the event that applies the end of this clock.
func (d DueClock) Expired() ClockExpired {
	return ClockExpired{Track: d.Track, Kind: d.Clock.Kind, Subject: d.Clock.Subject}
}

// at is when it is due: the first instant after the last day.
func (d DueClock) at() time.Time {
	if d.BySetDate {
		return d.Clock.Due.End
	}
	return d.Clock.End
}

// Due lists the running clocks whose end plus a grace period for queued mail has passed. The caller
// drains its inbound queues before it applies ClockExpired for them. A date set by staff has no
// effect and is not among them.
func Due(a Application, now time.Time, grace time.Duration) []DueClock {
	return list(a, func(c Clock) (bool, bool) {
		return c.State == ClockRunning && !now.Before(c.End.Add(grace)), false
	})
}

// DueSoon lists what is due after now and within a time from it, by the law or by a date staff set,
// the earliest first.
func DueSoon(a Application, now time.Time, within time.Duration) []DueClock {
	until := now.Add(within)
	soon := func(end time.Time) bool { return now.Before(end) && !end.After(until) }
	return list(a, func(c Clock) (bool, bool) {
		switch {
		case c.State != ClockRunning:
			return false, false
		case c.Due != nil && c.Due.End.Before(c.End) && soon(c.Due.End):
			return true, true
		}
		return soon(c.End), false
	})
}

// Overdue lists what should have been done and was not, the oldest first: clocks that have run out,
// those whose end changed nothing by itself also after it was noted, and dates staff set that have
// passed.
func Overdue(a Application, now time.Time) []DueClock {
	return list(a, func(c Clock) (bool, bool) {
		switch {
		case c.State == ClockFired:
			return !c.Kind.Automatic(), false
		case c.State != ClockRunning:
			return false, false
		case !now.Before(c.End):
			return true, false
		}
		passed := c.Due != nil && !now.Before(c.Due.End)
		return passed, passed
	})
}

// NextDue is the earliest end of a running clock; ok is false when none runs.
func NextDue(a Application) (at time.Time, ok bool) {
	running := list(a, func(c Clock) (bool, bool) { return c.State == ClockRunning, false })
	if len(running) == 0 {
		return time.Time{}, false
	}
	return running[0].Clock.End, true
}

// list gathers the clocks that pick takes, in the order of their ends.
func list(a Application, pick func(Clock) (take, bySetDate bool)) []DueClock {
	var out []DueClock
	for _, t := range a.Tracks {
		for _, c := range t.Clocks {
			if take, set := pick(c); take {
				out = append(out, DueClock{t.Key, c, set})
			}
		}
	}
	slices.SortStableFunc(out, func(x, y DueClock) int { return cmp.Compare(x.at().UnixNano(), y.at().UnixNano()) })
	return out
}
