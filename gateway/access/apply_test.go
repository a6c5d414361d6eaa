package access

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func step(t *testing.T, a Application, e Event, now time.Time) (Application, []Effect) {
	t.Helper()
	next, effects, err := checked(t, a, e, now)
	if err != nil {
		t.Fatalf("%s: %v", e.Name(), err)
	}
	return next, effects
}

func refused(t *testing.T, a Application, e Event, now time.Time, code string) {
	t.Helper()
	_, _, err := checked(t, a, e, now)
	if fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %s", e.Name(), err, code)
	}
}

// names gives the kinds of effects, statuses spelled out.
func names(effects []Effect) []string {
	var out []string
	for _, e := range effects {
		switch e := e.(type) {
		case SendAck:
			out = append(out, "ack "+string(e.Type)+" "+e.Ref)
		case SendStatus:
			out = append(out, "status "+string(e.Axis)+" "+e.Status)
		case SendInfoRequest:
			out = append(out, "info-request")
		case SendExtension:
			out = append(out, "extension "+e.Body.NewDeadline)
		case SendDecision:
			out = append(out, "decision "+e.Card.DecisionID)
		case IssuePermit:
			out = append(out, "issue "+e.Decision)
		case SendPermit:
			out = append(out, "permit "+e.Body.PermitID)
		case SendPermitChanged:
			out = append(out, "permit-changed "+e.Body.PermitID+" "+string(e.Body.Status))
		case SetPermitStatus:
			out = append(out, "set "+e.PermitID)
		case HandToPermits:
			out = append(out, "hand "+string(e.What))
		case StartClock:
			out = append(out, "start "+string(e.Clock.Kind)+" "+e.Clock.LastDay)
		case StopClock:
			out = append(out, "stop "+string(e.Kind))
		case FlagForStaff:
			out = append(out, "flag "+e.Code)
		}
	}
	return out
}

func wantEffects(t *testing.T, got []Effect, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, names(got)); d != "" {
		t.Errorf("effects:\n%s", d)
	}
}

func TestFromSubmissionToPermit(t *testing.T) {
	a, ef := step(t, Application{}, submitted(ehds.DataAccessApplication, ours), t0)
	wantEffects(t, ef, "ack application.ack m-1", "hand submission", "start decision 2027-02-03")
	a, ef = step(t, a, Screened{ours, day(1), "rules"}, day(1))
	wantEffects(t, ef, "status application PRE_SCREENING")
	a, ef = step(t, a, ProcessingStarted{ours, day(2), "rules"}, day(2))
	wantEffects(t, ef, "status application PROCESSING")
	g := grant()
	a, ef = step(t, a, DecisionIssued{Track: ours, At: day(3), Card: card(ehds.Positive, "D-1", ""), Grant: g, Actor: "rules"}, day(3))
	wantEffects(t, ef, "decision D-1", "status application DECISION_ISSUED", "stop decision", "start answer 2026-12-04", "start publication 2026-12-18")
	g.Purposes[0], g.Fees.AmountCents = "changed", 99 // the caller's copy is not the document's
	a, ef = step(t, a, DecisionAnswered{ours, "D-1", ehds.AnswerAccept, day(5), "m-2"}, day(6))
	wantEffects(t, ef, "stop answer", "hand answer", "issue D-1")
	issue := ef[2].(IssuePermit)
	if issue.Grant.ApplicationID != "app1" || issue.Grant.DecisionID != "D-1" || issue.Grant.Purposes[0] != "e" || issue.Grant.Fees.AmountCents != 0 {
		t.Errorf("grant %+v", issue.Grant)
	}
	hand := ef[1].(HandToPermits)
	if hand.Answer == nil || hand.Answer.Answer != ehds.AnswerAccept || hand.Message != "m-2" {
		t.Errorf("handed over %+v", hand)
	}
	a, ef = step(t, a, PermitGranted{ours, day(6), permitBody("D-1", "DP-NL-2026-0001-v1", day(6), day(371))}, day(6))
	wantEffects(t, ef, "permit DP-NL-2026-0001-v1", "status permit GRANTED", "start permit 2027-11-09")
	refused(t, a, DecisionAnswered{ours, "D-1", ehds.AnswerAccept, day(5), "m-3"}, day(6), CodeIllegal)
	if got := NationStatus(a); got != ehds.StateDecisionIssued {
		t.Errorf("status of the nation: %s", got)
	}
}

