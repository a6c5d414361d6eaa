package exchange

import (
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

func datasets(ids ...string) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) { e.Body = submitBody("A1", ids...) }
}

func TestSubmitOpensTracks(t *testing.T) {
	for name, c := range map[string]struct {
		datasets []string
		hdabs    []string
		warnings int
	}{
		"one body":             {[]string{"ds-1"}, []string{hdabA}, 0},
		"two bodies":           {[]string{"ds-2", "ds-1"}, []string{hdabB, hdabA}, 0},
		"twice the same":       {[]string{"ds-1", "ds-1"}, []string{hdabA}, 0},
		"named by agent":       {[]string{"ds-3"}, []string{hdabB}, 0},
		"unknown dataset":      {[]string{"nowhere"}, []string{hdabA}, 1},
		"record names no body": {[]string{"ds-4"}, []string{hdabA}, 1},
		"known and unknown":    {[]string{"ds-2", "nowhere"}, []string{hdabB, hdabA}, 1},
		"deleted dataset":      {[]string{"ds-5"}, []string{hdabA}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			ncp.publish("ds-2", hdabB)
			ncp.publish("ds-3", "https://b.example/agent")
			ncp.publish("ds-4", "https://unknown.example")
			ncp.publish("ds-5", hdabB)
			ncp.router.Learn(catalogue.Publication{Identifier: "ds-5", HDAB: hdabB, State: catalogue.Deleted})
			env := centre.envelope(ncp, datasets(c.datasets...))
			token := centre.sign(env)
			if r := ncp.receive(token); r.Fault != nil {
				t.Fatal(r.Fault)
			}
			rows := ncp.rows()
			want := "application.submit.response" + strings.Repeat(" application.ack permits.handover", len(c.hdabs))
			if types(rows) != want {
				t.Fatalf("queued %s\nwant   %s", types(rows), want)
			}
			b := responseOf(t, rows[0])
			if e := envelopeOf(t, rows[0]); b.Result != ehds.Validated || len(b.Findings) != c.warnings || e.Ref != env.Jti || e.RefSHA256 != sha256Hex(token) {
				t.Errorf("response %+v of %s", b, e.Ref)
			}
			for i, hdab := range c.hdabs {
				ack := envelopeOf(t, rows[1+2*i])
				if ack.Track.HDAB != hdab || ack.Track.CatalogID != "cat" || ack.Ref != env.Jti || ack.RefSHA256 != sha256Hex(token) {
					t.Errorf("ack %d: %+v", i, ack)
				}
				if rows[2+2*i].Channel != store.ChannelPermits || rows[2+2*i].Target != "desk" {
					t.Errorf("handover %d to %s", i, rows[2+2*i].Target)
				}
			}
			doc := ncp.doc("A1")
			if len(doc.Application.Tracks) != len(c.hdabs) || doc.Counterpart != centreID || doc.Filing.Jti != env.Jti {
				t.Errorf("document %+v", doc)
			}
			if ncp.woken.Load() != 1 {
				t.Errorf("the outbox was woken %d times", ncp.woken.Load())
			}
		})
	}
}

func TestSubmitRefused(t *testing.T) {
	for name, c := range map[string]struct {
		mod  func(*ehds.Envelope)
		code string
	}{
		"other nation": {func(e *ehds.Envelope) {
			e.Body = []byte(strings.ReplaceAll(string(submitBody("A1", "elsewhere")), `"FR"`, `"SE"`))
		}, "no-dataset-here"},
		"other application": {func(e *ehds.Envelope) { e.Body = submitBody("A2", "ds-1") }, "case-mismatch"},
		"no such day":       {func(e *ehds.Envelope) { e.Body = []byte(strings.ReplaceAll(string(e.Body), `03-01T09`, `02-30T09`)) }, "schema"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			reply := ncp.receive(centre.sign(centre.envelope(ncp, c.mod)))
			if c.code == "schema" {
				if reply.Fault == nil || reply.Fault.Code != c.code {
					t.Errorf("got %v", reply.Fault)
				}
				return
			}
			if reply.Fault != nil {
				t.Fatal(reply.Fault)
			}
			rows := ncp.rows()
			if b := responseOf(t, rows[0]); len(rows) != 1 || b.Result != ehds.NotValidated || b.Findings[0].Code != c.code {
				t.Errorf("%d rows, response %+v", len(rows), b)
			}
			if n := ncp.counts().Cases; n != 0 {
				t.Errorf("%d cases were opened", n)
			}
		})
	}
}

// Members nobody knows are kept, have no effect, and are told without their names.
func TestUnknownMembersAreTold(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) {
		e.Body = []byte(strings.Replace(string(e.Body), "{", `{"CANARY":{"nation":"SE"},`, 1))
	})))
	row := ncp.rows()[0]
	b := responseOf(t, row)
	if b.Result != ehds.Validated || len(b.Findings) != 1 || b.Findings[0].Code != "unknown-member" || b.Findings[0].Severity != "info" {
		t.Errorf("response %+v", b)
	}
	if strings.Contains(string(row.Payload), "CANARY") {
		t.Error("the response repeats the member's name")
	}
}

