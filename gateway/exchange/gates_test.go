package exchange

import (
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// form changes the form of the standard application.
func form(t *testing.T, mod func(*ehds.ApplicationBody)) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) {
		var b ehds.ApplicationBody
		mustRead(t, e.Body, &b)
		mod(&b)
		e.Body = mustJSON(b)
	}
}

func answersOf(findings []ehds.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Severity+" "+f.Code+" "+f.Pointer)
	}
	return out
}

// What the applicant left out does not refuse an application: it is told with its article, staff get a
// flag with the places, and a completed version has none.
// shows R7.1.2
func TestIncompleteApplicationIsTakenAndFlagged(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, form(t, func(b *ehds.ApplicationBody) {
		b.Language = "no"
		b.Form["section2"] = json.RawMessage(`{"projectLeader":"L","CANARY":1,"purposeForWhichDataWillBeUsed":[{"key":"CANARY"},{"key":"e"}]}`)
		delete(b.Form, "section10")
	}))))
	r := responseOf(t, ncp.rows()[0])
	want := []string{
		"warning language /body/language",
		"info field-unknown /body/form/section2",
		"warning choice-unknown /body/form/section2/purposeForWhichDataWillBeUsed",
		"warning fee-charge /body/form/section10/awareChargeFee",
		"warning correct /body/form/section10/awareInformationCorrect",
		"warning fee-processing /body/form/section10/awareProcessingFee",
	}
	if got := answersOf(r.Findings); r.Result != ehds.Validated || !slices.Equal(got, want) {
		t.Errorf("%s\ngot  %q\nwant %q", r.Result, got, want)
	}
	if m := r.Findings[3].Message; m != "Art. 62(1): the applicant knows what is charged for: not answered; confirm it" {
		t.Errorf("message %q", m)
	}
	if strings.Contains(string(ncp.rows()[0].Payload), "CANARY") {
		t.Error("the response repeats what was sent")
	}
	flags := ncp.doc("A1").Flags
	if len(flags) != 2 || flags[0].Code != "application-incomplete" || flags[1].Code != "application-to-assess" ||
		flags[0].Note != "section10/awareChargeFee (62(1)), section10/awareInformationCorrect (67(2)), section10/awareProcessingFee (62(1))" {
		t.Errorf("flags %+v", flags)
	}
	ncp.receive(centre.sign(centre.envelope(ncp, seq(2), typed(ehds.ApplicationAmended, json.RawMessage(submitBody("A1", "ds-1"))), form(t, func(b *ehds.ApplicationBody) {
		b.Version = 2
	}))))
	rows := ncp.rows()
	i := slices.IndexFunc(rows, func(r store.Outbox) bool { return r.Type == "application.amended.response" })
	if i < 0 || len(responseOf(t, rows[i]).Findings) != 0 || len(ncp.doc("A1").Flags) != 2 {
		t.Errorf("sent %s, flags %+v", types(rows), ncp.doc("A1").Flags)
	}
}

