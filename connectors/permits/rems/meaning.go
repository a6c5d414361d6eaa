package rems

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// actorGateway is who did what no member of staff did.
const actorGateway = "gateway"

// meaning is what an event of REMS tells of a track. What the gateway's own handler and the applicant's
// user did tells nothing: the gateway knows it. A decider's opinion (decided) is no decision.
func (d *Driver) meaning(ctx context.Context, t *track, ev event) ([]connectors.PermitEvent, error) {
	if ev.Actor == d.o.Handler || ev.Actor == d.user(t.Case, t.Track) || t.Withdrawn {
		return nil, nil
	}
	switch ev.kind() {
	case "review-requested", "reviewed", "decision-requested", "decided", "remarked", "voted":
		return d.processing(t, ev), nil
	case "returned":
		return []connectors.PermitEvent{{ID: d.eventID(ev, ""), At: ev.Time, Kind: connectors.EventInfoRequest,
			Actor: ev.Actor, Sections: d.asked(ev.Comment), Reason: ev.Comment}}, nil
	case "approved":
		return d.approved(ctx, t, ev)
	case "rejected":
		return d.rejected(t, ev), nil
	case "closed":
		if t.Decision == nil { // closing is how REMS ends what it does not approve
			return d.rejected(t, ev), nil
		}
		d.host.Logger.WarnContext(ctx, "REMS closed an application after its decision; the permit stays until it is revoked", "application", t.REMS)
	case "revoked":
		return []connectors.PermitEvent{{ID: d.eventID(ev, ""), At: ev.Time, Kind: connectors.EventPermit, Actor: ev.Actor,
			Reason: ev.Comment, Permit: &connectors.PermitChange{Event: ehds.PermitEventRevoked}}}, nil
	}
	return nil, nil
}

func (d *Driver) eventID(ev event, part string) string {
	return fmt.Sprintf("%s-rems-%d%s", d.host.Instance, ev.ID, part)
}

func (d *Driver) status(s ehds.ApplicationState, at, actor string) connectors.PermitEvent {
	return connectors.PermitEvent{At: at, Kind: connectors.EventStatus, Actor: actor, Status: string(s)}
}

// processing tells that the application is assessed, once.
func (d *Driver) processing(t *track, ev event) []connectors.PermitEvent {
	if t.Status == ehds.StateProcessing {
		return nil
	}
	t.Status = ehds.StateProcessing
	e := d.status(ehds.StateProcessing, ev.Time, ev.Actor)
	e.ID = d.eventID(ev, "-processing")
	return []connectors.PermitEvent{e}
}

// card is the decision card of an event.
func (d *Driver) card(t *track, ev event, o ehds.Outcome) *ehds.DecisionBody {
	year := d.host.Clock().UTC().Year()
	if at, err := time.Parse(time.RFC3339, ev.Time); err == nil {
		year = at.UTC().Year()
	}
	return &ehds.DecisionBody{ApplicationID: t.App.ApplicationID, Outcome: o, Timestamp: later(ev.Time, t.At),
		DecisionID: fmt.Sprintf("D-%s-%d-R%d-%d", d.o.Mapping.Body, year, t.REMS, ev.ID),
		Signatory:  d.o.Mapping.Signatory, Reasons: strings.TrimSpace(ev.Comment)}
}

// rejected is a refusal. REMS asks for no reasons, the law does: without a comment the gateway refuses the
// event and flags the case for staff (Art. 68(3)).
func (d *Driver) rejected(t *track, ev event) []connectors.PermitEvent {
	if t.Decision != nil {
		return nil
	}
	told := d.processing(t, ev)
	t.Decision, t.Incomplete = d.card(t, ev, ehds.Negative), nil
	return append(told, connectors.PermitEvent{ID: d.eventID(ev, ""), At: ev.Time, Kind: connectors.EventDecision, Actor: ev.Actor, Decision: t.Decision})
}

// approved is a grant, filled from the form, the published record, REMS and the mapping. One with a gap is
// told as it is: the gateway does not issue it and flags the case, and the driver tells it again, whole,
// when the mapping has been mended.
func (d *Driver) approved(ctx context.Context, t *track, ev event) ([]connectors.PermitEvent, error) {
	if t.Decision != nil {
		return nil, nil
	}
	told := d.processing(t, ev)
	decision := connectors.PermitEvent{ID: d.eventID(ev, ""), At: ev.Time, Kind: connectors.EventDecision, Actor: ev.Actor}
	card := d.card(t, ev, ehds.Positive)
	card.Conditions, card.Fees = d.o.Mapping.Grant.Conditions, d.o.Mapping.Grant.Fees
	decision.Decision = card
	if t.App.Kind != ehds.DataAccessApplication {
		t.Decision = card
		return append(told, decision), nil
	}
	if err := d.compare(ctx, t); err != nil {
		return nil, err
	}
	grant := d.grant(t, card, ev)
	decision.Grant = &grant
	if gaps := gate.GrantGaps(grant); len(gaps) > 0 {
		d.host.Logger.WarnContext(ctx, "REMS approved what cannot be granted yet", "application", t.REMS, "articles", gate.Articles(gaps))
		t.Incomplete = &ev
		return append(told, decision), nil
	}
	t.Decision, t.Incomplete = card, nil
	return append(told, decision), nil
}

// mended tells an approval again that had gaps, if it has none now.
func (d *Driver) mended(ctx context.Context, t *track) ([]connectors.PermitEvent, error) {
	ev := *t.Incomplete
	told, err := d.approved(ctx, t, ev)
	if err != nil || t.Incomplete != nil {
		return nil, err
	}
	told[len(told)-1].ID = d.eventID(ev, "-mended")
	return told, nil
}

// asked reads marked fields off the comment of a return: lines of the form SECTION.FIELD: COMMENT, in
// section 6 SECTION.FIELD (COUNTRY): COMMENT. A comment that marks none is about the field the mapping names.
func (d *Driver) asked(comment string) []ehds.InfoSection {
	var out []ehds.InfoSection
	mark := func(section int, country, field, text string) {
		for i := range out {
			if out[i].Number == section && out[i].Country == country {
				out[i].Fields[field] = text
				return
			}
		}
		out = append(out, ehds.InfoSection{Number: section, Country: country, Fields: map[string]string{field: text}})
	}
	for line := range strings.Lines(comment) {
		place, text, ok := strings.Cut(strings.TrimSpace(line), ":")
		name, country, inCountry := strings.Cut(strings.TrimSuffix(strings.TrimSpace(place), ")"), " (")
		section, field, marked := sectionField(name)
		_, known := ehds.CountryByCode(country)
		if text = strings.TrimSpace(text); !ok || !marked || text == "" || strings.ContainsAny(field, " \t") || inCountry != (section == 6) || inCountry && !known {
			continue
		}
		mark(section, country, field, text)
	}
	if section, field, ok := sectionField(d.o.Mapping.AskField); len(out) == 0 && ok && strings.TrimSpace(comment) != "" {
		mark(section, "", field, strings.TrimSpace(comment))
	}
	return out
}
