package catalogue

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Told is a description as it is queued for the centre.
type Told struct {
	Source, Release string
	// Published is the identifier the centre knows it by, Digest that of what it is told.
	Published, Digest string
	// What the source has.
	Identifier, IRI, File string
	SourceDigest          string
	Exchange              string
	Title                 map[string]string
	AccessRights, HDAB    string
	Categories            []string
	Holder                string
	Trusted               bool   // the holder is a trusted data holder
	By                    string // who had it told
}

// StepQueued is the step of a description that is told.
const StepQueued = "queued"

// Queued records that a create or update was queued as message id.
func (p Publication) Queued(t Told, message string, at time.Time) Publication {
	note := p.moved(t)
	p.Source, p.Identifier, p.IRI, p.Title, p.File = t.Source, t.Published, t.IRI, t.Title, t.File
	p.Origin, p.OriginDigest = "", ""
	if t.Identifier != t.Published {
		p.Origin, p.OriginDigest = t.Identifier, t.SourceDigest
	}
	p.AccessRights, p.HDAB, p.Categories, p.Holder, p.Trusted = t.AccessRights, t.HDAB, t.Categories, t.Holder, t.Trusted
	p.Digest, p.Exchange, p.Release = t.Digest, t.Exchange, t.Release
	p.State, p.Waiting, p.Findings, p.Undelivered, p.Behind = Pending, message, nil, "", nil
	p.Checked = &Check{At: at, By: "source " + t.Source} // whose description changed answers for it
	return p.step(PublicationStep{At: at, What: StepQueued, By: t.By, Digest: t.Digest, Note: note})
}

// moved says what a description is known by now that it was not before.
func (p Publication) moved(t Told) string {
	note := ""
	if p.Source == "" {
		return note
	}
	add := func(what, was string) {
		if note != "" {
			note += "; "
		}
		note += what + " was " + was
	}
	if p.Source != t.Source {
		add("source", p.Source)
	}
	if p.OriginIdentifier() != t.Identifier {
		add("identifier at origin", p.OriginIdentifier())
	}
	if p.IRI != t.IRI {
		add("IRI", p.IRI)
	}
	return note
}

// QueuedDelete records that a delete was queued as message id.
func (p Publication) QueuedDelete(message, by string, at time.Time) Publication {
	p.State, p.Waiting, p.Findings, p.Undelivered, p.Behind = Deleting, message, nil, "", nil
	return p.step(PublicationStep{At: at, What: stepDelete, By: by, Digest: p.Digest})
}

// stepDelete is the step of a removal.
const stepDelete = "delete queued"

// DroppedUnseen records that a description the centre never took has left the source: there is
// nothing to tell.
func (p Publication) DroppedUnseen(by string, at time.Time) Publication {
	p.State, p.Behind = Deleted, nil
	return p.step(PublicationStep{At: at, What: string(Deleted), By: by})
}

// RemovalRefused says whether the centre refused to remove a description: asking again on every pass
// would not help, staff must look. It is told again when the description comes back.
func (p Publication) RemovalRefused() bool {
	if p.State != Rejected {
		return false
	}
	for i := len(p.History) - 1; i >= 0; i-- {
		switch p.History[i].What {
		case stepDelete:
			return true
		case StepQueued, "queued again":
			return false
		}
	}
	return false
}

// HandedOver records that message ref was signed and given to the transport. It says nothing of the
// older messages, and nothing new of one that was tried before.
func (p Publication) HandedOver(ref string, at time.Time) (_ Publication, ok bool) {
	if ref == "" || ref != p.Waiting || p.State != Pending {
		return p, false
	}
	p.State = Sent
	return p.step(PublicationStep{At: at, What: string(Sent), By: byTransport}), true
}

// Receipted records that the centre's receipt for message ref is here.
func (p Publication) Receipted(ref string, at time.Time) (_ Publication, ok bool) {
	if ref == "" || ref != p.Waiting || p.State != Pending && p.State != Sent {
		return p, false
	}
	p.State = Received
	return p.step(PublicationStep{At: at, What: string(Received), By: byCentre}), true
}

