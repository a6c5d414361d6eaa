package catalogue

import (
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// PublicationState is where a dataset description stands with the centre.
type PublicationState string

// The states.
const (
	Pending   PublicationState = "PENDING"   // queued, not yet received by the centre
	Validated PublicationState = "VALIDATED" // the centre shows it
	Rejected  PublicationState = "REJECTED"  // the centre did not validate it; Findings say why
	Deleting  PublicationState = "DELETING"  // the removal is under way
	Deleted   PublicationState = "DELETED"   // the centre no longer shows it
)

// Publication is the case document of one dataset (case ds:<country>:<identifier>): what we told the
// centre about it and what the centre answered. It holds nothing personal.
type Publication struct {
	Source       string            `json:"source"` // catalogue source, from configuration
	Identifier   string            `json:"identifier"`
	IRI          string            `json:"iri"`
	File         string            `json:"file,omitempty"` // document it was read from
	Title        map[string]string `json:"title,omitempty"`
	AccessRights string            `json:"access_rights"`
	HDAB         string            `json:"hdab"` // the record's healthdcatap:hdab
	Categories   []string          `json:"categories,omitempty"`
	Holder       string            `json:"holder,omitempty"` // name of custodian or publisher
	Digest       string            `json:"digest"`           // of the description last queued
	State        PublicationState  `json:"state"`
	CentralID    string            `json:"central_id,omitempty"`
	Waiting      string            `json:"waiting,omitempty"` // id of the message whose response is due
	Findings     []ehds.Finding    `json:"findings,omitempty"`
	Undelivered  string            `json:"undelivered,omitempty"` // id of the message that was given up, when that is why it is rejected
	Changed      time.Time         `json:"changed"`
	History      []PublicationStep `json:"history,omitempty"`
}

// PublicationStep is one thing that happened to a publication.
type PublicationStep struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Digest string    `json:"digest,omitempty"`
}

// maxHistory bounds the steps kept: the oldest go first.
const maxHistory = 64

// Queued records that a create or update was queued as message id.
func (p Publication) Queued(r Record, source, message string, at time.Time) Publication {
	p.Source, p.Identifier, p.IRI, p.Title, p.File = source, r.Identifier, r.IRI, r.Title, r.Source.File
	p.AccessRights, p.HDAB, p.Digest = r.AccessRights, r.HDAB, r.Digest
	p.Categories, p.Holder = r.Categories, r.Holder()
	p.State, p.Waiting, p.Findings, p.Undelivered = Pending, message, nil, ""
	return p.step("queued", r.Digest, at)
}

// Holder names the data holder: the custodian, else the publisher.
func (r Record) Holder() string {
	for _, p := range []rdf.Term{rdf.NewIRI(rdf.NSGeoDCATAP + "custodian"), rdf.NewIRI(rdf.NSDCT + "publisher")} {
		var names []string
		for _, a := range r.Graph.Objects(r.Subject, p) {
			if n := smallestLiteral(r.Graph, a, foafName); n != "" {
				names = append(names, n)
			}
		}
		if len(names) > 0 {
			return slices.Min(names)
		}
	}
	return r.HDAB
}

// QueuedDelete records that a delete was queued as message id.
func (p Publication) QueuedDelete(message string, at time.Time) Publication {
	p.State, p.Waiting, p.Findings, p.Undelivered = Deleting, message, nil, ""
	return p.step("delete queued", p.Digest, at)
}

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
	return p.step(string(p.State), p.Digest, at)
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
	return p.step("given up: "+reason, p.Digest, at)
}

// Retried records that what message failed carried was queued again as message next. ok is false when
// the publication has moved on since: the old content must not replace the newer.
func (p Publication) Retried(failed, next string, deleting bool, at time.Time) (_ Publication, ok bool) {
	if failed == "" || failed != p.Undelivered && failed != p.Waiting {
		return p, false
	}
	if deleting {
		return p.QueuedDelete(next, at), true
	}
	p.State, p.Waiting, p.Findings, p.Undelivered = Pending, next, nil, ""
	return p.step("queued again", p.Digest, at), true
}

// Published says whether the centre shows it, or will once it has answered.
func (p Publication) Published() bool { return p.State == Pending || p.State == Validated }

func (p Publication) step(what, digest string, at time.Time) Publication {
	p.Changed = at
	steps := append(append([]PublicationStep(nil), p.History...), PublicationStep{At: at, What: what, Digest: digest})
	if len(steps) > maxHistory {
		steps = steps[len(steps)-maxHistory:]
	}
	p.History = steps
	return p
}
