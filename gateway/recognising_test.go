package gateway

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/access/recognition"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
)

// complete asks one hub for its dataset, with everything the law asks for.
func complete(country string) ehds.ApplicationBody {
	name := map[string]string{"FR": "FRANCE", "FI": "FINLAND"}[country]
	return ehds.ApplicationBody{Kind: ehds.DataAccessApplication, Title: "CANARY a study", Language: "en",
		Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "national", Country: country}},
		Form:     connectortest.WholeForm(name, "national", "2026-01-01", "2034-12-31")}
}

// files files at one hub with the other, and waits until it lies on that one's desk.
func (f *foreign) files(front, to *Gateway, country string) string {
	f.t.Helper()
	f.front = front
	row, err := f.posts("/v1/applications", FilingRequest{To: to.cfg.Entity, Application: complete(country)}, nil)
	if err != nil {
		f.t.Fatalf("%v\n%s", err, &f.log)
	}
	f.waits("acknowledged", row.Case, func(r FilingRow) bool { return len(r.Filing.Tracks) == 1 && r.Filing.Result == ehds.Validated })
	f.onDesk(to, row.Case, func(desk.Detail) bool { return true })
	return row.Case
}

// trackAt is the one track a hub has.
func trackAt(g *Gateway) ehds.Track {
	return ehds.Track{CatalogID: "national", HDAB: HDABEntity(g.cfg.Entity, "hdh")}
}

// onDesk waits until a case at a hub's desk is as asked.
func (f *foreign) onDesk(g *Gateway, caseID string, is func(desk.Detail) bool) (d desk.Detail) {
	f.t.Helper()
	f.until("it lies on the desk", func() error {
		s, err := g.deskOf(trackAt(g).HDAB)
		if err == nil {
			d, err = s.desk.Show(f.t.Context(), caseID, trackAt(g))
		}
		if err == nil && !is(d) {
			err = errors.New("not yet: " + strings.Join(f.flagsOf(g, caseID), ", "))
		}
		return err
	})
	return d
}

// flagsOf are the flags of a case at a hub, with their notes.
func (f *foreign) flagsOf(g *Gateway, caseID string) (out []string) {
	_, doc, err := g.applicationDoc(f.t.Context(), caseID)
	if err != nil {
		return []string{err.Error()}
	}
	for _, fl := range doc.Flags {
		out = append(out, fl.Code+" "+fl.Note)
	}
	return out
}

// accepts waits for a decision in favour, accepts it and waits for the permit.
func (f *foreign) accepts(front *Gateway, caseID string) string {
	f.t.Helper()
	f.front = front
	f.waits("decided", caseID, func(r FilingRow) bool {
		return r.Filing.Tracks[0].Decision != nil && r.Filing.Tracks[0].Decision.Card.Outcome == ehds.Positive && !r.Open
	})
	if _, err := f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "answer", Answer: ehds.AnswerAccept}, nil); err != nil {
		f.t.Fatal(err)
	}
	row := f.waits("granted", caseID, func(r FilingRow) bool { return len(r.Filing.Tracks[0].Permits) == 1 && !r.Open })
	return row.Filing.Tracks[0].Permits[0].Token
}

// shows shows a hub what the front's own body decided in a case.
func (f *foreign) shows(front *Gateway, caseID, of string) {
	f.t.Helper()
	f.front = front
	if _, err := f.posts("/v1/applications/act", FilingAct{Case: caseID, Do: "share", Of: of}, nil); err != nil {
		f.t.Fatalf("%v\n%s", err, &f.log)
	}
}

// recognisingRules leave every case to staff; the tariff is the body's.
const recognisingRules = `{"version":1,"body":{"id":"FI-HDH","name":"Example body","signatory":{"name":"A. Signer","job_title":"Head"}},
 "rules":[],"default":{"decide":"manual","conditions":["by our law"],"fees":{"amount_cents":100,"currency":"EUR"}}}`

