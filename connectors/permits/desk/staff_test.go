package desk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// counter is a desk with one queued case.
type counter struct {
	*desk.Desk
	t    *testing.T
	s    connectors.Submission
	seen int
}

func atCounter(t *testing.T, o desk.Options) *counter {
	t.Helper()
	o.Rules = []byte(manual)
	d, err := desk.New(connectortest.Host(), o)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{Desk: d, t: t, s: submission(1)}
	c.ok(d.Submit(t.Context(), c.s))
	c.told()
	return c
}

func (c *counter) ok(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *counter) refused(code string, err error) {
	c.t.Helper()
	if fault.CodeOf(err) != code {
		c.t.Errorf("got %v, want %s", err, code)
	}
}

// told are the events since the last look.
func (c *counter) told() []connectors.PermitEvent {
	c.t.Helper()
	all := events(c.t, c.Desk)
	out := all[c.seen:]
	c.seen = len(all)
	return out
}

// kinds are the events since the last look in short.
func (c *counter) kinds() string {
	var out []string
	for _, e := range c.told() {
		text := string(e.Kind)
		if e.Permit != nil {
			text += " " + string(e.Permit.Event)
		}
		out = append(out, text+" "+e.Actor)
	}
	return strings.Join(out, "; ")
}

func (c *counter) show() desk.Detail {
	c.t.Helper()
	d, err := c.Show(c.t.Context(), c.s.Case, c.s.Track)
	c.ok(err)
	return d
}

func (c *counter) do(a desk.Act) error { return c.Do(c.t.Context(), c.s.Case, c.s.Track, a) }

func (c *counter) answer(a ehds.Answer) {
	c.t.Helper()
	id := c.show().DecisionID
	c.ok(c.Answer(c.t.Context(), connectors.DecisionAnswer{Ref: "answer-" + id, Case: c.s.Case, Track: c.s.Track,
		Body: ehds.DecisionAnswerBody{ApplicationID: c.s.Application.ApplicationID, DecisionID: id, Answer: a}}))
}

func granting() desk.Act {
	return desk.Act{Actor: "staff-7", Decision: &desk.Decision{Outcome: ehds.Positive, Actor: "staff-7"}}
}

func refusing() desk.Act {
	return desk.Act{Actor: "staff-7", Decision: &desk.Decision{Outcome: ehds.Negative, Actor: "staff-7", Terms: desk.Terms{Reasons: "Art. 57"}}}
}

// Notes and assignments are for staff: nothing of them is told.
func TestNotesStayAtTheDesk(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	c.ok(c.Note(t.Context(), c.s.Case, c.s.Track, "staff-7", " CANARY ask the lawyers "))
	c.ok(c.Assign(t.Context(), c.s.Case, c.s.Track, "staff-7", "staff-9"))
	d := c.show()
	if len(d.Notes) != 1 || d.Notes[0] != (desk.Note{At: "2026-11-03T09:30:00Z", Actor: "staff-7", Text: "CANARY ask the lawyers"}) || d.Assigned != "staff-9" {
		t.Errorf("%+v", d)
	}
	if k := c.kinds(); k != "" {
		t.Errorf("told: %s", k)
	}
	c.refused("note-length", c.Note(t.Context(), c.s.Case, c.s.Track, "staff-7", "  "))
	c.refused("actor-missing", c.Note(t.Context(), c.s.Case, c.s.Track, "", "x"))
	c.refused("actor-missing", c.Note(t.Context(), c.s.Case, c.s.Track, "rules", "x"))
	c.refused("unknown-case", c.Note(t.Context(), "app:none", c.s.Track, "staff-7", "x"))
}

