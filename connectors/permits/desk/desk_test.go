package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

const head = `{"version":1,"body":{"id":"NL-HDAB","name":"Example body","signatory":{"name":"A. Signer","job_title":"Head"}},
 "datasets":{"ds-1":{"categories":["EHRS"],"holder":"Example Hospital","access_rights":"NON_PUBLIC"}},`

const manual = head + `"rules":[],"default":{"decide":"manual","fees":{"amount_cents":0,"currency":"EUR"}}}`

const form = `{"section2":{"projectLeader":"Prof. Example","purposeForWhichDataWillBeUsed":[{"key":"e","value":"Tieteellinen tutkimus"}]},
 "section5":{"formatOfTheElectronicHealthData":{"key":"b","value":"Pseudonymisoitu"}},
 "section8":{"nameWebsiteAddressForEnvironment":"SPE One","technicalRequirementsForEnvironment":"R, Python",
  "estimatedStartDatesForDataProcessing":"2027-02-01","estimatedEndDatesForDataProcessing":"2029-01-31",
  "optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"b","value":"Ei"},
  "peopleWhoWillBeProcessingTheData":[{"fullName":"Test Applicant","emailAddress":"a@example.org","affiliation":"Institute"},
   {"fullName":"Test Analyst","emailAddress":"b@example.org"}]}}`

func submission(n int) connectors.Submission {
	id := fmt.Sprintf("6a70b4d104db074a00fd%04d", n)
	s := connectors.Submission{Ref: fmt.Sprintf("ref-%d", n), Case: "app:" + id,
		Track: ehds.Track{CatalogID: "cat-1", HDAB: "https://ncp.example/hdab/1"}, ReceivedAt: "2026-11-02T10:00:00Z",
		Application: ehds.ApplicationBody{ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1, Title: "T",
			Datasets: []ehds.ApplicationDataset{
				{DatasetID: "ds-1", CatalogID: "cat-1", Country: "NL"},
				{DatasetID: "ds-elsewhere", CatalogID: "cat-9", Country: "FR", Publisher: "Other"}}}}
	if err := json.Unmarshal([]byte(form), &s.Application.Form); err != nil {
		panic(err)
	}
	return s
}

