package exchange

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// query asks the centre and delivers the question.
func (l *permitLife) query() (jti, sha string) {
	l.t.Helper()
	update := func(f func(s store.State) (store.Change, error)) {
		l.t.Helper()
		if _, err := l.n.record.Update(l.t.Context(), "app:A1", f); err != nil {
			l.t.Fatal(err)
		}
	}
	update(func(s store.State) (change store.Change, err error) {
		change, jti, err = l.n.apps.AskPermits(s)
		return change, err
	})
	row, _, err := l.n.record.OutboxByJTI(l.t.Context(), jti)
	if err != nil {
		l.t.Fatal(err)
	}
	token := "token of " + jti
	update(func(s store.State) (store.Change, error) {
		return store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxDelivered,
			Attempt: &store.Attempt{Token: token, TokenSHA256: sha256Hex(token), At: s.Now}}}, nil
	})
	return jti, sha256Hex(token)
}

// answer lets the centre answer a question.
func (l *permitLife) answer(centre *node, n int64, ref, sha string, b ehds.PermitQueryResponse) string {
	l.t.Helper()
	e := centre.envelope(l.n, seq(n), typed(ehds.PermitQuery.Response(), b), func(e *ehds.Envelope) {
		e.Profile, e.Track, e.Ref, e.RefSHA256 = ehds.ProfileExt1, nil, ref, sha
	})
	if r := l.n.receive(centre.sign(e)); r.Fault != nil {
		l.t.Fatal(r.Fault)
	}
	return e.Jti
}

// The centre's answer is kept, what it knows otherwise is found, and nothing of ours moves.
// shows R11.0.1
func TestTheCentreSaysWhichPermitsItKnows(t *testing.T) {
	l := newPermitLife(t)
	v1 := l.newest()
	theirs := ehds.RegisteredPermit{Track: ehds.Track{CatalogID: "se", HDAB: "https://hdab.se.example"}, Nation: "SE", PermitID: "DP-SE-2027-10000000-v1", Status: ehds.PermitStatusGranted}
	ours := ehds.RegisteredPermit{Track: ourTrack, Nation: "FR", PermitID: v1, Status: ehds.PermitStatusGranted, Permit: "a.b.c"}
	lost, revoked := ours, ours
	lost.PermitID, revoked.Status = "DP-FR-AAA-2027-10000001-v1", ehds.PermitStatusRevoked
	valid := ehds.ResponseBody{Result: ehds.Validated}
	for name, c := range map[string]struct {
		body  ehds.PermitQueryResponse
		token string
		want  []Difference
	}{
		"the same":        {ehds.PermitQueryResponse{ResponseBody: valid, Permits: []ehds.RegisteredPermit{theirs, ours}}, "a.b.c", nil},
		"another permit":  {ehds.PermitQueryResponse{ResponseBody: valid, Permits: []ehds.RegisteredPermit{ours}}, "a.b.x", []Difference{{v1, DifferenceToken, sha256Hex("a.b.x"), sha256Hex("a.b.c")}}},
		"none there":      {ehds.PermitQueryResponse{ResponseBody: valid}, "a.b.c", []Difference{{v1, DifferenceNotThere, "GRANTED", ""}}},
		"one not here":    {ehds.PermitQueryResponse{ResponseBody: valid, Permits: []ehds.RegisteredPermit{ours, lost}}, "a.b.c", []Difference{{lost.PermitID, DifferenceNotHere, "", "GRANTED"}}},
		"another status":  {ehds.PermitQueryResponse{ResponseBody: valid, Permits: []ehds.RegisteredPermit{revoked}}, "a.b.c", []Difference{{v1, DifferenceStatus, "GRANTED", "REVOKED"}}},
		"asked in vain":   {ehds.PermitQueryResponse{ResponseBody: ehds.ResponseBody{Result: ehds.NotValidated, Findings: []ehds.Finding{{Pointer: "/case", Code: "unknown-case", Severity: "violation", Message: "m"}}}}, "", nil},
		"without a token": {ehds.PermitQueryResponse{ResponseBody: valid, Permits: []ehds.RegisteredPermit{{Track: ourTrack, Nation: "FR", PermitID: v1, Status: ehds.PermitStatusGranted}}}, "", nil},
	} {
		doc := l.n.doc("A1")
		doc.Registry = &Registry{Waiting: "q"}
		h := &Handling{Doc: mustJSON(doc), Now: l.w.clock.Now(), Env: ehds.Envelope{Ref: "q", Jti: "answer", Body: mustJSON(c.body)}}
		if f := l.n.apps.permitsTold(h); f != nil {
			t.Fatalf("%s: %+v", name, f)
		}
		after, err := readApplication(h.Doc)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, after.RegistryDifferences(func(string) string { return c.token })); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if flagged := len(after.Flags) > len(doc.Flags); flagged != (len(c.want) > 0 && c.want[0].Code != DifferenceToken) {
			t.Errorf("%s: flags %+v", name, after.Flags)
		}
		if d := cmp.Diff(doc.Application, after.Application); d != "" {
			t.Errorf("%s: the case moved: %s", name, d)
		}
	}
}

// Only the answer to the last question counts, and it is read from the wire.
func TestAnAnswerAboutPermitsToTheLastQuestion(t *testing.T) {
	l := newPermitLife(t)
	centre := newPeer(l.w, centreID, ehds.MarkCentralPlatform)
	body := ehds.PermitQueryResponse{ResponseBody: ehds.ResponseBody{Result: ehds.Validated}}
	first, firstSHA := l.query()
	second, secondSHA := l.query()
	l.answer(centre, 3, first, firstSHA, body)
	if r := l.n.doc("A1").Registry; r.Waiting == "" || !r.At.IsZero() {
		t.Errorf("after an answer to another question: %+v", r)
	}
	jti := l.answer(centre, 4, second, secondSHA, body)
	if r := l.n.doc("A1").Registry; r.Waiting != "" || r.Message != jti {
		t.Errorf("after the answer: %+v; %+v", r, l.n.doc("A1").Flags)
	}
	if f := l.flag(); f != jti {
		t.Errorf("the centre knows none of our permits, and the flag says %q", f)
	}
}

// A question goes to no other hub, and is about a case that is known.
func TestPermitsThatCannotBeAskedFor(t *testing.T) {
	apps := &Applications{Compose: Composer{Peers: []string{"https://hub.example"}}}
	for want, s := range map[string]store.State{
		"unknown-case":  {Case: "app:A1"},
		"not-at-centre": {Case: "nat:SE:1", Doc: mustJSON(ApplicationDoc{Counterpart: "https://hub.example"})},
	} {
		if _, _, err := apps.AskPermits(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
