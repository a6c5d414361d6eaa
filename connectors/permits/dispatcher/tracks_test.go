package dispatcher_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// TestSeveralTracks: what says only the application's id concerns all tracks or none; a decision names one.
func TestSeveralTracks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	h.submit(s)
	second := s
	second.Track.HDAB = bodyTwo
	h.submit(second)
	at := "/applications/" + s.Application.ApplicationID
	if list := string(h.must(200, "all", "GET", "/applications", nil)); strings.Count(list, "application_id") != 1 {
		t.Errorf("two tracks are two rows: %s", list)
	}
	h.must(200, "all", "POST", at+"/status", map[string]string{"status": "PRE_SCREENING"})
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PROCESSING"})
	if list := string(h.must(200, "all", "GET", "/applications", nil)); !strings.Contains(list, "PRE_SCREENING") {
		t.Errorf("not the least advanced: %s", list)
	}
	before := len(h.events())
	h.must(200, "all", "POST", at+"/information-requests", map[string]any{"sections": []any{map[string]any{"number": 2, "fields": map[string]string{"a": "b"}}}})
	if len(h.events()) != before+2 {
		t.Errorf("%d events", len(h.events())-before)
	}
	if p := problemIn(t, h.ask("all", "POST", at+"/decision", card(ehds.Negative, "D-1"))); p.Code != "track-ambiguous" {
		t.Errorf("%+v", p)
	}
	if p := problemIn(t, h.ask("all", "POST", at+"/decision?hdab=two", card(ehds.Negative, "D-1"))); p.State != "AWAITING_ADDITIONAL_INFORMATION" {
		t.Errorf("%+v", p)
	}
	if p := problemIn(t, h.ask("all", "GET", at+"/tracks?hdab="+url.QueryEscape(bodyTwo)+"&catalog_id=other", nil)); p.Status != http.StatusNotFound {
		t.Errorf("%+v", p)
	}
}

// TestAllTracksOrNone: when one track cannot take a step, none does.
func TestAllTracksOrNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	second := s
	second.Track.HDAB = bodyTwo
	h.submit(second)
	before := len(h.events())
	if p := problemIn(t, h.ask("all", "POST", at+"/status", map[string]string{"status": "AWAITING_ADDITIONAL_INFORMATION"})); p.State != "SUBMITTED" {
		t.Errorf("%+v", p)
	}
	if len(h.events()) != before {
		t.Error("one track moved without the other")
	}
}

