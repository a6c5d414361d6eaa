package register

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// StatusReplaced is the status of a permit version whose place another has taken. None of the twelve values
// that travel says so (TEHDAS2 D6.4 table 3): they speak of the newest version.
const StatusReplaced = "REPLACED"

// permit is the entry of one version of a track's permit.
func (p *projection) permit(t *access.Track, i int) Entry {
	v := &t.Permits[i]
	e := p.base(KindPermit, v.ID)
	e.Body, e.Permit, e.Previous, e.Decision = p.body(t), v.ID, v.Previous, v.DecisionID
	e.Status, e.ReplacedBy = standing(t.Permits, i, p.Now)
	e.Date = v.NotBefore
	if end := lastInstant(v); end.After(v.NotBefore) {
		e.From, e.To = p.day(t, v.NotBefore), p.day(t, end)
	} // else another took its place before it began: it never held
	mine := func(s access.Step) bool { return s.Axis == ehds.AxisPermit && s.Subject == v.ID }
	e.Updated = lastStep(*t, mine)
	if first := firstStep(*t, mine); !first.IsZero() {
		e.Date = first
	}
	if e.Updated.IsZero() {
		e.Updated = e.Date
	}
	if v.Superseded && ended(v, p.Now) {
		e.Updated = later(e.Updated, v.Ended)
	}
	if t.Decision != nil && t.Decision.Grant != nil && t.Decision.ID == v.DecisionID {
		e.Purposes, e.Datasets = t.Decision.Grant.Purposes, p.granted(*t.Decision.Grant)
	}
	return e
}

// lastInstant is the last at which a version holds or held.
func lastInstant(v *access.PermitVersion) time.Time {
	end := v.Expires
	if !v.Ended.IsZero() && v.Ended.Before(end) {
		end = v.Ended
	}
	return end.Add(-time.Nanosecond)
}

func ended(v *access.PermitVersion, now time.Time) bool {
	return !v.Ended.IsZero() && !v.Ended.After(now)
}

// standing is where a version stands now, and which one takes its place, also from a later day on: until
// then it holds, with the status it had.
func standing(versions []access.PermitVersion, i int, now time.Time) (status, by string) {
	v := &versions[i]
	status = string(v.Phase.Export())
	if !v.Superseded || v.Ended.IsZero() {
		return status, ""
	}
	for j := range versions[i+1:] {
		next := &versions[i+1+j]
		switch {
		case next.NotBefore.Equal(v.Ended):
			if ended(v, now) {
				status = StatusReplaced
			}
			return status, next.ID
		case next.Ended.Equal(v.Ended) && !next.Phase.State.Active():
			return string(next.Phase.State), "" // it fell with the one that was to take its place
		}
	}
	return status, ""
}
