package exchange

import (
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// sentStatus is an application.status we sent to a peer in a case, with the token signed for it.
func sentStatus(n *node, target, id string) (store.Outbox, string) {
	n.w.t.Helper()
	track := ehds.Track{CatalogID: "cat", HDAB: hdabA}
	row := n.queue("app:"+id, n.compose.Message(Draft{To: target, Type: ehds.ApplicationStatus, Case: "app:" + id, Track: &track,
		Body: ehds.StatusBody{ApplicationID: id, Axis: ehds.AxisApplication, Status: "PROCESSING", Date: "2027-03-01T10:00:00Z"}}))[0]
	token := "token of " + row.Jti
	_, err := n.record.Update(n.w.t.Context(), row.Case, func(s store.State) (store.Change, error) {
		return store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxDelivered,
			Attempt: &store.Attempt{Token: token, TokenSHA256: sha256Hex(token), At: s.Now}}}, nil
	})
	if err != nil {
		n.w.t.Fatal(err)
	}
	return row, sha256Hex(token)
}

func TestReferences(t *testing.T) {
	w, ncp, centre := pair(t)
	row, sha := sentStatus(ncp, centreID, "A1")
	task := ncp.queue("app:A1", ncp.compose.Task(store.ChannelInternal, "x", "x", "app:A1", struct{}{}))[0]
	elsewhere, elsewhereSHA := sentStatus(ncp, "https://other.example", "A1")
	otherCase, otherSHA := sentStatus(ncp, centreID, "A2")
	answer := func(ref, sha string, t ehds.MessageType) func(*ehds.Envelope) {
		return func(e *ehds.Envelope) {
			e.Track = &ehds.Track{CatalogID: "cat", HDAB: hdabA}
			e.Ref, e.RefSHA256, e.Type, e.Body = ref, sha, t.Response(), mustJSON(ehds.ResponseBody{Result: ehds.Validated})
		}
	}
	n := int64(0)
	for _, c := range []struct {
		name, pointer, code string
		mod                 func(*ehds.Envelope)
	}{
		{"good", "", "", answer(row.Jti, sha, ehds.ApplicationStatus)},
		{"never sent", "/ref", "unknown-ref", answer(ncp.compose.NewID(), sha, ehds.ApplicationStatus)},
		{"to another peer", "/ref", "unknown-ref", answer(elsewhere.Jti, elsewhereSHA, ehds.ApplicationStatus)},
		{"of another case", "/ref", "unknown-ref", answer(otherCase.Jti, otherSHA, ehds.ApplicationStatus)},
		{"of another type", "/ref", "unknown-ref", answer(row.Jti, sha, ehds.ApplicationDecision)},
		{"our own task", "/ref", "unknown-ref", answer(task.Jti, sha, ehds.ApplicationStatus)},
		{"not our token", "/ref_sha256", "unknown-ref", answer(row.Jti, strings.Repeat("0", 64), ehds.ApplicationStatus)},
		{"no digest", "/ref_sha256", "ref-form", answer(row.Jti, "", ehds.ApplicationStatus)},
		{"upper case", "/ref_sha256", "ref-form", answer(row.Jti, strings.ToUpper(sha), ehds.ApplicationStatus)},
		{"no uuid", "/ref", "ref-form", answer("x", sha, ehds.ApplicationStatus)},
	} {
		n++
		reply := ncp.receive(centre.sign(centre.envelope(ncp, seq(n), c.mod)))
		r := ncp.receipt(reply.Receipt)
		if c.code == "" {
			if r.Status != ehds.Received {
				t.Errorf("%s: %s", c.name, r.Problem)
			}
			continue
		}
		if p := problemOf(t, r); p.Code != c.code || p.Field != c.pointer || p.Status != 422 {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	_ = w
}

// Another's track and an unknown case look the same.
func TestUnknownCaseAndTrack(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	withdraw := func(id string, track *ehds.Track) func(*ehds.Envelope) {
		return func(e *ehds.Envelope) {
			e.Case, e.Type, e.Track = "app:"+id, ehds.ApplicationWithdraw, track
			e.Body = mustJSON(ehds.WithdrawBody{ApplicationID: id, Date: "2027-03-01T10:00:00Z"})
		}
	}
	for name, mod := range map[string]func(*ehds.Envelope){
		"unknown case": func(e *ehds.Envelope) { withdraw("A7", nil)(e) },
		"another's track": func(e *ehds.Envelope) {
			e.Seq = 2
			withdraw("A1", &ehds.Track{CatalogID: "c", HDAB: "https://x.example"})(e)
		},
	} {
		env := centre.envelope(ncp, mod)
		if r := ncp.receive(centre.sign(env)); r.Fault != nil {
			t.Fatal(r.Fault)
		}
		for _, row := range ncp.rows() {
			if e := envelopeOf(t, row); e.Ref == env.Jti {
				b := responseOf(t, row)
				if b.Result != ehds.NotValidated || b.Findings[0].Code != "unknown-case" {
					t.Errorf("%s: %+v", name, b)
				}
			}
		}
	}
}
