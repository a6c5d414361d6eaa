package connectortest

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// PermitsHarness connects the suite to a driver: by New, or by the members below it, which leave out
// the rules by accounting.
type PermitsHarness struct {
	// New sets up a national system with nothing in it, which ends with the test.
	New func(t testing.TB) *PermitsSystem
	// Open opens the driver with a host. It is called again with the same host to restart it: what
	// the driver must remember is in the host's mailbox or in the system behind it.
	Open func(t *testing.T, host connectors.Host) connectors.Permits
	// Submission makes the n-th valid submission. Ref and Case differ for every n; the version is 1.
	Submission func(n int) connectors.Submission
	// Decide makes the national system decide a case submitted before. Nil leaves out the cases that
	// need a decision.
	Decide func(t *testing.T, p connectors.Permits, s connectors.Submission, o ehds.Outcome)
}

// Now is the time at which the suite's hosts stand still.
func Now() time.Time { return time.Date(2026, 11, 3, 9, 30, 0, 0, time.UTC) }

// Host is a host for one driver, with a mailbox in memory.
func Host() connectors.Host {
	return connectors.Host{
		Instance: "test", Mailbox: &Mailbox{}, Clock: Now,
		Rand: func(b []byte) error {
			for i := range b {
				b[i] = byte(i)
			}
			return nil
		},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

type permitsCase struct {
	h    PermitsHarness
	host connectors.Host
	p    connectors.Permits
}

// RunPermits runs the contract of the permits family.
func RunPermits(t *testing.T, h PermitsHarness) {
	for _, c := range []struct {
		name    string
		decides bool
		run     func(*testing.T, *permitsCase)
	}{
		{"a submission leads to events about its case and track", false, submissionLeadsToEvents},
		{"a repeated submission has no effect", false, repeatedSubmission},
		{"one message may concern several tracks", false, severalTracks},
		{"events are the same when asked again", false, eventsRepeat},
		{"events have ids of their own", false, eventIDsUnique},
		{"the cursor never goes back and nothing new keeps it", false, cursorAdvances},
		{"a cursor that is not one is refused", false, cursorMalformed},
		{"a restart loses nothing and repeats nothing", false, restartKeepsState},
		{"a cancelled context stops every call without effect", false, contextCancelled},
		{"a malformed submission is refused for good", false, malformedSubmission},
		{"an answer or withdrawal of an unknown case is refused", false, unknownCase},
		{"a repeated withdrawal has no effect", false, repeatedWithdrawal},
		{"information of an unknown case is refused", false, informationOfUnknownCase},
		{"repeated information has no effect", false, repeatedInformation},
		{"information may come for several tracks and more than once", false, moreInformation},
		{"a newer version is taken", false, newerVersion},
		{"a decision is told once, complete, after PROCESSING", true, decisionTold},
		{"a refusal grants nothing", true, refusalGrantsNothing},
		{"an answer to a decision may be repeated", true, answerRepeated},
		{"an answer to another decision is refused", true, answerToAnother},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			h, host := h, Host()
			if h.New != nil {
				s := h.New(t)
				h, host = s.harness(), permitsHost(s, &Mailbox{})
			}
			if c.decides && h.Decide == nil {
				t.Skip("the harness cannot make the system decide")
			}
			c.run(t, &permitsCase{h: h, host: host, p: h.Open(t, host)})
		})
	}
	if h.New != nil {
		runPermitsRules(t, h.New)
	}
}

// harness is the system as the cases know it.
func (s *PermitsSystem) harness() PermitsHarness {
	h := PermitsHarness{
		Open:       func(t *testing.T, host connectors.Host) connectors.Permits { return s.Open(t, host) },
		Submission: s.Submission,
	}
	if s.Decide != nil {
		h.Decide = func(t *testing.T, p connectors.Permits, sub connectors.Submission, o ehds.Outcome) {
			s.Decide(t, p, sub, o)
		}
	}
	return h
}

func (c *permitsCase) submit(t *testing.T, n int) connectors.Submission {
	t.Helper()
	s := c.h.Submission(n)
	if err := c.p.Submit(t.Context(), s); err != nil {
		t.Fatalf("Submit: %v", err)
	}
	return s
}

// all reads every event after a cursor.
func (c *permitsCase) all(t *testing.T, cursor string) ([]connectors.PermitEvent, string) {
	t.Helper()
	var out []connectors.PermitEvent
	for range 1000 {
		page, err := c.p.Events(t.Context(), cursor)
		if err != nil {
			t.Fatalf("Events: %v", err)
		}
		if len(page.Events) == 0 {
			return out, cursor
		}
		out, cursor = append(out, page.Events...), page.Cursor
	}
	t.Fatal("the events do not end")
	return nil, ""
}

func wantKind(t *testing.T, err error, kinds ...fault.Kind) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("want a *fault.Error, got %v", err)
	}
	for _, k := range kinds {
		if f.Kind == k {
			return
		}
	}
	t.Fatalf("kind %s (%v), want one of %v", f.Kind, err, kinds)
}