// shows R7.5.2 R8.0.8-9
func TestInformationVoidsAndRestartsTheDecisionClock(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
	ask := InfoRequested{Track: ours, At: day(10), Sections: []ehds.InfoSection{{Number: 2, Fields: map[string]string{"projectName": "why"}}}}
	a, ef := step(t, a, ask, day(10))
	wantEffects(t, ef, "info-request", "stop decision", "start completion 2026-12-11")
	if b := ef[0].(SendInfoRequest).Body; b.Status != ehds.StateAwaitingInformation || b.AnswerBy != "2026-12-12T00:00:00Z" {
		t.Errorf("%+v", b)
	}
	refused(t, a, Extended{ours, day(11), "busy", "s"}, day(11), CodeIllegal)
	refused(t, a, InfoReceived{ours, time.Date(2026, 12, 12, 0, 0, 0, 0, time.UTC), day(60), "m"}, day(60), CodeTooLate)
	a, ef = step(t, a, InfoReceived{ours, day(12), day(13), "m-2"}, day(13))
	wantEffects(t, ef, "stop completion", "start decision 2027-02-16", "ack application.info-ack m-2", "hand info", "status application PROCESSING")
	c, _ := a.Tracks[0].Clock(ClockDecision)
	if c.State != ClockRunning || !c.Start.Equal(day(13)) {
		t.Errorf("%+v", c)
	}
}

func TestCompletionMadeInTimeReopens(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, InfoRequested{Track: ours, At: t0})
	refused(t, a, ClockExpired{Track: ours, Kind: ClockCompletion}, day(20), CodeNotDue)
	if due := Due(a, day(30), 24*time.Hour); len(due) != 1 || due[0].Clock.Kind != ClockCompletion {
		t.Fatalf("due: %+v", due)
	}
	if due := Due(a, time.Date(2026, 12, 2, 23, 0, 0, 0, time.UTC), 24*time.Hour); len(due) != 0 {
		t.Fatalf("due within the grace period: %+v", due)
	}
	if at, ok := NextDue(a); !ok || at != time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC) {
		t.Errorf("next due %v %v", at, ok)
	}
	a, ef := step(t, a, ClockExpired{Track: ours, Kind: ClockCompletion}, day(30))
	wantEffects(t, ef, "stop completion", "status application WITHDRAWN", "hand withdrawal")
	if s := ef[1].(SendStatus); s.Date != time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC) {
		t.Errorf("dated %v, want the legal end", s.Date)
	}
	refused(t, a, InfoReceived{ours, day(29), day(31), "m"}, day(31), CodeTooLate)
	a, ef = step(t, a, InfoReceived{ours, day(27), day(31), "m"}, day(31))
	wantEffects(t, ef, "flag completed-in-time", "start decision 2027-03-04", "ack application.info-ack m", "hand info", "status application PRE_SCREENING")
	if c, _ := a.Tracks[0].Clock(ClockCompletion); c.State != ClockMet {
		t.Errorf("completion clock %s", c.State)
	}
}

