package exchange

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// stamps signs permits by writing down what they say.
type stamps struct {
	signed []ehds.PermitClaims
	err    error
}

func (s *stamps) SignPermit(_ context.Context, hdab string, c ehds.PermitClaims) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	s.signed = append(s.signed, c)
	return fmt.Sprintf("permit %s by %s", c.Jti, hdab), nil
}

func (s *stamps) StatusList(hdab string, year int) string {
	return fmt.Sprintf("%s/status/%d", hdab, year)
}

func (n *node) issuer(s *stamps, r io.Reader) *Issuer {
	return &Issuer{Record: n.record, Applications: n.apps, Signer: s, Country: "FR", Backoff: DefaultBackoff(zeros{}),
		Clock: n.w.clock.Now, Rand: r, Logger: n.w.log, Wake: func() { n.woken.Add(1) }}
}

// granted is a contact point with a positive, accepted decision and the task to issue its permit.
func granted(t *testing.T) (*world, *node, store.Outbox) {
	t.Helper()
	w, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	newEvents(ncp, &stream{}).happen(t, status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"), decision("e3", "D1", ehds.Positive))
	ask, sha := sentStatus(ncp, centreID, "A1")
	reply := ncp.receive(centre.sign(centre.envelope(ncp, seq(2), func(e *ehds.Envelope) {
		e.Track, e.Ref, e.RefSHA256 = &ehds.Track{CatalogID: "cat", HDAB: hdabA}, ask.Jti, sha
		typed(ehds.DecisionAnswer, ehds.DecisionAnswerBody{ApplicationID: "A1", DecisionID: "D1", Answer: ehds.AnswerAccept, RespondedAt: stamp(w.clock.Now())})(e)
	})))
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	for _, r := range ncp.rows() {
		if r.Type == taskPermitIssue {
			return w, ncp, r
		}
	}
	t.Fatalf("no permit is to be issued: %s; flags %+v", types(ncp.rows()), ncp.doc("A1").Flags)
	return nil, nil, store.Outbox{}
}

// A permit, its index, its state, the message that carries it and the end of the task are one commit.
func TestPermitIssue(t *testing.T) {
	w, ncp, task := granted(t)
	s := &stamps{}
	// The index zero is taken: the first try collides, the second does not.
	_, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Permits: []store.PermitWrite{{ID: "DP-FR-AAA-2027-9999-v1", Token: "x", List: s.StatusList(hdabA, 2027)}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before := ncp.counts()
	if err := ncp.issuer(s, io.MultiReader(io.LimitReader(zeros{}, 3), rand.Reader)).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if len(s.signed) != 2 || s.signed[0].Status.StatusList.Idx != 0 {
		t.Fatalf("signed %d times: %+v", len(s.signed), s.signed)
	}
	c := s.signed[1]
	id := c.Jti
	if got, err := ehds.ParsePermitID(id); err != nil || got.Country != "FR" || got.HDAB != "AAA" || got.Year != 2027 || got.Version != 1 ||
		got.Number < 10_000_000 || got.Number > 99_999_999 {
		t.Errorf("permit id %s, %v", id, err)
	}
	if c.Iss != hdabA || c.Nbf != w.clock.Now().Unix() || c.Exp != time.Date(2028, 3, 2, 0, 0, 0, 0, time.UTC).Unix() ||
		strings.Contains(c.Sub, "A1") {
		t.Errorf("claims %+v", c)
	}
	p, ok, err := ncp.record.Permit(t.Context(), id)
	if err != nil || !ok || p.Index != c.Status.StatusList.Idx || p.Status != ehds.StatusValid || p.Token == "" {
		t.Errorf("permit %+v, %v", p, err)
	}
	if r := ncp.row(task.ID); r.State != store.OutboxDelivered {
		t.Errorf("task %s", r.State)
	}
	issued := 0
	for _, r := range ncp.rows() {
		if r.Type == string(ehds.PermitIssued) && strings.Contains(string(envelopeOf(t, r).Body), id) {
			issued++
		}
	}
	if issued != 1 {
		t.Errorf("permit.issued is queued %d times", issued)
	}
	doc := ncp.doc("A1")
	if v := doc.Application.Tracks[0].Permits; len(v) != 1 || v[0].ID != id {
		t.Errorf("versions %+v", v)
	}
	if got := ncp.counts(); got.Leaves < before.Leaves+2 { // the permit and the step
		t.Errorf("%d leaves, before %d", got.Leaves, before.Leaves)
	}
}

// Two gateways, or one before and after a restore from a backup, do not give the same number.
func TestPermitNumbers(t *testing.T) {
	seen := map[string]bool{}
	for range 3 {
		_, ncp, task := granted(t)
		s := &stamps{}
		if err := ncp.issuer(s, rand.Reader).Try(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		if id := s.signed[0].Jti; seen[id] {
			t.Errorf("%s was given twice", id)
		} else {
			seen[id] = true
		}
	}
}

// A number that is taken is drawn again.
func TestPermitNumberTaken(t *testing.T) {
	_, ncp, task := granted(t)
	s := &stamps{}
	ncp.hasPermit(ehds.PermitID{Country: "FR", HDAB: "AAA", Year: 2027, Number: firstPermitNumber, Version: 1}.String(), "elsewhere", 7)
	if err := ncp.issuer(s, io.MultiReader(io.LimitReader(zeros{}, 7), rand.Reader)).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if len(s.signed) != 2 || s.signed[0].Jti != "DP-FR-AAA-2027-10000000-v1" || s.signed[1].Jti == s.signed[0].Jti {
		t.Errorf("signed %+v", s.signed)
	}
	if r := ncp.row(task.ID); r.State != store.OutboxDelivered {
		t.Errorf("task %s, %q", r.State, r.Reason)
	}
}

// The first permit of an application continues none, whatever its grant says: a number of another case's
// permit would be taken.
func TestAFirstPermitContinuesNone(t *testing.T) {
	for name, grant := range map[string]func(*ehds.PermitDetail){
		"a second version":  func(g *ehds.PermitDetail) { g.Version, g.Previous = 2, "DP-FR-OLD-2025-23456789-v1" },
		"no version before": func(g *ehds.PermitDetail) { g.Version = 2 },
		"a version before":  func(g *ehds.PermitDetail) { g.Previous = "DP-DE-OLD-2025-23456789-v1" },
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, task := granted(t)
			var p permitTask
			mustRead(t, task.Payload, &p)
			grant(&p.Grant)
			task.Payload = mustJSON(p)
			s := &stamps{}
			if err := ncp.issuer(s, rand.Reader).Try(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			if r := ncp.row(task.ID); r.State != store.OutboxDead || r.Reason != "previous-form" || len(s.signed) != 0 {
				t.Errorf("task %s, %q; signed %+v", r.State, r.Reason, s.signed)
			}
		})
	}
}

// A version whose id is on record already is not signed under another.
func TestPermitVersionTaken(t *testing.T) {
	l := newPermitLife(t)
	l.n.hasPermit(strings.TrimSuffix(l.newest(), "1")+"2", "elsewhere", 7)
	l.tell(ehds.PermitEventAmendmentAsked, nil)
	l.tell(ehds.PermitEventAmendmentApproved, with("Grace"))
	var ended []string
	for _, r := range l.n.rows() {
		if r.Type == taskPermitIssue {
			ended = append(ended, string(r.State)+" "+r.Reason)
		}
	}
	if want := []string{string(store.OutboxDelivered) + " ", string(store.OutboxDead) + " permit-version-taken"}; !slices.Equal(ended, want) {
		t.Errorf("tasks ended %q, want %q", ended, want)
	}
	if v := l.newest(); !strings.HasSuffix(v, "-v1") {
		t.Errorf("the newest version is %s", v)
	}
}

// hasPermit puts a permit into the node's record.
func (n *node) hasPermit(id, list string, index int64) {
	n.w.t.Helper()
	if _, err := n.record.Update(n.w.t.Context(), "app:A1", func(store.State) (store.Change, error) {
		return store.Change{Permits: []store.PermitWrite{{ID: id, Token: "x", List: list, Index: index}}}, nil
	}); err != nil {
		n.w.t.Fatal(err)
	}
}

// A crash before the commit leaves nothing; the next try may name the permit otherwise.
func TestPermitIssueAfterACrash(t *testing.T) {
	_, ncp, task := granted(t)
	s := &stamps{}
	w := ncp.issuer(s, rand.Reader)
	w.Record = failing{ncp.record}
	if err := w.Try(t.Context(), task); err == nil {
		t.Error("a task that could not be settled was reported done")
	}
	if n := ncp.counts().Permits; n != 0 {
		t.Fatalf("%d permits", n)
	}
	ncp.open()
	if err := ncp.issuer(s, rand.Reader).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if len(s.signed) != 2 {
		t.Errorf("signed %+v", s.signed)
	}
	if _, ok, err := ncp.record.Permit(t.Context(), s.signed[1].Jti); err != nil || !ok {
		t.Errorf("the permit is not on record: %v", err)
	}
	if doc := ncp.doc("A1"); len(doc.Application.Tracks[0].Permits) != 1 {
		t.Errorf("versions %+v", doc.Application.Tracks[0].Permits)
	}
	if n := ncp.counts().Permits; n != 1 {
		t.Errorf("%d permits", n)
	}
}

// failing is a record that takes no change.
type failing struct{ Record }

func (failing) Update(context.Context, string, func(store.State) (store.Change, error)) (store.Committed, error) {
	return store.Committed{}, errBoom
}

func TestPermitIssueFails(t *testing.T) {
	for name, c := range map[string]struct {
		task  func(*permitTask)
		sign  error
		rand  io.Reader
		state store.OutboxState
		code  string
	}{
		"cannot sign":    {nil, errBoom, rand.Reader, store.OutboxQueued, "internal"},
		"no randomness":  {nil, nil, strings.NewReader(""), store.OutboxQueued, "internal"},
		"list is full":   {nil, nil, zeros{}, store.OutboxQueued, "status-list-full"},
		"unknown body":   {func(p *permitTask) { p.Track.HDAB = "https://x.example" }, nil, rand.Reader, store.OutboxDead, "hdab-unknown"},
		"no such day":    {func(p *permitTask) { p.Grant.Duration.From = "2027-13-01" }, nil, rand.Reader, store.OutboxDead, "duration-form"},
		"ends too early": {func(p *permitTask) { p.Grant.Duration.To = "2020-01-01" }, nil, rand.Reader, store.OutboxDead, "duration-form"},
		"no fees":        {func(p *permitTask) { p.Grant.Fees = nil }, nil, rand.Reader, store.OutboxDead, "grant-incomplete"},
		"other decision": {func(p *permitTask) { p.Decision = "D9" }, nil, rand.Reader, store.OutboxDead, "decision-does-not-match"},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, task := granted(t)
			if _, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
				return store.Change{Permits: []store.PermitWrite{{ID: "taken", Token: "x", List: (&stamps{}).StatusList(hdabA, 2027)}}}, nil
			}); err != nil {
				t.Fatal(err)
			}
			if c.task != nil {
				var p permitTask
				mustRead(t, task.Payload, &p)
				c.task(&p)
				task.Payload = mustJSON(p)
			}
			if err := ncp.issuer(&stamps{err: c.sign}, c.rand).Try(t.Context(), task); err != nil {
				t.Fatal(err)
			}
			if r := ncp.row(task.ID); r.State != c.state || r.Reason != c.code {
				t.Errorf("%s, %q; want %s, %q", r.State, r.Reason, c.state, c.code)
			}
			if n := ncp.counts().Permits; n != 1 {
				t.Errorf("%d permits", n)
			}
		})
	}
}

