package connectortest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func submissionLeadsToEvents(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	events, _ := c.all(t, "")
	if len(events) == 0 {
		t.Fatal("no event")
	}
	for _, e := range events {
		if e.Case != s.Case || e.Track != s.Track || e.Actor == "" {
			t.Errorf("event %+v is not about the submission", e)
		}
		if _, err := time.Parse(time.RFC3339, e.At); err != nil {
			t.Errorf("time of event: %v", err)
		}
		switch e.Kind {
		case connectors.EventStatus:
			if e.Status == "" || e.Decision != nil || e.Grant != nil {
				t.Errorf("status event %+v", e)
			}
		case connectors.EventDecision:
			if e.Decision == nil {
				t.Errorf("decision event without a decision")
			}
		default:
			t.Errorf("unknown kind %q", e.Kind)
		}
	}
}

func repeatedSubmission(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	before, _ := c.all(t, "")
	for range 3 {
		if err := c.p.Submit(t.Context(), s); err != nil {
			t.Fatalf("a repeated Submit: %v", err)
		}
	}
	after, _ := c.all(t, "")
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("a repeated Submit changed the events:\n%s", d)
	}
}

func severalTracks(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	other := s
	other.Track.HDAB = s.Track.HDAB + "/other"
	if err := c.p.Submit(t.Context(), other); err != nil {
		t.Fatalf("the same message for another track: %v", err)
	}
	events, _ := c.all(t, "")
	seen := map[ehds.Track]bool{}
	for _, e := range events {
		seen[e.Track] = true
	}
	if !seen[s.Track] || !seen[other.Track] {
		t.Errorf("events tell of the tracks %v", seen)
	}
}

func eventsRepeat(t *testing.T, c *permitsCase) {
	c.submit(t, 1)
	c.submit(t, 2)
	first, cursor := c.all(t, "")
	second, again := c.all(t, "")
	if d := cmp.Diff(first, second); d != "" || cursor != again {
		t.Errorf("asked again, cursor %q and %q:\n%s", cursor, again, d)
	}
}

func eventIDsUnique(t *testing.T, c *permitsCase) {
	for n := range 5 {
		c.submit(t, n)
	}
	events, _ := c.all(t, "")
	seen := map[string]bool{}
	for _, e := range events {
		if e.ID == "" || seen[e.ID] {
			t.Errorf("event id %q is empty or used twice", e.ID)
		}
		seen[e.ID] = true
	}
}

func cursorAdvances(t *testing.T, c *permitsCase) {
	empty, err := c.p.Events(t.Context(), "")
	if err != nil || len(empty.Events) != 0 {
		t.Fatalf("before anything happened: %d events, %v", len(empty.Events), err)
	}
	c.submit(t, 1)
	_, cursor := c.all(t, empty.Cursor)
	page, err := c.p.Events(t.Context(), cursor)
	if err != nil || len(page.Events) != 0 || page.Cursor != cursor {
		t.Fatalf("nothing new: %d events, cursor %q after %q, %v", len(page.Events), page.Cursor, cursor, err)
	}
	s := c.submit(t, 2)
	later, next := c.all(t, cursor)
	if len(later) == 0 || next == cursor {
		t.Fatal("the second submission told nothing")
	}
	for _, e := range later {
		if e.Case != s.Case {
			t.Errorf("an event from before the cursor: %+v", e)
		}
	}
}

func cursorMalformed(t *testing.T, c *permitsCase) {
	c.submit(t, 1)
	for _, bad := range []string{"\x00", "not a cursor of anybody", "-1", strings.Repeat("9", 400)} {
		page, err := c.p.Events(t.Context(), bad)
		if err == nil {
			t.Errorf("cursor %.20q gives %d events", bad, len(page.Events))
			continue
		}
		wantKind(t, err, fault.Invalid, fault.Malformed)
	}
}

func restartKeepsState(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	before, cursor := c.all(t, "")
	c.p = c.h.Open(t, c.host)
	after, _ := c.all(t, "")
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("after a restart:\n%s", d)
	}
	if err := c.p.Submit(t.Context(), s); err != nil {
		t.Fatalf("the submission repeated after a restart: %v", err)
	}
	if news, _ := c.all(t, cursor); len(news) != 0 {
		t.Errorf("a repeated submission after a restart told %d events", len(news))
	}
	c.submit(t, 2)
	news, _ := c.all(t, cursor)
	for _, e := range news {
		for _, old := range before {
			if e.ID == old.ID {
				t.Errorf("id %q is used again after a restart", e.ID)
			}
		}
	}
	if len(news) == 0 {
		t.Error("nothing happens after a restart")
	}
}