// Two hubs recognise each other's permits: France's in Finland by the rule, Finland's in France by a proposal
// that staff confirm. Each decision is that of its own body, with the reasons on record (Art. 68(5)).
// shows R7.3.6
func TestRecognitionFromHubToHub(t *testing.T) {
	f := &foreign{union: newUnion(t)}
	rules := filepath.Join(f.dir, "desk.json")
	if err := os.WriteFile(rules, []byte(recognisingRules), 0o600); err != nil {
		t.Fatal(err)
	}
	permitsAt := `permits: {driver: desk, desk: {rules: "` + rules + `"}}`
	f.peered = map[string]map[string]string{
		"FR": {"peer": ", recognition: {standard: assist}", "config": permitsAt},
		"FI": {"peer": ", recognition: {standard: automatic}", "config": permitsAt},
	}
	f.start()
	for _, g := range []*Gateway{f.fr, f.fi} {
		g.router.Learn(catalogue.Publication{Source: "national", Identifier: "ds-1", Categories: []string{"EHRS"}, Holder: "Hospital", State: catalogue.Validated})
	}

	// France decides by its staff: nothing was shown.
	first := f.files(f.fi, f.fr, "FR")
	if _, err := f.fr.operatorDecide(t.Context(), DecideRequest{Case: first, Track: trackAt(f.fr), Decision: desk.Decision{Outcome: ehds.Positive, Actor: "staff-1",
		Terms: desk.Terms{Reasons: "as assessed", Conditions: []string{"no linkage"}}}}); err != nil {
		t.Fatal(err)
	}
	token := f.accepts(f.fi, first)

	// Finland recognises the permit without staff.
	second := f.files(f.fr, f.fi, "FI")
	if _, err := f.posts("/v1/applications/act", FilingAct{Case: second, Do: "share", Of: second}, nil); err == nil {
		t.Error("what the other hub has still to decide was shown as decided here")
	}
	f.shows(f.fr, second, first)
	d := f.onDesk(f.fi, second, func(d desk.Detail) bool { return d.State == desk.Decided || len(d.Notes) > 0 })
	if d.Decision == nil || d.Decision.Outcome != ehds.Positive || !strings.Contains(d.Decision.Reasons, "Art. 68(5)") ||
		!slices.Equal(d.Decision.Conditions, []string{"by our law", "no linkage"}) {
		t.Fatalf("%+v\n%+v\n%v", d.Decision, d.Notes, f.flagsOf(f.fi, second))
	}
	f.accepts(f.fr, second)
	f.recorded(f.fi, second, recognition.Approved)
	f.proves(f.fi, second)

	// France gets the Finnish permit as a proposal, and one person of its staff confirms it.
	third := f.files(f.fi, f.fr, "FR")
	f.shows(f.fi, third, second)
	d = f.onDesk(f.fr, third, func(d desk.Detail) bool { return d.State == desk.Decided || len(d.Notes) > 0 })
	if d.Decision != nil || d.Proposal == nil || d.Proposal.Act.Decision.Outcome != ehds.Positive {
		t.Fatalf("%+v %+v %+v %v", d.Decision, d.Proposal, d.Notes, f.flagsOf(f.fr, third))
	}
	s, err := f.fr.deskOf(trackAt(f.fr).HDAB)
	if err == nil {
		err = s.desk.Confirm(t.Context(), third, trackAt(f.fr), "staff-2")
	}
	if err != nil {
		t.Fatal(err)
	}
	s.events.Nudge()
	f.recorded(f.fr, third, recognition.Proposed)
	f.accepts(f.fi, third)

	f.unproved(first, token)
}

// recorded looks for the judgement with its reasons in the record and in the trace, and for the documents.
func (f *foreign) recorded(g *Gateway, caseID string, want recognition.Outcome) {
	t := f.t
	t.Helper()
	_, doc, err := g.applicationDoc(t.Context(), caseID)
	if err != nil || len(doc.Recognised) != 1 || doc.Recognised[0].Outcome != want || len(doc.Recognised[0].Reasons) < 5 {
		t.Fatalf("%+v %v", doc.Recognised, err)
	}
	rows, err := g.operatorCaseTrace(t.Context(), httpapi.Query{Values: url.Values{"id": {caseID}}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(rows, func(r TraceRow) bool {
		return r.What == "recognition" && r.State == string(want) && r.ID == doc.Recognised[0].Permit && strings.Contains(r.Reads, "for: ")
	}) {
		t.Errorf("the trace does not tell: %+v", rows)
	}
	if len(doc.Shared) != 1 || len(doc.Shared[0].Attachments) == 0 || doc.Shared[0].Attachments[0].MediaType != "application/pdf" {
		t.Fatalf("no document of the decision came: %+v", doc.Shared)
	}
	blobs, err := g.record.MessageBlobs(t.Context(), doc.Shared[0].Message.Iss, doc.Shared[0].Message.Jti)
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.record.OpenBlob(t.Context(), blobs[doc.Shared[0].Attachments[0].ID].ID)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head := make([]byte, 5)
	if _, err := r.Read(head); err != nil || string(head) != "%PDF-" {
		t.Errorf("the document begins %q: %v", head, err)
	}
}

// unproved: neither a permit that was changed nor one that was revoked is proved.
func (f *foreign) unproved(caseID, token string) {
	t := f.t
	t.Helper()
	prove := f.fi.apps.Recognition.Prove
	cut := strings.LastIndexByte(token, '.')
	forged := token[:cut-8] + "AAAAAAAA" + token[cut:]
	if p, err := prove(t.Context(), forged); err != nil || p.Valid || p.Permit != nil || p.Reason != "not-proved" {
		t.Errorf("a changed permit: %+v %v", p, err)
	}
	list, err := f.fr.record.Permits(t.Context(), caseID)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if p, err := prove(t.Context(), token); err != nil || !p.Valid || p.Permit.Jti != list[0].ID {
		t.Errorf("the permit in force: %+v %v", p, err)
	}
	s, err := f.fr.deskOf(trackAt(f.fr).HDAB)
	if err == nil {
		err = s.desk.Do(t.Context(), caseID, trackAt(f.fr), desk.Act{Actor: "staff-1", Permit: &desk.PermitAct{Event: "revoked", Reasons: "Art. 63"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	s.events.Nudge()
	f.until("the status list shows it", func() error {
		p, err := prove(t.Context(), token)
		if err == nil && (p.Valid || p.Reason != "revoked") {
			err = errors.New("still " + p.Reason)
		}
		return err
	})
}
