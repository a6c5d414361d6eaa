package access

import (
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// start runs a clock; one of its kind and subject that runs, or has run out, is void.
func (r *run) start(t *Track, c Clock) {
	for i := range t.Clocks {
		old := &t.Clocks[i]
		if old.Kind == c.Kind && old.Subject == c.Subject && old.outstanding() {
			old.State = ClockVoid
		}
	}
	t.Clocks = append(t.Clocks, c)
	c.Steps = append([]string(nil), c.Steps...)
	r.do(StartClock{Track: t.Key, Clock: c})
}

// startFor runs a clock of its usual length for a subject.
func (r *run) startFor(t *Track, kind ClockKind, subject string, event time.Time) {
	c := r.cal(t).Clock(kind, event, Length(kind, t.Procedure, false))
	c.Subject = subject
	r.start(t, c)
}

// outstanding says whether what the clock waits for is still to be done. An automatic end leaves
// nothing to do.
func (c Clock) outstanding() bool {
	return c.State == ClockRunning || (c.State == ClockFired && !c.Kind.Automatic())
}

// stop ends a clock that belongs to the track as a whole.
func (r *run) stop(t *Track, kind ClockKind, s ClockState) { r.stopOf(t, kind, "", s) }

// stopOf ends the clock of a kind for a subject. An act after the end meets it late.
func (r *run) stopOf(t *Track, kind ClockKind, subject string, s ClockState) {
	c, ok := t.ClockOf(kind, subject)
	if !ok || !c.outstanding() {
		return
	}
	if c.State == ClockRunning {
		r.do(StopClock{Track: t.Key, Kind: kind, Subject: subject})
	} else if s == ClockMet {
		s = ClockLate
	}
	c.State = s
}

// stopEach ends every clock of a kind, whosever it is.
func (r *run) stopEach(t *Track, kind ClockKind, s ClockState) {
	for _, c := range t.Clocks {
		if c.Kind == kind {
			r.stopOf(t, kind, c.Subject, s)
		}
	}
}

// stopCase ends what runs towards a decision or an answer once a track is withdrawn. Publication
// stays a duty.
func (r *run) stopCase(t *Track, at time.Time) error {
	for _, k := range []ClockKind{ClockDecision, ClockCompletion, ClockAnswer} {
		r.stop(t, k, ClockVoid)
	}
	r.stopEach(t, ClockProposal, ClockVoid)
	return r.recall(t, at, "", "the application was withdrawn", ehds.SideForwarded, ehds.SideProposed)
}
