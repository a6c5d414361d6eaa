package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/access/recognition"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// finnBody is the body of the Finnish hub of the tests.
const finnBody = finnID + "/hdab/fd"

// shown is an application of the Finnish hub in France, and what it shows of its own body's decision.
func shown(t *testing.T, policy recognition.Policy, prove func() (recognition.Proof, error), mod func(*ehds.Track, *ehds.SharedBody)) *node {
	t.Helper()
	_, fr, fi := hubs(t)
	fr.apps.Recognition = Recognition{
		Policies: map[string]recognition.Policies{finnID: {ehds.ProcedureStandard: policy}},
		Prove:    func(context.Context, string) (recognition.Proof, error) { return prove() },
	}
	token, parts := fi.forge(fr, nil)
	fr.inbox.Receive(t.Context(), []byte(token), parts)
	track := ehds.Track{CatalogID: "cat", HDAB: finnBody}
	b := ehds.SharedBody{ApplicationID: filingID, Date: "2027-03-01T10:00:00Z", Permit: "a.b.c",
		Decision: &ehds.DecisionBody{ApplicationID: "other", DecisionID: "D-1", Outcome: ehds.Positive, Timestamp: "2027-03-01T10:00:00Z", Signatory: ehds.Signatory{Name: "A", JobTitle: "B"}}}
	if mod != nil {
		mod(&track, &b)
	}
	token, parts = fi.forge(fr, func(f *forged) {
		f.env.Type, f.env.Track, f.body = ehds.ApplicationShared, &track, mustJSON(b)
		f.bind.Type = string(ehds.ApplicationShared)
	})
	fr.inbox.Receive(t.Context(), []byte(token), parts)
	return fr
}

// natDoc is the document of the case that was filed across.
func natDoc(t *testing.T, n *node) ApplicationDoc {
	t.Helper()
	c, _, err := n.record.Case(t.Context(), natCase)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := readApplication(c.Doc)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// judging are the tasks of a kind.
func judging(n *node, kind string) (out []store.Outbox) {
	for _, r := range n.rows() {
		if r.Type == kind {
			out = append(out, r)
		}
	}
	return out
}

// A hub shows what its own bodies decided. What follows is the policy's to say, and nothing by itself.
func TestWhatAPeerShows(t *testing.T) {
	for name, c := range map[string]struct {
		policy recognition.Policy
		mod    func(*ehds.Track, *ehds.SharedBody)
		kept   int
		tasks  int
	}{
		"manual":                      {recognition.Manual, nil, 1, 0},
		"no policy":                   {"", nil, 1, 0},
		"assist":                      {recognition.Assist, nil, 1, 1},
		"automatic":                   {recognition.Automatic, nil, 1, 1},
		"a body of ours":              {recognition.Automatic, func(k *ehds.Track, _ *ehds.SharedBody) { k.HDAB = hdabA }, 0, 0},
		"a body of another hub":       {recognition.Automatic, func(k *ehds.Track, _ *ehds.SharedBody) { k.HDAB = swedeID + "/hdab/x" }, 0, 0},
		"another application":         {recognition.Automatic, func(_ *ehds.Track, b *ehds.SharedBody) { b.ApplicationID = "A9" }, 0, 0},
		"a permit of no token's form": {recognition.Automatic, func(_ *ehds.Track, b *ehds.SharedBody) { b.Permit = "no permit" }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fr := shown(t, c.policy, nil, c.mod)
			doc := natDoc(t, fr)
			if len(doc.Shared) != c.kept || len(judging(fr, taskRecognise)) != c.tasks {
				t.Errorf("kept %d, %d tasks", len(doc.Shared), len(judging(fr, taskRecognise)))
			}
			if c.kept == 1 && (doc.Shared[0].Peer != finnID || doc.Shared[0].Nation != "FI" || doc.Application.Tracks[0].Status != ehds.StateSubmitted) {
				t.Errorf("%+v", doc.Shared[0])
			}
		})
	}
}

