package exchange

import (
	"testing"
	"time"
)

// Time in which the gateway was away does not count against what it had to send.
func TestSpentCountsTheTimeThere(t *testing.T) {
	t.Parallel()
	created := time.Date(2030, 9, 15, 0, 0, 0, 0, time.UTC)
	back := created.Add(200 * 24 * time.Hour)
	b := DefaultBackoff(nil)
	there := time.Time{}
	b.There = func() time.Time { return there }
	for name, c := range map[string]struct {
		since, now time.Time
		want       bool
	}{
		"there all the time, too long":     {created.Add(-time.Hour), created.Add(b.GiveUp + 1), true},
		"there all the time, in time":      {created.Add(-time.Hour), created.Add(b.GiveUp), false},
		"just back from a long absence":    {back, back.Add(time.Minute), false},
		"back for as long as one may take": {back, back.Add(b.GiveUp), false},
		"back for longer":                  {back, back.Add(b.GiveUp + 1), true},
	} {
		if there = c.since; b.Spent(created, c.now) != c.want {
			t.Errorf("%s: spent is %t", name, !c.want)
		}
	}
	p := Presence{Clock: func() time.Time { return back }}
	if p.Since() != back {
		t.Error("before its first beat a gateway has just come")
	}
}
