package reconcile

import (
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
)

// Cause says why a description differs, as far as our record knows.
type Cause string

// The causes. They are stable: programs match on them.
const (
	InFlight       Cause = "in-flight"         // a message about it is not answered yet
	Undelivered    Cause = "undelivered"       // the message about it was given up
	RefusedUpdate  Cause = "refused"           // the centre did not validate it
	RefusedRemoval Cause = "removal-refused"   // the centre did not take it away
	LostAtCentre   Cause = "lost-at-centre"    // validated by the centre, and not shown
	ChangedThere   Cause = "changed-at-centre" // validated by the centre, and shown differently
	KeptThere      Cause = "kept-at-centre"    // removed with the centre's word, and shown all the same
	Unknown        Cause = "unknown-here"      // never published by this gateway
)

// mends says what to do about each.
var mends = map[Cause]string{
	InFlight:       "wait for the centre's answer, then compare again",
	Undelivered:    "find the message with 'ehdsgw outbox list' and send it again with 'ehdsgw outbox retry'",
	RefusedUpdate:  "correct the description at its source by the centre's findings, then publish",
	RefusedRemoval: "ask the centre why; its findings are with the dataset's case",
	LostAtCentre:   "tell the centre: its validation is in the evidence of the dataset's case",
	ChangedThere:   "tell the centre: the description it validated is in the evidence of the dataset's case",
	KeptThere:      "tell the centre: its confirmation of the removal is in the evidence of the dataset's case",
	Unknown:        "look whether another system of the nation published it; this gateway can neither update nor remove it",
}

// explain finds the cause in the publication, which is nil when there is none.
func (d *Difference) explain(p *catalogue.Publication) {
	d.Cause = causeOf(d.Kind, p)
	d.Mend = mends[d.Cause]
	if p == nil {
		return
	}
	d.State = string(p.State)
	if d.Cause == RefusedUpdate || d.Cause == RefusedRemoval {
		for _, f := range p.Findings {
			if f.Severity == string(catalogue.Violation) {
				d.Codes = append(d.Codes, f.Code)
			}
		}
	}
}

func causeOf(kind digest.Kind, p *catalogue.Publication) Cause {
	switch {
	case p == nil:
		return Unknown
	case p.Undelivered != "":
		return Undelivered
	case p.Waiting != "":
		return InFlight
	case p.State == catalogue.Rejected && kind == digest.Orphan:
		return RefusedRemoval
	case p.State == catalogue.Rejected:
		return RefusedUpdate
	case kind == digest.Missing:
		return LostAtCentre
	case kind == digest.Orphan:
		return KeptThere
	}
	return ChangedThere
}