func open(t testing.TB, host connectors.Host, rules string) *desk.Desk {
	t.Helper()
	d, err := desk.New(host, desk.Options{Rules: []byte(rules)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The desk is its own system: what it holds is what its queue shows.
func system(testing.TB) *connectortest.PermitsSystem {
	return &connectortest.PermitsSystem{
		Open:       func(t testing.TB, host connectors.Host) connectors.Permits { return open(t, host, manual) },
		Submission: submission,
		Held: func(t testing.TB, p connectors.Permits) []connectortest.Held {
			list, err := p.(*desk.Desk).List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var out []connectortest.Held
			for _, q := range list {
				out = append(out, connectortest.Held{Case: q.Case, Track: q.Track, Version: q.Version, Attachments: q.Attachments,
					Information: q.Information, Withdrawn: q.State == desk.Withdrawn})
			}
			return out
		},
		Told: func(t testing.TB, p connectors.Permits, s connectors.Submission) int {
			d, err := p.(*desk.Desk).Show(t.Context(), s.Case, s.Track)
			if err != nil {
				t.Fatal(err)
			}
			n := len(d.Changes)
			if d.Appeal != nil && d.Appeal.Body.Text != "" {
				n++
			}
			return n
		},
		Decide: func(t testing.TB, p connectors.Permits, s connectors.Submission, o ehds.Outcome) {
			d := desk.Decision{Outcome: o, Actor: "staff-7", Terms: desk.Terms{Reasons: "because", Fees: &ehds.Fees{Currency: "EUR"}}}
			if err := p.(*desk.Desk).Decide(t.Context(), s.Case, s.Track, d); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func TestContract(t *testing.T) {
	connectortest.RunPermits(t, connectortest.PermitsHarness{New: system})
}

func TestContractWithRulesThatDecide(t *testing.T) {
	rules := head + `"rules":[{"name":"all","when":{},"then":{"decide":"Positive","fees":{"amount_cents":100,"currency":"EUR"}}}],"default":{"decide":"manual"}}`
	connectortest.RunPermits(t, connectortest.PermitsHarness{
		Open:       func(t *testing.T, host connectors.Host) connectors.Permits { return open(t, host, rules) },
		Submission: func(n int) connectors.Submission { return submission(n) },
	})
}

func events(t *testing.T, d *desk.Desk) []connectors.PermitEvent {
	t.Helper()
	page, err := d.Events(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return page.Events
}

func TestARuleGrantsFromTheForm(t *testing.T) {
	d := open(t, connectortest.Host(), head+`"rules":[
	 {"name":"refuse","when":{"format":"ANONYMISED"},"then":{"decide":"Negative","reasons":"no"}},
	 {"name":"research","when":{"kind":"DATA_ACCESS_APPLICATION","purposes_any":["e"],"datasets_any":["ds-1"],"countries_any":["NL"],
	   "access_rights":"NON_PUBLIC","format":"PSEUDONYMISED"},
	  "then":{"decide":"Positive","reasons":"plain","conditions":["no linkage"],"duration_months":12,
	   "fees":{"amount_cents":5000,"currency":"EUR"},"spe":{"operator":"National SPE"}}}],"default":{"decide":"manual"}}`)
	if err := d.Submit(t.Context(), submission(1)); err != nil {
		t.Fatal(err)
	}
	ev := events(t, d)
	var got []string
	for _, e := range ev {
		got = append(got, e.ID+" "+string(e.Kind)+" "+e.Status)
	}
	if diff := cmp.Diff([]string{"test-1 status PRE_SCREENING", "test-2 status PROCESSING", "test-3 decision "}, got); diff != "" {
		t.Fatal(diff)
	}
	fees := &ehds.Fees{AmountCents: 5000, Currency: "EUR"}
	want := &ehds.PermitDetail{
		Kind: ehds.KindDataPermit, ApplicationID: "6a70b4d104db074a00fd0001", DecisionID: "D-NL-HDAB-2026-000001", Version: 1,
		Data:     ehds.PermitData{Categories: []string{"EHRS"}, Format: "PSEUDONYMISED", Sources: []string{"Example Hospital"}},
		Purposes: []string{"e"}, Persons: []ehds.PermitPerson{{Name: "Test Applicant", Affiliation: "Institute"}, {Name: "Test Analyst"}},
		Investigator: "Prof. Example", Duration: ehds.PermitDuration{From: "2027-02-01", To: "2028-02-01"},
		SPE: ehds.PermitSPE{Operator: "National SPE", Tools: []string{"R, Python"}}, Fees: fees, Conditions: []string{"no linkage"},
		Granted: []ehds.GrantedDataset{{Holder: "Example Hospital", DatasetID: "ds-1", CatalogID: "cat-1"}},
	}
	if diff := cmp.Diff(want, ev[2].Grant); diff != "" {
		t.Error(diff)
	}
	card := &ehds.DecisionBody{ApplicationID: want.ApplicationID, DecisionID: want.DecisionID, Outcome: ehds.Positive,
		Timestamp: "2026-11-03T09:30:00Z", Signatory: ehds.Signatory{Name: "A. Signer", JobTitle: "Head"}, Reasons: "plain",
		Conditions: []string{"no linkage"}, Fees: fees}
	if diff := cmp.Diff(card, ev[2].Decision); diff != "" {
		t.Error(diff)
	}
}

func TestFirstMatchWins(t *testing.T) {
	for _, c := range []struct{ name, when, rule string }{
		{"empty", `{}`, "r"},
		{"another kind", `{"kind":"DATA_REQUEST_APPLICATION"}`, ""},
		{"another purpose", `{"purposes_any":["d","f"]}`, ""},
		{"only this purpose", `{"purposes_only":["e"]}`, "r"},
		{"only other purposes", `{"purposes_only":["d"]}`, ""},
		{"a dataset of another track", `{"datasets_any":["ds-elsewhere"]}`, ""},
		{"a country of another track", `{"countries_any":["FR"]}`, ""},
		{"other access rights", `{"access_rights":"PUBLIC"}`, ""},
		{"another format", `{"format":"ANONYMISED"}`, ""},
		{"all but one hold", `{"purposes_any":["e"],"datasets_any":["ds-1"],"format":"ANONYMISED"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, connectortest.Host(), head+`"rules":[{"name":"r","when":`+c.when+`,"then":{"decide":"manual"}},
			 {"name":"never","when":{"purposes_any":["d"]},"then":{"decide":"Negative","reasons":"x"}}],"default":{"decide":"manual"}}`)
			if err := d.Submit(t.Context(), submission(1)); err != nil {
				t.Fatal(err)
			}
			list, err := d.List(t.Context())
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if list[0].Rule != c.rule || list[0].State != desk.Queued {
				t.Errorf("rule %q, state %s", list[0].Rule, list[0].State)
			}
			if n := len(events(t, d)); n != 1 {
				t.Errorf("%d events", n)
			}
		})
	}
}

// Every point of Art. 68(10) that cannot be filled leaves the case to a person, with a note.
func TestWhatCannotBeFilledIsLeftToStaff(t *testing.T) {
	const rules = head + `"rules":[{"name":"all","when":{},"then":{"decide":"Positive","fees":{"amount_cents":0,"currency":"EUR"}}}],"default":{"decide":"manual"}}`
	for _, c := range []struct{ name, section, json, point string }{
		{"format", "section5", `{}`, "(a) section5"},
		{"format of another shape", "section5", `{"formatOfTheElectronicHealthData":"b"}`, "(a) section5"},
		{"purposes", "section2", `{"projectLeader":"P"}`, "(b)"},
		{"unknown purpose", "section2", `{"projectLeader":"P","purposeForWhichDataWillBeUsed":[{"key":"z"}]}`, "(b)"},
		{"reserved purpose", "section2", `{"projectLeader":"P","purposeForWhichDataWillBeUsed":[{"key":"e"},{"key":"a"}]}`, "reserved to public bodies"},
		{"opt-out exception without reasons", "section8", `{"optOutOfTheMechanismProvidedInTheNationalLaw":{"key":"a"}}`, "(c)"},
		{"persons", "section8", `{}`, "(d) section8"},
		{"persons without names", "section8", `{"peopleWhoWillBeProcessingTheData":[{"fullName":"  "}]}`, "(d) section8"},
		{"investigator", "section2", `{"purposeForWhichDataWillBeUsed":[{"key":"e"}]}`, "(d) section2"},
		{"dates", "section8", `{"nameWebsiteAddressForEnvironment":"S"}`, "(e)"},
		{"dates unreadable", "section8", `{"estimatedStartDatesForDataProcessing":"soon","estimatedEndDatesForDataProcessing":"2029-01-01"}`, "(e)"},
		{"end before start", "section8", `{"estimatedStartDatesForDataProcessing":"2029-01-01","estimatedEndDatesForDataProcessing":"2028-01-01"}`, "(e)"},
		{"more than ten years", "section8", `{"estimatedStartDatesForDataProcessing":"2027-01-01","estimatedEndDatesForDataProcessing":"2037-01-02"}`, "(e)"},
		{"environment", "section8", `{}`, "(f)"},
		{"section of another shape", "section8", `["x"]`, "(f)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, connectortest.Host(), rules)
			s := submission(1)
			s.Application.Form[c.section] = json.RawMessage(c.json)
			if err := d.Submit(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			list, err := d.List(t.Context())
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			if list[0].State != desk.Queued || !strings.Contains(list[0].Note, c.point) {
				t.Errorf("state %s, note %q", list[0].State, list[0].Note)
			}
			if n := len(events(t, d)); n != 1 {
				t.Errorf("%d events, want PRE_SCREENING only", n)
			}
		})
	}
}

func TestAPublicBodyMayBeGrantedReservedPurposes(t *testing.T) {
	d := open(t, connectortest.Host(), head+`"rules":[{"name":"all","when":{},"then":{"decide":"Positive","fees":{"amount_cents":0,"currency":"EUR"}}}],"default":{"decide":"manual"}}`)
	s := submission(1)
	s.Application.Form["section2"] = json.RawMessage(`{"projectLeader":"P","purposeForWhichDataWillBeUsed":[{"key":"a"}]}`)
	s.Application.Form["section3"] = json.RawMessage(`{"applyingForDataOnBehalfOfPublicSector":{"key":"a"}}`)
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if n := len(events(t, d)); n != 3 {
		t.Errorf("%d events", n)
	}
}

func TestDataRequestsAreApprovedWithoutGrant(t *testing.T) {
	d := open(t, connectortest.Host(), manual)
	s := submission(1)
	s.Application.Kind = ehds.DataRequestApplication
	s.Application.Form = nil
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(t.Context(), s.Case, s.Track, desk.Decision{Outcome: ehds.Positive, Actor: "staff-1"}); err != nil {
		t.Fatal(err)
	}
	ev := events(t, d)
	if last := ev[len(ev)-1]; last.Kind != connectors.EventDecision || last.Grant != nil {
		t.Errorf("%+v", last)
	}
}

func TestDecideByStaff(t *testing.T) {
	ctx := t.Context()
	d := open(t, connectortest.Host(), manual)
	s := submission(1)
	if err := d.Submit(ctx, s); err != nil {
		t.Fatal(err)
	}
	want := func(code string, err error) {
		t.Helper()
		if fault.CodeOf(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	yes := desk.Decision{Outcome: ehds.Positive, Actor: "staff-1"}
	want("decision-incomplete", d.Decide(ctx, s.Case, s.Track, desk.Decision{Outcome: ehds.Positive}))
	want("decision-incomplete", d.Decide(ctx, s.Case, s.Track, desk.Decision{Outcome: "POSITIVE", Actor: "x"}))
	want("reasons-missing", d.Decide(ctx, s.Case, s.Track, desk.Decision{Outcome: ehds.Negative, Actor: "x"}))
	want("unknown-case", d.Decide(ctx, s.Case+"x", s.Track, yes))
	short := yes
	short.Terms = desk.Terms{DurationMonths: 1, SPE: desk.SPE{Operator: "Other SPE", Tools: []string{"Julia"}}, Conditions: []string{"c"}}
	short.Signatory = &ehds.Signatory{Name: "B", JobTitle: "Deputy"}
	want("", d.Decide(ctx, s.Case, s.Track, short))
	ev := events(t, d)
	last := ev[len(ev)-1]
	if last.Actor != "staff-1" || last.Decision.Signatory.Name != "B" || last.Grant.Duration.To != "2027-03-01" ||
		last.Grant.SPE.Operator != "Other SPE" || last.Grant.SPE.Tools[0] != "Julia" || last.Grant.Conditions[0] != "c" {
		t.Errorf("%+v %+v", last, last.Grant)
	}
	want("already-decided", d.Decide(ctx, s.Case, s.Track, yes))

	gone := submission(2)
	want("", d.Submit(ctx, gone))
	want("", d.Withdraw(ctx, connectors.Withdrawal{Ref: "w", Case: gone.Case, Track: gone.Track}))
	want("case-withdrawn", d.Decide(ctx, gone.Case, gone.Track, yes))
	bare := submission(3)
	bare.Application.Form = nil
	want("", d.Submit(ctx, bare))
	want("grant-incomplete", d.Decide(ctx, bare.Case, bare.Track, yes))
	if n := len(events(t, d)); n != 5 {
		t.Errorf("%d events: refused decisions must tell nothing", n)
	}
}

func TestDecisionsHaveNumbersOfTheirOwn(t *testing.T) {
	host := connectortest.Host()
	d := open(t, host, manual)
	seen := map[string]bool{}
	for n := range 3 {
		s := submission(n)
		if err := d.Submit(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if err := d.Decide(t.Context(), s.Case, s.Track, desk.Decision{Outcome: ehds.Positive, Actor: "a"}); err != nil {
			t.Fatal(err)
		}
		d = open(t, host, manual)
	}
	for _, e := range events(t, d) {
		if e.Decision != nil {
			seen[e.Decision.DecisionID] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("decision ids %v", seen)
	}
}

func TestAnswersMustFitAndAreKept(t *testing.T) {
	d := open(t, connectortest.Host(), manual)
	s := submission(1)
	ans := func(ref string, a ehds.Answer) error {
		return d.Answer(t.Context(), connectors.DecisionAnswer{Ref: ref, Case: s.Case, Track: s.Track,
			Body: ehds.DecisionAnswerBody{DecisionID: "D-NL-HDAB-2026-000001", Answer: a}})
	}
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := ans("0", ehds.AnswerAccept); fault.CodeOf(err) != "decision-does-not-match" {
		t.Errorf("an answer before a decision: %v", err)
	}
	if err := d.Decide(t.Context(), s.Case, s.Track, desk.Decision{Outcome: ehds.Positive, Actor: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := ans("1", ehds.AnswerAppeal); fault.CodeOf(err) != "answer-does-not-fit" {
		t.Errorf("an appeal against a positive decision: %v", err)
	}
	if err := ans("2", ehds.AnswerAccept); err != nil {
		t.Fatal(err)
	}
	list, err := d.List(t.Context())
	if err != nil || len(list) != 1 || list[0].Answer != ehds.AnswerAccept || list[0].State != desk.Decided {
		t.Errorf("%+v %v", list, err)
	}
}

func TestAFailedBatchChangesNothing(t *testing.T) {
	host := connectortest.Host()
	box := host.Mailbox.(*connectortest.Mailbox)
	d := open(t, host, manual)
	full := errors.New("disk full")
	box.FailBatches(full)
	if err := d.Submit(t.Context(), submission(1)); !errors.Is(err, full) {
		t.Fatalf("Submit: %v", err)
	}
	box.FailBatches(nil)
	if len(box.Mails()) != 0 {
		t.Fatal("something was written")
	}
	if err := d.Submit(t.Context(), submission(1)); err != nil {
		t.Fatal(err)
	}
	if ev := events(t, d); len(ev) != 1 || ev[0].ID != "test-1" {
		t.Errorf("%+v", ev)
	}
}

func TestPersonalValuesAreSealedByCase(t *testing.T) {
	host := connectortest.Host()
	d := open(t, host, manual)
	s := submission(1)
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := d.Decide(t.Context(), s.Case, s.Track, desk.Decision{Outcome: ehds.Positive, Actor: "a"}); err != nil {
		t.Fatal(err)
	}
	for _, m := range host.Mailbox.(*connectortest.Mailbox).Mails() {
		open := strings.Contains(string(m.Value), "Test Applicant") || strings.Contains(string(m.Value), s.Application.ApplicationID)
		if open && m.Case != s.Case {
			t.Errorf("%s is personal and not sealed", m.Key)
		}
		if strings.Contains(m.Key, s.Application.ApplicationID) {
			t.Errorf("key %s names the application", m.Key)
		}
	}
}

func TestErasedCasesAreLeftOut(t *testing.T) {
	host := connectortest.Host()
	d := open(t, host, manual)
	for n := range 2 {
		if err := d.Submit(t.Context(), submission(n)); err != nil {
			t.Fatal(err)
		}
	}
	gone := submission(0).Case
	for _, m := range host.Mailbox.(*connectortest.Mailbox).Mails() {
		if m.Case == gone {
			m.Value = nil
			if err := host.Mailbox.Batch(context.Background(), []connectors.Mail{m}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	page, err := d.Events(t.Context(), "")
	if err != nil || len(page.Events) != 1 || page.Cursor != "2" {
		t.Errorf("%+v %v", page, err)
	}
	if list, err := d.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%+v %v", list, err)
	}
}

// The application observed on the wire is granted once a rule says what the form does not.
func TestTheObservedApplicationIsGranted(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(sharedData(t), "dispatcher", "application_metadata.json"))
	if err != nil {
		t.Skipf("test data is absent: %v", err)
	}
	var meta struct {
		ID       string                     `json:"application_id"`
		Form     map[string]json.RawMessage `json:"form"`
		Datasets []struct {
			DatasetID string `json:"dataset_id"`
			CatalogID string `json:"catalog_id"`
			Publisher struct{ Name string }
		}
	}
	if err := json.Unmarshal(raw, &meta); err != nil {
		t.Fatal(err)
	}
	s := submission(1)
	s.Application.ApplicationID, s.Case, s.Application.Form = meta.ID, "app:"+meta.ID, meta.Form
	s.Track.CatalogID = meta.Datasets[0].CatalogID
	s.Application.Datasets = []ehds.ApplicationDataset{{DatasetID: meta.Datasets[0].DatasetID, CatalogID: meta.Datasets[0].CatalogID,
		Country: "FR", Publisher: meta.Datasets[0].Publisher.Name}}
	d := open(t, connectortest.Host(), head+`"rules":[{"name":"public","when":{"purposes_any":["a"]},"then":{"decide":"Positive",
	 "categories":["HRAD"],"fees":{"amount_cents":0,"currency":"EUR"},"spe":{"operator":"National SPE"}}}],"default":{"decide":"manual"}}`)
	if err := d.Submit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	ev := events(t, d)
	if len(ev) != 3 || ev[2].Grant == nil {
		list, _ := d.List(t.Context())
		t.Fatalf("%+v", list)
	}
	g := ev[2].Grant
	if len(g.Persons) != 2 || g.Investigator != "Example Institute of Health" || g.Duration.To != "2029-01-31" ||
		g.Granted[0].Holder != "Example Hospital Data Warehouse" || !cmp.Equal(g.Purposes, []string{"e", "a"}) {
		t.Errorf("%+v", g)
	}
}

func sharedData(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("EHDSGW_SHARED"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "data")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
}

func TestConcurrentCallsAreOneAfterTheOther(t *testing.T) {
	d := open(t, connectortest.Host(), manual)
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			if err := d.Submit(t.Context(), submission(n/2)); err != nil { // each twice
				t.Error(err)
			}
			if _, err := d.Events(t.Context(), ""); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, e := range events(t, d) {
		seen[e.ID+" "+e.Case] = true
	}
	if len(seen) != 20 || len(events(t, d)) != 20 {
		t.Errorf("%d events, %d distinct", len(events(t, d)), len(seen))
	}
}

// Many orders of errors and crashes, sized by EHDSGW_PROGRAMS.
func TestProgramDeskAccounts(t *testing.T) {
	n := map[string]int{"S": 5, "P": 200, "N": 5000}[os.Getenv("EHDSGW_PROGRAMS")]
	if n == 0 {
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	}
	connectortest.RunPermitsProgram(t, system, n)
}