func TestSubmitTwiceIsRefused(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ncp.receive(centre.sign(centre.envelope(ncp, seq(2))))
	rows := ncp.rows()
	if b := responseOf(t, rows[len(rows)-1]); b.Result != ehds.NotValidated {
		t.Errorf("a second submission: %+v", b)
	}
}

// A status of another nation's track is noted with the nation the centre vouches for.
func TestStatusWithOrigin(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	status := func(track ehds.Track, o *ehds.Origin) func(*ehds.Envelope) {
		return func(e *ehds.Envelope) {
			typed(ehds.ApplicationStatus, ehds.StatusBody{ApplicationID: "A1", Axis: ehds.AxisApplication, Status: "PROCESSING", Date: "2027-03-01T10:00:00Z"})(e)
			e.Track, e.Origin = &track, o
		}
	}
	foreign := ehds.Track{CatalogID: "se", HDAB: "https://hdab.se.example"}
	origin := &ehds.Origin{Entity: "https://ncp.se.example", Nation: "SE", MessageID: "m", ReceivedAt: "2027-03-01T10:00:00Z"}
	for i, c := range []struct {
		name   string
		track  ehds.Track
		origin *ehds.Origin
		code   string
	}{
		{"with origin", foreign, origin, ""},
		{"without origin", foreign, nil, "origin-missing"},
		{"our own track", ehds.Track{CatalogID: "cat", HDAB: hdabA}, origin, access.CodeUnknownCase},
	} {
		if r := ncp.receive(centre.sign(centre.envelope(ncp, seq(int64(i)+2), status(c.track, c.origin)))); r.Fault != nil {
			t.Fatal(c.name, r.Fault)
		}
		rows := ncp.rows()
		b := responseOf(t, rows[len(rows)-1])
		if c.code == "" && b.Result != ehds.Validated || c.code != "" && (b.Result != ehds.NotValidated || b.Findings[0].Code != c.code) {
			t.Errorf("%s: %+v", c.name, b)
		}
	}
	if o := ncp.doc("A1").Application.Observed; len(o) != 1 || o[0].Nation != "SE" || o[0].Key != foreign {
		t.Errorf("observed %+v", o)
	}
}

// What the centre does not validate is for staff; nothing is undone.
func TestResponseFlagsTheCase(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	row, sha := sentStatus(ncp, centreID, "A1")
	answer := func(result ehds.Validation, code string) func(*ehds.Envelope) {
		return func(e *ehds.Envelope) {
			e.Track, e.Ref, e.RefSHA256 = &ehds.Track{CatalogID: "cat", HDAB: hdabA}, row.Jti, sha
			typed(ehds.ApplicationStatus.Response(), ehds.ResponseBody{Result: result,
				Findings: []ehds.Finding{{Pointer: "/x", Code: code, Severity: "violation", Message: "canary"}}})(e)
		}
	}
	before := len(ncp.rows())
	for i, mod := range []func(*ehds.Envelope){answer(ehds.Validated, "x"), answer(ehds.NotValidated, "bad-date"), answer(ehds.NotValidated, "Canary.Code")} {
		if r := ncp.receive(centre.sign(centre.envelope(ncp, seq(int64(i)+2), mod))); r.Fault != nil {
			t.Fatal(r.Fault)
		}
	}
	flags := ncp.doc("A1").Flags
	if len(flags) != 2 || flags[0].Note != "application.status bad-date" || flags[1].Note != "application.status unknown" {
		t.Errorf("flags %+v", flags)
	}
	if got := len(ncp.rows()); got != before {
		t.Error("a response was answered")
	}
}

