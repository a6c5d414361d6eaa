package exchange

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// hand signs permits as a body does, so that they can be read back.
type hand struct {
	stamps
	n *node
}

func (h *hand) SignPermit(_ context.Context, _ string, c ehds.PermitClaims) (string, error) {
	h.signed = append(h.signed, c)
	return trusttest.Sign(h.n.w.t, h.n.key, ehds.TypPermit, c), nil
}

// permitLife is a case with a permit, and what its body and its issuer do.
type permitLife struct {
	t      *testing.T
	w      *world
	n      *node
	hand   *hand
	events testEvents
	told   int
}

func newPermitLife(t *testing.T) *permitLife {
	t.Helper()
	w, ncp, task := granted(t)
	l := &permitLife{t: t, w: w, n: ncp, hand: &hand{n: ncp}, events: newEvents(ncp, &stream{events: make([]nationalEvent, 3)})} // after the three of granted
	l.events.Instance = "desk"
	if err := ncp.issuer(&l.hand.stamps, rand.Reader).Try(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	return l
}

// issue carries out what is queued to be signed or set.
func (l *permitLife) issue() {
	l.t.Helper()
	w := l.n.issuer(nil, rand.Reader)
	w.Signer = l.hand
	for _, r := range l.n.rows() {
		if r.Channel == store.ChannelInternal && r.State == store.OutboxQueued && !r.Due.After(l.w.clock.Now()) {
			if err := w.Try(l.t.Context(), r); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

// tell lets the body say something of the permit's newest version.
func (l *permitLife) tell(event ehds.PermitEvent, set func(*nationalEvent)) {
	l.t.Helper()
	l.told++
	e := status("permit-"+string(rune('a'+l.told)), "")
	e.Kind, e.At = connectors.EventPermit, stamp(l.w.clock.Now())
	e.Permit = &connectors.PermitChange{PermitID: l.newest(), Event: event}
	if set != nil {
		set(&e)
	}
	l.events.happen(l.t, e)
	l.issue()
}

func (l *permitLife) newest() string {
	v := l.n.doc("A1").Application.Tracks[0].Permits
	return v[len(v)-1].ID
}

func (l *permitLife) status(id string) int {
	l.t.Helper()
	p, ok, err := l.n.record.Permit(l.t.Context(), id)
	if err != nil || !ok {
		l.t.Fatalf("%s: %v", id, err)
	}
	return p.Status
}

func (l *permitLife) flag() string {
	f := l.n.doc("A1").Flags
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1].Note
}

// with is a grant as the first one, with one more person.
func with(person string) func(*nationalEvent) {
	return func(e *nationalEvent) {
		g := *decision("x", "D1", ehds.Positive).Grant
		g.Persons = append(g.Persons, ehds.PermitPerson{Name: person})
		e.Permit.Grant = &g
	}
}

// An amendment that starts later: the new version keeps year, number and body code, is signed and told at
// once, and the old one holds until then.
// shows R9.3.3-10 R9.4.1-4
func TestAnAmendmentStartsLater(t *testing.T) {
	l := newPermitLife(t)
	v1 := l.newest()
	l.tell(ehds.PermitEventAmendmentAsked, nil)
	later := l.w.clock.Now().AddDate(0, 1, 0)
	l.tell(ehds.PermitEventAmendmentApproved, func(e *nationalEvent) {
		with("Grace")(e)
		e.Permit.From = later.Format(time.DateOnly)
	})
	v2 := l.newest()
	if v2 != strings.TrimSuffix(v1, "1")+"2" {
		t.Fatalf("the newest version is %s; flags %+v", v2, l.n.doc("A1").Flags)
	}
	c := l.hand.signed[len(l.hand.signed)-1]
	if c.Permit.Previous != v1 || c.Permit.Version != 2 || len(c.Permit.Persons) != 2 || c.Nbf != later.Truncate(24*time.Hour).Unix() {
		t.Errorf("version two says %+v", c)
	}
	if l.status(v1) != ehds.StatusValid || l.status(v2) != ehds.StatusValid {
		t.Errorf("before it starts: %d, %d", l.status(v1), l.status(v2))
	}
	if n := strings.Count(types(l.n.rows()), string(ehds.PermitChanged)); n != 1 {
		t.Errorf("permit.changed is queued %d times", n)
	}
	l.w.clock.Advance(32 * 24 * time.Hour)
	l.issue()
	if l.status(v1) != ehds.StatusInvalid || l.status(v2) != ehds.StatusValid {
		t.Errorf("after it started: %d, %d", l.status(v1), l.status(v2))
	}
}

// A revocation has reasons and ends every version; an appeal that succeeds makes a new version that grants
// what the newest did, as the signed permit says it.
// shows R9.4.10-13
func TestRevocationAndItsAppeal(t *testing.T) {
	l := newPermitLife(t)
	l.tell(ehds.PermitEventAmendmentAsked, nil)
	l.tell(ehds.PermitEventAmendmentApproved, with("Grace"))
	v2 := l.newest()
	l.tell(ehds.PermitEventRevoked, nil)
	if l.flag() != "reasons-missing" || l.status(v2) != ehds.StatusValid {
		t.Errorf("without reasons: %q, status %d", l.flag(), l.status(v2))
	}
	l.tell(ehds.PermitEventRevoked, func(e *nationalEvent) { e.Reason = "Art. 63(2): the conditions were broken" })
	if l.status(v2) != ehds.StatusInvalid {
		t.Errorf("revoked: status %d", l.status(v2))
	}
	l.tell(ehds.PermitEventRevocationAppeal, nil)
	l.tell(ehds.PermitEventAppealApproved, nil)
	v3 := l.newest()
	c := l.hand.signed[len(l.hand.signed)-1]
	if !strings.HasSuffix(v3, "-v3") || l.status(v3) != ehds.StatusValid || l.status(v2) != ehds.StatusInvalid || len(c.Permit.Persons) != 2 {
		t.Errorf("after the appeal: %s, persons %v", v3, c.Permit.Persons)
	}
}

// What the case does not allow is refused before anything is signed.
func TestVersionsThatAreRefused(t *testing.T) {
	l := newPermitLife(t)
	signed := len(l.hand.signed)
	gap := with("Grace")
	for name, c := range map[string]struct {
		event ehds.PermitEvent
		set   func(*nationalEvent)
		note  string
	}{
		"nobody asked":       {ehds.PermitEventAmendmentApproved, with("Grace"), "illegal-transition"},
		"another version":    {ehds.PermitEventAmendmentAsked, func(e *nationalEvent) { e.Permit.PermitID = "DP-FR-AAA-2027-10000000-v9" }, "permit-does-not-match"},
		"no version":         {ehds.PermitEventAmendmentAsked, func(e *nationalEvent) { e.Permit = nil }, "event-incomplete"},
		"renewed at the end": {ehds.PermitEventRenewalAsked, func(e *nationalEvent) { e.At = "2028-02-20T00:00:00Z" }, "renewal-not-possible"},
	} {
		l.tell(c.event, c.set)
		if got := l.flag(); got != c.note {
			t.Errorf("%s: %q, want %q", name, got, c.note)
		}
	}
	l.tell(ehds.PermitEventAmendmentAsked, nil)
	for name, c := range map[string]struct {
		set  func(*nationalEvent)
		note string
	}{
		"no grant":           {nil, "event-incomplete"},
		"a day that is none": {func(e *nationalEvent) { gap(e); e.Permit.From = "tomorrow" }, "date-form"},
		"a grant with a gap": {func(e *nationalEvent) { gap(e); e.Permit.Grant.Purposes = nil }, "grant-incomplete"},
	} {
		l.tell(ehds.PermitEventAmendmentApproved, c.set)
		if got, _, _ := strings.Cut(l.flag(), ":"); got != c.note {
			t.Errorf("%s: %q, want %q", name, got, c.note)
		}
	}
	if len(l.hand.signed) != signed {
		t.Errorf("%d were signed", len(l.hand.signed)-signed)
	}
}
