package dispatcher

import (
	"net/http"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// permitRow is a version of a permit as far as it was told here.
type permitRow struct {
	PermitID string                 `json:"permit_id"`
	Status   ehds.PermitStatusValue `json:"status"`
	From     string                 `json:"from,omitempty"`
	To       string                 `json:"to,omitempty"`
}

// getPermitVersions lists the versions of an application's permits, oldest first.
func (c *call) getPermitVersions() error {
	list, err := c.selected(c.ctx, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	out := []permitRow{}
	for _, t := range list {
		for _, p := range t.Permits {
			out = append(out, permitRow{p.ID, p.Phase.Export(), p.From, p.To})
		}
	}
	return c.answer(http.StatusOK, out)
}

// permitEvents are those a system can tell. A grant follows from a decision, an expiry from the clock.
func permitEvents() []ehds.PermitEvent {
	return []ehds.PermitEvent{
		ehds.PermitEventAmendmentAsked, ehds.PermitEventAmendmentApproved, ehds.PermitEventAmendmentRejected,
		ehds.PermitEventRenewalAsked, ehds.PermitEventRenewalApproved, ehds.PermitEventRenewalRejected,
		ehds.PermitEventRevoked, ehds.PermitEventRevocationAppeal, ehds.PermitEventAppealApproved, ehds.PermitEventAppealRejected,
	}
}

// changePermit tells an event of a permit: a change asked for, approved or rejected, a revocation and its
// appeal. What makes a new version brings what that grants.
func (c *call) changePermit() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		Event  ehds.PermitEvent   `json:"event"`
		Reason string             `json:"reason"`
		From   string             `json:"from"`
		Permit *ehds.PermitDetail `json:"permit"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		oneOf(f, "/event", body.Event, permitEvents()...)
		f.wants(body.From == "" || fullDate(body.From), "/from", "an RFC 3339 full-date is wanted")
		f.wants(body.From == "" || body.Event == ehds.PermitEventAmendmentApproved, "/from", "only an amendment starts later")
		if body.Event == ehds.PermitEventRevoked && body.Reason == "" {
			*f = append(*f, finding{"/reason", "reasons-missing", "68(9)", "a revocation needs its reasons"})
		}
		if body.Permit != nil {
			*f = append(*f, gapsOf(*body.Permit)...)
		}
		f.wants(body.Permit == nil || body.Event.NewVersion(), "/permit", "only what makes a new version grants something")
	}); err != nil {
		return err
	}
	return c.alone(id, func(t *tx, tr *track) error {
		p, ok := tr.permit(c.r.PathValue("permit"))
		if !ok {
			return fault.New(fault.NotFound, "unknown-permit", "there is no such permit of this application")
		}
		if err := p.move(body.Event); err != nil {
			return err
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventPermit, At: body.Date, Reason: body.Reason, Files: t.keep(tr.Case, c.in.Documents),
			Permit: &connectors.PermitChange{PermitID: p.ID, Event: body.Event, Grant: body.Permit, From: body.From}})
		return nil
	})
}
