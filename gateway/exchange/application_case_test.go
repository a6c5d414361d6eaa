package exchange

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

var ourTrack = ehds.Track{CatalogID: "cat", HDAB: hdabA}

// told is a status of another nation's track, passed on by the centre.
func told(track ehds.Track, o *ehds.Origin) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) {
		typed(ehds.ApplicationStatus, ehds.StatusBody{ApplicationID: "A1", Axis: ehds.AxisApplication, Status: "PROCESSING", Date: "2027-03-01T10:00:00Z"})(e)
		e.Track, e.Origin = &track, o
	}
}

func swedish() (ehds.Track, *ehds.Origin) {
	return ehds.Track{CatalogID: "se", HDAB: "https://hdab.se.example"},
		&ehds.Origin{Entity: "https://ncp.se.example", Nation: "SE", MessageID: "m", ReceivedAt: "2027-03-01T10:00:00Z"}
}

// lastResponse is the business response queued last.
func lastResponse(t *testing.T, n *node) ehds.ResponseBody {
	t.Helper()
	rows := n.rows()
	for i := len(rows) - 1; i >= 0; i-- {
		if ehds.MessageType(rows[i].Type).IsResponse() {
			return responseOf(t, rows[i])
		}
	}
	t.Fatal("no response was queued")
	return ehds.ResponseBody{}
}

func tasks(n *node) []store.Outbox {
	var out []store.Outbox
	for _, r := range n.rows() {
		if r.Channel == store.ChannelPermits {
			out = append(out, r)
		}
	}
	return out
}

// Another nation's status may come before the application: what the submission brings still reaches
// the permit system.
func TestSubmitAfterAStatusIsHandedOver(t *testing.T) {
	_, ncp, centre := pair(t)
	first := centre.envelope(ncp, told(swedish()))
	if r := ncp.receive(centre.sign(first)); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	env := centre.envelope(ncp, seq(2))
	if r := ncp.receive(centre.sign(env)); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	doc := ncp.doc("A1")
	if want := (store.MessageRef{Iss: centreID, Jti: env.Jti}); doc.Filing != want || doc.Counterpart != centreID || len(doc.Application.Observed) != 1 {
		t.Errorf("document %+v", doc)
	}
	s := &stream{}
	for _, task := range tasks(ncp) {
		if err := ncp.handover(s).Try(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if r := ncp.row(task.ID); r.State != store.OutboxDelivered {
			t.Errorf("the handover is %s, %s", r.State, r.Reason)
		}
	}
	if got := strings.Join(s.took, "; "); got != "submit "+hdabA+" v1 0 1" {
		t.Errorf("handed over: %s", got)
	}
}

// A body that names another application than its case changes nothing.
func TestBodiesOfAnotherApplication(t *testing.T) {
	const at = "2027-03-01T10:00:00Z"
	foreign, origin := swedish()
	for name, c := range map[string]struct {
		body     any
		typ      ehds.MessageType
		track    *ehds.Track
		origin   *ehds.Origin
		refers   bool
		answered bool
	}{
		"amended":  {typ: ehds.ApplicationAmended, body: jsonOf(strings.Replace(string(submitBody("A2", "ds-1")), `"version":1`, `"version":2`, 1)), answered: true},
		"withdraw": {typ: ehds.ApplicationWithdraw, body: ehds.WithdrawBody{ApplicationID: "A2", Date: at}, answered: true},
		"info":     {typ: ehds.ApplicationInfo, body: ehds.InfoBody{ApplicationID: "A2", Version: 1, RespondedAt: at, Sections: []ehds.InfoAnswer{}}, track: &ourTrack, refers: true, answered: true},
		"answer":   {typ: ehds.DecisionAnswer, body: ehds.DecisionAnswerBody{ApplicationID: "A2", DecisionID: "D1", Answer: ehds.AnswerAppeal, RespondedAt: at}, track: &ourTrack, refers: true, answered: true},
		"appeal":   {typ: ehds.AppealSubmit, body: ehds.AppealBody{ApplicationID: "A2", DecisionID: "D1", AppealID: "P", Text: "no", Date: at}, track: &ourTrack, answered: true},
		"status":   {typ: ehds.ApplicationStatus, body: ehds.StatusBody{ApplicationID: "A2", Axis: ehds.AxisApplication, Status: "PROCESSING", Date: at}, track: &foreign, origin: origin, answered: true},
		"ack":      {typ: ehds.DecisionAck, body: ehds.AckBody{ApplicationID: "A2", StatusID: "s", Date: at}, track: &ourTrack, refers: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			ncp.receive(centre.sign(centre.envelope(ncp)))
			row, sha := sentStatus(ncp, centreID, "A1")
			before, queued := ncp.doc("A1"), len(ncp.rows())
			reply := ncp.receive(centre.sign(centre.envelope(ncp, seq(2), typed(c.typ, c.body), func(e *ehds.Envelope) {
				e.Track, e.Origin = c.track, c.origin
				if c.refers {
					e.Ref, e.RefSHA256 = row.Jti, sha
				}
			})))
			if reply.Fault != nil {
				t.Fatal(reply.Fault)
			}
			if c.answered {
				if b := lastResponse(t, ncp); b.Result != ehds.NotValidated || b.Findings[0].Code != "case-mismatch" {
					t.Errorf("response %+v", b)
				}
				queued++
			}
			if d := cmp.Diff(before, ncp.doc("A1")); d != "" || len(ncp.rows()) != queued {
				t.Errorf("%d rows instead of %d; the document changed:\n%s", len(ncp.rows()), queued, d)
			}
		})
	}
}

