package central

import (
	"context"
	"errors"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// decided handles application.decision and acknowledges it (TEHDAS2 D7.3, use cases 8 to 11).
func (h *handling) decided() []ehds.Finding {
	var b ehds.DecisionBody
	if f := h.body(&b); f != nil {
		return f
	}
	a, t, f := h.track()
	if f != nil {
		return f
	}
	switch {
	case t.Decision == nil:
	case t.Decision.Card.DecisionID == b.DecisionID:
		return violation("/body/decision_id", "decision-exists", "this decision was issued before")
	case t.Decision.State != ehds.DecisionAppealApproved || b.Replaces != t.Decision.Card.DecisionID:
		return violation("/body/replaces", "illegal-transition", "a further decision follows an approved appeal and names the decision it replaces")
	}
	if f := t.move(ehds.StateDecisionIssued); f != nil {
		return f
	}
	state := ehds.DecisionPositiveIssued
	if b.Outcome == ehds.Negative {
		state = ehds.DecisionNegativeIssued
	}
	t.Decision = &decision{Card: b, Message: answerable{h.env.Jti, h.from.TokenSHA256}, State: state}
	h.record(a, t, step{What: string(h.env.Type), Axis: ehds.AxisDecision, Status: string(state), Date: dateOf(b.Timestamp, h.now)})
	h.queue(draft{
		to: h.env.Iss, typ: ehds.DecisionAck, caseID: h.env.Case, track: h.env.Track,
		ref: h.env.Jti, refSHA: h.from.TokenSHA256,
		body: ehds.AckBody{ApplicationID: a.ID, StatusID: string(state), Date: stamp(h.now)},
	})
	return nil
}

// permitIssued handles permit.issued: the permit of an accepted positive decision on an access
// application.
func (h *handling) permitIssued() []ehds.Finding {
	var b ehds.PermitIssuedBody
	if f := h.body(&b); f != nil {
		return f
	}
	a, t, f := h.track()
	if f != nil {
		return f
	}
	switch {
	case h.from.PermitFault != "":
		return violation("/body/permit", h.from.PermitFault, "the permit does not hold")
	case a.Body.Kind == ehds.DataRequestApplication:
		return violation("/body", "no-permit-for-request", "a data request leads to an approval and an answer, never to a permit (Art. 69)")
	case t.Decision == nil || t.Decision.State != ehds.DecisionPositiveAccepted:
		return violation("/body/decision_id", "illegal-transition", "no positive decision was accepted on this track")
	case t.Decision.Card.DecisionID != b.DecisionID:
		return violation("/body/decision_id", "unknown-decision", "the permit follows another decision")
	case t.permit(b.PermitID) != nil:
		return violation("/body/permit_id", "permit-exists", "this permit was issued before")
	}
	t.Permits = append(t.Permits, permit{ID: b.PermitID, Token: b.Permit, Status: ehds.PermitStatusGranted, Body: b})
	h.record(a, t, step{
		What: string(h.env.Type), Axis: ehds.AxisPermit, Status: string(ehds.PermitStatusGranted), Date: dateOf(b.NotBefore, h.now),
	})
	return nil
}

// permitChanged handles permit.changed: a new version, or a permit that lost its force.
func (h *handling) permitChanged() []ehds.Finding {
	var b ehds.PermitChangedBody
	if f := h.body(&b); f != nil {
		return f
	}
	a, t, f := h.track()
	if f != nil {
		return f
	}
	if h.from.PermitFault != "" {
		return violation("/body/permit", h.from.PermitFault, "the permit does not hold")
	}
	p, previous := t.permit(b.PermitID), t.permit(b.Previous)
	switch {
	case p == nil && (b.Permit == "" || previous == nil):
		return violation("/body/permit_id", "unknown-permit", "a new version carries its token and names the one it replaces")
	case p == nil:
		t.Permits = append(t.Permits, permit{ID: b.PermitID, Token: b.Permit, Status: b.Status})
	default:
		p.Status = b.Status
	}
	h.record(a, t, step{
		What: string(h.env.Type), Axis: ehds.AxisPermit, Status: string(b.Status), Reason: b.Reason, Date: dateOf(b.Date, h.now),
	})
	return nil
}

func (t *track) permit(id string) *permit {
	for i := range t.Permits {
		if t.Permits[i].ID == id {
			return &t.Permits[i]
		}
	}
	return nil
}

// provePermit checks the permit inside a message: made by the track's body with a key of its own, and
// about this application. It returns the code of what is wrong. It may ask the sender, which has
// proved itself, about its body; it is called before the message has its turn.
func (c *Central) provePermit(ctx context.Context, d *delivery) string {
	var b struct {
		ApplicationID string `json:"application_id"`
		PermitID      string `json:"permit_id"`
		Permit        string `json:"permit"`
	}
	if err := forge.DecodeKnown(d.env.Body, &b); err != nil || b.Permit == "" {
		return "" // permit.changed without a new version
	}
	t, err := forge.Parse(b.Permit, ehds.TypPermit)
	if err != nil {
		return "permit-malformed"
	}
	var claims ehds.PermitClaims
	if err := forge.DecodeKnown(t.Payload, &claims); err != nil {
		return "permit-malformed"
	}
	if claims.Iss != d.env.Track.HDAB || claims.Jti != b.PermitID || claims.Permit.ApplicationID != b.ApplicationID {
		return "permit-differs"
	}
	id, err := ehds.ParsePermitID(claims.Jti)
	if err != nil {
		return "permit-malformed"
	}
	body, err := c.bodyOf(ctx, d.v.Peer, claims.Iss, t.Header.TrustChain)
	if err != nil {
		c.o.Logger.InfoContext(ctx, "the body of a permit cannot be proved", "body", claims.Iss, "error", err)
		return "permit-not-verified"
	}
	if err := body.Holds(c.o.Clock(), ehds.MarkHDAB); err != nil {
		return "permit-body-without-mark"
	}
	if body.Country != d.v.Peer.Country || id.Country != body.Country {
		return "permit-of-another-nation"
	}
	if err := t.Verify(body.HDAB); err != nil {
		return "permit-not-verified"
	}
	return ""
}

// bodyOf resolves a body by the chain in the permit's header, else through its contact point.
func (c *Central) bodyOf(ctx context.Context, ncp *roles.Peer, id string, chain []string) (*roles.Peer, error) {
	if len(chain) > 0 {
		if p, err := c.resolver.ByChain(ctx, id, chain); err == nil || !errors.Is(err, roles.ErrChain) {
			return p, err
		}
	}
	return c.resolver.Under(ctx, ncp, id)
}
