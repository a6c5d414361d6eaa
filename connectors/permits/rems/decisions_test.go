package rems_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// desk is a driver with one application filed.
type desk struct {
	*rems.Driver
	t    *testing.T
	rems *double
	host connectors.Host
	o    rems.Options
	log  *bytes.Buffer
	s    connectors.Submission
	seen string
}

func filed(t *testing.T, change func(*rems.Options)) *desk {
	t.Helper()
	x := &desk{t: t, rems: newDouble(), log: &bytes.Buffer{}, s: submission(1)}
	w := connectortest.NewWire(t, x.rems)
	x.host, x.o = connectortest.Host(), options(t, w)
	x.host.HTTP, x.host.Logger = w.Client(), slog.New(slog.NewTextHandler(x.log, nil))
	if change != nil {
		change(&x.o)
	}
	x.Driver = open(t, x.host, x.o)
	x.ok(x.Submit(t.Context(), x.s))
	x.told()
	return x
}

func (x *desk) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *desk) told() []connectors.PermitEvent {
	x.t.Helper()
	page, err := x.Events(x.t.Context(), x.seen)
	x.ok(err)
	x.seen = page.Cursor
	return page.Events
}

func (x *desk) staff(kind, comment string, more map[string]any) {
	x.t.Helper()
	x.ok(x.rems.staff(x.s.Case, kind, comment, more))
}

// An approval is a grant that says all of Art. 68(10), from the form, the record, REMS and the mapping.
func TestApprovalGrants(t *testing.T) {
	t.Parallel()
	x := filed(t, nil)
	x.staff("decided", "I would say yes", nil) // an opinion is no decision
	if ev := x.told(); len(ev) != 1 || ev[0].Status != string(ehds.StateProcessing) || ev[0].Actor != "staff-7" {
		t.Errorf("%+v", ev)
	}
	x.staff("approved", "as assessed", map[string]any{"entitlement/end": "2028-06-30T21:59:59.000Z"})
	ev := x.told()
	if len(ev) != 1 || ev[0].Kind != connectors.EventDecision {
		t.Fatalf("%+v", ev)
	}
	fees := &ehds.Fees{AmountCents: 5000, Currency: "EUR"}
	want := &ehds.PermitDetail{Kind: ehds.KindDataPermit, ApplicationID: x.s.Application.ApplicationID, DecisionID: ev[0].Decision.DecisionID, Version: 1,
		Data:     ehds.PermitData{Categories: []string{"EHRS"}, Format: "PSEUDONYMISED", Sources: []string{"Example Hospital"}},
		Purposes: []string{"e", "d"}, Persons: []ehds.PermitPerson{{Name: "Test Applicant", Affiliation: "Institute"}}, Investigator: "Prof. Example",
		Duration: ehds.PermitDuration{From: "2027-02-01", To: "2028-06-30"}, SPE: ehds.PermitSPE{Operator: "SPE One", Tools: []string{"R, Python"}},
		Fees: fees, Conditions: []string{"no linkage"}, Granted: []ehds.GrantedDataset{{Holder: "Example Hospital", DatasetID: "ds-1", CatalogID: "cat-1"}}}
	if d := cmp.Diff(want, ev[0].Grant); d != "" {
		t.Error(d)
	}
	if d := ev[0].Decision; !strings.HasPrefix(d.DecisionID, "D-NL-HDAB-2026-R31-") || d.Outcome != ehds.Positive || d.Reasons != "as assessed" {
		t.Errorf("%+v", d)
	}
	x.staff("approved", "again", nil)
	if ev := x.told(); len(ev) != 0 {
		t.Errorf("a second approval told %+v", ev)
	}
	if strings.Contains(x.log.String(), "WARN") {
		t.Errorf("log:\n%s", x.log)
	}
	x.staff("revoked", "misuse", nil)
	if ev := x.told(); len(ev) != 1 || ev[0].Permit == nil || ev[0].Permit.Event != ehds.PermitEventRevoked || ev[0].Reason != "misuse" {
		t.Errorf("%+v", ev)
	}
}