func decided(t *testing.T, kind ehds.ApplicationKind, o ehds.Outcome) Application {
	t.Helper()
	d := DecisionIssued{Track: ours, At: t0, Card: card(o, "D-1", "")}
	if o == ehds.Positive && kind == ehds.DataAccessApplication {
		d.Grant = grant()
	}
	return applyAll(t, Application{}, submitted(kind, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"}, d)
}

func answer(id string, ans ehds.Answer, at time.Time) DecisionAnswered {
	return DecisionAnswered{ours, id, ans, at, "m"}
}

// shows R9.2.4-5
func TestAnswersFit(t *testing.T) {
	yes, no := decided(t, ehds.DataAccessApplication, ehds.Positive), decided(t, ehds.DataAccessApplication, ehds.Negative)
	for _, c := range []struct {
		name string
		app  Application
		e    Event
		code string
	}{
		{"appeal against a positive decision", yes, answer("D-1", ehds.AnswerAppeal, day(1)), CodeAnswer},
		{"appeal text against a positive decision", yes, AppealSubmitted{ours, "D-1", "A", day(1), "m"}, CodeAnswer},
		{"reject a refusal", no, answer("D-1", ehds.AnswerReject, day(1)), CodeAnswer},
		{"no response to a refusal", no, answer("D-1", ehds.AnswerNoResponse, day(1)), CodeAnswer},
		{"an unknown answer", yes, answer("D-1", "MAYBE", day(1)), CodeAnswer},
		{"another decision", yes, answer("D-2", ehds.AnswerAccept, day(1)), CodeDecision},
		{"another track", yes, DecisionAnswered{second, "D-1", ehds.AnswerAccept, day(1), "m"}, CodeUnknownCase},
		{"too late", yes, answer("D-1", ehds.AnswerAccept, day(29)), CodeTooLate},
		{"too late to reject", yes, answer("D-1", ehds.AnswerReject, day(29)), CodeTooLate},
		{"accept", yes, answer("D-1", ehds.AnswerAccept, day(28)), ""},
		{"reject", yes, answer("D-1", ehds.AnswerReject, day(1)), ""},
		{"accept a refusal", no, answer("D-1", ehds.AnswerAccept, day(99)), ""},
		{"appeal a refusal", no, answer("D-1", ehds.AnswerAppeal, day(99)), ""},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, c.app, c.e, day(30), c.code) })
	}
}

// shows R9.2.6-9
func TestSilenceWithdrawsOnceAndAnAnswerInTimeReopens(t *testing.T) {
	a := decided(t, ehds.DataAccessApplication, ehds.Positive)
	end := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	early, ef := step(t, a, answer("D-1", ehds.AnswerNoResponse, day(20)), day(20))
	if n := names(ef); n[0] != "flag no-response-early" || early.Tracks[0].Status != ehds.StateWithdrawn {
		t.Errorf("an early word of the centre: %v", n)
	}
	a, ef = step(t, a, ClockExpired{Track: ours, Kind: ClockAnswer}, day(30))
	wantEffects(t, ef, "stop answer", "status application WITHDRAWN", "hand answer")
	if ef[1].(SendStatus).Date != end || ef[2].(HandToPermits).Answer.Answer != ehds.AnswerNoResponse {
		t.Errorf("%+v", ef)
	}
	same, ef := step(t, a, answer("D-1", ehds.AnswerNoResponse, day(30)), day(30))
	wantEffects(t, ef)
	if d := cmp.Diff(a, same); d != "" {
		t.Errorf("the centre's word after our timer changed the case:\n%s", d)
	}
	refused(t, a, answer("D-1", ehds.AnswerAccept, day(29)), day(31), CodeTooLate)
	b, ef := step(t, a, answer("D-1", ehds.AnswerAccept, day(27)), day(31))
	wantEffects(t, ef, "flag answered-in-time", "status application DECISION_ISSUED", "hand answer", "issue D-1")
	if b.Tracks[0].Automatic || b.Tracks[0].Decision.Status != ehds.DecisionPositiveAccepted {
		t.Errorf("%+v", b.Tracks[0])
	}
	b, _ = step(t, a, answer("D-1", ehds.AnswerReject, day(27)), day(31))
	if b.Tracks[0].Status != ehds.StateWithdrawn || b.Tracks[0].Decision.Status != ehds.DecisionPositiveRejected {
		t.Errorf("%+v", b.Tracks[0])
	}
	refused(t, b, answer("D-1", ehds.AnswerAccept, day(27)), day(32), CodeIllegal)
}

