package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// timersOf reads the timers that documents of tests carry as a JSON array; others have none.
func timersOf(_ string, doc []byte) (out []store.Timer) {
	if json.Unmarshal(doc, &out) != nil {
		return nil
	}
	return out
}

// timed is a document with timers of one kind, so many days after an epoch; late ones are negative.
func timed(t testing.TB, kind string, days ...int) []byte {
	t.Helper()
	list := []store.Timer{} // never null
	for _, d := range days {
		list = append(list, store.Timer{Kind: kind, Scope: fmt.Sprint("part ", d), At: dayOf(max(d, -d)), State: stateOf(d < 0)})
	}
	doc, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func stateOf(late bool) store.TimerState {
	if late {
		return store.TimerLate
	}
	return store.TimerRuns
}

func dayOf(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }

// timersUntil lists timers, page by page of two.
func timersUntil(t testing.TB, r *store.Record, state store.TimerState, until time.Time) (out []string) {
	t.Helper()
	var after store.CaseTimer
	for {
		page, err := r.TimersUntil(t.Context(), state, until, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			if c.State != state || c.Scope == "" && c.Kind != store.TimerUnread {
				t.Errorf("%+v", c)
			}
			out, after = append(out, fmt.Sprintf("%s %s %s", c.Case, c.Kind, c.At.Format(time.DateOnly))), c
		}
		if len(page) < 2 {
			return out
		}
	}
}

// testTimers: the timers of a case are those of its last document, found in the order of time, and go
// with it.
func testTimers(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	change(t, r, "app:A", store.Change{Doc: timed(t, "decision", 9, 3, 3)})
	change(t, r, "app:B", store.Change{Doc: timed(t, "answer", 3, -1)})
	change(t, r, "app:C", store.Change{Doc: []byte("none")})
	change(t, r, "app:B", store.Change{Leaves: []store.NewLeaf{{Class: "state", Material: []byte("x")}}}) // leaves the timers
	r = Reopen(t, r, h.Driver())
	check := func(late bool, until int, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, timersUntil(t, r, stateOf(late), dayOf(until))); diff != "" {
			t.Error(diff)
		}
	}
	check(false, 9, "app:A decision 2027-01-03", "app:A decision 2027-01-03", "app:B answer 2027-01-03", "app:A decision 2027-01-09")
	check(false, 8, "app:A decision 2027-01-03", "app:A decision 2027-01-03", "app:B answer 2027-01-03")
	check(false, 2)
	check(true, 2, "app:B answer 2027-01-01")
	for _, c := range []struct {
		late  bool
		kind  string
		until int
		want  int64
	}{{false, "decision", 9, 3}, {false, "decision", 3, 2}, {false, "decision", 2, 0}, {true, "answer", 9, 1}, {true, "decision", 9, 0}} {
		if n, err := r.TimerCount(t.Context(), stateOf(c.late), c.kind, dayOf(c.until)); n != c.want || err != nil {
			t.Errorf("%+v: %d %v", c, n, err)
		}
	}
	change(t, r, "app:A", store.Change{Doc: timed(t, "decision", 5)})
	check(false, 9, "app:B answer 2027-01-03", "app:A decision 2027-01-05")
	if err := update(t, r, "app:A", store.Change{Doc: mustTimers(t, store.Timer{Kind: "x"})}); !errors.Is(err, store.ErrChange) {
		t.Errorf("a timer without a time: %v", err)
	}
	if err := r.Erase(t.Context(), "app:B"); err != nil {
		t.Fatal(err)
	}
	check(false, 9, "app:A decision 2027-01-05")
	check(true, 9)
	change(t, r, "app:A", store.Change{Doc: timed(t, "decision")})
	check(false, 9)
	mustVerify(t, r)
}

func mustTimers(t testing.TB, list ...store.Timer) []byte {
	t.Helper()
	doc, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// testUnreadTimers: a record older than the table of timers has each personal document read once.
func testUnreadTimers(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	change(t, r, "app:A", store.Change{Doc: timed(t, "decision", 3)})
	change(t, r, "app:B", store.Change{Doc: timed(t, "decision", 4)})
	change(t, r, "app:GONE", store.Change{Doc: timed(t, "decision", 5)})
	change(t, r, "ds:FI:1", store.Change{Doc: []byte("a dataset")})
	if err := errors.Join(r.Erase(t.Context(), "app:GONE"), r.Close()); err != nil {
		t.Fatal(err)
	}
	step, err := os.ReadFile(filepath.Join("..", "schema", "0006_timer.sql")) // as seen from a driver's test
	if err != nil {
		t.Fatal(err)
	}
	direct(t, h.Driver(), "DROP TABLE timer")
	direct(t, h.Driver(), string(step))
	r = Open(t, h.Driver())
	want := []string{"app:A unread 1970-01-01", "app:B unread 1970-01-01"}
	if diff := cmp.Diff(want, timersUntil(t, r, store.TimerRuns, dayOf(9))); diff != "" {
		t.Error(diff)
	}
	change(t, r, "app:A", store.Change{Doc: timed(t, "decision", 3)})
	want = []string{"app:B unread 1970-01-01", "app:A decision 2027-01-03"}
	if diff := cmp.Diff(want, timersUntil(t, r, store.TimerRuns, dayOf(9))); diff != "" {
		t.Error(diff)
	}
}
