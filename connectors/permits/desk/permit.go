package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Change is a change of a permit that was asked for (TEHDAS2 D6.4 §9.4).
type Change struct {
	At      string                       `json:"at"`
	Body    ehds.PermitChangeRequestBody `json:"body"`
	Outcome ehds.ChangeOutcome           `json:"outcome"`
	Reasons string                       `json:"reasons,omitempty"`
}

// PermitAct is an event of a permit. What a new version grants is what the last one granted, with the
// changes named here.
type PermitAct struct {
	Event    ehds.PermitEvent `json:"event"`               // amendment-approved, renewal-approved, appeal-approved, their -rejected, or revoked
	PermitID string           `json:"permit_id,omitempty"` // empty: the one asked about, or the newest
	Reasons  string           `json:"reasons,omitempty"`
	From     string           `json:"from,omitempty"` // full-date: when an amendment starts; empty means at once
	To       string           `json:"to,omitempty"`   // full-date: the new end
	// AddPersons and RemovePersons change who is authorised, Art. 68(10)(d); removal is by name.
	AddPersons    []ehds.PermitPerson `json:"add_persons,omitempty"`
	RemovePersons []string            `json:"remove_persons,omitempty"`
	Conditions    []string            `json:"conditions,omitempty"` // instead of the present ones
}

var _ connectors.ChangeRequests = (*Desk)(nil)

// ChangeRequest puts a change a permit holder asks for before staff.
func (d *Desk) ChangeRequest(ctx context.Context, r connectors.ChangeRequest) error {
	return d.change(ctx, r.Ref, r.Case, r.Track, func(tx *tx) error {
		c, err := tx.must(r.Case, r.Track)
		if err != nil {
			return err
		}
		if !c.permitted() {
			return noPermit()
		}
		c.Changes = append(c.Changes, Change{At: tx.stamp(), Body: r.Body, Outcome: ehds.OutcomeRequested})
		return tx.save(c)
	})
}

// permitted says whether a permit follows from the case: granted, and accepted by the applicant.
func (c caseDoc) permitted() bool {
	return c.Grant != nil && c.Withdrawn == nil && c.Answer != nil && c.Answer.Answer == ehds.AnswerAccept
}

func noPermit() error {
	return fault.New(fault.Conflict, "no-permit", "the case has no permit: it is not granted, or the applicant has not accepted")
}

// openChange is the oldest change that waits.
func (c caseDoc) openChange() *Change {
	for i := range c.Changes {
		if c.Changes[i].Outcome == ehds.OutcomeRequested {
			return &c.Changes[i]
		}
	}
	return nil
}

// kindOf says which change an event answers and how.
func kindOf(e ehds.PermitEvent) (ehds.ChangeKind, ehds.ChangeOutcome, ehds.PermitEvent) {
	switch e {
	case ehds.PermitEventAmendmentApproved:
		return ehds.ChangeAmendment, ehds.OutcomeApproved, ehds.PermitEventAmendmentAsked
	case ehds.PermitEventAmendmentRejected:
		return ehds.ChangeAmendment, ehds.OutcomeRejected, ehds.PermitEventAmendmentAsked
	case ehds.PermitEventRenewalApproved:
		return ehds.ChangeRenewal, ehds.OutcomeApproved, ehds.PermitEventRenewalAsked
	case ehds.PermitEventRenewalRejected:
		return ehds.ChangeRenewal, ehds.OutcomeRejected, ehds.PermitEventRenewalAsked
	case ehds.PermitEventAppealApproved:
		return ehds.ChangeRevocationAppeal, ehds.OutcomeApproved, ehds.PermitEventRevocationAppeal
	case ehds.PermitEventAppealRejected:
		return ehds.ChangeRevocationAppeal, ehds.OutcomeRejected, ehds.PermitEventRevocationAppeal
	}
	return ehds.ChangeNone, ehds.OutcomeNone, ""
}

