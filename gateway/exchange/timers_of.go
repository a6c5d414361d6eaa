package exchange

import (
	"slices"
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
	for i := range d.Application.Tracks {
		t := &d.Application.Tracks[i]
		for _, c := range t.Clocks {
			late := lateClock(t, c)
			if late || c.State == access.ClockRunning {
				out = append(out, store.Timer{Kind: string(c.Kind), Scope: scopeOf(t.Key), At: ceil(c.End), Late: late})
			}
		}
	}
	return out
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
	return []access.ClockKind{
		access.ClockDecision, access.ClockCompletion, access.ClockAnswer, access.ClockPublication, access.ClockPermit,
	}
}

// scopeOf names a track in the record's list of timers.
func scopeOf(t ehds.Track) string { return t.CatalogID + " " + t.HDAB }

// owed says whether a kind of clock runs for a duty that stays when it has run out. The others have
// their effect and are done.
func owed(kind access.ClockKind) bool {
	return kind == access.ClockDecision || kind == access.ClockPublication
}

// lateClock says whether a clock ran out and what was due is still owed.
func lateClock(t *access.Track, c access.Clock) bool {
	if c.State != access.ClockFired || !owed(c.Kind) {
		return false
	}
	newest, _ := t.Clock(c.Kind)
	if !newest.Start.Equal(c.Start) || newest.State != c.State {
		return false // another has taken its place
	}
	return c.Kind != access.ClockDecision || !t.Status.Terminal()
}

// dueBy lists the clocks of a case that run and have ended by an instant, in the order of their ends.
func dueBy(a access.Application, by time.Time) []access.DueClock {
	out := access.Due(a, by, 0)
	slices.SortStableFunc(out, func(x, y access.DueClock) int { return x.Clock.End.Compare(y.Clock.End) })
	return out
}
