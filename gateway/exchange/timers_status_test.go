package exchange

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An operator sees what falls due next and how many at once, what has ended and waits, what is owed, the
// newest effect, and since when mail is taken.
func TestClockStatus(t *testing.T) {
	_, ncp, _ := pair(t)
	status := func() ClockStatus {
		t.Helper()
		s, err := ReadClockStatus(t.Context(), ncp.record, ncp.w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if diff := cmp.Diff(ClockStatus{}, status()); diff != "" {
		t.Error(diff)
	}
	w, start := ncp.timers(), ncp.w.clock.Now() // Monday 1 March 2027
	present := Presence{Record: ncp.record, Clock: ncp.w.clock.Now, Logger: ncp.w.log}
	if err := present.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	ncp.filed("A1", ncp.asked()...)
	ncp.filed("A2", ncp.asked()...)
	ncp.filed("A3") // three months to decide
	end, decide := time.Date(2027, 3, 30, 0, 0, 0, 0, time.UTC), time.Date(2027, 6, 2, 0, 0, 0, 0, time.UTC)
	here := &Present{Since: start, Seen: start}
	want := func(what string, s ClockStatus) {
		t.Helper()
		s.Present = here
		if diff := cmp.Diff(s, status()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	want("before the end", ClockStatus{Next: &NextClock{"completion", end, 2}})

	ncp.w.clock.Advance(end.Sub(start) - time.Microsecond)
	want("a microsecond before", ClockStatus{Next: &NextClock{"completion", end, 2}})
	ncp.w.clock.Advance(time.Microsecond)
	want("at the end", ClockStatus{Next: &NextClock{"decision", decide, 1}, Waiting: 2})

	ncp.w.clock.Advance(w.Grace)
	if n := ncp.round(w); n != 2 {
		t.Fatalf("%d fired", n)
	}
	want("after the grace", ClockStatus{Next: &NextClock{"decision", decide, 1}, Last: &LastFiring{"completion", end, ncp.w.clock.Now()}})

	ncp.w.clock.Advance(100 * 24 * time.Hour)
	if n := ncp.round(w); n != 1 {
		t.Fatalf("%d fired", n)
	}
	if err := present.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := ncp.w.clock.Now()
	here = &Present{Since: now, Seen: now, Away: start}
	want("a duty not done", ClockStatus{Overdue: 1, Last: &LastFiring{"decision", decide, now}})
}
