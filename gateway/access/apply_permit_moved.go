package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (e PermitMoved) apply(r *run) error {
	t, p, to, err := r.movable(e)
	if err != nil {
		return err
	}
	from := p.Phase
	switch {
	case e.Event == ehds.PermitEventSuspended || e.Event == ehds.PermitEventResumed:
		return r.suspend(t, p, e)
	case e.Event.NewVersion():
		return r.newVersion(t, e, to)
	}
	p.Phase = to
	r.permitStep(t, p, e.Event, from, e.At, e.Actor)
	if from.State.Active() && !p.Phase.State.Active() {
		if err := r.endPermit(t, p, e); err != nil {
			return err
		}
	}
	r.sendPermitState(t, *p, e.At, e.Reason)
	return nil
}

// Movable says whether an event of a permit is possible now, before the new version it may need is
// signed: nothing is signed that the case would refuse.
func (r Rules) Movable(a Application, e PermitMoved, now time.Time) error {
	_, _, _, err := (&run{app: a.Clone(), now: now.UTC(), rules: r}).movable(e)
	return err
}

// movable finds the track and the newest version an event is about, and where it leads.
func (r *run) movable(e PermitMoved) (t *Track, p *PermitVersion, to ehds.PermitPhase, err error) {
	if t, err = r.track(e.Track); err != nil {
		return nil, nil, to, err
	}
	p, ok := t.Permit()
	if !ok {
		return nil, nil, to, illegal(ehds.AxisPermit, "", string(e.Event))
	}
	if p.ID != e.PermitID {
		return nil, nil, to, fault.New(fault.Conflict, CodePermit, "this is not the newest version of the permit")
	}
	edges := ehds.Next(ehds.PermitTransitions(), p.Phase, e.Event)
	if len(edges) != 1 {
		return nil, nil, to, illegal(ehds.AxisPermit, string(p.Phase.Export()), string(e.Event))
	}
	if err := r.renewable(t, p, e); err != nil {
		return nil, nil, to, err
	}
	if e.Reason == "" && e.Event.NeedsReasons() {
		return nil, nil, to, fault.New(fault.Invalid, CodeReasons, "a permit is not taken away without written reasons")
	}
	return t, p, edges[0].To, nil
}

// renewable checks what the table cannot: one renewal at most, asked a month before expiry at the
// latest. A period counted backwards does not move for days off.
func (r *run) renewable(t *Track, p *PermitVersion, e PermitMoved) error {
	if e.Event != ehds.PermitEventRenewalAsked {
		return nil
	}
	for _, v := range t.Permits {
		if v.Phase.State == ehds.PermitRenewed {
			return fault.New(fault.Conflict, CodeRenewal, "the permit was renewed already")
		}
	}
	last, _ := DateOf(p.Expires, r.cal(t).zone()).addMonths(-1)
	if last.before(DateOf(e.At, r.cal(t).zone())) {
		return fault.New(fault.Conflict, CodeRenewal, "a renewal is asked for at least a month before expiry")
	}
	return nil
}

// suspend stops access for a time, or ends that: the entries of every version that has not ended say
// so, the phase stays. No value that travels says that a permit is suspended (wire profile §6).
func (r *run) suspend(t *Track, p *PermitVersion, e PermitMoved) error {
	stop := e.Event == ehds.PermitEventSuspended
	if stop != p.Suspended.IsZero() {
		if stop {
			return suspended(e.Event)
		}
		return illegal(ehds.AxisPermit, string(p.Phase.Export()), string(e.Event))
	}
	value, since := ehds.StatusValid, time.Time{}
	if stop {
		value, since = ehds.StatusSuspended, e.At.UTC()
	}
	for i := range t.Permits {
		v := &t.Permits[i]
		if !v.Ended.IsZero() && !v.Ended.After(e.At) {
			continue
		}
		v.Suspended = since
		r.do(SetPermitStatus{t.Key, v.ID, value, e.At.UTC()})
	}
	r.permitStep(t, p, e.Event, p.Phase, e.At, e.Actor).Reasons = e.Reason
	if stop {
		r.do(FlagForStaff{t.Key, "permit-suspended", "the permit is suspended: no access until it is resumed or revoked"})
	}
	return nil
}

// suspended refuses what a suspended permit cannot do. A new version of it would have force at once
// (assumption: no public text says what becomes of an amendment meanwhile).
func suspended(e ehds.PermitEvent) error { return illegal(ehds.AxisPermit, "suspended", string(e)) }

// endPermit takes the force from a permit: revoked or expired. An older version still running until
// the newest starts falls with it.
func (r *run) endPermit(t *Track, p *PermitVersion, e PermitMoved) error {
	p.Ended, p.Suspended = e.At.UTC(), time.Time{}
	r.stop(t, ClockPermit, ClockVoid)
	if p.Phase.State == ehds.PermitRevoked {
		for i := range t.Permits {
			v := &t.Permits[i]
			if v.ID == p.ID || v.Ended.After(e.At) {
				v.Ended, v.Suspended = e.At.UTC(), time.Time{}
				r.do(SetPermitStatus{t.Key, v.ID, ehds.StatusInvalid, e.At.UTC()})
			}
		}
	}
	r.do(SendPermitChanged{t.Key, ehds.PermitChangedBody{ApplicationID: r.app.ID, PermitID: p.ID,
		Status: p.Phase.Export(), Date: stamp(e.At), Reason: e.Reason}})
	return r.closeEnvironments(t, e.At)
}