// shows R7.5.1
func TestInformationIsAskedForByField(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	marked := []ehds.InfoSection{{Number: 5, Fields: map[string]string{"purpose": "too wide"}}, {Number: 6, Country: "FI", Fields: map[string]string{"cohort": "which years?"}}}
	for name, bad := range map[string][]ehds.InfoSection{
		"nothing": nil, "no such section": {{Number: 11, Fields: map[string]string{"x": "y"}}}, "no field": {{Number: 5}},
		"no comment": {{Number: 5, Fields: map[string]string{"x": " "}}}, "no country": {{Number: 6, Fields: map[string]string{"x": "y"}}},
		"a country elsewhere": {{Number: 5, Country: "FI", Fields: map[string]string{"x": "y"}}},
	} {
		t.Log(name)
		c.refused("fields-malformed", c.Ask(t.Context(), c.s.Case, c.s.Track, "staff-7", bad))
	}
	c.ok(c.Ask(t.Context(), c.s.Case, c.s.Track, "staff-7", marked))
	ev := c.told()
	if len(ev) != 1 || ev[0].Kind != connectors.EventInfoRequest || ev[0].Actor != "staff-7" || !cmp.Equal(ev[0].Sections, marked) {
		t.Errorf("%+v", ev)
	}
	if w := c.show().Awaits; w != desk.WaitsApplicant {
		t.Errorf("the case waits for %q", w)
	}
	c.refused("information-awaited", c.Ask(t.Context(), c.s.Case, c.s.Track, "staff-7", marked))
	c.refused("information-awaited", c.do(granting()))
	c.ok(c.Info(t.Context(), connectors.Information{Ref: "i-1", Case: c.s.Case, Track: c.s.Track}))
	if w := c.show().Awaits; w != "" {
		t.Errorf("the answered case waits for %q", w)
	}
	c.refused("reasons-missing", c.Extend(t.Context(), c.s.Case, c.s.Track, "staff-7", " "))
	c.ok(c.Extend(t.Context(), c.s.Case, c.s.Track, "staff-7", "complex linkage"))
	if ev := c.told(); len(ev) != 1 || ev[0].Kind != connectors.EventExtension || ev[0].Reason != "complex linkage" {
		t.Errorf("%+v", ev)
	}
	c.ok(c.do(refusing()))
	c.refused("already-decided", c.Ask(t.Context(), c.s.Case, c.s.Track, "staff-7", marked))
	c.refused("already-decided", c.Extend(t.Context(), c.s.Case, c.s.Track, "staff-7", "late"))
}

// A positive decision may leave datasets out; the permit does not name them.
func TestSomeDatasetsAreRefused(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	act := granting()
	act.Decision.Refused = []ehds.RefusedDataset{{DatasetID: "ds-unknown", Reasons: "x"}}
	c.refused("dataset-not-asked-for", c.do(act))
	act.Decision.Refused = []ehds.RefusedDataset{{DatasetID: "ds-1", Reasons: ""}}
	c.refused("reasons-missing", c.do(act))
	act.Decision.Refused = []ehds.RefusedDataset{{DatasetID: "ds-1", Reasons: "all of ours"}}
	c.refused("grant-incomplete", c.do(act)) // what is left is nothing
	negative := refusing()
	negative.Decision.Refused = []ehds.RefusedDataset{{DatasetID: "ds-1", Reasons: "x"}}
	c.refused("refused-datasets-do-not-fit", c.do(negative))

	s := submission(2)
	s.Application.Datasets = append(s.Application.Datasets, ehds.ApplicationDataset{DatasetID: "ds-2", CatalogID: "cat-1", Country: "NL", Publisher: "Other Hospital"})
	c.s = s
	c.ok(c.Submit(t.Context(), s))
	c.told()
	act.Decision.Categories = []string{"EHRS"}
	act.Decision.Refused = []ehds.RefusedDataset{{DatasetID: "ds-2", Reasons: "not needed for the purpose"}}
	c.ok(c.do(act))
	ev := c.told()
	last := ev[len(ev)-1]
	if !cmp.Equal(last.Decision.RefusedDatasets, act.Decision.Refused) {
		t.Errorf("card: %+v", last.Decision)
	}
	if slices.ContainsFunc(last.Grant.Granted, func(g ehds.GrantedDataset) bool { return g.DatasetID == "ds-2" }) || len(last.Grant.Granted) != 1 ||
		!cmp.Equal(last.Grant.Data.Sources, []string{"Example Hospital"}) {
		t.Errorf("granted: %+v, sources %v", last.Grant.Granted, last.Grant.Data.Sources)
	}
}

