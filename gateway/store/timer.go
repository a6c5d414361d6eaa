package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// TimerUnread is the kind of the entry that stands for a document older than the table of timers: it
// is due at once, and gone once the document was written again.
const TimerUnread = "unread"

// TimerState says what a timer stands for.
type TimerState int64

// The states.
const (
	TimerRuns  TimerState = 0 // it has its effect at its time
	TimerLate  TimerState = 1 // it ran out and what was due is still owed
	TimerNoted TimerState = 2 // a date to look at: nothing happens then
)

// Timer is a time at which something of a case falls due by itself. Kind and Scope are stored in the
// clear: nothing personal goes there.
type Timer struct {
	Kind  string
	Scope string // the part of the case it belongs to
	At    time.Time
	State TimerState
}

// CaseTimer is a timer of a case on record.
type CaseTimer struct {
	Case string
	Timer

	caseNo, n int64
}

// Timers finds what falls due without reading cases. Options.Timers says what a document holds.
type Timers interface {
	// TimersUntil lists timers of one state up to an instant, in the order of their times, after another
	// of the list; the zero value begins it.
	TimersUntil(ctx context.Context, state TimerState, until time.Time, after CaseTimer, limit int) ([]CaseTimer, error)
	// TimerCount counts the timers of a kind and state up to an instant.
	TimerCount(ctx context.Context, state TimerState, kind string, until time.Time) (int64, error)
}

const timerQuery = "SELECT c.id, t.case_no, t.n, t.kind, t.scope, t.at, t.state FROM timer t CROSS JOIN case_file c ON c.no = t.case_no" +
	" WHERE t.state = $1 AND t.at <= $2 AND t.at >= $3 AND (t.at > $3 OR t.case_no > $4 OR t.case_no = $4 AND t.n > $5)" +
	" ORDER BY t.at, t.case_no, t.n LIMIT $6"

// TimersUntil implements Timers.
func (r *Record) TimersUntil(ctx context.Context, state TimerState, until time.Time, after CaseTimer, limit int) ([]CaseTimer, error) {
	var from int64
	if !after.At.IsZero() {
		from = after.At.UnixMicro()
	}
	var out []CaseTimer
	err := r.view.s.each(ctx, timerQuery, []any{int64(state), until.UnixMicro(), from, after.caseNo, after.n, limit},
		func(scan func(...any) error) error {
			var t CaseTimer
			var at int64
			err := scan(&t.Case, &t.caseNo, &t.n, &t.Kind, &t.Scope, &at, &t.State)
			t.At = micros(at)
			out = append(out, t)
			return err
		})
	return out, err
}

// TimerCount implements Timers.
func (r *Record) TimerCount(ctx context.Context, state TimerState, kind string, until time.Time) (n int64, err error) {
	_, err = r.view.s.one(ctx, "SELECT count(*) FROM timer WHERE state = $1 AND kind = $2 AND at <= $3",
		[]any{int64(state), kind, until.UnixMicro()}, &n)
	return n, err
}

// timers writes what the new document of a case says falls due. Most documents change nothing of it.
func (w *writing) timers(doc []byte) error {
	if w.r.opts.Timers == nil {
		return nil
	}
	want := w.r.opts.Timers(w.file.id, doc)
	for i := range want {
		if want[i].At.Before(time.UnixMicro(1)) {
			return fmt.Errorf("%w: a timer without a time", ErrChange)
		}
		want[i].At = want[i].At.UTC().Truncate(time.Microsecond)
	}
	var have []Timer
	err := w.s.each(w.ctx, "SELECT kind, scope, at, state FROM timer WHERE case_no = $1 ORDER BY n", []any{w.file.no},
		func(scan func(...any) error) error {
			var t Timer
			var at int64
			err := scan(&t.Kind, &t.Scope, &at, &t.State)
			t.At = micros(at)
			have = append(have, t)
			return err
		})
	if err != nil || slices.Equal(have, want) {
		return err
	}
	if _, err := w.s.exec(w.ctx, "DELETE FROM timer WHERE case_no = $1", w.file.no); err != nil {
		return err
	}
	for i, t := range want {
		if _, err := w.s.exec(w.ctx, "INSERT INTO timer (case_no, n, kind, scope, at, state) VALUES ($1, $2, $3, $4, $5, $6)",
			w.file.no, int64(i), t.Kind, t.Scope, t.At.UnixMicro(), int64(t.State)); err != nil {
			return err
		}
	}
	return nil
}
