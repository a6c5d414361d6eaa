package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// MaxPermitYears is the longest duration of a permit and of its one renewal, Art. 68(12).
const MaxPermitYears = 10

func (e PermitGranted) apply(r *run) error {
	t, err := r.decided(e.Track, e.Body.DecisionID, e.Name())
	if err != nil {
		return err
	}
	if t.Decision.Status != ehds.DecisionPositiveAccepted || t.Decision.Grant == nil || len(t.Permits) > 0 {
		return illegal(ehds.AxisDecision, string(t.Decision.Status), e.Name())
	}
	v, err := readVersion(e.Body)
	if err != nil {
		return err
	}
	if v.Expires.After(v.NotBefore.AddDate(MaxPermitYears, 0, 0)) {
		return fault.New(fault.Invalid, CodeDuration, "a permit lasts ten years at most")
	}
	v.Phase, v.Issued = ehds.PermitPhase{State: ehds.PermitGranted}, e.At.UTC()
	t.Permits = append(t.Permits, v)
	r.permitStep(t, &t.Permits[0], ehds.PermitEventGranted, ehds.PermitPhase{}, e.At, "")
	r.do(SendPermit{t.Key, e.Body})
	r.sendPermitState(t, v, e.At, "")
	r.startPermit(t, v)
	for _, subject := range t.sidesIn(ehds.SideFees, ehds.SideEstimated, ehds.SideDisputed) {
		r.startFor(t, ClockFees, subject, v.Issued)
	}
	return nil
}

func (e PermitMoved) apply(r *run) error {
	t, err := r.track(e.Track)
	if err != nil {
		return err
	}
	p, ok := t.Permit()
	if !ok {
		return illegal(ehds.AxisPermit, "", string(e.Event))
	}
	if p.ID != e.PermitID {
		return fault.New(fault.Conflict, CodePermit, "this is not the newest version of the permit")
	}
	edges := ehds.Next(ehds.PermitTransitions(), p.Phase, e.Event)
	if len(edges) != 1 {
		return illegal(ehds.AxisPermit, string(p.Phase.Export()), string(e.Event))
	}
	if err := r.renewable(t, p, e); err != nil {
		return err
	}
	from := p.Phase
	if e.Event.NewVersion() {
		return r.newVersion(t, e, edges[0].To)
	}
	p.Phase = edges[0].To
	r.permitStep(t, p, e.Event, from, e.At, e.Actor)
	if from.State.Active() && !p.Phase.State.Active() {
		if err := r.endPermit(t, p, e); err != nil {
			return err
		}
	}
	r.sendPermitState(t, *p, e.At, e.Reason)
	return nil
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
	if DateOf(e.At, r.cal(t).zone()).utc().After(last.utc()) {
		return fault.New(fault.Conflict, CodeRenewal, "a renewal is asked for at least a month before expiry")
	}
	return nil
}

// newVersion puts a signed version in the place of the newest, whose status falls when the new one
// starts. Amendments may start later; renewals and appeals start at once.
func (r *run) newVersion(t *Track, e PermitMoved, to ehds.PermitPhase) error {
	old, _ := t.Permit()
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
		latest = old.Expires.AddDate(MaxPermitYears, 0, 0)
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
	if old.Ended.IsZero() {
		old.Ended = v.NotBefore
	}
	if from.State.Active() {
		r.do(SetPermitStatus{t.Key, old.ID, ehds.StatusInvalid, v.NotBefore})
	} else { // a revocation was set aside: the processing did not end
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

// endPermit takes the force from a permit: revoked or expired. An older version still running until
// the newest starts falls with it.
func (r *run) endPermit(t *Track, p *PermitVersion, e PermitMoved) error {
	p.Ended = e.At.UTC()
	r.stop(t, ClockPermit, ClockVoid)
	if p.Phase.State == ehds.PermitRevoked {
		for i := range t.Permits {
			v := &t.Permits[i]
			if v.ID == p.ID || v.Ended.After(e.At) {
				v.Ended = e.At.UTC()
				r.do(SetPermitStatus{t.Key, v.ID, ehds.StatusInvalid, e.At.UTC()})
			}
		}
	}
	r.do(SendPermitChanged{t.Key, ehds.PermitChangedBody{ApplicationID: r.app.ID, PermitID: p.ID,
		Status: p.Phase.Export(), Date: stamp(e.At), Reason: e.Reason}})
	return r.closeEnvironments(t, e.At)
}

func (r *run) sendPermitState(t *Track, v PermitVersion, at time.Time, reason string) {
	r.do(SendStatus{t.Key, ehds.AxisPermit, string(v.Phase.Export()), reason, at.UTC()})
}

func (r *run) permitStep(t *Track, v *PermitVersion, e ehds.PermitEvent, from ehds.PermitPhase, at time.Time, actor string) {
	r.step(t, ehds.AxisPermit, string(e), string(from.Export()), string(v.Phase.Export()), at, actor, v.ID)
}

func (r *run) startPermit(t *Track, v PermitVersion) {
	zone := r.cal(t).zone()
	last := DateOf(v.Expires.Add(-time.Nanosecond), zone)
	r.start(t, Clock{Kind: ClockPermit, State: ClockRunning, Start: v.NotBefore, LastDay: last.String(), End: v.Expires,
		Zone: zone.String(), Steps: []string{"The permit says when it ends (Art. 68(10)(e)); a stated end does not move for days off."}})
}

// readVersion reads the times of a signed permit.
func readVersion(b ehds.PermitIssuedBody) (PermitVersion, error) {
	nbf, err1 := time.Parse(time.RFC3339, b.NotBefore)
	exp, err2 := time.Parse(time.RFC3339, b.Expires)
	if err1 != nil || err2 != nil || !exp.After(nbf) || b.PermitID == "" {
		return PermitVersion{}, fault.New(fault.Invalid, CodeIncomplete, "a permit needs an id and a time from which and until which it holds")
	}
	return PermitVersion{ID: b.PermitID, DecisionID: b.DecisionID, NotBefore: nbf.UTC(), Expires: exp.UTC(),
		StatusList: b.StatusList, StatusIndex: b.StatusIndex}, nil
}