// Through the centre no permit is shown: it names persons.
func TestAPermitIsNotSharedThroughTheCentre(t *testing.T) {
	ncp, centre := severalNations(t, true)
	track := ehds.Track{CatalogID: "se", HDAB: "https://hdab.se.example"}
	ncp.receive(centre.sign(centre.envelope(ncp, seq(2), typed(ehds.ApplicationShared, ehds.SharedBody{
		ApplicationID: "A1", Date: "2027-03-01T10:00:00Z", Permit: "a.b.c",
	}), func(e *ehds.Envelope) {
		e.Profile, e.Track = ehds.ProfileExt1, &track
		e.Origin = &ehds.Origin{Entity: "https://ncp.se.example", Nation: "SE", MessageID: "m", ReceivedAt: "2027-03-01T10:00:00Z"}
	})))
	if b := lastResponse(t, ncp); len(b.Findings) == 0 || b.Findings[0].Code != "permit-not-shared" || len(ncp.doc("A1").Shared) != 0 {
		t.Errorf("%+v", b)
	}
}

// noticed is a permit system that keeps what it is told of recognitions, and fails first when it should.
type noticed struct {
	list []connectors.RecognitionNotice
	fail error
}

func (n *noticed) Recognise(_ context.Context, r connectors.RecognitionNotice) error {
	if err := n.fail; err != nil {
		n.fail = nil
		return err
	}
	n.list = append(n.list, r)
	return nil
}

// The judgement is recorded once with its reasons and its evidence, and told to the permit system until it
// takes it, under one reference. A permit that cannot be judged now is tried again.
func TestAJudgementIsRecordedOnce(t *testing.T) {
	unproved := func() (recognition.Proof, error) { return recognition.Proof{Shown: true, Reason: "revoked"}, nil }
	down := errors.New("no status list")
	prove := func() (recognition.Proof, error) { return recognition.Proof{}, down }
	fr := shown(t, recognition.Automatic, func() (recognition.Proof, error) { return prove() }, nil)
	w := fr.issuer(&stamps{}, zeros{})
	row := judging(fr, taskRecognise)[0]
	try := func() store.Outbox {
		if err := w.Try(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		return fr.row(row.ID)
	}
	if got := try(); got.State != store.OutboxQueued || got.Reason != "permit-unproved" || len(natDoc(t, fr).Recognised) != 0 {
		t.Fatalf("%+v", got)
	}
	prove = unproved
	if got := try(); got.State != store.OutboxDelivered {
		t.Fatalf("%+v", got)
	}
	doc := natDoc(t, fr)
	if len(doc.Recognised) != 1 || doc.Recognised[0].Outcome != recognition.LeftToStaff || doc.Application.Tracks[0].Status != ehds.StateSubmitted {
		t.Fatalf("%+v", doc.Recognised)
	}
	last := doc.Flags[len(doc.Flags)-1]
	if last.Code != "recognition-left-to-staff" || !strings.Contains(last.Note, "permit-revoked") {
		t.Errorf("%+v", last)
	}
	leaves, err := fr.record.Evidence(t.Context(), natCase)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, l := range leaves {
		var m recognisedLeaf
		if l.Class == "decision" && json.Unmarshal(l.Material, &m) == nil && m.Recognised.Outcome == recognition.LeftToStaff {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%d leaves tell of it", found)
	}
	told := &noticed{fail: down}
	h := &Handover{Record: fr.record}
	second := judging(fr, taskRecognised)
	if len(second) != 1 {
		t.Fatalf("%d tasks for the permit system", len(second))
	}
	if err := h.recognised(t.Context(), told, second[0]); !errors.Is(err, down) {
		t.Errorf("the failure was lost: %v", err)
	}
	for range 2 {
		if err := h.recognised(t.Context(), told, second[0]); err != nil {
			t.Fatal(err)
		}
	}
	if len(told.list) != 2 || told.list[0].Ref != told.list[1].Ref || told.list[0].Approve || told.list[0].Propose || !strings.Contains(told.list[0].Reasons, "revoked") {
		t.Errorf("%+v", told.list)
	}
	if err := h.recognised(t.Context(), nil, second[0]); err != nil {
		t.Errorf("a system that takes none: %v", err)
	}
	change, err := fr.apps.judged(doc, recogniseTask{doc.Recognised[0].Track, doc.Recognised[0].Message}, doc.Shared[0], ehds.ApplicationBody{}, recognition.Proof{}, store.State{})
	if err != nil || change.Doc != nil || change.Send != nil {
		t.Errorf("judged twice: %+v %v", change, err)
	}
	if _, err := fr.apps.judged(doc, recogniseTask{Track: ehds.Track{HDAB: "x"}}, doc.Shared[0], ehds.ApplicationBody{}, recognition.Proof{}, store.State{}); err == nil || !strings.Contains(err.Error(), access.CodeUnknownCase) {
		t.Errorf("a track nobody has: %v", err)
	}
}