// shows R10.0.6-7
func TestAppealsOpenOnceAndLeadToANewDecision(t *testing.T) {
	no := decided(t, ehds.DataAccessApplication, ehds.Negative)
	text := AppealSubmitted{ours, "D-1", "A-1", day(2), "m-9"}
	a, ef := step(t, no, answer("D-1", ehds.AnswerAppeal, day(1)), day(1))
	wantEffects(t, ef, "hand answer")
	a, ef = step(t, a, text, day(2))
	wantEffects(t, ef, "ack appeal.ack m-9", "hand appeal")
	b, ef := step(t, no, text, day(2)) // the text comes first
	wantEffects(t, ef, "hand answer", "ack appeal.ack m-9", "hand appeal")
	_, ef = step(t, b, answer("D-1", ehds.AnswerAppeal, day(3)), day(3))
	wantEffects(t, ef)
	refused(t, b, AppealSubmitted{ours, "D-1", "A-2", day(3), "m"}, day(3), CodeAppeal)
	refused(t, a, DecisionIssued{Track: ours, At: day(9), Card: card(ehds.Positive, "D-2", "D-1"), Grant: grant()}, day(9), CodeIllegal)
	a, ef = step(t, a, AppealDecided{Track: ours, At: day(10), Approved: true, Reasons: "law", Actor: "court"}, day(10))
	wantEffects(t, ef, "status decision APPEAL_APPROVED")
	for name, c := range map[string]ehds.DecisionBody{
		"same id": card(ehds.Positive, "D-1", "D-1"), "refers to none": card(ehds.Positive, "D-2", ""), "refers to another": card(ehds.Positive, "D-2", "D-0"),
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, a, DecisionIssued{Track: ours, At: day(11), Card: c, Grant: grant()}, day(11), CodeDecision)
		})
	}
	a, _ = step(t, a, DecisionIssued{Track: ours, At: day(11), Card: card(ehds.Positive, "D-2", "D-1"), Grant: grant()}, day(11))
	refused(t, a, answer("D-1", ehds.AnswerAccept, day(12)), day(12), CodeDecision)
	_, ef = step(t, a, answer("D-2", ehds.AnswerAccept, day(12)), day(12))
	if n := names(ef); n[len(n)-1] != "issue D-2" {
		t.Errorf("%v", n)
	}
}

func TestGrantsComeWithPositiveAccessDecisionsOnly(t *testing.T) {
	at := func(kind ehds.ApplicationKind) Application {
		return applyAll(t, Application{}, submitted(kind, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
	}
	access, request := at(ehds.DataAccessApplication), at(ehds.DataRequestApplication)
	yes, no := card(ehds.Positive, "D-1", ""), card(ehds.Negative, "D-1", "")
	other := grant()
	other.ApplicationID = "app2"
	wrong := yes
	wrong.ApplicationID = "app2"
	for _, c := range []struct {
		name string
		app  Application
		e    DecisionIssued
		code string
	}{
		{"access without grant", access, DecisionIssued{Card: yes}, CodeGrant},
		{"refusal with grant", access, DecisionIssued{Card: no, Grant: grant()}, CodeGrant},
		{"request with grant", request, DecisionIssued{Card: yes, Grant: grant()}, CodeGrant},
		{"request", request, DecisionIssued{Card: yes}, ""},
		{"converted", access, DecisionIssued{Card: yes, ConvertedTo: ehds.DataRequestApplication}, ""},
		{"converted with grant", access, DecisionIssued{Card: yes, Grant: grant(), ConvertedTo: ehds.DataRequestApplication}, CodeGrant},
		{"converted refusal", access, DecisionIssued{Card: no, ConvertedTo: ehds.DataRequestApplication}, CodeGrant},
		{"request converted", request, DecisionIssued{Card: yes, ConvertedTo: ehds.DataRequestApplication}, CodeGrant},
		{"grant of another application", access, DecisionIssued{Card: yes, Grant: other}, CodeGrant},
		{"card of another application", access, DecisionIssued{Card: wrong, Grant: grant()}, CodeIncomplete},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.e.Track, c.e.At = ours, t0
			refused(t, c.app, c.e, t0, c.code)
		})
	}
	a := decided(t, ehds.DataRequestApplication, ehds.Positive)
	a, ef := step(t, a, answer("D-1", ehds.AnswerAccept, day(1)), day(1))
	wantEffects(t, ef, "stop answer", "hand answer", "start data-answer 2027-02-03")
	refused(t, a, PermitGranted{ours, day(2), permitBody("D-1", "DP-NL-2026-0001-v1", day(2), day(3))}, day(2), CodeIllegal)
}