// An access application may be answered as a data request: then nothing is granted.
func TestAnsweredAsADataRequest(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	act := refusing()
	act.Decision.AsRequest = true
	c.refused("conversion-does-not-fit", c.do(act))
	act = granting()
	act.Decision.AsRequest = true
	c.ok(c.do(act))
	ev := c.told()
	last := ev[len(ev)-1]
	if last.Grant != nil || last.Decision.ConvertedTo != ehds.DataRequestApplication {
		t.Errorf("%+v", last)
	}
	c.answer(ehds.AnswerAccept)
	c.refused("no-permit", c.do(desk.Act{Actor: "staff-7", Permit: &desk.PermitAct{Event: ehds.PermitEventRevoked, Reasons: "x"}}))
}

// What one person decides takes effect when another confirms it.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{FourEyes: true})
	ctx, id, track := t.Context(), c.s.Case, c.s.Track
	c.refused("second-person-needed", c.do(granting()))
	c.refused("second-person-needed", c.Decide(ctx, id, track, *granting().Decision))
	c.refused("no-proposal", c.Confirm(ctx, id, track, "staff-9"))
	bad := refusing()
	bad.Decision.Reasons = ""
	c.refused("reasons-missing", c.Propose(ctx, id, track, bad))
	c.refused("act-malformed", c.Propose(ctx, id, track, desk.Act{Actor: "staff-7"}))
	c.ok(c.Propose(ctx, id, track, refusing()))
	if k := c.kinds(); k != "" {
		t.Errorf("a proposal was told: %s", k)
	}
	if d := c.show(); d.Awaits != desk.WaitsSecond || d.State != desk.Queued || d.Proposal.Actor != "staff-7" {
		t.Errorf("%+v", d)
	}
	c.refused("proposal-waits", c.Propose(ctx, id, track, granting()))
	c.refused("same-person", c.Confirm(ctx, id, track, "staff-7"))
	c.ok(c.Dismiss(ctx, id, track, "staff-9", "not so"))
	c.refused("no-proposal", c.Confirm(ctx, id, track, "staff-9"))
	c.ok(c.Propose(ctx, id, track, granting()))
	c.ok(c.Confirm(ctx, id, track, "staff-9"))
	if k := c.kinds(); k != "status staff-7+staff-9; decision staff-7+staff-9" {
		t.Errorf("told: %s", k)
	}
	var did []string
	for _, e := range c.show().Log {
		did = append(did, e.Actor+" "+e.What+" "+e.Text)
	}
	if d := cmp.Diff([]string{"staff-7 proposed decision Negative", "staff-9 dismissed decision Negative not so",
		"staff-7 proposed decision Positive", "staff-9 confirmed decision Positive"}, did); d != "" {
		t.Error(d)
	}
}

// A rule is one pair of eyes: what it decides waits for a person.
func TestFourEyesOfARule(t *testing.T) {
	t.Parallel()
	rules := head + `"rules":[{"name":"all","when":{},"then":{"decide":"Positive","fees":{"amount_cents":100,"currency":"EUR"}}}],"default":{"decide":"manual"}}`
	d, err := desk.New(connectortest.Host(), desk.Options{Rules: []byte(rules), FourEyes: true})
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{Desk: d, t: t, s: submission(1)}
	c.ok(d.Submit(t.Context(), c.s))
	if k := c.kinds(); k != "status rules" {
		t.Errorf("told: %s", k)
	}
	c.ok(d.Confirm(t.Context(), c.s.Case, c.s.Track, "staff-9"))
	if k := c.kinds(); k != "status rules+staff-9; decision rules+staff-9" {
		t.Errorf("told: %s", k)
	}
}