// movePermit tells an event of the permit. What is refused or takes a permit away has reasons. A change
// that nobody asked for by message is told as asked for first, as the machine wants it.
func (d *Desk) movePermit(tx *tx, c *caseDoc, a PermitAct, actor string) error {
	if !c.permitted() {
		return noPermit()
	}
	kind, outcome, asking := kindOf(a.Event)
	if kind == ehds.ChangeNone && a.Event != ehds.PermitEventRevoked {
		return fault.New(fault.Invalid, "permit-event-unknown", "staff amend, renew, restore, reject or revoke")
	}
	if !a.Event.NewVersion() && strings.TrimSpace(a.Reasons) == "" {
		return fault.New(fault.Invalid, "reasons-missing", "a refusal and a revocation need reasons")
	}
	asked := c.openChange()
	if asked != nil && kind != ehds.ChangeNone && asked.Body.Kind != kind {
		return fault.New(fault.Conflict, "another-change-waits", "the permit holder asked for another change, which waits")
	}
	id := a.PermitID
	if id == "" && asked != nil {
		id = asked.Body.PermitID
	}
	if _, err := ehds.ParsePermitID(id); id != "" && err != nil {
		return fault.New(fault.Invalid, "permit-id-malformed", "a version of a permit is named as in DP-NL-2025-0001-v1")
	}
	tell := func(p connectors.PermitChange) {
		tx.event(connectors.PermitEvent{Kind: connectors.EventPermit, Case: c.Case, Track: c.Track, Actor: actor, Reason: a.Reasons, Permit: &p})
	}
	if kind != ehds.ChangeNone {
		if asked == nil {
			if outcome == ehds.OutcomeRejected {
				return fault.New(fault.Conflict, "no-change", "no change waits for an answer")
			}
			tell(connectors.PermitChange{PermitID: id, Event: asking})
		} else {
			asked.Outcome, asked.Reasons = outcome, a.Reasons
		}
	}
	moved := connectors.PermitChange{PermitID: id, Event: a.Event, From: a.From}
	if a.Event.NewVersion() {
		g, err := a.version(*c.Grant, tx.now)
		if err != nil {
			return err
		}
		c.Grant, moved.Grant = &g, &g
	}
	tell(moved)
	return tx.save(*c)
}

// version is what the new version grants.
func (a PermitAct) version(g ehds.PermitDetail, now time.Time) (ehds.PermitDetail, error) {
	malformed := func(detail string) error { return fault.New(fault.Invalid, "change-malformed", detail) }
	g.Persons = slices.Clone(g.Persons)
	for _, name := range a.RemovePersons {
		i := slices.IndexFunc(g.Persons, func(p ehds.PermitPerson) bool { return p.Name == name })
		if i < 0 {
			return g, malformed("a person to be removed is not authorised")
		}
		g.Persons = slices.Delete(g.Persons, i, i+1)
	}
	for _, p := range a.AddPersons {
		if strings.TrimSpace(p.Name) == "" {
			return g, malformed("a person has a name")
		}
		g.Persons = append(g.Persons, p)
	}
	if len(g.Persons) == 0 {
		return g, malformed("nobody would be authorised (Art. 68(10)(d))")
	}
	if a.Conditions != nil {
		g.Conditions = slices.Clone(a.Conditions)
	}
	if a.From != "" {
		from, err := time.Parse(time.DateOnly, a.From)
		if err != nil || a.Event != ehds.PermitEventAmendmentApproved || from.Before(now.Truncate(24*time.Hour)) {
			return g, malformed("only an amendment starts later, at a full-date not in the past")
		}
	}
	if a.To != "" {
		to, err := time.Parse(time.DateOnly, a.To)
		from, ok := day(g.Duration.From)
		if err != nil || !ok || !to.After(from) || !to.After(now) {
			return g, malformed("the new end is a full-date to come")
		}
		g.Duration.To = a.To
	} else if a.Event == ehds.PermitEventRenewalApproved {
		return g, malformed("a renewal has a new end")
	}
	return g, nil
}
