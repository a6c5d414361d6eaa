package gateway

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// PendingDecision is a decision that waits for its release to the public register.
type PendingDecision struct {
	Case     string       `json:"case"`
	HDAB     string       `json:"hdab"`
	Decision string       `json:"decision"`
	Outcome  ehds.Outcome `json:"outcome"`
	Reasons  string       `json:"reasons,omitempty"` // as the body wrote them
	Due      string       `json:"due"`               // full-date: the last of its 30 working days
}

// ReleaseRequest releases a decision to the public register.
type ReleaseRequest struct {
	Case     string `json:"case"`
	Decision string `json:"decision"`
	By       string `json:"by"`
	// Reasons are shown instead of those of the decision; empty shows these.
	Reasons string `json:"reasons,omitempty"`
}

// note keeps which decisions of a case wait for staff.
func (r *registrar) note(caseID string, doc exchange.ApplicationDoc) {
	var list []PendingDecision
	for i := range doc.Application.Tracks {
		t := &doc.Application.Tracks[i]
		if t.Decision == nil || !r.review {
			continue
		}
		if _, released := doc.Release(t.Decision.ID); released {
			continue
		}
		p := PendingDecision{Case: caseID, HDAB: t.Key.HDAB, Decision: t.Decision.ID, Outcome: t.Decision.Outcome}
		if c, ok := t.Clock(access.ClockPublication); ok {
			p.Due = c.LastDay
		}
		if at := slices.IndexFunc(doc.Cards, func(c ehds.DecisionBody) bool { return c.DecisionID == p.Decision }); at >= 0 {
			p.Reasons = doc.Cards[at].Reasons
		}
		list = append(list, p)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(list) == 0 {
		delete(r.waiting, caseID)
		return
	}
	r.waiting[caseID] = list
}

// operatorPending lists the decisions that wait for their release, those due first.
func (g *Gateway) operatorPending(context.Context, httpapi.Query) ([]PendingDecision, error) {
	r := g.registrar
	if !r.IsReady() {
		return nil, fault.New(fault.Unavailable, "register-unavailable", "the register is being made; ask again in a moment")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []PendingDecision{}
	for _, list := range r.waiting {
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b PendingDecision) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Case, b.Case), cmp.Compare(a.Decision, b.Decision))
	})
	return out, nil
}

func (g *Gateway) operatorRelease(ctx context.Context, req ReleaseRequest) (struct{}, error) {
	if req.By == "" {
		return struct{}{}, fault.New(fault.Invalid, "by-missing", "a release says by whom").At("/by")
	}
	if id, err := ehds.ParseCaseID(req.Case); err != nil || !id.Kind.Personal() {
		return struct{}{}, fault.New(fault.NotFound, "no-such-case", "no such application is on record").At("/case")
	}
	_, err := g.record.Update(ctx, req.Case, func(s store.State) (store.Change, error) {
		return g.apps.Released(s, exchange.Release{Decision: req.Decision, By: req.By, Reasons: req.Reasons})
	})
	if errors.Is(err, store.ErrErased) {
		err = fault.Wrap(err, fault.NotFound, "no-such-case", "the case was erased").At("/case")
	}
	return struct{}{}, err
}