// What nobody says is not made up: the approval is told with its gap, and again when the mapping is mended.
func TestApprovalWithAGap(t *testing.T) {
	t.Parallel()
	x := filed(t, func(o *rems.Options) { o.Mapping.Grant.Fees = nil })
	x.staff("approved", "yes", nil)
	ev := x.told()
	if len(ev) != 2 || ev[1].Grant == nil || ev[1].Grant.Fees != nil {
		t.Fatalf("%+v", ev)
	}
	if !strings.Contains(x.log.String(), "articles=68(10)(g)") {
		t.Errorf("log:\n%s", x.log)
	}
	if again := x.told(); len(again) != 0 {
		t.Errorf("the gap is told again: %+v", again)
	}
	x.o.Mapping.Grant.Fees = &ehds.Fees{Currency: "EUR"}
	x.Driver = open(t, x.host, x.o)
	whole := x.told()
	if len(whole) != 1 || whole[0].ID == ev[1].ID || whole[0].Grant.Fees == nil || whole[0].Decision.DecisionID != ev[1].Decision.DecisionID {
		t.Fatalf("mended: %+v", whole)
	}
	if again := x.told(); len(again) != 0 {
		t.Errorf("told again: %+v", again)
	}
}

// A return is a request for information, by the fields its comment marks.
func TestReturnAsksByField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, comment string
		want          []ehds.InfoSection
	}{
		{"marked fields", "Dear applicant,\n5.whyTheDataIsNeeded: for which question?\n6.inclusionCriteria (FI): which ages?\n5.expectedBenefits: unclear\n",
			[]ehds.InfoSection{{Number: 5, Fields: map[string]string{"whyTheDataIsNeeded": "for which question?", "expectedBenefits": "unclear"}},
				{Number: 6, Country: "FI", Fields: map[string]string{"inclusionCriteria": "which ages?"}}}},
		{"free text", "Please explain: more.", []ehds.InfoSection{{Number: 9, Fields: map[string]string{"additionalInformation": "Please explain: more."}}}},
		{"section 6 without a country", "6.inclusionCriteria: which?", []ehds.InfoSection{{Number: 9, Fields: map[string]string{"additionalInformation": "6.inclusionCriteria: which?"}}}},
		{"no such section", "11.x: y", []ehds.InfoSection{{Number: 9, Fields: map[string]string{"additionalInformation": "11.x: y"}}}},
		{"nothing", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := filed(t, nil)
			x.staff("returned", c.comment, nil)
			ev := x.told()
			if len(ev) != 1 || ev[0].Kind != connectors.EventInfoRequest || ev[0].Actor != "staff-7" {
				t.Fatalf("%+v", ev)
			}
			if d := cmp.Diff(c.want, ev[0].Sections); d != "" {
				t.Error(d)
			}
		})
	}
}

// What completes an application is edited into the one that was returned, and filed again.
func TestInformationIsEditedIn(t *testing.T) {
	t.Parallel()
	x := filed(t, nil)
	x.staff("returned", "5.x: y", nil)
	x.told()
	info := connectors.Information{Ref: "i-1", Case: x.s.Case, Track: x.s.Track, Body: ehds.InfoBody{Sections: []ehds.InfoAnswer{
		{Number: 2, Fields: map[string]any{"projectLeader": "Dr Other"}},
		{Number: 6, Country: "NL", Fields: map[string]any{"inclusionCriteria": "adults above 40"}}}}}
	x.ok(x.Info(t.Context(), info))
	f := x.rems.apps[0]
	if f.submitted["leader"] != "Dr Other" || f.submitted["criteria"] != "adults above 40" || f.submitted["purposes"] != "e d" || f.state != "submitted" {
		t.Errorf("%v, %s", f.submitted, f.state)
	}
	if ev := x.told(); len(ev) != 0 {
		t.Errorf("our own filing is told: %+v", ev)
	}
	x.staff("approved", "yes", nil)
	if ev := x.told(); ev[len(ev)-1].Grant.Investigator != "Dr Other" {
		t.Errorf("%+v", ev[len(ev)-1].Grant)
	}
	late := info
	late.Ref = "i-2"
	x.ok(x.Info(t.Context(), late)) // REMS takes it no more: a remark says that it came
	x.ok(x.Info(t.Context(), late))
	if n := strings.Count(x.history(), "remarked"); n != 1 {
		t.Errorf("%d remarks: %s", n, x.history())
	}
}