func TestTracksAreDecidedAlone(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours, second), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
	if s := NationStatus(a); s != ehds.StateSubmitted {
		t.Errorf("least advanced: %s", s)
	}
	a = applyAll(t, a, DecisionIssued{Track: ours, At: t0, Card: card(ehds.Negative, "D-1", "")})
	b, ef := step(t, a, Withdrawn{At: day(1), Reason: "r", Message: "m"}, day(1))
	wantEffects(t, ef, "stop decision", "status application WITHDRAWN", "hand withdrawal")
	if b.Tracks[0].Status != ehds.StateDecisionIssued || b.Tracks[1].Status != ehds.StateWithdrawn || NationStatus(b) != ehds.StateDecisionIssued {
		t.Errorf("%s, %s", b.Tracks[0].Status, b.Tracks[1].Status)
	}
	refused(t, b, Withdrawn{At: day(2)}, day(2), CodeIllegal)
	refused(t, b, Amended{2, day(2), day(2), "m", []ehds.Track{ours, second}}, day(2), CodeIllegal)
	c, ef := step(t, a, Amended{2, day(2), day(3), "m-2", []ehds.Track{ours, second}}, day(3))
	wantEffects(t, ef, "start decision 2027-02-08", "ack application.ack m-2", "hand submission")
	if c.Version != 2 || len(c.Versions) != 2 {
		t.Errorf("%+v", c.Versions)
	}
	refused(t, c, Amended{2, day(4), day(4), "m", []ehds.Track{ours, second}}, day(4), CodeVersion)
	refused(t, a, submitted(ehds.DataAccessApplication, ours), t0, CodeIllegal)
	refused(t, Application{}, submitted(ehds.DataAccessApplication, ours, ours), t0, CodeIncomplete)
	refused(t, Application{}, submitted(ehds.DataAccessApplication), t0, CodeIncomplete)
}

// shows R8.0.8
func TestExtensions(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"})
	refused(t, a, Extended{ours, day(9), "", "s"}, day(9), CodeReasons)
	refused(t, a, Extended{ours, day(200), "late", "s"}, day(200), CodeExtension)
	b, ef := step(t, a, Extended{ours, day(9), "complex", "s"}, day(9))
	wantEffects(t, ef, "extension 2027-05-04T00:00:00Z", "start decision 2027-05-03")
	refused(t, b, Extended{ours, day(10), "again", "s"}, day(10), CodeExtension)
	c, _ := b.Tracks[0].Clock(ClockDecision)
	if !c.Extended || c.Reasons != "complex" {
		t.Errorf("%+v", c)
	}
	r := applyAll(t, Application{}, submitted(ehds.DataRequestApplication, ours), Screened{ours, t0, "s"})
	if _, ef := step(t, r, Extended{ours, day(9), "complex", "s"}, day(9)); names(ef)[0] != "flag extension-not-in-law" {
		t.Errorf("%v", names(ef))
	}
	if _, ef := step(t, a, ClockExpired{Track: ours, Kind: ClockDecision}, later); names(ef)[1] != "flag decision-overdue" {
		t.Errorf("%v", names(ef))
	}
}