func contextCancelled(t *testing.T, c *permitsCase) {
	s := c.h.Submission(1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, eventsErr := c.p.Events(ctx, "")
	for name, err := range map[string]error{
		"Submit":   c.p.Submit(ctx, s),
		"Info":     c.p.Info(ctx, connectors.Information{Ref: "i", Case: s.Case, Track: s.Track}),
		"Withdraw": c.p.Withdraw(ctx, connectors.Withdrawal{Ref: "w", Case: s.Case, Track: s.Track}),
		"Answer":   c.p.Answer(ctx, connectors.DecisionAnswer{Ref: "a", Case: s.Case, Track: s.Track}),
		"Events":   eventsErr,
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if events, _ := c.all(t, ""); len(events) != 0 {
		t.Errorf("a cancelled Submit told %d events", len(events))
	}
	if err := c.p.Submit(t.Context(), s); err != nil {
		t.Fatalf("Submit after a cancelled one: %v", err)
	}
	if events, _ := c.all(t, ""); len(events) == 0 {
		t.Error("the cancelled Submit was taken for done")
	}
}

func malformedSubmission(t *testing.T, c *permitsCase) {
	for name, spoil := range map[string]func(*connectors.Submission){
		"no reference":        func(s *connectors.Submission) { s.Ref = "" },
		"no case":             func(s *connectors.Submission) { s.Case = "" },
		"no track":            func(s *connectors.Submission) { s.Track = ehds.Track{} },
		"no time of receipt":  func(s *connectors.Submission) { s.ReceivedAt = "" },
		"unknown kind":        func(s *connectors.Submission) { s.Application.Kind = "OTHER" },
		"another application": func(s *connectors.Submission) { s.Application.ApplicationID += "x" },
		"no version":          func(s *connectors.Submission) { s.Application.Version = 0 },
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			s := c.h.Submission(1)
			spoil(&s)
			wantKind(t, c.p.Submit(t.Context(), s), fault.Invalid, fault.Malformed)
		})
	}
	if events, _ := c.all(t, ""); len(events) != 0 {
		t.Errorf("a refused submission told %d events", len(events))
	}
}

func unknownCase(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	wantKind(t, c.p.Answer(t.Context(), connectors.DecisionAnswer{Ref: "a-1", Case: s.Case + "x", Track: s.Track,
		Body: ehds.DecisionAnswerBody{Answer: ehds.AnswerAccept}}), fault.NotFound)
	wantKind(t, c.p.Withdraw(t.Context(), connectors.Withdrawal{Ref: "w-1", Case: s.Case + "x", Track: s.Track}), fault.NotFound)
	other := s.Track
	other.HDAB += "/unknown"
	wantKind(t, c.p.Withdraw(t.Context(), connectors.Withdrawal{Ref: "w-2", Case: s.Case, Track: other}), fault.NotFound)
}

func repeatedWithdrawal(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	w := connectors.Withdrawal{Ref: "w-1", Case: s.Case, Track: s.Track,
		Body: ehds.WithdrawBody{ApplicationID: s.Application.ApplicationID, Date: "2026-11-04T08:00:00Z"}}
	for range 2 {
		if err := c.p.Withdraw(t.Context(), w); err != nil {
			t.Fatalf("Withdraw: %v", err)
		}
	}
	if err := c.p.Submit(t.Context(), s); err != nil {
		t.Errorf("the submission repeated after a withdrawal: %v", err)
	}
}

func newerVersion(t *testing.T, c *permitsCase) {
	s := c.submit(t, 1)
	events, _ := c.all(t, "")
	for _, e := range events {
		if e.Kind == connectors.EventDecision {
			t.Skip("the system decided at once")
		}
	}
	newer := s
	newer.Ref += "-v2"
	newer.Application.Version = 2
	if err := c.p.Submit(t.Context(), newer); err != nil {
		t.Fatalf("a newer version: %v", err)
	}
	older := s
	older.Ref += "-again"
	wantKind(t, c.p.Submit(t.Context(), older), fault.Conflict)
}
