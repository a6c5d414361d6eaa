package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Staff see that information came, once a message; what it says is sealed with its case.
func TestInformationIsShownAndSealed(t *testing.T) {
	host := connectortest.Host()
	d := open(t, host, manual)
	s := submission(1)
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	item := func() desk.QueueItem {
		t.Helper()
		list, err := d.List(t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%d items, %v", len(list), err)
		}
		return list[0]
	}
	if q := item(); q.Information != 0 || q.InformationAt != "" {
		t.Errorf("before: %+v", q)
	}
	info := connectors.Information{Ref: "i-1", Case: s.Case, Track: s.Track, Body: ehds.InfoBody{
		ApplicationID: s.Application.ApplicationID, Version: 1, RespondedAt: "2026-11-03T08:00:00Z",
		Sections: []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"projectLeader": "CANARY-FIELD"}}}},
		Attachments: []connectors.SubmittedAttachment{{Attachment: ehds.Attachment{ID: "a", Name: "CANARY-NAME.pdf"}}}}
	for range 2 {
		if err := d.Info(t.Context(), info); err != nil {
			t.Fatal(err)
		}
	}
	if q := item(); q.Information != 1 || q.InformationAt != "2026-11-03T09:30:00Z" || q.State != desk.Queued {
		t.Errorf("after: %+v", q)
	}
	info.Ref = "i-2"
	if err := d.Info(t.Context(), info); err != nil {
		t.Fatal(err)
	}
	d = open(t, host, manual)
	if q := item(); q.Information != 2 {
		t.Errorf("after a restart: %+v", q)
	}
	mails, err := host.Mailbox.Scan(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, m := range mails {
		if strings.Contains(m.Key, "CANARY") {
			t.Errorf("content in key %s", m.Key)
		}
		if strings.Contains(string(m.Value), "CANARY-FIELD") && strings.Contains(string(m.Value), "CANARY-NAME") {
			if kept++; m.Case != s.Case {
				t.Errorf("key %s is sealed with the key of %q", m.Key, m.Case)
			}
		}
	}
	if kept != 1 {
		t.Errorf("the information stands in %d places", kept)
	}
}

// Staff see what the law asks of a case and what would be asked for; what comes is read with the form, and a
// permit can be granted by it that could not before.
// shows R7.5.3
func TestCompletedApplicationIsDecided(t *testing.T) {
	d := open(t, connectortest.Host(), manual)
	s := submission(1)
	s.Application.Language = "nl"
	whole := s.Application.Form["section2"]
	s.Application.Form["section2"] = json.RawMessage(`{"purposeForWhichDataWillBeUsed":[{"key":"e"}]}`)
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	show := func() desk.Detail {
		t.Helper()
		c, err := d.Show(t.Context(), s.Case, s.Track)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	asks := func(c desk.Detail) bool {
		return slices.ContainsFunc(c.Suggested, func(i ehds.InfoSection) bool {
			return i.Number == 2 && i.Fields["projectLeader"] == "Art. 68(10)(d): name the person a permit would name"
		})
	}
	c := show()
	if !asks(c) || c.Missing == 0 || c.Missing > len(c.Findings) {
		t.Fatalf("missing %d of %d findings, suggested %+v", c.Missing, len(c.Findings), c.Suggested)
	}
	if list, err := d.List(t.Context()); err != nil || list[0].Missing != c.Missing || list[0].ToAssess != c.ToAssess {
		t.Errorf("the queue says %+v, %v", list, err)
	}
	yes := desk.Decision{Outcome: ehds.Positive, Actor: "staff-7", Terms: desk.Terms{Fees: &ehds.Fees{Currency: "EUR"}}}
	if err := d.Decide(t.Context(), s.Case, s.Track, yes); fault.CodeOf(err) != "grant-incomplete" {
		t.Fatalf("decided without an investigator: %v", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(whole, &fields); err != nil {
		t.Fatal(err)
	}
	info := connectors.Information{Ref: "i-1", Case: s.Case, Track: s.Track, Body: ehds.InfoBody{ApplicationID: s.Application.ApplicationID, Version: 1,
		Sections: []ehds.InfoAnswer{{Number: 2, Fields: map[string]any{"projectLeader": fields["projectLeader"]}}}}}
	old := info
	old.Ref, old.Body.Version, old.Body.Sections = "i-0", 0, []ehds.InfoAnswer{{Number: 8, Fields: map[string]any{"peopleWhoWillBeProcessingTheData": nil}}}
	for _, i := range []connectors.Information{info, old} {
		if err := d.Info(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	if after := show(); asks(after) || after.Missing != c.Missing-1 {
		t.Errorf("after the answer %d are missing", after.Missing)
	}
	if err := d.Decide(t.Context(), s.Case, s.Track, yes); err != nil {
		t.Fatal(err)
	}
	if c := show(); c.Findings != nil || c.Missing != 0 || c.Grant == nil || c.Grant.Investigator != fields["projectLeader"] || len(c.Grant.Persons) == 0 {
		t.Errorf("decided: %+v", c)
	}
}