// What contradicts itself is refused, with article and place, before a case is opened or a track moved.
func TestContradictionsAreRefused(t *testing.T) {
	request := func(b *ehds.ApplicationBody) {
		b.Kind = ehds.DataRequestApplication
		b.Form["section5"] = json.RawMessage(`{"whyAreTheDataRequested":"w","formatOfTheElectronicHealthData":{"key":"b"}}`)
		b.Form["section8"] = json.RawMessage(`{"awareInformationCorrect":true}`)
	}
	for name, c := range map[string]struct {
		mod  func(*ehds.ApplicationBody)
		want string
	}{
		"form of the other kind":         {func(b *ehds.ApplicationBody) { b.Kind = ehds.DataRequestApplication }, "violation form-kind /body/kind"},
		"request for pseudonymised data": {request, "violation request-format /body/form/section5/formatOfTheElectronicHealthData"},
	} {
		_, ncp, centre := pair(t)
		ncp.receive(centre.sign(centre.envelope(ncp, form(t, c.mod))))
		rows := ncp.rows()
		r := responseOf(t, rows[0])
		if len(rows) != 1 || r.Result != ehds.NotValidated || !slices.Contains(answersOf(r.Findings), c.want) || ncp.counts().Cases != 0 {
			t.Errorf("%s: %s, %q", name, r.Result, answersOf(r.Findings))
		}
		ncp.receive(centre.sign(centre.envelope(ncp, seq(2)))) // the case is opened now
		before := len(ncp.rows())
		ncp.receive(centre.sign(centre.envelope(ncp, seq(3), typed(ehds.ApplicationAmended, json.RawMessage(submitBody("A1", "ds-1"))),
			form(t, func(b *ehds.ApplicationBody) { b.Version = 2; c.mod(b) }))))
		rows = ncp.rows()
		if len(rows) != before+1 || responseOf(t, rows[before]).Result != ehds.NotValidated || ncp.doc("A1").Application.Version != 1 {
			t.Errorf("%s, amended: %s", name, types(rows[before:]))
		}
	}
}

// However much is wrong, the response fits in a message.
func TestFindingsAreBounded(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, form(t, func(b *ehds.ApplicationBody) {
		b.Kind = ehds.DataRequestApplication
		var entries []map[string]any
		for range 40 {
			e := map[string]any{"country_id": "FRANCE"}
			for _, name := range []string{"extractionMethod", "samplingMethod", "sampleSize", "inclusionCriteria", "hdabContacts", "regionsSeekForData"} {
				e[name] = 7
			}
			entries = append(entries, e)
		}
		b.Form["section6"] = mustJSON(entries)
	}))))
	r := responseOf(t, ncp.rows()[0])
	last := r.Findings[len(r.Findings)-1]
	if r.Result != ehds.NotValidated || len(r.Findings) != mostTold+1 || r.Findings[0].Code != "form-kind" || last.Code != "findings-cut" {
		t.Errorf("%s, %d findings, first %s, last %s", r.Result, len(r.Findings), r.Findings[0].Code, last.Code)
	}
}

// The files the form names are held against those that came.
func TestFilesOfTheForm(t *testing.T) {
	_, ncp, centre := pair(t)
	env := centre.envelope(ncp, withAttachments(attachment("plan", "11"), attachment("more", "2")), form(t, func(b *ehds.ApplicationBody) {
		b.Form["section9"] = json.RawMessage(`{"additionalAttachment":[{"id":"plan","name":"plan.pdf","size":3},{"id":"gone"}]}`)
	}))
	ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{{"plan", strings.NewReader("11")}, {"more", strings.NewReader("2")}}})
	want := []string{
		"info file-unnamed /attachments",
		"warning file-size /body/form/section9/additionalAttachment/0",
		"warning file-absent /body/form/section9/additionalAttachment/1",
	}
	if r := responseOf(t, ncp.rows()[0]); r.Result != ehds.Validated || !slices.Equal(answersOf(r.Findings), want) {
		t.Errorf("%s %q", r.Result, answersOf(r.Findings))
	}
}

// A stale version and an illegal transition say what is known here.
func TestStaleVersionIsRefused(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	for n, v := range []int{2, 2} {
		ncp.receive(centre.sign(centre.envelope(ncp, seq(int64(n)+2), typed(ehds.ApplicationAmended, json.RawMessage(submitBody("A1", "ds-1"))),
			form(t, func(b *ehds.ApplicationBody) { b.Version = v }))))
	}
	rows := ncp.rows()
	r := responseOf(t, rows[len(rows)-1])
	if r.Result != ehds.NotValidated || r.Findings[0].Code != "version-not-newer" || !strings.Contains(r.Findings[0].Message, "version 2") {
		t.Errorf("response %+v", r)
	}
	ncp.receive(centre.sign(centre.envelope(ncp, seq(4), typed(ehds.ApplicationSubmit, json.RawMessage(submitBody("A1", "ds-1"))))))
	rows = ncp.rows()
	r = responseOf(t, rows[len(rows)-1])
	if r.Result != ehds.NotValidated || !strings.Contains(r.Findings[0].Message, string(ehds.StateSubmitted)) {
		t.Errorf("response %+v", r)
	}
}

