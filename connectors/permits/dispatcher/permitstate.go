package dispatcher

import (
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// permit finds a version of a permit.
func (t *track) permit(id string) (*permit, bool) {
	for i := range t.Permits {
		if t.Permits[i].ID == id {
			return &t.Permits[i], true
		}
	}
	return nil, false
}

// know takes over what the gateway says of a permit.
func (t *track) know(n connectors.PermitNotice) {
	p, ok := t.permit(n.PermitID)
	if !ok {
		t.Permits = append(t.Permits, permit{ID: n.PermitID})
		p = &t.Permits[len(t.Permits)-1]
	}
	if n.From != "" {
		p.From, p.To = n.From, n.To
	}
	if phase, ok := phaseOf(p.Phase, n.Status); ok {
		p.Phase = phase
	}
}

// phaseOf is the phase behind one of the twelve values, reached from another one where both are possible.
func phaseOf(from ehds.PermitPhase, v ehds.PermitStatusValue) (ehds.PermitPhase, bool) {
	if from.Export() == v {
		return from, true
	}
	var found ehds.PermitPhase
	ok := false
	for _, edge := range ehds.PermitTransitions() {
		if edge.To.Export() != v {
			continue
		}
		if edge.From == from {
			return edge.To, true
		}
		if !ok {
			found, ok = edge.To, true
		}
	}
	return found, ok
}

// asked notes a change of a permit that its holder asks for.
func (t *track) asked(id string, kind ehds.ChangeKind) {
	e, ok := map[ehds.ChangeKind]ehds.PermitEvent{
		ehds.ChangeAmendment: ehds.PermitEventAmendmentAsked, ehds.ChangeRenewal: ehds.PermitEventRenewalAsked,
		ehds.ChangeRevocationAppeal: ehds.PermitEventRevocationAppeal,
	}[kind]
	if p, known := t.permit(id); ok && known {
		_ = p.move(e) // what does not fit moves nothing: the gateway has judged it
	}
}

// move takes an edge of the permit machine (TEHDAS2 D6.4 §9.3).
func (p *permit) move(e ehds.PermitEvent) error {
	next := ehds.Next(ehds.PermitTransitions(), p.Phase, e)
	if len(next) == 0 {
		return illegal(ehds.AxisPermit, p.Phase.Export())
	}
	p.Phase = next[0].To
	return nil
}
