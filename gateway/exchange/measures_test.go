package exchange

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// measured is a permit system that takes measures.
type measured []string

func (m *measured) Measure(_ context.Context, n connectors.MeasureNotice) error {
	*m = append(*m, n.Case+" "+n.Nation+" "+n.Body.Subject)
	return nil
}

func exclusion(id string) ehds.EnforcementBody {
	return ehds.EnforcementBody{ID: id, Measure: ehds.MeasureExclusionUser, Against: "USER", Subject: "user-7", From: "2027-02-01", To: "2028-02-01", Reasons: "r"}
}

// by is an application of a user.
func by(user, id string) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) {
		var b ehds.ApplicationBody
		if err := json.Unmarshal(submitBody(id, "ds-1"), &b); err != nil {
			panic(err)
		}
		b.User = user
		e.Case, e.Body = "app:"+id, mustJSON(b)
	}
}

func (n *node) measuresOf(id string) (out []string) {
	for _, f := range n.doc(id).Flags {
		if f.Code == "measure-elsewhere" {
			out = append(out, f.Note)
		}
	}
	return out
}

// A measure of another nation against a user flags her open cases and those she files later, each once,
// also after a restart, and reaches the permit systems that take it. It refuses nothing.
func TestAMeasureOfAnotherNation(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-7", "A1"))))
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-8", "A2"))))
	_, origin := swedish()
	tell := func(n int64, caseID string, b ehds.EnforcementBody, o *ehds.Origin) ehds.ResponseBody {
		t.Helper()
		e := centre.envelope(ncp, seq(n), typed(ehds.EnforcementRecord, b), func(e *ehds.Envelope) { e.Case, e.Origin = caseID, o })
		if r := ncp.receive(centre.sign(e)); r.Fault != nil {
			t.Fatal(r.Fault)
		}
		return lastResponse(t, ncp)
	}
	french := *origin
	french.Nation = "FR"
	for _, c := range []struct {
		name, caseID, code string
		origin             *ehds.Origin
	}{
		{"without origin", "enf:SE:E-0", "origin-missing", nil},
		{"in the name of a third", "enf:FI:E-1", access.CodeUnknownCase, origin},
		{"in our name", "enf:FR:E-1", access.CodeUnknownCase, &french},
		{"another id", "enf:SE:E-9", "case-mismatch", origin},
	} {
		if b := tell(1, c.caseID, exclusion("E-1"), c.origin); b.Result != ehds.NotValidated || b.Findings[0].Code != c.code {
			t.Errorf("%s: %+v", c.name, b)
		}
	}
	if b := tell(1, "enf:SE:E-1", exclusion("E-1"), origin); b.Result != ehds.Validated {
		t.Fatalf("%+v", b)
	}
	// Another hub filed one of hers here (profile peer-1).
	if _, err := ncp.record.Update(t.Context(), "nat:DE:A3", func(store.State) (store.Change, error) {
		return store.Change{Doc: mustJSON(ncp.doc("A1"))}, nil
	}); err != nil {
		t.Fatal(err)
	}
	if b := tell(2, "enf:SE:E-1", exclusion("E-1"), origin); b.Result != ehds.NotValidated || b.Findings[0].Code != "recorded-already" {
		t.Errorf("again: %+v", b)
	}
	takes := &measured{}
	for _, r := range ncp.rows() {
		if r.Type != taskMeasure {
			continue
		}
		var err error
		if r.Channel == store.ChannelInternal {
			w := ncp.issuer(&stamps{}, zeros{})
			// As after a crash before the task was settled.
			if _, err := w.flagMeasured(t.Context(), r.Case, exclusion("E-1")); err != nil {
				t.Fatal(err)
			}
			err = w.Try(t.Context(), r)
		} else {
			h := ncp.handover(&stream{})
			if err = h.hand(t.Context(), r); err == nil { // a system that takes none
				h.Systems["desk"] = System{Permits: &stream{}, Extras: connectors.Extras{Measures: takes}}
				err = h.hand(t.Context(), r)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(*takes, ";"); got != "enf:SE:E-1 SE user-7" {
		t.Errorf("handed over: %q", got)
	}
	if a, b := ncp.measuresOf("A1"), ncp.measuresOf("A2"); len(a) != 1 || a[0] != "enf:SE:E-1" || len(b) != 0 {
		t.Errorf("flagged: %q, %q", a, b)
	}
	filed, _, err := ncp.record.Case(t.Context(), "nat:DE:A3")
	if err != nil {
		t.Fatal(err)
	}
	if doc, ok := ReadApplicationDoc(filed.ID, filed.Doc); !ok || len(doc.Flags) == 0 || doc.Flags[len(doc.Flags)-1].Code != "measure-elsewhere" {
		t.Errorf("flags of what another hub filed: %+v", doc.Flags)
	}
	if s := ncp.doc("A1").Application.Tracks[0].Status; s != ehds.StateSubmitted {
		t.Errorf("the application is %s", s)
	}
	ncp.open()
	if err := ncp.apps.LoadMeasures(t.Context(), ncp.record); err != nil {
		t.Fatal(err)
	}
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-7", "A3"))))
	if got := ncp.measuresOf("A3"); lastResponse(t, ncp).Result != ehds.Validated || len(got) != 1 {
		t.Errorf("a new application: flags %q", got)
	}
	c, _, err := ncp.record.Case(t.Context(), "enf:SE:E-1")
	if r, ok := ReadRecord(c.Doc); err != nil || !ok || r.Flagged != 2 || r.Nation != "SE" {
		t.Errorf("record %+v, %v", r, err)
	}
}

// What a permit system records of its nation goes to the centre, with its files, once; of another nation it
// records nothing, and the report is the coordinator's.
func TestRecordsOfANation(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.apps.Centre = centreID
	ncp.apps.Systems.Bodies = map[string]string{hdabB: "other"}
	ncp.writing(&scribe{})
	measure := func(id, caseID string, b ehds.EnforcementBody) nationalEvent {
		return nationalEvent{ID: id, At: "2027-03-01T12:00:00Z", Kind: connectors.EventEnforcement, Case: caseID, Enforcement: &b}
	}
	report := nationalEvent{
		ID: "e9", At: "2027-03-01T12:00:00Z", Kind: connectors.EventReport, Case: "rep:FR:2025-01-01--2026-12-31",
		Report: &ehds.ReportBody{PeriodFrom: "2025-01-01", PeriodTo: "2026-12-31", Language: "fr", Title: "T"},
		Files: []connectors.EventFile{{Name: "report.pdf", MediaType: "application/pdf", Open: func(context.Context) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("the report")), nil
		}}},
	}
	endless := exclusion("E-3")
	endless.To = ""
	other := newEvents(ncp, &stream{})
	other.Instance = "other"
	other.happen(t, report)
	if got := types(ncp.rows()); got != "" {
		t.Fatalf("another body's system sent %s", got)
	}
	newEvents(ncp, &stream{}).happen(t, measure("e1", "enf:FR:E-1", exclusion("E-1")), measure("e2", "enf:FR:E-1", exclusion("E-1")),
		measure("e3", "enf:SE:E-2", exclusion("E-2")), measure("e4", "enf:FR:E-3", endless), report)
	var central []store.Outbox
	for _, r := range ncp.rows() {
		if r.Channel == store.ChannelCentral {
			central = append(central, r)
		}
	}
	if got := types(central); got != "enforcement.record report.biennial" {
		t.Fatalf("sent %s", got)
	}
	if got := ncp.carried(ehds.ReportBiennial); len(got) != 1 || got[0] != "document-1 report.pdf application/pdf: the report" {
		t.Errorf("the report carries %q", got)
	}
	sent := envelopeOf(t, central[1])
	var b ehds.ReportBody
	if err := json.Unmarshal(sent.Body, &b); err != nil || b.AttachmentID != "document-1" || sent.Aud != centreID {
		t.Errorf("report %+v to %s, %v", b, sent.Aud, err)
	}
	h := &Handling{
		Env: ehds.Envelope{Iss: centre.id, Type: ehds.ReportBiennial.Response(), Case: report.Case, Ref: sent.Jti, Body: mustJSON(ehds.ResponseBody{Result: ehds.Validated})},
	}
	c, _, err := ncp.record.Case(t.Context(), report.Case)
	if h.Doc = c.Doc; err != nil || len(ncp.apps.recordAnswered(h)) != 0 {
		t.Fatalf("the answer was not taken: %v", err)
	}
	if r, _ := ReadRecord(h.Doc); r.Answer == nil || r.Answer.Result != ehds.Validated {
		t.Errorf("record %+v", r)
	}
	if h.Env.Ref = "another"; len(ncp.apps.recordAnswered(h)) == 0 {
		t.Error("the answer to another message was taken")
	}
}

// A measure of our own is told to the centre, and flags what the user has open or files later here: a nation
// may have several bodies. One that was erased flags nothing any more.
func TestAMeasureOfOurs(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.apps.Centre = centreID
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-7", "A1"))))
	if _, err := ncp.record.Update(t.Context(), "enf:FR:E-1", func(s store.State) (store.Change, error) {
		return ncp.apps.RecordMeasure(s, exclusion("E-1"), hdabA, "staff-1")
	}); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, r := range ncp.rows() {
		switch {
		case r.Case == "enf:FR:E-1" && r.Channel == store.ChannelCentral:
			sent++
		case r.Type == taskMeasure && r.Channel == store.ChannelInternal:
			if err := ncp.issuer(&stamps{}, zeros{}).Try(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-7", "A2"))))
	for _, id := range []string{"A1", "A2"} {
		if f := ncp.doc(id).Flags; len(f) == 0 || f[len(f)-1].Code != "measure-here" || f[len(f)-1].Note != "enf:FR:E-1" {
			t.Errorf("%s: flags %+v", id, f)
		}
	}
	c, _, err := ncp.record.Case(t.Context(), "enf:FR:E-1")
	if r, ok := ReadRecord(c.Doc); err != nil || !ok || sent != 1 || r.Flagged != 1 || r.Body != hdabA || r.Actor != "staff-1" {
		t.Errorf("%d sent, record %+v, %v", sent, r, err)
	}
	ncp.apps.ForgetMeasure("enf:FR:E-1")
	ncp.receive(centre.sign(centre.envelope(ncp, by("user-7", "A3"))))
	for _, f := range ncp.doc("A3").Flags {
		t.Errorf("after the erasure: %+v", f)
	}
}

// Results that staff record go to the centre with their files, and the case keeps which message took them.
func TestResultsOfStaff(t *testing.T) {
	l := newPermitLife(t)
	track := l.n.doc("A1").Application.Tracks[0].Key
	b, err := l.n.record.StageBlob(t.Context(), "app:A1", strings.NewReader("findings"), 100)
	if err != nil {
		t.Fatal(err)
	}
	files := Files{
		List:  []ehds.Attachment{{ID: "a1", Name: "r.pdf", MediaType: "application/pdf", Size: b.Size, SHA256: b.SHA256}},
		Blobs: map[string]string{"a1": b.ID},
	}
	results := ehds.ResultsBody{Title: "T", Summary: "S", Published: "2027-03-01", PermitID: l.newest()}
	if _, err := l.n.record.Update(t.Context(), "app:A1", func(s store.State) (store.Change, error) {
		return l.n.apps.RecordResults(s, track, results, "staff-1", files)
	}); err != nil {
		t.Fatal(err)
	}
	if got := l.n.carried(ehds.ResultsRecord); len(got) != 1 || got[0] != "a1 r.pdf application/pdf: findings" {
		t.Errorf("carried %q", got)
	}
	doc := l.n.doc("A1")
	kept, last := doc.Results[0], doc.Documents[len(doc.Documents)-1]
	if kept.Message == "" || kept.Message != last.Message || kept.Track != track || kept.Actor != "staff-1" || kept.At.IsZero() || last.Name != "r.pdf" {
		t.Errorf("kept %+v, %+v", kept, last)
	}
	// A case that another hub filed has no message that would take files along.
	doc.Counterpart = "https://peer.example"
	l.n.apps.Compose.Peers = []string{doc.Counterpart}
	if _, err := l.n.apps.RecordResults(store.State{Case: "nat:DE:A1", Doc: mustJSON(doc), Now: l.w.clock.Now()}, track, results, "staff-1", files); fault.CodeOf(err) != "results-files" {
		t.Errorf("files of a case from another hub: %v", err)
	}
}

// Results go to the centre and keep the user's eighteen months; without a permit or an approval there are
// none.
func TestResultsAreTold(t *testing.T) {
	l := newPermitLife(t)
	results := func(id, permit string) nationalEvent {
		e := status(id, "")
		e.Kind, e.Results = connectors.EventResults, &ehds.ResultsBody{Title: "T", Summary: "S", Published: "2027-03-01", PermitID: permit}
		return e
	}
	l.events.happen(t, results("r1", "DP-FR-AAA-2020-10000000-v1"), results("r2", l.newest()))
	doc := l.n.doc("A1")
	if n := strings.Count(types(l.n.rows()), string(ehds.ResultsRecord)); n != 1 || len(doc.Results) != 1 || doc.Application.Tracks[0].Results.IsZero() {
		t.Errorf("%d sent, kept %+v", n, doc.Results)
	}
	if f := doc.Flags[len(doc.Flags)-1]; f.Code != "national-event-refused" || f.Note != "no-such-permit" {
		t.Errorf("flag %+v", f)
	}
}

// A measure concerns a user with an open case, by her reference or by any version of her permit, and no
// holder; one that has ended flags no new application.
func TestWhomAMeasureConcerns(t *testing.T) {
	now := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	doc := func(user string, s ehds.ApplicationState, permits ...access.PermitVersion) ApplicationDoc {
		return ApplicationDoc{User: user, Application: access.Application{Tracks: []access.Track{{Status: s, Permits: permits}}}}
	}
	of := func(until time.Time) access.PermitVersion {
		return access.PermitVersion{ID: "DP-FR-AAA-2027-10000000-v2", Expires: until}
	}
	against := func(change func(*ehds.EnforcementBody)) ehds.EnforcementBody {
		b := exclusion("E-1")
		change(&b)
		return b
	}
	same := func(*ehds.EnforcementBody) {}
	byPermit := func(b *ehds.EnforcementBody) { b.Subject, b.PermitID = "nobody", "DP-FR-AAA-2027-10000000-v1" }
	for name, c := range map[string]struct {
		doc  ApplicationDoc
		m    ehds.EnforcementBody
		want bool
	}{
		"an open case":         {doc("user-7", ehds.StateSubmitted), against(same), true},
		"another user":         {doc("user-8", ehds.StateSubmitted), against(same), false},
		"a closed case":        {doc("user-7", ehds.StateWithdrawn), against(same), false},
		"a permit that holds":  {doc("user-7", ehds.StateWithdrawn, of(now.Add(time.Hour))), against(same), true},
		"a permit that ended":  {doc("user-7", ehds.StateWithdrawn, of(now)), against(same), false},
		"by an older version":  {doc("x", ehds.StateWithdrawn, of(now.Add(time.Hour))), against(byPermit), true},
		"a measure of holders": {doc("user-7", ehds.StateSubmitted), against(func(b *ehds.EnforcementBody) { b.Against = "HOLDER" }), false},
	} {
		if got := c.doc.Concerned(c.m) && c.doc.Pending(now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	var known measures
	for id, to := range map[string]string{"enf:SE:1": "", "enf:SE:2": "2027-03-01", "enf:SE:3": "2027-02-28"} {
		known.learn(id, against(func(b *ehds.EnforcementBody) { b.To = to }))
	}
	if got := known.of("user-7", now); !slices.Equal(got, []string{"enf:SE:1", "enf:SE:2"}) {
		t.Errorf("measures that hold: %q", got)
	}
}