// A grant that lacks a point of Art. 68(10), or that continues a permit, is refused before the decision
// goes out; the same decision, mended, is taken.
func TestIncompleteGrantIsRefused(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ev := newEvents(ncp, &stream{})
	bare := decision("e2", "D1", ehds.Positive)
	bare.Grant.Fees, bare.Grant.Persons = nil, nil
	ev.happen(t, status("e0", "PRE_SCREENING"), status("e1", "PROCESSING"), bare)
	flags := ncp.doc("A1").Flags
	if len(flags) != 1 || flags[0].Code != "national-event-refused" || flags[0].Note != "grant-incomplete: a permit must state Art. 68(10)(d), 68(10)(g)" ||
		strings.Contains(types(ncp.rows()), "application.decision") {
		t.Fatalf("flags %+v, sent %s", flags, types(ncp.rows()))
	}
	continues := decision("e3", "D1", ehds.Positive)
	continues.Grant.Previous = "DP-FR-OLD-2025-23456789-v1"
	ev.happen(t, continues)
	if flags := ncp.doc("A1").Flags; len(flags) != 2 || flags[1].Note != "previous-form" || strings.Contains(types(ncp.rows()), "application.decision") {
		t.Fatalf("flags %+v, sent %s", flags, types(ncp.rows()))
	}
	ev.happen(t, decision("e4", "D1", ehds.Positive))
	if !strings.Contains(types(ncp.rows()), "application.decision") {
		t.Errorf("sent %s", types(ncp.rows()))
	}
}

// A permit says up to when opt-outs count: the issue of its first version, unless configured otherwise; with
// the exception applied, none. The notices say the same.
func TestOptOutsCountUntilTheIssue(t *testing.T) {
	for name, c := range map[string]struct {
		ofVersion, applied bool
	}{"of the first version": {}, "of each version": {ofVersion: true}, "exception applied": {applied: true}} {
		t.Run(name, func(t *testing.T) {
			l := newPermitLife(t)
			l.n.apps.Gates.OptOutsOfVersion = c.ofVersion
			amend := func(applied bool) (until, now string) {
				l.w.clock.Advance(48 * time.Hour)
				l.tell(ehds.PermitEventAmendmentAsked, nil)
				l.tell(ehds.PermitEventAmendmentApproved, func(e *nationalEvent) {
					with("Grace")(e)
					if applied {
						e.Permit.Grant.OptOut = ehds.PermitOptOut{Applied: true, Reason: "r"}
					}
				})
				b := &bringer{}
				l.distribute(b)
				signed := l.hand.signed[len(l.hand.signed)-1].Permit.OptOut
				told := 0
				for _, n := range b.took { // user, holder and environment are told what the permit says, without its reason
					if n.PermitID == l.newest() && n.OptOut == (ehds.PermitOptOut{Applied: signed.Applied, Until: signed.Until}) {
						told++
					}
				}
				if told != 3 {
					t.Errorf("%d are told of %+v, in %+v", told, signed, b.took)
				}
				return signed.Until, stamp(l.w.clock.Now())
			}
			// The fixture's first permit is no token that can be read: the second counts from its own issue,
			// which leaves out more people, not fewer.
			before, now := amend(false)
			if before != now {
				t.Fatalf("version two says %q", before)
			}
			got, now := amend(c.applied)
			want := before
			switch {
			case c.ofVersion:
				want = now
			case c.applied:
				want = ""
			}
			if got != want || len(l.hand.signed) != 3 {
				t.Errorf("version three says %q, want %q", got, want)
			}
		})
	}
}