// history are the events of the application in REMS.
func (x *desk) history() string {
	x.rems.mu.Lock()
	defer x.rems.mu.Unlock()
	var out []string
	for _, e := range x.rems.apps[0].events {
		out = append(out, strings.TrimPrefix(e["event/type"].(string), "application.event/"))
	}
	return strings.Join(out, " ")
}

func TestRefusalsAndEnds(t *testing.T) {
	t.Parallel()
	t.Run("closed before a decision", func(t *testing.T) {
		t.Parallel()
		x := filed(t, nil)
		x.staff("closed", "out of scope", nil)
		if ev := x.told(); len(ev) != 2 || ev[1].Decision.Outcome != ehds.Negative || ev[1].Decision.Reasons != "out of scope" || ev[1].Grant != nil {
			t.Errorf("%+v", ev)
		}
	})
	t.Run("closed after a decision", func(t *testing.T) {
		t.Parallel()
		x := filed(t, nil)
		x.staff("approved", "yes", nil)
		x.told()
		x.staff("closed", "bye", nil)
		if ev := x.told(); len(ev) != 0 || !strings.Contains(x.log.String(), "the permit stays until it is revoked") {
			t.Errorf("%+v\n%s", ev, x.log)
		}
	})
	t.Run("an answer that rejects closes", func(t *testing.T) {
		t.Parallel()
		x := filed(t, nil)
		x.staff("approved", "yes", nil)
		ev := x.told()
		a := connectors.DecisionAnswer{Ref: "a-1", Case: x.s.Case, Track: x.s.Track,
			Body: ehds.DecisionAnswerBody{DecisionID: ev[1].Decision.DecisionID, Answer: ehds.AnswerReject}}
		x.ok(x.Answer(t.Context(), a))
		if h := x.history(); !strings.HasSuffix(h, " closed") {
			t.Error(h)
		}
	})
	t.Run("appeals and changes are remarks", func(t *testing.T) {
		t.Parallel()
		x := filed(t, func(o *rems.Options) { o.Mapping.Withdraw = "remark" })
		x.ok(x.Appeal(t.Context(), connectors.AppealNotice{Ref: "p", Case: x.s.Case, Track: x.s.Track, Body: ehds.AppealBody{Text: "we object"}}))
		x.ok(x.ChangeRequest(t.Context(), connectors.ChangeRequest{Ref: "c", Case: x.s.Case, Track: x.s.Track}))
		x.ok(x.Withdraw(t.Context(), connectors.Withdrawal{Ref: "w", Case: x.s.Case, Track: x.s.Track}))
		if h := x.history(); strings.Count(h, "remarked") != 3 || strings.Contains(h, "closed") {
			t.Error(h)
		}
	})
}

// Files reach REMS whole, under their names; what it does not take is refused for good.
func TestFilesReachREMS(t *testing.T) {
	t.Parallel()
	x := filed(t, nil)
	x.host.OpenAttachment = openText
	x.Driver = open(t, x.host, x.o)
	s := submission(2)
	s.Attachments = []connectors.SubmittedAttachment{{Attachment: ehds.Attachment{ID: "a", Name: "plan \"final\".pdf", MediaType: "application/pdf"}, Ref: "blob-1"}}
	x.ok(x.Submit(t.Context(), s))
	if got := x.rems.files[100]; got != "plan \"final\".pdf\ncontent of blob-1" {
		t.Errorf("%q", got)
	}
	if v := x.rems.apps[1].submitted["files"]; v != "100" {
		t.Errorf("the field holds %q", v)
	}
	if l := x.rems.apps[1].licences; !cmp.Equal(l, []int{1, 7}) {
		t.Errorf("licences %v", l)
	}
	s = submission(3)
	s.Attachments = []connectors.SubmittedAttachment{{Attachment: ehds.Attachment{ID: "a", Name: "x.exe", MediaType: "application/pdf"}, Ref: "blob-1"}}
	if err := x.Submit(t.Context(), s); fault.CodeOf(err) != "rems-media-type" {
		t.Error(err)
	}
	x.o.Mapping.Attachments = nil
	if err := open(t, x.host, x.o).Submit(t.Context(), submission3With(s)); fault.CodeOf(err) != "attachments-unmapped" {
		t.Error(err)
	}
	unknown := submission(4)
	unknown.Application.Datasets[0].DatasetID = "ds-old" // there, but no longer offered
	if err := x.Submit(t.Context(), unknown); fault.CodeOf(err) != "dataset-not-in-rems" {
		t.Error(err)
	}
}

