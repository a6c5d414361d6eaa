package exchange

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// TimersOf are the timers of a case by its document: each clock that runs, and each that ran out while
// what was due is still owed. It is what store.Options.Timers wants; cases that are no applications
// have none.
func TimersOf(caseID string, doc []byte) []store.Timer {
	id, err := ehds.ParseCaseID(caseID)
	if err != nil || !id.Kind.Personal() {
		return nil
	}
	d, err := readApplication(doc)
	if err != nil {
		return nil
	}
	var out []store.Timer
	for _, t := range d.Application.Tracks {
		for _, c := range t.Clocks {
			out = append(out, timersOfClock(t.Key, c)...)
		}
	}
	return out
}

func timersOfClock(track ehds.Track, c access.Clock) []store.Timer {
	timer := store.Timer{Kind: string(c.Kind), Scope: scopeOf(track), At: ceil(c.End)}
	switch {
	case c.State == access.ClockFired && !c.Kind.Automatic():
		timer.State = store.TimerLate
	case c.State != access.ClockRunning:
		return nil
	case c.Due != nil && c.Due.End.Before(c.End):
		set := timer
		set.At, set.State = ceil(c.Due.End), store.TimerNoted
		return []store.Timer{timer, set}
	}
	return []store.Timer{timer}
}

// ceil is an instant as the record keeps it, never earlier: a clock has not run out before its end.
func ceil(t time.Time) time.Time {
	if whole := t.Truncate(time.Microsecond); whole.Before(t) {
		return whole.Add(time.Microsecond)
	}
	return t
}

// ClockKinds are the kinds of clocks a case can have, for metrics.
func ClockKinds() []access.ClockKind {
	var out []access.ClockKind
	for _, p := range access.Periods() {
		out = append(out, p.Kind)
	}
	return out
}

// scopeOf names a track in the record's list of timers.
func scopeOf(t ehds.Track) string { return t.CatalogID + " " + t.HDAB }
