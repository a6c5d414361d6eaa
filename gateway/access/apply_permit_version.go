package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// newVersion puts a signed version in the place of the newest, whose status falls when the new one
// starts. Amendments may start later; renewals and appeals start at once.
func (r *run) newVersion(t *Track, e PermitMoved, to ehds.PermitPhase) error {
	old, _ := t.Permit()
	if !old.Suspended.IsZero() {
		return suspended(e.Event)
	}
	if e.New == nil {
		return fault.New(fault.Invalid, CodeIncomplete, "this event needs the new version, signed")
	}
	v, err := readVersion(*e.New)
	if err != nil {
		return err
	}
	if e.Event != ehds.PermitEventAmendmentApproved && v.NotBefore.After(e.At) {
		return fault.New(fault.Invalid, CodeStartsAtOnce, "a renewal or a successful appeal starts at once")
	}
	latest := old.Expires
	if e.Event == ehds.PermitEventRenewalApproved {
		latest = old.Expires.AddDate(ehds.MaxPermitYears, 0, 0)
	}
	if v.Expires.After(latest) {
		return fault.New(fault.Invalid, CodeDuration, "only a renewal makes a permit longer, by ten years at most")
	}
	if !follows(old.ID, v.ID) || v.DecisionID != old.DecisionID {
		return fault.New(fault.Conflict, CodePermit, "a new version keeps decision and base id and raises the version")
	}
	from := old.Phase
	v.Previous, v.Phase, v.Issued = old.ID, to, e.At.UTC()
	old.Superseded, old.Phase = true, ehds.PermitPhase{State: from.State}
	r.replace(t, v.NotBefore)
	if !from.State.Active() { // a revocation was set aside: the processing did not end
		r.stopEach(t, ClockDeletion, ClockVoid)
		r.stop(t, ClockResults, ClockVoid)
	}
	t.Permits = append(t.Permits, v)
	r.permitStep(t, &v, e.Event, from, e.At, e.Actor)
	index := e.New.StatusIndex
	r.do(SendPermitChanged{t.Key, ehds.PermitChangedBody{ApplicationID: r.app.ID, PermitID: v.ID, Previous: v.Previous,
		Status: to.Export(), Date: stamp(e.At), Reason: e.Reason, Permit: e.New.Permit,
		StatusList: e.New.StatusList, StatusIndex: &index}})
	r.sendPermitState(t, v, e.At, e.Reason)
	r.startPermit(t, v)
	return nil
}

// replace ends, when a new version starts, every version that was to run beyond that: the one in
// force, and one that was to start later and now never will.
func (r *run) replace(t *Track, from time.Time) {
	for i := range t.Permits {
		v := &t.Permits[i]
		if v.Ended.IsZero() || v.Ended.After(from) {
			v.Ended = from
			r.do(SetPermitStatus{t.Key, v.ID, ehds.StatusInvalid, from})
		}
	}
}

// follows says whether b is a later version of a.
func follows(a, b string) bool {
	x, errA := ehds.ParsePermitID(a)
	y, errB := ehds.ParsePermitID(b)
	if errA != nil || errB != nil {
		return false
	}
	later := y.Version > x.Version
	x.Version, y.Version = 0, 0
	return later && x == y
}
