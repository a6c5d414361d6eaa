package exchange

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// firing is what became of a timer that is due.
type firing struct {
	fired []access.DueClock
	more  bool  // the case has other clocks that are due
	err   error // of the record, which ends the round
}

// fire applies what has run out in a case by the time of a timer. Whatever another has done meanwhile
// is seen: the clocks are looked at inside the change.
func (w *Timers) fire(ctx context.Context, t store.CaseTimer, limit time.Time) firing {
	if w.Drained != nil && t.Kind != store.TimerUnread {
		if ok, err := w.Drained.Drained(ctx, t.Case); err != nil || !ok {
			if err != nil {
				w.Logger.WarnContext(ctx, "it cannot be told whether mail for a case is on its way; its clocks wait", "error", err)
			}
			return firing{}
		}
	}
	var f firing
	_, err := w.Record.Update(ctx, t.Case, func(s store.State) (store.Change, error) {
		f = firing{}
		return w.change(ctx, s, t, limit, &f)
	})
	switch {
	case errors.Is(err, store.ErrErased): // since the list was read
		return firing{}
	case errors.Is(err, store.ErrChange) || errors.Is(err, store.ErrPanic):
		// A case that takes nothing must not stop the clocks of all others.
		w.Logger.ErrorContext(ctx, "a clock that ran out cannot be recorded", "kind", t.Kind, "end", t.At, "error", err)
		return firing{}
	case err != nil:
		return firing{err: err}
	}
	w.tell(ctx, f.fired)
	return f
}

// change is the change of a case whose time has come.
func (w *Timers) change(ctx context.Context, s store.State, t store.CaseTimer, limit time.Time, f *firing) (store.Change, error) {
	doc, err := readApplication(s.Doc)
	if err != nil {
		w.Logger.ErrorContext(ctx, "a case document with timers cannot be read", "error", err)
	}
	due := access.Due(doc.Application, t.At, 0)
	if len(due) == 0 {
		return store.Change{Doc: s.Doc}, nil // written again, the list of timers is that of the document
	}
	if len(s.Held) > 0 {
		return store.Change{}, nil // mail that waits for an earlier number is applied first
	}
	all, changed := outcome{doc: doc}, false
	for _, d := range due {
		out, err := w.Applications.step(all.doc, d.Expired(), s.Case, s.Now, nil)
		if err != nil {
			// The others of the case fire all the same, with their messages and their evidence.
			changed = w.refused(ctx, &all.doc, d, s.Now, err) || changed
			continue
		}
		all, changed = all.and(out), true
		f.fired = append(f.fired, d)
	}
	if !changed {
		return store.Change{}, nil
	}
	c := all.change()
	if len(f.fired) == 0 {
		return c, nil
	}
	newest := f.fired[len(f.fired)-1].Clock
	c.Mail = []store.MailWrite{{Namespace: clocksNamespace, Mail: store.Mail{
		Key: firingKey, Value: mustJSON(LastFiring{Kind: string(newest.Kind), End: newest.End, At: s.Now}),
	}}}
	for _, next := range TimersOf(s.Case, c.Doc) {
		f.more = f.more || next.State == store.TimerRuns && !next.At.After(limit)
	}
	return c, nil
}

// refused flags a clock whose effect the case does not allow, once, and says whether the flag is new. One
// that an effect before it in the same change ended is no matter for staff.
func (w *Timers) refused(ctx context.Context, doc *ApplicationDoc, d access.DueClock, now time.Time, err error) bool {
	if !stillRuns(doc.Application, d) {
		return false
	}
	note := string(d.Clock.Kind) + " " + fault.CodeOf(err)
	if slices.ContainsFunc(doc.Flags, func(f Flag) bool { return f.Code == "clock-not-applied" && f.Note == note }) {
		return false
	}
	w.Logger.ErrorContext(ctx, "a clock ran out and its case does not allow the effect", "kind", d.Clock.Kind, "hdab", d.Track.HDAB, "code", fault.CodeOf(err))
	doc.Flags = append(doc.Flags, Flag{At: now, Code: "clock-not-applied", Note: note})
	return true
}

// stillRuns says whether a clock that was due runs in the case as it is now.
func stillRuns(a access.Application, d access.DueClock) bool {
	t, ok := a.Track(d.Track)
	return ok && slices.ContainsFunc(t.Clocks, func(c access.Clock) bool {
		return c.Kind == d.Clock.Kind && c.Subject == d.Clock.Subject && c.State == access.ClockRunning && c.End.Equal(d.Clock.End)
	})
}

// tell logs and counts what fired. The case is not named: it belongs to a person.
func (w *Timers) tell(ctx context.Context, fired []access.DueClock) {
	for _, d := range fired {
		if w.Observe != nil {
			w.Observe(string(d.Clock.Kind))
		}
		if !d.Clock.Kind.Automatic() {
			w.Logger.WarnContext(ctx, "a statutory period has ended and what was due is not done", "kind", d.Clock.Kind,
				"hdab", d.Track.HDAB, "end", d.Clock.End)
		}
	}
}