func TestDatasetResponse(t *testing.T) {
	_, ncp, centre := pair(t)
	const id = "ds:FR:ds-9"
	row := ncp.queue(id, ncp.compose.Message(Draft{To: centreID, Type: ehds.DatasetCreate, Case: id, Body: struct{}{}}))[0]
	token := "the token"
	_, err := ncp.record.Update(t.Context(), id, func(s store.State) (store.Change, error) {
		return store.Change{
			Doc: mustJSON(catalogue.Publication{Identifier: "ds-9", HDAB: hdabB, Source: "national", State: catalogue.Pending, Waiting: row.Jti}),
			Settle: &store.Settlement{ID: row.ID, State: store.OutboxDelivered,
				Attempt: &store.Attempt{Token: token, TokenSHA256: sha256Hex(token), At: s.Now}},
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	reply := ncp.receive(centre.sign(centre.envelope(ncp, func(e *ehds.Envelope) {
		e.Case, e.Ref, e.RefSHA256 = id, row.Jti, sha256Hex(token)
		typed(ehds.DatasetCreate.Response(), ehds.ResponseBody{Result: ehds.Validated, CentralID: "EU-1"})(e)
	})))
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	tracks, findings := ncp.router.Tracks([]ehds.ApplicationDataset{{DatasetID: "EU-1", Country: "FR"}})
	if len(tracks) != 1 || tracks[0] != (ehds.Track{CatalogID: "national", HDAB: hdabB}) || findings != nil {
		t.Errorf("routed to %v, %v", tracks, findings)
	}
	// A router made anew learns the same from the record.
	fresh := NewRouter("FR", ncp.router.Bodies)
	if err := fresh.Load(t.Context(), ncp.record); err != nil {
		t.Fatal(err)
	}
	if facts := fresh.Facts([]ehds.ApplicationDataset{{DatasetID: "EU-1", Country: "FR"}}, hdabB); len(facts) != 1 || facts["EU-1"].CentralID != "EU-1" {
		t.Errorf("facts %+v", facts)
	}
	if facts := fresh.Facts([]ehds.ApplicationDataset{{DatasetID: "EU-1", Country: "FR"}, {DatasetID: "EU-1", Country: "SE"}}, hdabA); len(facts) != 0 {
		t.Errorf("the other body is shown %+v", facts)
	}
}

// Every message of an applicant's walk through one application, as the centre passes them on.
func TestApplicantsMessages(t *testing.T) {
	w, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	track := ehds.Track{CatalogID: "cat", HDAB: hdabA}
	ev := newEvents(ncp, &stream{})
	n := int64(1)
	say := func(mod ...func(*ehds.Envelope)) ehds.ResponseBody {
		t.Helper()
		n++
		env := centre.envelope(ncp, append([]func(*ehds.Envelope){seq(n), func(e *ehds.Envelope) { e.Track = &track }}, mod...)...)
		reply := ncp.receive(centre.sign(env))
		if reply.Fault != nil {
			t.Fatal(reply.Fault)
		}
		for _, row := range ncp.rows() {
			if row.Channel != store.ChannelCentral {
				continue
			}
			if e := envelopeOf(t, row); e.Ref == env.Jti && e.Type.IsResponse() {
				return responseOf(t, row)
			}
		}
		return ehds.ResponseBody{}
	}
	national := func(e ...nationalEvent) { t.Helper(); ev.happen(t, e...) }
	national(status("e1", "PRE_SCREENING"), status("e2", "AWAITING_ADDITIONAL_INFORMATION"))
	ask, sha := sentStatus(ncp, centreID, "A1")
	refer := func(e *ehds.Envelope) { e.Ref, e.RefSHA256 = ask.Jti, sha }
	if b := say(refer, typed(ehds.ApplicationInfo, ehds.InfoBody{ApplicationID: "A1", Version: 1, RespondedAt: stamp(w.clock.Now()),
		Sections: []ehds.InfoAnswer{{Number: 5, Fields: map[string]any{"CANARY": 1}}}})); b.Result != ehds.Validated ||
		!slices.Equal(answersOf(b.Findings), []string{"info field-unknown /body/sections/0/fields"}) {
		t.Fatalf("info: %+v", b)
	}
	amended := []byte(strings.Replace(string(submitBody("A1", "ds-1")), `"version":1`, `"version":2`, 1))
	if b := say(func(e *ehds.Envelope) { e.Type, e.Body = ehds.ApplicationAmended, amended }); b.Result != ehds.Validated {
		t.Fatalf("amended: %+v", b)
	}
	national(status("e3", "PROCESSING"), decision("e4", "D1", ehds.Negative))
	if b := say(refer, typed(ehds.DecisionAck, ehds.AckBody{ApplicationID: "A1", StatusID: "s", Date: stamp(w.clock.Now())})); b.Result != "" {
		t.Errorf("an acknowledgement was answered: %+v", b)
	}
	if b := say(refer, typed(ehds.DecisionAnswer, ehds.DecisionAnswerBody{ApplicationID: "A1", DecisionID: "D1", Answer: ehds.AnswerAppeal, RespondedAt: stamp(w.clock.Now())})); b.Result != ehds.Validated {
		t.Fatalf("answer: %+v", b)
	}
	if b := say(typed(ehds.AppealSubmit, ehds.AppealBody{ApplicationID: "A1", DecisionID: "D1", AppealID: "P1", Text: "no", Date: stamp(w.clock.Now())})); b.Result != ehds.Validated {
		t.Fatalf("appeal: %+v", b)
	}
	if b := say(typed(ehds.ApplicationWithdraw, ehds.WithdrawBody{ApplicationID: "A1", Date: stamp(w.clock.Now())})); b.Result != ehds.NotValidated {
		t.Errorf("a decided application was withdrawn: %+v", b)
	}
	all := types(ncp.rows())
	for _, want := range []string{"application.info-ack", "application.decision", "appeal.ack"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
	if _, err := ncp.record.VerifyRecord(t.Context()); err != nil {
		t.Errorf("the record: %v", err)
	}
}
