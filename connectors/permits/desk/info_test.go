package desk_test

import (
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
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