// shows R9.3.3-8 R9.4.6-9
func TestPermitVersions(t *testing.T) {
	a := granted(t)
	v2 := permitBody("D-1", "DP-NL-2026-0001-v2", day(60), day(367))
	ask := PermitMoved{Track: ours, At: day(30), PermitID: "DP-NL-2026-0001-v1", Event: ehds.PermitEventAmendmentAsked}
	a = applyAll(t, a, ask)
	yes := ask
	yes.Event = ehds.PermitEventAmendmentApproved
	refused(t, a, yes, day(31), CodeIncomplete)
	for name, c := range map[string]struct {
		body ehds.PermitIssuedBody
		code string
	}{
		"longer than before": {permitBody("D-1", "DP-NL-2026-0001-v2", day(60), day(368)), CodeDuration},
		"same version":       {permitBody("D-1", "DP-NL-2026-0001-v1", day(60), day(367)), CodePermit},
		"another base":       {permitBody("D-1", "DP-NL-2026-0002-v2", day(60), day(367)), CodePermit},
		"another decision":   {permitBody("D-2", "DP-NL-2026-0001-v2", day(60), day(367)), CodePermit},
		"ends before start":  {permitBody("D-1", "DP-NL-2026-0001-v2", day(60), day(59)), CodeIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			e := yes
			e.New = &c.body
			refused(t, a, e, day(31), c.code)
		})
	}
	yes.New = &v2
	a, ef := step(t, a, yes, day(31))
	wantEffects(t, ef, "set DP-NL-2026-0001-v1", "permit-changed DP-NL-2026-0001-v2 AMENDED", "status permit AMENDED", "start permit 2027-11-05")
	if s := ef[0].(SetPermitStatus); !s.From.Equal(day(60)) || s.Value != ehds.StatusInvalid {
		t.Errorf("the old version falls when the new one starts: %+v", s)
	}
	refused(t, a, ask, day(32), CodePermit)
	revoke := PermitMoved{Track: ours, At: day(40), PermitID: "DP-NL-2026-0001-v2", Event: ehds.PermitEventRevoked, Reason: "r"}
	b, ef := step(t, a, revoke, day(40))
	wantEffects(t, ef, "stop permit", "set DP-NL-2026-0001-v1", "set DP-NL-2026-0001-v2",
		"permit-changed DP-NL-2026-0001-v2 REVOKED", "start spe-deletion 2027-06-14", "start results 2028-06-13", "status permit REVOKED")
	if len(b.Tracks[0].Permits) != 2 || !b.Tracks[0].Permits[0].Ended.Equal(day(40)) {
		t.Errorf("%+v", b.Tracks[0].Permits)
	}
	late := PermitMoved{Track: ours, At: day(340), PermitID: "DP-NL-2026-0001-v2", Event: ehds.PermitEventRenewalAsked}
	refused(t, a, late, day(340), CodeRenewal)
	late.At = time.Date(2027, 10, 5, 23, 0, 0, 0, time.UTC) // a month before 5 November to the day
	renew, _ := step(t, a, late, late.At)
	ok := PermitMoved{Track: ours, At: late.At, PermitID: "DP-NL-2026-0001-v2", Event: ehds.PermitEventRenewalApproved}
	future := permitBody("D-1", "DP-NL-2026-0001-v3", late.At.AddDate(0, 0, 1), day(700))
	ok.New = &future
	refused(t, renew, ok, late.At, CodeStartsAtOnce)
	long := permitBody("D-1", "DP-NL-2026-0001-v3", late.At, day(367).AddDate(10, 0, 1))
	ok.New = &long
	refused(t, renew, ok, late.At, CodeDuration)
	_, ef = step(t, a, ClockExpired{Track: ours, Kind: ClockPermit}, later)
	if n := names(ef); n[len(n)-1] != "status permit EXPIRED" || !ef[len(ef)-1].(SendStatus).Date.Equal(day(367)) {
		t.Errorf("%v", n)
	}
	accepted := applyAll(t, decided(t, ehds.DataAccessApplication, ehds.Positive), answer("D-1", ehds.AnswerAccept, day(1)))
	refused(t, accepted, PermitGranted{ours, day(2), permitBody("D-1", "DP-NL-2026-0001-v1", t0, t0.AddDate(10, 0, 1))}, day(2), CodeDuration)
}