// jsonOf makes JSON text a body.
func jsonOf(s string) any { return jsonText(s) }

type jsonText string

func (j jsonText) MarshalJSON() ([]byte, error) { return []byte(j), nil }

// Every handler that reads an acknowledgement or an act compares the application it names.
func TestAcknowledgementOfAnotherApplication(t *testing.T) {
	apps := &Applications{Router: NewRouter("FR", []HDAB{{Entity: hdabA}})}
	doc := mustJSON(ApplicationDoc{Counterpart: centreID, Application: access.Application{ID: "A1"}})
	h := &Handling{Doc: doc, Env: ehds.Envelope{Type: ehds.DecisionAck, Case: "app:A1", Body: mustJSON(ehds.AckBody{ApplicationID: "A2"})}}
	if f := apps.noted(h); len(f) != 1 || f[0].Code != "case-mismatch" || !bytes.Equal(h.Doc, doc) {
		t.Errorf("findings %+v", f)
	}
}

// A track of ours is never another's to speak of, and another nation never speaks as ours.
func TestStatusOfOurOwn(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*ehds.Track, *ehds.Origin)
		first bool // before the application
	}{
		"our track":                   {func(tr *ehds.Track, _ *ehds.Origin) { *tr = ourTrack }, false},
		"our body, another catalogue": {func(tr *ehds.Track, _ *ehds.Origin) { tr.HDAB = hdabB }, false},
		"our body, before the case":   {func(tr *ehds.Track, _ *ehds.Origin) { tr.HDAB = hdabA }, true},
		"our country":                 {func(_ *ehds.Track, o *ehds.Origin) { o.Nation = "FR" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, centre := pair(t)
			n := int64(1)
			if !c.first {
				ncp.receive(centre.sign(centre.envelope(ncp)))
				n++
			}
			track, origin := swedish()
			c.spoil(&track, origin)
			if r := ncp.receive(centre.sign(centre.envelope(ncp, seq(n), told(track, origin)))); r.Fault != nil {
				t.Fatal(r.Fault)
			}
			if b := lastResponse(t, ncp); b.Result != ehds.NotValidated || b.Findings[0].Code != access.CodeUnknownCase {
				t.Errorf("response %+v", b)
			}
			if c.first {
				if n := ncp.counts().Cases; n != 0 {
					t.Errorf("%d cases were opened", n)
				}
			} else if o := ncp.doc("A1").Application.Observed; len(o) != 0 {
				t.Errorf("observed %+v", o)
			}
		})
	}
}

// The original token, when it is there, is at least a message of the entity it is said to come from.
func TestOriginToken(t *testing.T) {
	key := trusttest.Key("https://ncp.se.example")
	sign := func(typ, iss string) string {
		return trusttest.Sign(t, key, typ, map[string]any{"iss": iss, "aud": centreID})
	}
	good := sign(ehds.TypMessage, "https://ncp.se.example")
	for name, c := range map[string]struct {
		token string
		code  string
	}{
		"a message of the origin": {good, ""},
		"of another entity":       {sign(ehds.TypMessage, "https://ncp.dk.example"), "origin-token"},
		"without issuer":          {trusttest.Sign(t, key, ehds.TypMessage, map[string]any{"aud": centreID}), "origin-token"},
		"issuer spelt otherwise":  {trusttest.Sign(t, key, ehds.TypMessage, map[string]any{"ISS": "https://ncp.se.example"}), "origin-token"},
		"of another type":         {sign(ehds.TypReceipt, "https://ncp.se.example"), "origin-token"},
		"no token":                {"not.a.token", "origin-token"},
		"padded":                  {good + "=", "origin-token"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, submit := range []bool{false, true} {
				_, ncp, centre := pair(t)
				track, origin := swedish()
				origin.Token = c.token
				mod := told(track, origin)
				if submit { // the rule is one of origin, whatever the type
					mod = func(e *ehds.Envelope) { e.Origin = origin }
				}
				if r := ncp.receive(centre.sign(centre.envelope(ncp, mod))); r.Fault != nil {
					t.Fatal(r.Fault)
				}
				b := lastResponse(t, ncp)
				if c.code == "" {
					if b.Result != ehds.Validated {
						t.Errorf("response %+v", b)
					}
					continue
				}
				if b.Result != ehds.NotValidated || b.Findings[0].Code != c.code || ncp.counts().Cases != 0 {
					t.Errorf("response %+v, %d cases", b, ncp.counts().Cases)
				}
			}
		})
	}
}
