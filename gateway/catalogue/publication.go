package catalogue

import (
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// PublicationState is where a dataset description stands with the centre.
type PublicationState string

// The states. A description that changes goes through the first three again; one the centre shows
// and the nation no longer stands by is Stale (Publication.Standing).
const (
	Pending   PublicationState = "PENDING"   // queued
	Sent      PublicationState = "SENT"      // signed and handed to the transport; nothing says that it arrived
	Received  PublicationState = "RECEIVED"  // the centre's signed receipt is here, its response is not
	Validated PublicationState = "VALIDATED" // the centre shows it
	Rejected  PublicationState = "REJECTED"  // the centre did not validate it; Findings say why
	Stale     PublicationState = "STALE"     // shown, but not as the source has it, or nobody knows
	Deleting  PublicationState = "DELETING"  // the removal is under way
	Deleted   PublicationState = "DELETED"   // the centre no longer shows it
)

// Known says whether a publication may be told to have this state.
func (s PublicationState) Known() bool {
	switch s {
	case Pending, Sent, Received, Validated, Rejected, Stale, Deleting, Deleted:
		return true
	}
	return false
}

// Publication is the case document of one dataset (case ds:<country>:<identifier>): what we told the
// centre about it and what the centre answered. It holds nothing personal.
type Publication struct {
	Source     string `json:"source"`     // catalogue source, from configuration
	Identifier string `json:"identifier"` // the centre knows it by; never changes while it is published
	// Origin is the identifier at origin, where that is another, and OriginDigest that of the
	// description as the source has it, where that is not Digest.
	Origin       string            `json:"origin,omitempty"`
	OriginDigest string            `json:"origin_digest,omitempty"`
	IRI          string            `json:"iri"`
	File         string            `json:"file,omitempty"` // document it was read from
	Title        map[string]string `json:"title,omitempty"`
	AccessRights string            `json:"access_rights"`
	HDAB         string            `json:"hdab"` // the record's healthdcatap:hdab
	Categories   []string          `json:"categories,omitempty"`
	Holder       string            `json:"holder,omitempty"`   // name of custodian or publisher
	Trusted      bool              `json:"trusted,omitempty"`  // the record says the holder is a trusted data holder (Art. 72(2))
	Digest       string            `json:"digest"`             // of the description last queued
	Exchange     string            `json:"exchange,omitempty"` // of its exchange form; empty before these were kept
	Release      string            `json:"release,omitempty"`  // of HealthDCAT-AP it was told as; empty before that was kept
	State        PublicationState  `json:"state"`
	CentralID    string            `json:"central_id,omitempty"`
	Waiting      string            `json:"waiting,omitempty"` // id of the message whose response is due
	Findings     []ehds.Finding    `json:"findings,omitempty"`
	Undelivered  string            `json:"undelivered,omitempty"` // id of the message that was given up, when that is why it is rejected
	Behind       *Behind           `json:"behind,omitempty"`      // what is published is not what the source has
	Checked      *Check            `json:"checked,omitempty"`
	Changed      time.Time         `json:"changed"`
	History      []PublicationStep `json:"history,omitempty"`
}

// Behind says since when, and why, a description is published that its source does not confirm.
type Behind struct {
	Since time.Time    `json:"since"`
	Why   BehindReason `json:"why"`
}

// BehindReason is why a description is stale.
type BehindReason string

// The reasons.
const (
	// BehindQuarantine: what the source has now has violations, or may be in a document that has.
	BehindQuarantine BehindReason = "quarantined"
	// BehindUnread: the source could not be read to its end for longer than allowed.
	BehindUnread BehindReason = "source-not-read"
	// BehindRelease: it was told as another release of the profile than is in force.
	BehindRelease BehindReason = "older-release"
)

// Check is the last time somebody answered for a description being accurate and up to date.
type Check struct {
	At time.Time `json:"at"`
	By string    `json:"by"` // the source, or the operator's name
}

// PublicationStep is one thing that happened to a publication.
type PublicationStep struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	By     string    `json:"by,omitempty"` // "source <name>", "centre", "transport", or an operator's name
	Digest string    `json:"digest,omitempty"`
	Note   string    `json:"note,omitempty"` // what else changed: the IRI, the identifier at origin
}

// OriginIdentifier is the identifier at origin.
func (p Publication) OriginIdentifier() string {
	if p.Origin != "" {
		return p.Origin
	}
	return p.Identifier
}

// SourceDigest is the digest of the description as the source had it when it was last told.
func (p Publication) SourceDigest() string {
	if p.OriginDigest != "" {
		return p.OriginDigest
	}
	return p.Digest
}

// Published says whether the centre shows it, or will once it has answered.
func (p Publication) Published() bool {
	return p.State == Validated || p.underway()
}

// underway says whether a description is on its way to the centre.
func (p Publication) underway() bool {
	return p.State == Pending || p.State == Sent || p.State == Received
}

// Standing is the state as it is told: Stale for what the centre shows and the source does not
// confirm. release is the one in force, and read when the source was last read to its end; either may
// be zero for unknown. staleAfter is how long a source may go unread, zero for ever.
func (p Publication) Standing(now time.Time, release string, read time.Time, staleAfter time.Duration) (PublicationState, *Behind) {
	switch {
	case p.State != Validated:
		return p.State, nil
	case p.Behind != nil:
		return Stale, p.Behind
	case staleAfter > 0 && !read.IsZero() && now.Sub(read) > staleAfter:
		return Stale, &Behind{Since: read, Why: BehindUnread}
	case release != "" && p.Release != "" && p.Release != release:
		return Stale, &Behind{Since: p.Changed, Why: BehindRelease}
	}
	return Validated, nil
}

// Holder names the data holder: the custodian, else the publisher.
func (r Record) Holder() string {
	if agents := r.holders(); len(agents) > 0 {
		return slices.MinFunc(agents, func(a, b holder) int { return strings.Compare(a.name, b.name) }).name
	}
	return r.HDAB
}

// TrustedHolder says whether the description shows its holder as a trusted data holder (Art. 72(2)). Where
// several may hold the data, it does not: the procedure is for those of one.
func (r Record) TrustedHolder() bool {
	agents := r.holders()
	if len(agents) != 1 {
		return false
	}
	said := r.Graph.Objects(agents[0].agent, healthTrustedHolder)
	return len(said) == 1 && (said[0] == rdf.NewTyped("true", rdf.XSDBoolean) || said[0] == rdf.NewTyped("1", rdf.XSDBoolean))
}

// holder is an agent that may hold the data, by its name.
type holder struct {
	agent rdf.Term
	name  string
}

// holders are the custodians that have a name, else such publishers.
func (r Record) holders() []holder {
	for _, p := range []rdf.Term{rdf.NewIRI(rdf.NSGeoDCATAP + "custodian"), rdf.NewIRI(rdf.NSDCT + "publisher")} {
		var agents []holder
		for _, a := range r.Graph.Objects(r.Subject, p) {
			if n := smallestLiteral(r.Graph, a, foafName); n != "" {
				agents = append(agents, holder{a, n})
			}
		}
		if len(agents) > 0 {
			return agents
		}
	}
	return nil
}