// Staff may re-route a track to the accelerated procedure when the form says what it is for, and back; a
// later version is held against the procedure the case is in.
// shows R8.0.3 R8.0.4
func TestReroutedByWhatTheFormSays(t *testing.T) {
	public := func(purpose string) func(*ehds.ApplicationBody) {
		return func(b *ehds.ApplicationBody) {
			b.Form["section2"] = json.RawMessage(`{"projectLeader":"L","purposeForWhichDataWillBeUsed":[{"key":"` + purpose + `"}]}`)
			b.Form["section3"] = json.RawMessage(`{"applyingForDataOnBehalfOfPublicSector":{"key":"a"},"applyingForDataForCarryingOutTasks":{"key":"a"},
			 "legalOrNaturalPerson":{"key":"a"},"legalPersonName":"O"}`)
		}
	}
	reroute := func(id string, p ehds.Procedure) nationalEvent {
		e := status(id, "")
		e.Kind, e.Procedure, e.Reason = connectors.EventProcedure, p, "a cross-border threat"
		return e
	}
	for purpose, want := range map[string]ehds.Procedure{"a": ehds.ProcedureAccelerated, "e": ehds.ProcedureStandard} {
		_, ncp, centre := pair(t)
		ncp.receive(centre.sign(centre.envelope(ncp, form(t, public(purpose)))))
		ev := newEvents(ncp, &stream{})
		ev.happen(t, reroute("e1", ehds.ProcedureAccelerated))
		doc := ncp.doc("A1")
		if got := doc.Application.Tracks[0].Procedure; got != want || (want == ehds.ProcedureStandard) != slices.ContainsFunc(doc.Flags, func(f Flag) bool {
			return f.Code == "national-event-refused" && f.Note == access.CodeProcedure
		}) {
			t.Errorf("purpose %s: %s, flags %+v", purpose, got, doc.Flags)
		}
		if want == ehds.ProcedureStandard {
			continue
		}
		ncp.receive(centre.sign(centre.envelope(ncp, seq(2), typed(ehds.ApplicationAmended, json.RawMessage(submitBody("A1", "ds-1"))),
			form(t, func(b *ehds.ApplicationBody) { b.Version = 2; public("e")(b) }))))
		doc = ncp.doc("A1")
		if f := doc.Flags[len(doc.Flags)-1]; f.Code != "application-to-assess" || !strings.Contains(f.Note, "(68(6))") {
			t.Errorf("flags %+v", doc.Flags)
		}
		ev.happen(t, reroute("e2", ehds.ProcedureStandard), reroute("e3", ehds.ProcedureAccelerated))
		if got := ncp.doc("A1").Application.Tracks[0].Procedure; got != ehds.ProcedureStandard {
			t.Errorf("research is in procedure %s", got)
		}
	}
}

// A permit that gives more than was asked for is signed, and staff are told where.
func TestPermitBeyondItsApplication(t *testing.T) {
	for name, c := range map[string]struct {
		mod  func(*ehds.PermitDetail)
		note string
	}{
		"as asked":    {func(*ehds.PermitDetail) {}, ""},
		"more of all": {func(g *ehds.PermitDetail) { g.Purposes, g.Granted[0].DatasetID = []string{"d"}, "ds-9" }, "/permit/granted_datasets (66(1)), /permit/purposes (66(1))"},
	} {
		_, ncp, task := granted(t)
		var p permitTask
		mustRead(t, task.Payload, &p)
		c.mod(&p.Grant)
		task.Payload = mustJSON(p)
		if err := ncp.issuer(&stamps{}, rand.Reader).Try(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		flags := ncp.doc("A1").Flags
		if c.note == "" && len(flags) > 0 || c.note != "" && (len(flags) != 1 || flags[0].Code != "permit-beyond-application" || flags[0].Note != c.note) {
			t.Errorf("%s: flags %+v", name, flags)
		}
		if n := ncp.counts().Permits; n != 1 {
			t.Errorf("%s: %d permits", name, n)
		}
	}
}
