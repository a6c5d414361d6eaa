package exchange

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// taskShare shows the other nations of an application what one of our bodies decided. Whether the centre
// takes such a message is known only when it is asked, so it is a task and not a message.
const taskShare = "application.share"

type shareTask struct {
	Track    ehds.Track        `json:"track"`
	Decision ehds.DecisionBody `json:"decision"`
}

// Shared is what a body of another nation showed of its part of the application (Art. 68(5), TEHDAS2
// D6.4 R7.3.6). It informs our bodies; it moves nothing.
type Shared struct {
	Track       ehds.Track        `json:"track"`
	Nation      string            `json:"nation"`         // from the centre's origin or the peer's metadata, never from a body
	Peer        string            `json:"peer,omitempty"` // the hub that showed it, where it came from the hub itself (profile peer-1)
	Received    time.Time         `json:"received"`
	Message     store.MessageRef  `json:"message"` // where its files are
	Body        ehds.SharedBody   `json:"body"`
	Attachments []ehds.Attachment `json:"attachments,omitempty"`
}

// maxShared bounds what one application keeps of others, in messages.
const maxShared = 200

// share queues the task that shows a decision to the other nations, when there are any.
func (a *Applications) share(out *outcome, track ehds.Track, card ehds.DecisionBody, caseID string) {
	if len(out.doc.Nations) == 0 || a.Compose.across(out.doc.Counterpart) {
		return // a case that another hub filed here is unknown to the centre
	}
	out.send = append(out.send, a.Compose.Task(store.ChannelInternal, internalTarget, taskShare, caseID, shareTask{Track: track, Decision: card}))
}

// nationsOf are the nations besides ours whose datasets are asked for: their bodies decide too.
func (a *Applications) nationsOf(datasets []ehds.ApplicationDataset) []string {
	var out []string
	seen := map[string]bool{a.Router.Country: true}
	for _, d := range a.Router.Located(datasets) {
		if d.Country != "" && !seen[d.Country] {
			seen[d.Country] = true
			out = append(out, d.Country)
		}
	}
	return out
}

// share sends what a body decided to the centre for the other nations, when the centre lists the type.
func (w *Issuer) share(ctx context.Context, row store.Outbox) error {
	var t shareTask
	if err := json.Unmarshal(row.Payload, &t); err != nil {
		return fault.Wrap(err, fault.Invalid, "task-unreadable", "the task cannot be read back")
	}
	listed, err := w.Lists(ctx, ehds.ApplicationShared)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "centre-unknown", "what the centre takes cannot be told now")
	}
	_, err = w.Record.Update(context.WithoutCancel(ctx), row.Case, func(s store.State) (store.Change, error) {
		change := store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxDelivered, Counted: true}}
		doc, err := readApplication(s.Doc)
		if err != nil {
			return store.Change{}, err
		}
		if !listed {
			return change, nil
		}
		d := Draft{
			To: doc.Counterpart, Type: ehds.ApplicationShared, Case: row.Case, Track: &t.Track,
			Body: ehds.SharedBody{ApplicationID: doc.Application.ID, Date: stamp(s.Now), Decision: &t.Decision},
		}
		doc.enclose(&d, ofDecision(t.Decision.DecisionID))
		change.Send = []store.Outgoing{w.Applications.Compose.Message(d)}
		return change, nil
	})
	return err
}

// shared keeps what another nation's body shows, for our own bodies to see, and has it judged where a policy
// of ours asks for that.
func (a *Applications) shared(h *Handling) []ehds.Finding {
	var b ehds.SharedBody
	var doc ApplicationDoc
	if f := h.about(&b, &b.ApplicationID, &doc); f != nil {
		return f
	}
	nation, peer, f := a.shownBy(h, b)
	if f != nil {
		return f
	}
	if len(doc.Shared) >= maxShared {
		return violation("/body", "too-many-shared", "this application keeps no more of what others share")
	}
	shown := Shared{
		Track: *h.Env.Track, Nation: nation, Peer: peer, Received: h.Now,
		Message: store.MessageRef{Iss: h.Env.Iss, Jti: h.Env.Jti}, Body: b, Attachments: h.Env.Attachments,
	}
	doc.Shared = append(doc.Shared, shown)
	doc.Flags = append(doc.Flags, Flag{At: h.Now, Code: "application-shared", Note: h.Env.Jti})
	h.Doc = mustJSON(doc)
	h.Send = append(h.Send, a.toJudge(doc, shown, h.Env.Case)...)
	return nil
}

// shownBy says whose body it is that shows something: of the nation the centre names, or of the hub that
// speaks with us directly. A hub shows what its own bodies decided; a permit is not shared through the centre.
func (a *Applications) shownBy(h *Handling, b ehds.SharedBody) (nation, peer string, f []ehds.Finding) {
	if h.Env.Profile == ehds.ProfilePeer1 {
		if !ehds.HostedBy(h.Env.Track.HDAB, h.Env.Iss) {
			return "", "", unknownCase("/track")
		}
		id, err := ehds.ParseCaseID(h.Env.Case) // of the country that the sender's metadata states
		if err != nil {
			return "", "", unknownCase("/case")
		}
		return id.Country, h.Env.Iss, nil
	}
	switch {
	case h.Env.Origin == nil:
		return "", "", violation("/origin", "origin-missing", "what is passed on names its origin")
	case b.Permit != "":
		return "", "", violation("/body/permit", "permit-not-shared", "a permit names persons and is not shared through the centre")
	}
	return h.Env.Origin.Nation, "", a.ofAnotherNation(h.Env.Origin, *h.Env.Track)
}
