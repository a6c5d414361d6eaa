package driver

import (
	"testing"
	"time"
)

// The clock runs with the real one, and who waits wakes when the time on it has come, however it came.
func TestShifted(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	now, timers := start, map[time.Duration]chan time.Time{}
	s := NewShifted(func() time.Time { return now }, func(d time.Duration) <-chan time.Time {
		timers[d] = make(chan time.Time, 1)
		return timers[d]
	})
	woken := func(c <-chan time.Time) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	week, hour, past := s.After(7*24*time.Hour), s.After(time.Hour), s.After(-time.Second)
	if !woken(past) || woken(hour) || woken(week) {
		t.Error("at the start only what is past wakes")
	}
	s.Advance(2 * time.Hour)
	if !woken(hour) || woken(week) || s.Now() != start.Add(2*time.Hour) {
		t.Errorf("two hours ahead: %s", s.Now())
	}
	s.Advance(-time.Hour)
	if s.Now() != start.Add(2*time.Hour) {
		t.Error("the clock went back")
	}
	now = now.Add(7 * 24 * time.Hour) // and now the real time passes
	timers[7*24*time.Hour] <- now
	select {
	case <-week:
	case <-time.After(10 * time.Second):
		t.Error("a wait does not end by itself")
	}
}
