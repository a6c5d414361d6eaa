package exchange

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// permitMove is what the national side said of a permit, as the domain's event.
func permitMove(ev connectors.PermitEvent, at time.Time) (access.PermitMoved, error) {
	if ev.Permit == nil || ev.Permit.PermitID == "" || ev.Permit.Event == "" {
		return access.PermitMoved{}, fault.New(fault.Invalid, "event-incomplete", "an event of a permit names the version and what happened")
	}
	return access.PermitMoved{
		Track: ev.Track, At: at, PermitID: ev.Permit.PermitID, Event: ev.Permit.Event, Reason: ev.Reason, Actor: ev.Actor,
	}, nil
}

// versionMove is a move that makes a new version of a permit, as its task keeps it.
type versionMove struct {
	Event    ehds.PermitEvent `json:"event"`
	PermitID string           `json:"permit_id"`      // the version before
	From     string           `json:"from,omitempty"` // full-date; empty means at once
	Reason   string           `json:"reason,omitempty"`
	Actor    string           `json:"actor,omitempty"`
}

// moved is the move once its version is signed, which is when it happens in law.
func (m versionMove) moved(track ehds.Track, body ehds.PermitIssuedBody, signed time.Time) access.PermitMoved {
	return access.PermitMoved{
		Track: track, At: signed, PermitID: m.PermitID, Event: m.Event, New: &body, Reason: m.Reason, Actor: m.Actor,
	}
}

// newVersion queues the signing of a new version. What the case refuses is refused now, before anything is
// signed; what becomes of the case meanwhile is judged again when the signed version is recorded.
func (a *Applications) newVersion(doc ApplicationDoc, move access.PermitMoved, asked connectors.PermitChange, caseID string, now time.Time) (store.Outgoing, error) {
	if err := a.Rules.Movable(doc.Application, move, now); err != nil {
		return store.Outgoing{}, err
	}
	if _, err := time.Parse(time.DateOnly, asked.From); asked.From != "" && err != nil {
		return store.Outgoing{}, fault.Wrap(err, fault.Invalid, "date-form", "the day a version starts is a full-date")
	}
	id, err := ehds.ParsePermitID(move.PermitID)
	if err != nil {
		return store.Outgoing{}, fault.Wrap(err, fault.Invalid, "previous-form", "the version before is no permit of this form")
	}
	track, _ := doc.Application.Track(move.Track)
	t := permitTask{Track: move.Track, Decision: track.Decision.ID, Move: &versionMove{
		Event: move.Event, PermitID: move.PermitID, From: asked.From, Reason: move.Reason, Actor: move.Actor,
	}}
	if asked.Grant != nil {
		t.Grant = *asked.Grant
		t.Grant.ApplicationID, t.Grant.DecisionID = doc.Application.ID, track.Decision.ID
		t.Grant.Version, t.Grant.Previous = id.Version+1, move.PermitID
		if err := grantable(t.Grant); err != nil {
			return store.Outgoing{}, err
		}
	} else if move.Event != ehds.PermitEventAppealApproved {
		return store.Outgoing{}, fault.New(fault.Invalid, "event-incomplete", "an amendment or a renewal says what is granted now")
	}
	if err := a.foreseen(doc, t, id, now); err != nil {
		return store.Outgoing{}, err
	}
	return a.Compose.Task(store.ChannelInternal, internalTarget, taskPermitIssue, caseID, t), nil
}

// foreseen judges the version that would be signed now by what the case will look at: its number and its
// times.
func (a *Applications) foreseen(doc ApplicationDoc, t permitTask, before ehds.PermitID, now time.Time) error {
	next := before
	next.Version++
	body := ehds.PermitIssuedBody{ApplicationID: doc.Application.ID, DecisionID: t.Decision, PermitID: next.String(), NotBefore: stamp(now)}
	if t.Grant.Version > 0 {
		claims, err := permitClaims(t, next, now, a.zoneOf(t.Track.HDAB))
		if err != nil {
			return err
		}
		body.NotBefore, body.Expires = stamp(time.Unix(claims.Nbf, 0)), stamp(time.Unix(claims.Exp, 0))
	} else if track, ok := doc.Application.Track(t.Track); ok { // it grants what the one before did
		if old, ok := track.Permit(); ok {
			body.Expires = stamp(old.Expires)
		}
	}
	_, _, err := a.Rules.Apply(doc.Application, t.Move.moved(t.Track, body, now), now)
	return err
}

// continued completes a task whose version grants what the one before did: a revocation that an appeal
// set aside. The grant is read from the signed permit, the only place where the newest one stands.
func (w *Issuer) continued(ctx context.Context, t *permitTask) error {
	if t.Move == nil || t.Grant.Version != 0 {
		return nil
	}
	p, ok, err := w.Record.Permit(ctx, t.Move.PermitID)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "no-such-permit", "the version before is not on record")
	}
	claims, err := ReadPermit(p.Token)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the permit before cannot be read back")
	}
	t.Grant = claims.Permit
	t.Grant.Version, t.Grant.Previous = claims.Permit.Version+1, t.Move.PermitID
	return nil
}

// ReadPermit reads the claims of a permit this gateway signed and kept. It proves nothing.
func ReadPermit(token string) (ehds.PermitClaims, error) {
	var claims ehds.PermitClaims
	t, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypPermit}, Algs: jose.ProfileAlgs()})
	if err != nil {
		return claims, err
	}
	return claims, json.Unmarshal(t.Payload(), &claims)
}
