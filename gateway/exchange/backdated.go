package exchange

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// leavesTime refuses an act of a national system that is dated so long ago that the applicant's time to
// answer it is over before she is told: its automatic end would come at once (TEHDAS2 D6.4 §8).
func (a *Applications) leavesTime(doc ApplicationDoc, e access.Event, now time.Time) error {
	var key ehds.Track
	var at time.Time
	kind := access.ClockCompletion
	switch e := e.(type) {
	case access.InfoRequested:
		key, at = e.Track, e.At
	case access.DecisionIssued:
		if e.Card.Outcome != ehds.Positive {
			return nil // no automatic end follows a refusal
		}
		key, at, kind = e.Track, e.At, access.ClockAnswer
	default:
		return nil
	}
	t, ok := doc.Application.Track(key)
	if !ok {
		return nil // refused as such
	}
	if c := a.Rules.Of(key.HDAB).Clock(kind, at, access.Length(kind, t.Procedure, false)); now.Before(c.End) {
		return nil
	}
	return fault.New(fault.Conflict, access.CodeDate, "dated then, the applicant's time to answer would have ended before she is told")
}
