package access

import (
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// apply gives the version to every track that is open and in time for it. One that is decided or withdrawn
// stays as it is, and what asks for nothing of a body any more ends nothing by itself: only the applicant
// withdraws, and only the body decides.
func (e Amended) apply(r *run) error {
	if !r.amendable() {
		return illegal(ehds.AxisApplication, string(NationStatus(r.app)), e.Name())
	}
	if e.Version <= r.app.Version {
		return fault.New(fault.Conflict, CodeVersion, fmt.Sprintf("version %d is known already; a new one has a higher number", r.app.Version)).At("/body/version")
	}
	var late error
	changed := false
	for i := range r.app.Tracks {
		t := &r.app.Tracks[i]
		if !t.open() {
			continue
		}
		before := t.Status
		if err := r.complete(t, ehds.EventAmended, e.Submitted, e.Received); err != nil {
			late = err
			r.do(FlagForStaff{t.Key, CodeTooLate, "a new version was filed after the time for completion"})
			continue
		}
		changed = true
		r.do(SendAck{t.Key, ehds.ApplicationAck, e.Message, string(t.Status), e.Received.UTC()},
			HandToPermits{Track: t.Key, What: HandSubmission, Message: e.Message, Date: e.Received.UTC()})
		if t.Status != before {
			r.sendState(t, e.Submitted, "")
		}
		if !slices.Contains(e.Tracks, t.Key) {
			r.do(FlagForStaff{t.Key, CodeNoDataset, "the new version asks for no data of this body; its track goes on until the applicant withdraws here or it is decided"})
		}
	}
	if !changed {
		return late
	}
	r.app.Version = e.Version
	r.app.Versions = append(r.app.Versions, Version{e.Version, e.Submitted.UTC(), e.Received.UTC(), e.Message})
	return e.join(r)
}

// join opens the tracks of bodies the version is the first to concern. They begin as any other does, in
// the standard procedure and with a whole decision period of their own (Art. 68(4)): another procedure is
// for the body to choose.
func (e Amended) join(r *run) error {
	for _, key := range e.Tracks {
		if _, ok := r.app.Track(key); ok {
			continue
		}
		if err := r.open(key, ehds.ProcedureStandard, r.app.Versions[len(r.app.Versions)-1]); err != nil {
			return err
		}
	}
	return nil
}

// open says whether an amendment can still reach the track.
func (t *Track) open() bool {
	return !t.Status.Terminal() || (t.Status == ehds.StateWithdrawn && t.Automatic && t.ResumeTo != ehds.StateNone)
}

func (r *run) amendable() bool {
	for i := range r.app.Tracks {
		if r.app.Tracks[i].open() {
			return true
		}
	}
	return false
}
