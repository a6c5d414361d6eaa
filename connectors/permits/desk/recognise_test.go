package desk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

const recognising = head + `"rules":[],"default":{"decide":"manual","conditions":["by our law"],"fees":{"amount_cents":0,"currency":"EUR"}}}`

// What a judgement on a foreign permit does to a case, by what the case is like. It is told twice each time,
// as after a crash between the call and its record: once is what it counts.
func TestRecognise(t *testing.T) {
	t.Parallel()
	approve := func(n *connectors.RecognitionNotice) { n.Approve = true }
	for _, c := range []struct {
		name     string
		edit     func(*connectors.RecognitionNotice)
		fourEyes bool
		before   func(*testing.T, *desk.Desk, connectors.Submission)
		decided  bool
		proposed bool
		note     string // end of the last note
	}{
		{name: "left to staff", edit: func(*connectors.RecognitionNotice) {}, note: "as judged"},
		{name: "assist", edit: func(n *connectors.RecognitionNotice) { n.Propose = true }, proposed: true, note: "as judged"},
		{name: "automatic", edit: approve, decided: true},
		{name: "automatic where two persons are needed", edit: approve, fourEyes: true, proposed: true, note: "as judged"},
		{name: "another version", edit: func(n *connectors.RecognitionNotice) { n.Approve, n.Version = true, 2 }, note: "not followed: another version of the application is at hand"},
		{name: "a proposal waits", edit: approve, note: "not followed: another proposal waits", proposed: true,
			before: func(t *testing.T, d *desk.Desk, s connectors.Submission) {
				ok(t, d.Propose(t.Context(), s.Case, s.Track, desk.Act{Actor: "staff-1", Decision: &desk.Decision{Outcome: ehds.Negative, Actor: "staff-1", Terms: desk.Terms{Reasons: "no"}}}))
			}},
		{name: "information is awaited", edit: approve, note: "not followed: the case is AWAITING_ADDITIONAL_INFORMATION",
			before: func(t *testing.T, d *desk.Desk, s connectors.Submission) {
				ok(t, d.Ask(t.Context(), s.Case, s.Track, "staff-1", []ehds.InfoSection{{Number: 2, Fields: map[string]string{"projectLeader": "who?"}}}))
			}},
		{name: "information came", edit: approve, proposed: true, note: "as judged",
			before: func(t *testing.T, d *desk.Desk, s connectors.Submission) {
				ok(t, d.Info(t.Context(), connectors.Information{Ref: "i", Case: s.Case, Track: s.Track, Body: ehds.InfoBody{Version: 1}}))
			}},
		{name: "withdrawn", edit: approve, note: "not followed: ",
			before: func(t *testing.T, d *desk.Desk, s connectors.Submission) {
				ok(t, d.Withdraw(t.Context(), connectors.Withdrawal{Ref: "w", Case: s.Case, Track: s.Track}))
			}},
		{name: "decided already", edit: approve, decided: true, note: "not followed: ",
			before: func(t *testing.T, d *desk.Desk, s connectors.Submission) {
				ok(t, d.Decide(t.Context(), s.Case, s.Track, desk.Decision{Outcome: ehds.Positive, Actor: "staff-1"}))
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := desk.New(connectortest.Host(), desk.Options{Rules: []byte(recognising), FourEyes: c.fourEyes})
			ok(t, err)
			s := wholeSubmission()
			ok(t, d.Submit(t.Context(), s))
			if c.before != nil {
				c.before(t, d, s)
			}
			n := connectors.RecognitionNotice{Ref: "r", Case: s.Case, Track: s.Track, Version: 1, Reasons: "as judged", Conditions: []string{"no linkage", "by our law"}}
			c.edit(&n)
			ok(t, d.Recognise(t.Context(), n))
			told := len(events(t, d))
			ok(t, d.Recognise(t.Context(), n))
			if again := len(events(t, d)); again != told {
				t.Errorf("told again: %d events, then %d", told, again)
			}
			got, err := d.Show(t.Context(), s.Case, s.Track)
			ok(t, err)
			last := ""
			if len(got.Notes) > 0 {
				last = got.Notes[len(got.Notes)-1].Text
			}
			if (got.Decision != nil) != c.decided || (got.Proposal != nil) != c.proposed || !strings.Contains(last, c.note) || (c.note == "") != (last == "") || len(got.Notes) > 1 {
				t.Errorf("decision %+v, proposal %+v, notes %+v", got.Decision, got.Proposal, got.Notes)
			}
			if c.decided && c.before == nil && (got.Decision.Outcome != ehds.Positive || got.Decision.Reasons != "as judged" ||
				!slices.Equal(got.Decision.Conditions, []string{"by our law", "no linkage"})) {
				t.Errorf("%+v", got.Decision)
			}
		})
	}
}

// A note on an incomplete case says so, an unknown one is told, and no person acts as the recognition.
func TestRecogniseRefuses(t *testing.T) {
	t.Parallel()
	d := open(t, connectortest.Host(), recognising)
	s := submission(1)
	ok(t, d.Submit(t.Context(), s))
	n := connectors.RecognitionNotice{Ref: "r", Case: s.Case, Track: s.Track, Version: 1, Approve: true, Reasons: "as judged"}
	ok(t, d.Recognise(t.Context(), n))
	got, err := d.Show(t.Context(), s.Case, s.Track)
	ok(t, err)
	if got.Decision != nil || got.Proposal != nil || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].Text, "the application is not complete") {
		t.Errorf("%+v", got)
	}
	n.Ref, n.Case = "r2", s.Case+"x"
	if err := d.Recognise(t.Context(), n); fault.CodeOf(err) != "unknown-case" {
		t.Error(err)
	}
	if err := d.Note(t.Context(), s.Case, s.Track, "recognition", "x"); fault.CodeOf(err) != "actor-missing" {
		t.Error(err)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wholeSubmission is an application that lacks nothing the law asks for.
func wholeSubmission() connectors.Submission {
	s := submission(1)
	s.Application.Datasets = s.Application.Datasets[:1]
	s.Application.Form = connectortest.WholeForm("NETHERLANDS", "cat-1", "2027-02-01", "2029-01-31")
	return s
}