// Who acts besides sources and operators.
const (
	byTransport = "transport"
	byCentre    = "centre"
)

// Answered applies the centre's response to message ref. A response to an older message than the one
// waited for changes nothing but the central id: the newer one will be answered too.
func (p Publication) Answered(ref string, b ehds.ResponseBody, at time.Time) Publication {
	if b.CentralID != "" {
		p.CentralID = b.CentralID
	}
	if ref != p.Waiting {
		return p
	}
	deleting := p.State == Deleting
	p.Waiting, p.Findings = "", b.Findings
	switch {
	case b.Result != ehds.Validated:
		p.State = Rejected
	case deleting:
		p.State = Deleted
	default:
		p.State = Validated
	}
	return p.step(PublicationStep{At: at, What: string(p.State), By: byCentre, Digest: p.Digest})
}

// Failed records that message ref was given up, because of reason: its response will never come. The
// description is told again when it changes, or when the message is retried. A message that is not
// the one waited for changes nothing: the newer one will be answered.
func (p Publication) Failed(ref, reason string, at time.Time) Publication {
	if ref == "" || ref != p.Waiting {
		return p
	}
	p.State, p.Waiting, p.Undelivered = Rejected, "", ref
	p.Findings = []ehds.Finding{{
		Code: reason, Severity: string(Violation), Message: "the message was given up; it changes nothing at the centre until it is retried",
	}}
	return p.step(PublicationStep{At: at, What: "given up: " + reason, By: byTransport, Digest: p.Digest})
}

// Retried records that what message failed carried was queued again as message next. ok is false when
// the publication has moved on since: the old content must not replace the newer.
func (p Publication) Retried(failed, next string, deleting bool, at time.Time) (_ Publication, ok bool) {
	if failed == "" || failed != p.Undelivered && failed != p.Waiting {
		return p, false
	}
	if deleting {
		return p.QueuedDelete(next, byOperator, at), true
	}
	p.State, p.Waiting, p.Findings, p.Undelivered = Pending, next, nil, ""
	return p.step(PublicationStep{At: at, What: "queued again", By: byOperator, Digest: p.Digest}), true
}

// byOperator is an operator whose name is not asked for.
const byOperator = "operator"

// FellBehind records that what is published is not what the source has. ok is false when that is
// known, or nothing is shown.
func (p Publication) FellBehind(why BehindReason, by string, at time.Time) (_ Publication, ok bool) {
	if !p.Published() || p.Behind != nil && p.Behind.Why == why {
		return p, false
	}
	p.Behind = &Behind{Since: at, Why: why}
	return p.step(PublicationStep{At: at, What: string(Stale) + ": " + string(why), By: by, Digest: p.Digest}), true
}

// CaughtUp records that the source has again what is published. ok is false when that was so before.
func (p Publication) CaughtUp(by string, at time.Time) (_ Publication, ok bool) {
	if p.Behind == nil {
		return p, false
	}
	p.Behind = nil
	return p.step(PublicationStep{At: at, What: "as in the source again", By: by, Digest: p.Digest}), true
}

// Confirmed records that somebody checked the description and stands by it.
func (p Publication) Confirmed(by string, at time.Time) Publication {
	p.Checked = &Check{At: at, By: by}
	return p.step(PublicationStep{At: at, What: "checked", By: by, Digest: p.Digest})
}

// maxHistory bounds the steps kept: the oldest go first.
const maxHistory = 64

func (p Publication) step(s PublicationStep) Publication {
	p.Changed = s.At
	steps := append(append(make([]PublicationStep, 0, len(p.History)+1), p.History...), s)
	if len(steps) > maxHistory {
		steps = steps[len(steps)-maxHistory:]
	}
	p.History = steps
	return p
}