// A status that takes effect later waits in a line of its own.
func TestPermitStatus(t *testing.T) {
	w, ncp, task := granted(t)
	s := &stamps{}
	if err := ncp.issuer(s, rand.Reader).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	id := s.signed[0].Jti
	var out outcome
	later := w.clock.Now().Add(time.Hour)
	ncp.apps.permitStatus(&out, setStatus(id, ehds.StatusInvalid, later), "app:A1", w.clock.Now())
	ncp.apps.permitStatus(&out, setStatus(id, ehds.StatusSuspended, w.clock.Now()), "app:A1", w.clock.Now())
	if len(out.permits) != 1 || out.permits[0].Status != ehds.StatusSuspended || len(out.send) != 1 {
		t.Fatalf("outcome %+v", out)
	}
	waiting := ncp.queue("app:A1", out.send[0], ncp.compose.Task(store.ChannelInternal, internalTarget, "x", "app:A1", struct{}{}))
	due, err := ncp.record.Due(t.Context(), w.clock.Now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range due {
		if r.ID == waiting[0].ID {
			t.Error("the status is due before its time")
		}
	}
	if !strings.Contains(types(due), " x") {
		t.Errorf("what waits for its day holds up the rest: due %s", types(due))
	}
	if err := ncp.issuer(s, rand.Reader).Try(t.Context(), waiting[0]); err != nil {
		t.Fatal(err)
	}
	if p, _, _ := ncp.record.Permit(t.Context(), id); p.Status != ehds.StatusInvalid {
		t.Errorf("status %d", p.Status)
	}
	if err := ncp.issuer(s, rand.Reader).Try(t.Context(), waiting[1]); err != nil {
		t.Fatal(err)
	}
	if r := ncp.row(waiting[1].ID); r.State != store.OutboxDead {
		t.Errorf("an unknown task is %s", r.State)
	}
}

// A permit's days begin and end at midnight of the issuing body, also where the clocks are changed between
// them (domain: the acting body's local time decides the day).
func TestPermitDaysAreTheBodys(t *testing.T) {
	t.Parallel()
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		t.Fatal(err)
	}
	a := &Applications{Rules: access.Rules{Calendars: map[string]access.Calendar{hdabA: {Zone: helsinki}}}}
	task := permitTask{Grant: ehds.PermitDetail{Duration: ehds.PermitDuration{From: "2027-03-27", To: "2027-10-30"}}}
	now := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body     string
		nbf, exp time.Time
	}{
		"east, over summer time": {hdabA, time.Date(2027, 3, 26, 22, 0, 0, 0, time.UTC), time.Date(2027, 10, 30, 21, 0, 0, 0, time.UTC)},
		"a body without a zone":  {hdabB, time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 31, 0, 0, 0, 0, time.UTC)},
	} {
		got, err := permitClaims(task, ehds.PermitID{}, now, a.zoneOf(c.body))
		if err != nil || got.Nbf != c.nbf.Unix() || got.Exp != c.exp.Unix() {
			t.Errorf("%s: %s to %s, %v", name, time.Unix(got.Nbf, 0).UTC(), time.Unix(got.Exp, 0).UTC(), err)
		}
	}
}