func TestOtherNationsTracksAreObserved(t *testing.T) {
	told := func(track ehds.Track, axis ehds.Axis, status string, at time.Time) StatusTold {
		return StatusTold{track, "FR", axis, status, at}
	}
	a, ef := step(t, Application{ID: "app1"}, told(foreign, ehds.AxisApplication, "PROCESSING", day(2)), day(3))
	wantEffects(t, ef)
	a = applyAll(t, a, submitted(ehds.DataAccessApplication, ours)) // ours begins later
	a = applyAll(t, a, told(foreign, ehds.AxisApplication, "PRE_SCREENING", day(1)), told(foreign, ehds.AxisDecision, "APPEAL_APPROVED", day(4)),
		told(foreign, ehds.AxisPermit, "REVOKE_APPEALED", day(5)))
	want := []ObservedTrack{{foreign, "FR", ehds.AxisApplication, "PROCESSING", day(2)},
		{foreign, "FR", ehds.AxisDecision, "APPEAL_APPROVED", day(4)}, {foreign, "FR", ehds.AxisPermit, "REVOKE_APPEALED", day(5)}}
	if d := cmp.Diff(want, a.Observed); d != "" {
		t.Error(d)
	}
	refused(t, a, told(ours, ehds.AxisApplication, "PROCESSING", day(2)), t0, CodeOwnTrack)
	refused(t, a, told(foreign, ehds.AxisApplication, "GRANTED", day(2)), t0, CodeStatus)
	refused(t, a, told(foreign, "transport", "SENT", day(2)), t0, CodeStatus)
	refused(t, Application{}, told(foreign, ehds.AxisApplication, "PROCESSING", day(2)), t0, CodeUnknownCase)
}

func TestTheBodysCalendarCounts(t *testing.T) {
	r := Rules{Calendar: Calendar{Zone: zone(t, "Europe/Amsterdam"), Holiday: holidays("2027-02-03")}}
	a, _, err := r.Apply(Application{}, submitted(ehds.DataAccessApplication, ours), t0)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := a.Tracks[0].Clock(ClockDecision)
	if c.LastDay != "2027-02-04" || c.End.Format(time.RFC3339) != "2027-02-04T23:00:00Z" || c.Zone != "Europe/Amsterdam" {
		t.Errorf("%+v", c)
	}
	s := submitted(ehds.DataAccessApplication, ours)
	s.Procedure = ehds.ProcedureAccelerated
	a, _, _ = r.Apply(Application{}, s, t0)
	if c, _ := a.Tracks[0].Clock(ClockDecision); c.LastDay != "2027-01-04" { // 3 January is a Sunday
		t.Errorf("%+v", c)
	}
}

func TestEachTrackIsCountedByItsBodysCalendar(t *testing.T) {
	r := Rules{Calendars: map[string]Calendar{second.HDAB: {Zone: zone(t, "Europe/Amsterdam"), Holiday: holidays("2027-02-03")}}}
	a, _, err := r.Apply(Application{}, submitted(ehds.DataAccessApplication, ours, second), t0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2027-02-03 UTC", "2027-02-04 Europe/Amsterdam"} {
		c, _ := a.Tracks[i].Clock(ClockDecision)
		if got := c.LastDay + " " + c.Zone; got != want {
			t.Errorf("track %d: %s, want %s", i, got, want)
		}
	}
}

func TestEventForStatus(t *testing.T) {
	for status, want := range map[string]string{"PRE_SCREENING": "screening-started", "PROCESSING": "processing-started",
		"AWAITING_ADDITIONAL_INFORMATION": "info-requested", "WITHDRAWN": "withdrawn"} {
		e, err := EventForStatus(ours, status, t0, "s", "r")
		if err != nil || e.Name() != want {
			t.Errorf("%s: %v %v", status, e, err)
		}
	}
	if e, err := EventForStatus(ours, "DECISION_ISSUED", t0, "s", ""); e != nil || err != nil {
		t.Errorf("DECISION_ISSUED: %v %v", e, err)
	}
	for _, bad := range []string{"", "SUBMITTED", "processing", "GRANTED"} {
		if _, err := EventForStatus(ours, bad, t0, "s", ""); fault.CodeOf(err) != CodeStatus {
			t.Errorf("%q: %v", bad, err)
		}
	}
	refused(t, Application{}, Screened{ours, t0, "s"}, t0, CodeUnknownCase)
	if _, _, err := Apply(Application{}, nil, t0); fault.CodeOf(err) != CodeIncomplete {
		t.Errorf("no event: %v", err)
	}
}