// shows R10.0.5
func TestAppealIsKeptAndDecided(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	appeal := func(approved bool) desk.Act {
		return desk.Act{Actor: "court-1", Appeal: &desk.AppealDecision{Approved: approved, Reasons: "the purpose is one"}}
	}
	c.refused("no-appeal", c.do(appeal(true)))
	c.ok(c.do(refusing()))
	first := c.show().DecisionID
	notice := connectors.AppealNotice{Ref: "ap-1", Case: c.s.Case, Track: c.s.Track, Body: ehds.AppealBody{DecisionID: first + "x", Text: "we object"}}
	c.refused("decision-does-not-match", c.Appeal(t.Context(), notice))
	notice.Body.DecisionID = first
	c.ok(c.Appeal(t.Context(), notice))
	c.ok(c.Appeal(t.Context(), notice))
	if d := c.show(); d.Awaits != desk.WaitsAppeal || d.Appeal.Body.Text != "we object" {
		t.Errorf("%+v", d)
	}
	c.told()
	c.ok(c.do(appeal(true)))
	if ev := c.told(); len(ev) != 1 || ev[0].Kind != connectors.EventAppealDecided || !ev[0].Approved || ev[0].Reason == "" {
		t.Errorf("%+v", ev)
	}
	if s := c.show().State; s != desk.Queued {
		t.Errorf("the case is %s", s)
	}
	c.ok(c.do(granting()))
	d := c.show()
	if d.Decision.Replaces != first || d.DecisionID == first || len(d.Appealed) != 1 || d.Appealed[0].Body.Text != "we object" {
		t.Errorf("%+v", d.Decision)
	}
	c.refused("no-appeal", c.do(appeal(false)))
}

// The answer APPEAL opens the appeal as well as its text; the text is kept also when it comes last.
func TestAppealTextComesLast(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	c.ok(c.do(refusing()))
	first := c.show().DecisionID
	c.answer(ehds.AnswerAppeal)
	if w := c.show().Awaits; w != desk.WaitsAppeal {
		t.Errorf("the case waits for %q", w)
	}
	c.ok(c.do(desk.Act{Actor: "court-1", Appeal: &desk.AppealDecision{Approved: true, Reasons: "so"}}))
	c.ok(c.Appeal(t.Context(), connectors.AppealNotice{Ref: "ap-1", Case: c.s.Case, Track: c.s.Track, Body: ehds.AppealBody{DecisionID: first, Text: "we object"}}))
	if a := c.show().Appeal; a.Body.Text != "we object" || a.Decided != "APPEAL_APPROVED" {
		t.Errorf("%+v", a)
	}
}