// openText opens an attachment whose content follows from its reference.
func openText(_ context.Context, ref string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("content of " + ref)), nil
}

func submission3With(s connectors.Submission) connectors.Submission {
	s.Ref += "-again"
	return s
}

// A notification says which application to read, and nothing else; one without the secret says nothing.
func TestNotificationsSayWhenToLook(t *testing.T) {
	t.Parallel()
	x := filed(t, func(o *rems.Options) { o.Poll = time.Hour })
	put := func(secret, body string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/events", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		return w.Code
	}
	x.staff("approved", "yes", nil)
	if ev := x.told(); len(ev) != 0 {
		t.Fatalf("it looked before it was time: %+v", ev)
	}
	const event = `{"event/id": 9, "event/type": "application.event/rejected", "application/id": 31, "event/application": {"application/state": "lies"}}`
	for _, c := range []struct {
		secret, body string
		want         int
	}{
		{"wrong", event, 401}, {"", event, 401}, {"notify-hush", "{}", 400}, {"notify-hush", "[", 400}, {"notify-hush", strings.ReplaceAll(event, "31", "99"), 200},
	} {
		if got := put(c.secret, c.body); got != c.want {
			t.Errorf("%q %.20s: %d, want %d", c.secret, c.body, got, c.want)
		}
	}
	if ev := x.told(); len(ev) != 0 {
		t.Errorf("told: %+v", ev)
	}
	for range 2 {
		if got := put("notify-hush", event); got != 200 {
			t.Errorf("status %d", got)
		}
	}
	if ev := x.told(); len(ev) != 2 || ev[1].Decision.Outcome != ehds.Positive { // what REMS says when asked
		t.Errorf("%+v", ev)
	}
	x.o.NotifySecret = ""
	x.Driver = open(t, x.host, x.o)
	if got := put("", event); got != 404 {
		t.Errorf("without a secret: %d", got)
	}
}

// What REMS entitles to, and its visas, are compared with what is granted; what differs is for staff.
func TestEntitlementsAndVisasAreCompared(t *testing.T) {
	t.Parallel()
	verify := func(raw string) (string, string, error) {
		user, resource, ok := strings.Cut(raw, "|")
		if !ok {
			return "", "", fault.New(fault.Invalid, "bad", "bad")
		}
		return user, resource, nil
	}
	for _, c := range []struct {
		name    string
		arrange func(*double, string)
		want    string
	}{
		{"all is well", func(d *double, user string) { d.visas[user] = []string{user + "|ds-1"} }, ""},
		{"no entitlement", func(d *double, _ string) { d.missing["ds-1"] = true }, "REMS entitles to something else"},
		{"no visa", func(*double, string) {}, "visas of REMS do not say"},
		{"a visa of another", func(d *double, user string) { d.visas[user] = []string{"other|ds-1"} }, "visas of REMS do not say"},
		{"a visa too many", func(d *double, user string) { d.visas[user] = []string{user + "|ds-1", user + "|ds-2"} }, "visas of REMS do not say"},
		{"a forged visa", func(d *double, user string) { d.visas[user] = []string{"forged"} }, "visas of REMS do not say"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := filed(t, func(o *rems.Options) { o.Visa = verify })
			c.arrange(x.rems, x.rems.apps[0].applicant)
			x.staff("approved", "yes", nil)
			if ev := x.told(); len(ev) != 2 || ev[1].Grant == nil {
				t.Errorf("%+v", ev)
			}
			if got := x.log.String(); (c.want == "") != !strings.Contains(got, "WARN") || !strings.Contains(got, c.want) {
				t.Errorf("log:\n%s", got)
			}
		})
	}
}

