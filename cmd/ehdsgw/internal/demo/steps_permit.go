package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

// accept is step 12: the applicant accepts both decisions, and a permit of each body comes back.
func (r *run) accept(ctx context.Context) (string, error) {
	nations := []*nation{r.fr, r.fi}
	for _, n := range nations {
		err := r.centre.act(ctx, r.applicationID, "answer", map[string]any{"decision_id": r.report.IDs["decision "+n.country], "answer": ehds.AnswerAccept})
		if err != nil {
			return "", err
		}
	}
	err := eventually(ctx, "the permits reach the centre", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		for _, n := range nations {
			i := view.at(n)
			if len(view.Tracks[i].Permits) == 0 {
				return notYet("no permit of %s", n.country)
			}
			r.report.IDs["permit "+n.country] = view.Tracks[i].Permits[0].ID
		}
		return nil
	})
	return r.report.IDs["permit FR"] + " and " + r.report.IDs["permit FI"], err
}

// amend is step 13: the applicant asks for a person more; staff approve; the new version has a new id, and
// the one before has no force any more. What a holder keeps is taken while it is in force.
func (r *run) amend(ctx context.Context) (string, error) {
	first, token := r.report.IDs["permit FR"], ""
	if err := r.centre.act(ctx, r.applicationID, "change-request", map[string]any{
		"permit_id": first, "kind": ehds.ChangeAmendment, "text": "A statistician joins the project.",
	}); err != nil {
		return "", err
	}
	if err := eventually(ctx, "the request reaches the desk", func(ctx context.Context) error {
		h, err := r.fr.operator.PermitHistory(ctx, first)
		if err != nil {
			return err
		}
		if h.Versions[0].Status != ehds.PermitStatusAmendmentRequested {
			return notYet("the permit is %s", h.Versions[0].Status)
		}
		d, err := r.fr.operator.DeskCase(ctx, r.caseID, r.track(r.fr))
		if err != nil {
			return err
		}
		if len(d.Changes) == 0 {
			return notYet("nothing at the desk")
		}
		return nil
	}); err != nil {
		return "", err
	}
	if err := r.permitAct(ctx, desk.PermitAct{Event: ehds.PermitEventAmendmentApproved, AddPersons: []ehds.PermitPerson{{Name: "Pauli Lisä", Affiliation: "Esimerkkilaitos"}}}); err != nil {
		return "", err
	}
	err := eventually(ctx, "the new version reaches the centre", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		permits := view.Tracks[view.at(r.fr)].Permits
		if len(permits) < 2 {
			return notYet("one version")
		}
		r.report.IDs["permit now"], token = permits[1].ID, permits[1].Token
		return nil
	})
	if err != nil {
		return "", err
	}
	h, err := r.fr.operator.PermitHistory(ctx, first)
	if err != nil {
		return "", err
	}
	if len(h.Versions) != 2 || h.Versions[0].InForce || !h.Versions[1].InForce {
		return "", fmt.Errorf("after the amendment: %+v", h.Versions)
	}
	ref := ehds.StatusRef{Idx: h.Versions[1].StatusIndex, URI: h.Versions[1].StatusList}
	return first + " replaced by " + r.report.IDs["permit now"], r.collect(ctx, token, ref)
}

// permitAct has staff of the French desk do something with the permit.
func (r *run) permitAct(ctx context.Context, a desk.PermitAct) error {
	return r.fr.operator.DeskWork(ctx, "act", gateway.DeskRequest{
		Case: r.caseID, Track: r.track(r.fr), Actor: staff, Act: &desk.Act{Actor: staff, Permit: &a},
	})
}

// revoke is step 14: the French body revokes the permit with reasons. The status list says so, the centre
// hears it, and whoever was told of the permit is told.
func (r *run) revoke(ctx context.Context) (string, error) {
	permit := r.report.IDs["permit now"]
	if err := r.permitAct(ctx, desk.PermitAct{Event: ehds.PermitEventRevoked, PermitID: permit, Reasons: "The conditions were not kept (Art. 63(2))."}); err != nil {
		return "", err
	}
	told := 0
	err := eventually(ctx, "everybody hears of the revocation", func(ctx context.Context) error {
		view, err := r.centre.application(ctx, r.applicationID)
		if err != nil {
			return err
		}
		permits := view.Tracks[view.at(r.fr)].Permits
		if permits[len(permits)-1].Status != ehds.PermitStatusRevoked {
			return notYet("the centre has %s", permits[len(permits)-1].Status)
		}
		h, err := r.fr.operator.PermitHistory(ctx, permit)
		if err != nil {
			return err
		}
		told = 0
		for _, n := range h.Notices {
			if n.Status == ehds.PermitStatusRevoked && n.State != exchange.NoticeQueued {
				told++
			}
		}
		if told == 0 || slices.ContainsFunc(h.Notices, func(n exchange.Notice) bool { return n.State == exchange.NoticeQueued }) {
			return notYet("notices wait")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if err := errors.Join(r.fr.quiet(ctx), r.fi.quiet(ctx)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s revoked; notices to user, %d holders and environment", permit, told-2), errors.Join(r.collectAfter(ctx), r.keepBundle(ctx))
}