// shows R9.4.1
func TestPermitIsAmendedRenewedRevoked(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	move := func(p desk.PermitAct) error { return c.do(desk.Act{Actor: "staff-7", Permit: &p}) }
	const v1 = "DP-NL-2026-0001-v1"
	c.refused("no-permit", move(desk.PermitAct{Event: ehds.PermitEventRevoked, PermitID: v1, Reasons: "x"}))
	c.ok(c.do(granting()))
	c.refused("no-permit", move(desk.PermitAct{Event: ehds.PermitEventRevoked, PermitID: v1, Reasons: "x"}))
	c.answer(ehds.AnswerAccept)
	c.told()

	ask := connectors.ChangeRequest{Ref: "ch-1", Case: c.s.Case, Track: c.s.Track, Body: ehds.PermitChangeRequestBody{PermitID: v1, Kind: ehds.ChangeAmendment, Text: "one more"}}
	c.ok(c.ChangeRequest(t.Context(), ask))
	c.ok(c.ChangeRequest(t.Context(), ask))
	if d := c.show(); d.Awaits != desk.WaitsChange || len(d.Changes) != 1 {
		t.Errorf("%+v", d.Changes)
	}
	c.refused("another-change-waits", move(desk.PermitAct{Event: ehds.PermitEventRenewalApproved, To: "2030-01-31"}))
	c.refused("change-malformed", move(desk.PermitAct{Event: ehds.PermitEventAmendmentApproved, RemovePersons: []string{"Nobody"}}))
	c.refused("change-malformed", move(desk.PermitAct{Event: ehds.PermitEventAmendmentApproved, From: "2020-01-01"}))
	c.ok(move(desk.PermitAct{Event: ehds.PermitEventAmendmentApproved, From: "2027-06-01",
		AddPersons: []ehds.PermitPerson{{Name: "New Analyst"}}, RemovePersons: []string{"Test Applicant"}}))
	ev := c.told()
	if len(ev) != 1 || ev[0].Permit.PermitID != v1 || ev[0].Permit.From != "2027-06-01" ||
		!cmp.Equal(ev[0].Permit.Grant.Persons, []ehds.PermitPerson{{Name: "Test Analyst"}, {Name: "New Analyst"}}) {
		t.Errorf("%+v", ev)
	}
	c.refused("permit-id-malformed", move(desk.PermitAct{Event: ehds.PermitEventRevoked, PermitID: "permit-1", Reasons: "x"}))
	c.refused("no-change", move(desk.PermitAct{Event: ehds.PermitEventRenewalRejected, PermitID: v1, Reasons: "late"}))
	c.refused("change-malformed", move(desk.PermitAct{Event: ehds.PermitEventRenewalApproved, PermitID: v1}))
	c.ok(move(desk.PermitAct{Event: ehds.PermitEventRenewalApproved, PermitID: v1, To: "2030-01-31"}))
	if k := c.kinds(); k != "permit renewal-requested staff-7; permit renewal-approved staff-7" {
		t.Errorf("told: %s", k)
	}
	if g := c.show().Grant; g.Duration.To != "2030-01-31" || len(g.Persons) != 2 {
		t.Errorf("%+v", g)
	}
	c.refused("reasons-missing", move(desk.PermitAct{Event: ehds.PermitEventRevoked, PermitID: v1}))
	c.refused("permit-event-unknown", move(desk.PermitAct{Event: ehds.PermitEventExpired, PermitID: v1}))
	c.ok(move(desk.PermitAct{Event: ehds.PermitEventRevoked, Reasons: "Art. 63(2)"})) // the gateway knows which is the newest
	if k := c.kinds(); k != "permit revoked staff-7" {
		t.Errorf("told: %s", k)
	}
}

// A proposal is tried on a copy: what it would change stays.
func TestAProposalChangesNothing(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	c.ok(c.do(granting()))
	c.answer(ehds.AnswerAccept)
	c.ok(c.ChangeRequest(t.Context(), connectors.ChangeRequest{Ref: "ch-1", Case: c.s.Case, Track: c.s.Track,
		Body: ehds.PermitChangeRequestBody{PermitID: "DP-NL-2026-0001-v1", Kind: ehds.ChangeAmendment}}))
	c.told()
	before := c.show()
	c.ok(c.Propose(t.Context(), c.s.Case, c.s.Track, desk.Act{Actor: "staff-7", Permit: &desk.PermitAct{
		Event: ehds.PermitEventAmendmentApproved, AddPersons: []ehds.PermitPerson{{Name: "New"}}}}))
	after := c.show()
	if !cmp.Equal(before.Changes, after.Changes) || !cmp.Equal(before.Grant, after.Grant) || c.kinds() != "" {
		t.Errorf("a proposal changed the case:\n%s", cmp.Diff(before, after))
	}
}

// Measures of other bodies inform staff, once each, and refuse nothing.
func TestMeasuresAreListed(t *testing.T) {
	t.Parallel()
	c := atCounter(t, desk.Options{})
	m := connectors.MeasureNotice{Ref: "m-1", Case: "enf:FI:1", Nation: "FI", Body: ehds.EnforcementBody{ID: "1", Measure: "EXCLUSION_USER"}}
	c.ok(c.Measure(t.Context(), m))
	c.ok(c.Measure(t.Context(), m))
	list, err := c.Measures(t.Context())
	if err != nil || len(list) != 1 || list[0].Nation != "FI" || list[0].Body.Measure != "EXCLUSION_USER" {
		t.Errorf("%+v, %v", list, err)
	}
	c.ok(c.do(granting()))
}