// TestThePermitsLife: versions as they are told, and the changes a system may tell of each.
//
// shows R9.4.8
func TestThePermitsLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	h.must(200, "one", "POST", at+"/decision", card(ehds.Positive, "D-1"))
	tell := func(a ehds.Answer) error {
		return h.d.Answer(t.Context(), connectors.DecisionAnswer{Ref: "r-" + string(a), Case: s.Case, Track: s.Track, Body: ehds.DecisionAnswerBody{DecisionID: "D-1", Answer: a}})
	}
	if err := tell(ehds.AnswerAppeal); fault.CodeOf(err) != "answer-does-not-fit" {
		t.Error(err)
	}
	if err := tell(ehds.AnswerAccept); err != nil {
		t.Error(err)
	}
	const id = "DP-FR-ONE-2026-0001-v1"
	n := connectors.PermitNotice{ID: "n-1", Case: s.Case, Track: s.Track, PermitID: id, Status: ehds.PermitStatusGranted, From: "2027-02-01", To: "2029-01-31",
		Recipient: connectors.Recipient{Kind: connectors.RecipientUser}}
	if err := h.d.Distribute(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	change := func(event ehds.PermitEvent, more ...string) map[string]any {
		c := map[string]any{"event": event}
		for i := 0; i+1 < len(more); i += 2 {
			c[more[i]] = more[i+1]
		}
		return c
	}
	path := at + "/permits/" + id + "/changes"
	if p := problemIn(t, h.ask("one", "POST", path, change(ehds.PermitEventAmendmentApproved))); p.Code != "illegal-transition" || p.State != "GRANTED" {
		t.Errorf("an amendment nobody asked for: %+v", p)
	}
	err := h.d.ChangeRequest(t.Context(), connectors.ChangeRequest{Ref: "c-1", Case: s.Case, Track: s.Track,
		Body: ehds.PermitChangeRequestBody{PermitID: id, RequestID: "q", Kind: ehds.ChangeAmendment, Text: "another person"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(h.must(200, "one", "GET", at+"/permits", nil)); !strings.Contains(got, "AMENDMENT_REQUESTED") {
		t.Error(got)
	}
	h.must(200, "one", "POST", path, change(ehds.PermitEventAmendmentApproved, "from", "2027-06-01"))
	if e := h.last(); e.Permit == nil || e.Permit.PermitID != id || e.Permit.From != "2027-06-01" || e.Permit.Event != ehds.PermitEventAmendmentApproved {
		t.Errorf("%+v", e)
	}
	for name, c := range map[string]struct {
		body        map[string]any
		code, field string
	}{
		"a grant":                {change(ehds.PermitEventGranted), "body-invalid", "/event"},
		"a revocation":           {change(ehds.PermitEventRevoked), "body-invalid", "/reason"},
		"a later revocation":     {change(ehds.PermitEventRevoked, "reason", "r", "from", "2027-06-01"), "body-invalid", "/from"},
		"a permit with gaps":     {map[string]any{"event": "renewal-approved", "permit": map[string]any{}}, "body-invalid", "/permit/granted_datasets"},
		"a permit for a refusal": {map[string]any{"event": "renewal-rejected", "permit": map[string]any{}}, "body-invalid", "/permit/granted_datasets"},
	} {
		if p := problemIn(t, h.ask("one", "POST", path, c.body)); p.Code != c.code || p.Field != c.field {
			t.Errorf("%s: %+v", name, p)
		}
	}
	h.must(200, "one", "POST", path, change(ehds.PermitEventRevoked, "reason", "Art. 63(2)"))
	if p := problemIn(t, h.ask("one", "POST", path, change(ehds.PermitEventRevoked, "reason", "again"))); p.State != "REVOKED" {
		t.Errorf("%+v", p)
	}
	h.must(404, "one", "POST", at+"/permits/DP-FR-ONE-2026-0002-v1/changes", change(ehds.PermitEventRevoked, "reason", "r"))
	h.must(422, "one", "POST", at+"/results", map[string]any{"title": "t", "summary": "s", "published": "2026-11-01", "permit_id": "DP-9"})
}

// TestAnAccessApplicationAnsweredAsARequest grants nothing (Art. 68(3)).
func TestAnAccessApplicationAnsweredAsARequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	_, at := h.processing(1)
	c := card(ehds.Positive, "D-1")
	c["converted_to"] = ehds.DataRequestApplication
	delete(c, "fees")
	h.must(200, "one", "POST", at+"/decision", c)
	if e := h.last(); e.Grant != nil || e.Decision.ConvertedTo != ehds.DataRequestApplication {
		t.Errorf("%+v", e)
	}
}

// TestAPartialRefusal grants what is left, and says why not the rest (Art. 68(3)).
func TestAPartialRefusal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	s.Application.Datasets = append(s.Application.Datasets, ehds.ApplicationDataset{DatasetID: "ds-2", CatalogID: "cat-1", Country: "FR"})
	s.Datasets["ds-2"] = connectors.DatasetFacts{Categories: []string{"HGPD"}, Holder: "Biobank"}
	h.submit(s)
	at := "/applications/" + s.Application.ApplicationID
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PRE_SCREENING"})
	h.must(200, "one", "POST", at+"/status", map[string]string{"status": "PROCESSING"})
	c := card(ehds.Positive, "D-1")
	c["refused_datasets"] = []map[string]string{{"dataset_id": "ds-2"}}
	if p := problemIn(t, h.ask("one", "POST", at+"/decision", c)); p.Field != "/refused_datasets/0" {
		t.Errorf("%+v", p)
	}
	c["refused_datasets"] = []map[string]string{{"dataset_id": "ds-2", "reasons": "not needed for the aim"}}
	h.must(200, "one", "POST", at+"/decision", c)
	if e := h.last(); len(e.Grant.Granted) != 1 || e.Grant.Granted[0].DatasetID != "ds-1" || len(e.Decision.RefusedDatasets) != 1 || len(e.Grant.Data.Categories) != 1 {
		t.Errorf("%+v", e.Grant)
	}
}

// TestNoAnswerClosesTheTrack: what the gateway's clocks did shows, and nothing more can be told.
func TestNoAnswerClosesTheTrack(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	h.must(200, "one", "POST", at+"/decision", card(ehds.Positive, "D-1"))
	err := h.d.Answer(t.Context(), connectors.DecisionAnswer{Ref: "r", Case: s.Case, Track: s.Track, Body: ehds.DecisionAnswerBody{DecisionID: "D-1", Answer: ehds.AnswerNoResponse}})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(h.must(200, "one", "GET", "/applications", nil)); !strings.Contains(got, `"status":"WITHDRAWN"`) {
		t.Error(got)
	}
	defer func() { // an answer given in time that arrives late opens it again
		err := h.d.Answer(t.Context(), connectors.DecisionAnswer{Ref: "late", Case: s.Case, Track: s.Track, Body: ehds.DecisionAnswerBody{DecisionID: "D-1", Answer: ehds.AnswerAccept}})
		if got := string(h.must(200, "one", "GET", at+"/tracks", nil)); err != nil || !strings.Contains(got, "POSITIVE_DECISION_ACCEPTED") || strings.Contains(got, "WITHDRAWN") {
			t.Errorf("%v %s", err, got)
		}
	}()
	for _, path := range []string{"/due-dates", "/extension", "/procedure"} {
		body := map[string]any{"reasons": "r", "procedure": "STANDARD", "due_dates": []any{map[string]string{"clock": "decision", "date": "2027-01-01"}}}
		if p := problemIn(t, h.ask("one", "POST", at+path, body)); p.State != "WITHDRAWN" {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// TestRecordsOnce: a measure and a report are recorded once; who tells it again is told.
func TestRecordsOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	m := map[string]any{"id": "m-1", "measure": "EXCLUSION_USER", "against": "USER", "subject": "u", "from": "2026-11-01", "to": "2027-11-01", "reasons": "r"}
	h.must(201, "all", "POST", "/enforcement-measures", m, "Idempotency-Key", "k")
	h.must(201, "all", "POST", "/enforcement-measures", m, "Idempotency-Key", "k")
	if p := problemIn(t, h.ask("all", "POST", "/enforcement-measures", m)); p.Code != "recorded-already" {
		t.Errorf("%+v", p)
	}
	if e := h.last(); e.Case != "enf:FR:m-1" || e.Track != (ehds.Track{}) || len(h.events()) != 1 {
		t.Errorf("%+v", e)
	}
	h.must(201, "all", "POST", "/biennial-reports", map[string]any{"period_from": "2027-01-01", "period_to": "2028-12-31", "title": "R", "language": "fr", "url": "https://hdab.example/r"})
	if e := h.last(); e.Case != "rep:FR:2027-01-01--2028-12-31" || e.Report == nil {
		t.Errorf("%+v", e)
	}
}

// TestALimitedSystemRecordsOfItsBodyAlone: it tells measures about permits of its own body and no report, and
// does not learn which ids others used.
func TestALimitedSystemRecordsOfItsBodyAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	ours, theirs := submission(1), submission(2)
	theirs.Track.HDAB = bodyTwo
	permits := map[string]connectors.Submission{"DP-FR-ONE-2026-0001-v1": ours, "DP-FR-TWO-2026-0001-v1": theirs}
	for id, s := range permits {
		h.submit(s)
		if err := h.d.Distribute(t.Context(), connectors.PermitNotice{ID: id, Case: s.Case, Track: s.Track, PermitID: id, Status: ehds.PermitStatusGranted}); err != nil {
			t.Fatal(err)
		}
	}
	measure := func(id, permit string) map[string]any {
		return map[string]any{"id": id, "permit_id": permit, "measure": "PERMIT_REVOCATION", "against": "USER", "subject": "u", "from": "2026-11-01", "reasons": "r"}
	}
	h.must(201, "all", "POST", "/enforcement-measures", measure("m-1", "DP-FR-TWO-2026-0001-v1"))
	before := len(h.events())
	report := map[string]any{"period_from": "2027-01-01", "period_to": "2028-12-31", "title": "R", "language": "fr", "url": "https://hdab.example/r"}
	for name, c := range map[string]struct {
		path string
		body any
	}{
		"of no permit":           {"/enforcement-measures", measure("m-2", "")},
		"of another's permit":    {"/enforcement-measures", measure("m-2", "DP-FR-TWO-2026-0001-v1")},
		"of a permit unheard of": {"/enforcement-measures", measure("m-2", "DP-FR-ONE-2026-0009-v1")},
		"under another's id":     {"/enforcement-measures", measure("m-1", "DP-FR-ONE-2026-0001-v1")},
		"the same, not its own":  {"/enforcement-measures", measure("m-1", "DP-FR-TWO-2026-0001-v1")},
		"a report":               {"/biennial-reports", report},
	} {
		if p := problemIn(t, h.ask("one", "POST", c.path, c.body)); p.Status != 403 || p.Code != "not-of-this-body" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if got := len(h.events()); got != before {
		t.Errorf("%d events more", got-before)
	}
	h.must(201, "one", "POST", "/enforcement-measures", measure("m-2", "DP-FR-ONE-2026-0001-v1"))
	if p := problemIn(t, h.ask("one", "POST", "/enforcement-measures", measure("m-2", "DP-FR-ONE-2026-0001-v1"))); p.Code != "recorded-already" {
		t.Errorf("its own once more: %+v", p)
	}
	if e := h.last(); e.Case != "enf:FR:m-2" || e.Enforcement == nil || e.Actor != "system:one" {
		t.Errorf("%+v", e)
	}
	h.must(201, "all", "POST", "/biennial-reports", report)
}

// TestEventsOfErasedCasesAreLeftOut, also when a whole page of them was erased.
func TestEventsOfErasedCasesAreLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	for n := range 230 {
		h.submit(submission(n + 1))
	}
	var gone []string
	for _, m := range h.host.Mailbox.(*connectortest.Mailbox).Mails() {
		var n int
		if _, err := fmt.Sscanf(m.Key, "event/%d", &n); err == nil && n > 3 && n < 220 {
			gone = append(gone, m.Key)
		}
	}
	if err := h.host.Mailbox.Batch(t.Context(), nil, gone); err != nil {
		t.Fatal(err)
	}
	if got := len(h.events()); got != 230-len(gone) || len(gone) != 216 {
		t.Errorf("%d events of %d", got, 230-len(gone))
	}
}

// TestAttachmentsThatAreGone: an application is refused before its ZIP begins.
func TestAttachmentsThatAreGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s := submission(1)
	s.Attachments = []connectors.SubmittedAttachment{h.attach("att-2", "plan.pdf", "%PDF")}
	h.submit(s)
	at := "/applications/" + s.Application.ApplicationID
	h.files["blob-att-2"] = "others" // not what was signed: the answer breaks off
	func() {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("recovered %v", p)
			}
		}()
		h.ask("one", "GET", at, nil)
		t.Error("an attachment that is not what was signed was sent")
	}()
	delete(h.files, "blob-att-2")
	if p := problemIn(t, h.ask("one", "GET", at, nil)); p.Code != "attachment-unavailable" || p.Status != 503 {
		t.Errorf("%+v", p)
	}
	h.must(404, "one", "GET", at+"?version=2", nil)
	h.must(404, "one", "GET", at+"?version=../..", nil)
}
