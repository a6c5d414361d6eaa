package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

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
	if v.Expires.After(v.NotBefore.AddDate(ehds.MaxPermitYears, 0, 0)) {
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

func (r *run) sendPermitState(t *Track, v PermitVersion, at time.Time, reason string) {
	r.do(SendStatus{t.Key, ehds.AxisPermit, string(v.Phase.Export()), reason, at.UTC()})
}

func (r *run) permitStep(t *Track, v *PermitVersion, e ehds.PermitEvent, from ehds.PermitPhase, at time.Time, actor string) *Step {
	return r.step(t, ehds.AxisPermit, string(e), string(from.Export()), string(v.Phase.Export()), at, actor, v.ID)
}

func (r *run) startPermit(t *Track, v PermitVersion) {
	zone := r.cal(t).zone()
	last := DateOf(v.Expires.Add(-time.Nanosecond), zone)
	r.start(t, Clock{Kind: ClockPermit, State: ClockRunning, Start: v.NotBefore, LastDay: last.String(), End: v.Expires,
		Zone: zone.String(), Steps: []string{"The permit says when it ends (Art. 68(10)(e)); a stated end does not move for days off."}})
}
