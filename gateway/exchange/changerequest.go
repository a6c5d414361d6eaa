package exchange

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// handChange tells the permit system what a permit holder asks for. The law of the case has no such step:
// to it, the permit moved.
const handChange access.Handover = "permit-change-request"

// askingEvents is how a permit moves when its holder asks for something (TEHDAS2 D6.4 §9.4).
var askingEvents = map[ehds.ChangeKind]ehds.PermitEvent{
	ehds.ChangeAmendment:        ehds.PermitEventAmendmentAsked,
	ehds.ChangeRenewal:          ehds.PermitEventRenewalAsked,
	ehds.ChangeRevocationAppeal: ehds.PermitEventRevocationAppeal,
}

// changeAsked handles permit.change-request (ext-1). What the permit's state does not allow is refused with
// that state: a second request while one waits, a renewal of what was renewed, an appeal of what was never
// revoked. What is allowed goes to staff in any case, and to the permit system where it takes it.
func (a *Applications) changeAsked(h *Handling) []ehds.Finding {
	var b ehds.PermitChangeRequestBody
	doc, at, f := h.act(&b, &b.ApplicationID, "/body/date", &b.Date)
	if f != nil {
		return f
	}
	track := *h.Env.Track
	if f := a.apply(h, doc.flagged(Flag{At: h.Now, Code: "permit-change-requested", Note: h.Env.Jti}), access.PermitMoved{
		Track: track, At: at, PermitID: b.PermitID, Event: askingEvents[b.Kind],
	}); f != nil {
		return f
	}
	h.Send = append(h.Send, a.Compose.Task(store.ChannelPermits, a.Systems.Of(track.HDAB), taskHandover, h.Env.Case, handoverTask{
		HandToPermits: access.HandToPermits{What: handChange, Track: track, Date: at, Message: h.Env.Jti},
		Brought:       store.MessageRef{Iss: h.Env.Iss, Jti: h.Env.Jti},
	}))
	return nil
}

// flagged is the document with one flag more.
func (d ApplicationDoc) flagged(f Flag) ApplicationDoc {
	d.Flags = append(d.Flags[:len(d.Flags):len(d.Flags)], f)
	return d
}

// changeAsked hands what a permit holder asks for to the system that takes it. Staff have it in the record
// in any case, by the flag the case carries.
func (w *Handover) changeAsked(ctx context.Context, to connectors.ChangeRequests, row store.Outbox, t handoverTask) error {
	if to == nil {
		return nil
	}
	r := connectors.ChangeRequest{Ref: t.Brought.Jti, Case: row.Case, Track: t.Track}
	if _, _, err := w.message(ctx, t.Brought, &r.Body); err != nil {
		return err
	}
	return to.ChangeRequest(ctx, r)
}