func TestMappingsAreReadStrictly(t *testing.T) {
	t.Parallel()
	good := `"version": 1, "body": "B", "signatory": {"name": "A", "job_title": "B"}, "fields": [{"from": "form", "form": 1, "field": "f"}]`
	if _, err := rems.ParseMapping([]byte("{" + good + "}")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing": "", "unknown member": "{" + good + `, "more": 1}`, "trailing": "{" + good + "} {}", "version": strings.Replace("{"+good+"}", "1", "2", 1),
		"no body": strings.Replace("{"+good+"}", `"B", "sig`, `"", "sig`, 1), "no signatory": strings.Replace("{"+good+"}", `"name": "A"`, `"name": ""`, 1),
		"no fields": strings.Replace("{"+good+"}", `[{"from": "form", "form": 1, "field": "f"}]`, `[]`, 1), "unknown source": strings.Replace("{"+good+"}", `"from": "form"`, `"from": "moon"`, 1),
		"no form": strings.Replace("{"+good+"}", `"form": 1`, `"form": 0`, 1), "field twice": strings.Replace("{"+good+"}", `"field": "f"}`, `"field": "f"}, {"from": "title", "form": 1, "field": "f"}`, 1),
		"withdraw": "{" + good + `, "withdraw": "burn"}`, "attachments": "{" + good + `, "attachments": {"form": 1, "field": "f"}}`,
		"ask field": "{" + good + `, "ask_field": "additionalInformation"}`, "category": "{" + good + `, "grant": {"categories": ["X"]}}`,
	} {
		if _, err := rems.ParseMapping([]byte(text)); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	m, err := rems.ParseMapping([]byte("{" + good + "}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]rems.Options{
		"http": {URL: "http://r.example", APIKey: "k", Owner: "o", Handler: "h", Mapping: m}, "no key": {URL: "https://r.example", Owner: "o", Handler: "h", Mapping: m},
		"no handler": {URL: "https://r.example", APIKey: "k", Owner: "o", Mapping: m}, "no mapping": {URL: "https://r.example", APIKey: "k", Owner: "o", Handler: "h"},
	} {
		host := connectortest.Host()
		host.HTTP = http.DefaultClient
		if _, err := rems.New(host, o); err == nil {
			t.Errorf("%s opens", name)
		}
	}
}

// A probe says what of the mapping REMS does not have, and changes nothing.
func TestProbe(t *testing.T) {
	t.Parallel()
	x := filed(t, func(o *rems.Options) { o.Visa = func(string) (string, string, error) { return "", "", nil } })
	before := x.history()
	list, err := x.Probe(t.Context())
	x.ok(err)
	for _, p := range list {
		if !p.OK {
			t.Errorf("%+v", p)
		}
	}
	if len(list) != 6 || x.history() != before {
		t.Errorf("%+v", list)
	}
	x.o.Mapping.Items = map[string]int{"ds-1": 7, "ds-9": 9, "ds-old": 8}
	x.o.Mapping.Fields = append(x.o.Mapping.Fields, rems.Field{From: "title", Place: rems.Place{Form: 5, Field: "gone"}}, rems.Field{From: "title", Place: rems.Place{Form: 6, Field: "x"}})
	list, err = open(t, x.host, x.o).Probe(t.Context())
	x.ok(err)
	var bad []string
	for _, p := range list {
		if !p.OK {
			bad = append(bad, p.What)
		}
	}
	if d := cmp.Diff([]string{"catalogue item 9 of ds-9", "catalogue item 8 of ds-old", "form 5, field gone", "form 6"}, bad); d != "" {
		t.Error(d)
	}
	x.o.APIKey = "wrong"
	if list, err = open(t, x.host, x.o).Probe(t.Context()); err != nil || list[0].OK || !strings.Contains(list[0].Detail, "API key") {
		t.Errorf("%+v, %v", list, err)
	}
}

// The mapping that the documentation shows is one.
func TestDocumentedMapping(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/rems.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "```json\n")
	example, _, closed := strings.Cut(after, "```")
	if !ok || !closed {
		t.Fatal("no example")
	}
	if _, err := rems.ParseMapping([]byte(example)); err != nil {
		t.Error(err)
	}
}

// FuzzNotification: whatever is put there is answered, and harms nothing.
func FuzzNotification(f *testing.F) {
	m, err := rems.ParseMapping([]byte(mapping))
	if err != nil {
		f.Fatal(err)
	}
	host := connectortest.Host()
	host.HTTP = http.DefaultClient
	d, err := rems.New(host, rems.Options{URL: "https://r.example", APIKey: "k", Owner: "o", Handler: "h", Mapping: m, NotifySecret: "s"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"event/id": 9, "event/type": "application.event/approved", "application/id": 31}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/events", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer s")
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 && w.Code != 413 {
			t.Errorf("status %d", w.Code)
		}
	})
}
