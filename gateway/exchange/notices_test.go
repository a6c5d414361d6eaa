package exchange

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// bringer brings notices; it fails while down.
type bringer struct {
	down error
	took []connectors.PermitNotice
}

func (b *bringer) Distribute(_ context.Context, n connectors.PermitNotice) error {
	if b.down == nil {
		b.took = append(b.took, n)
	}
	return b.down
}

// distribute carries out the notices that are due.
func (l *permitLife) distribute(to connectors.Distributor) {
	l.t.Helper()
	h := l.n.handover(&stream{})
	h.Systems["desk"] = System{Permits: &stream{}, Extras: connectors.Extras{Distributor: to}}
	for _, r := range l.n.rows() {
		if r.Type == taskNotice && r.State == store.OutboxQueued {
			if err := h.Try(l.t.Context(), r); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

func (l *permitLife) states() []NoticeState {
	var out []NoticeState
	for _, n := range l.n.doc("A1").Notices {
		out = append(out, n.State)
	}
	return out
}

// Every version goes to user, data holder and secure processing environment. A holder gets no permit,
// which names persons. One that cannot be reached is tried again, and who confirmed stands in the case.
// shows R9.3.9 R13.0.1-2
func TestPermitVersionsAreDistributed(t *testing.T) {
	l := newPermitLife(t)
	b := &bringer{down: errBoom}
	l.distribute(b)
	if got := l.states(); !slices.Equal(got, []NoticeState{NoticeQueued, NoticeQueued, NoticeQueued}) {
		t.Fatalf("while nobody can be reached: %v", got)
	}
	b.down = nil
	l.distribute(b)
	kinds := ""
	for _, n := range b.took {
		kinds += string(n.Recipient.Kind) + " "
		if (n.Token == "") != (n.Recipient.Kind == connectors.RecipientHolder) || n.PermitID != l.newest() || len(n.Granted) != 1 ||
			n.From == "" || n.To == "" || n.AcknowledgeBy == "" {
			t.Errorf("notice %+v", n)
		}
		if strings.Contains(string(mustJSON(n.Granted)), "Ada") {
			t.Error("a notice's datasets name a person")
		}
	}
	if kinds != "user holder spe " {
		t.Errorf("told: %s", kinds)
	}
	before := l.n.counts().Leaves
	l.acknowledge(b.took[2].ID, ourTrack)
	l.acknowledge(b.took[2].ID, ourTrack) // says nothing new
	if n := l.n.doc("A1").Notices[2]; n.State != NoticeAcknowledged || n.By != "spe" || l.n.counts().Leaves != before+1 {
		t.Errorf("confirmed: %+v, %d leaves more", n, l.n.counts().Leaves-before)
	}
	l.w.clock.Advance(AcknowledgeWithin + time.Hour)
	overdue := 0
	for _, n := range l.n.doc("A1").Notices {
		if n.Overdue(l.w.clock.Now()) {
			overdue++
		}
	}
	if overdue != 2 {
		t.Errorf("%d are overdue, want the user's and the holder's", overdue)
	}
}

// A revocation goes to everybody who was told of the permit, with its reasons.
func TestARevocationIsDistributed(t *testing.T) {
	l := newPermitLife(t)
	b := &bringer{}
	l.distribute(b)
	l.tell(ehds.PermitEventRevoked, func(e *nationalEvent) { e.Reason = "the conditions were broken" })
	b.took = nil
	l.distribute(b)
	if len(b.took) != 3 || b.took[0].Status != ehds.PermitStatusRevoked || b.took[2].Reason == "" {
		t.Errorf("told %+v", b.took)
	}
}

// A body's recipients have the time to confirm that is configured for it.
func TestTheTimeToConfirmIsTheBodys(t *testing.T) {
	l := newPermitLife(t)
	l.n.apps.AcknowledgeWithin = map[string]time.Duration{hdabA: 36 * time.Hour}
	l.tell(ehds.PermitEventRevoked, func(e *nationalEvent) { e.Reason = "the conditions were broken" })
	got := map[ehds.PermitStatusValue]time.Duration{}
	for _, n := range l.n.doc("A1").Notices {
		got[n.Status] = n.AcknowledgeBy.Sub(n.Made)
	}
	if got[ehds.PermitStatusGranted] != AcknowledgeWithin || got[ehds.PermitStatusRevoked] != 36*time.Hour {
		t.Errorf("time to confirm: %v", got)
	}
}

// Without a system that brings notices, staff see whom to tell.
func TestNoticesWithoutASystem(t *testing.T) {
	l := newPermitLife(t)
	l.distribute(nil)
	if got := l.states(); !slices.Equal(got, []NoticeState{NoticeByStaff, NoticeByStaff, NoticeByStaff}) {
		t.Errorf("states %v", got)
	}
	l.acknowledge("no-such-notice", ourTrack)
	if l.flag() != "unknown-case" {
		t.Errorf("a notice that is none: %q", l.flag())
	}
	l.acknowledge(l.n.doc("A1").Notices[0].ID, ehds.Track{CatalogID: "other", HDAB: hdabA})
	if got := l.states()[0]; got != NoticeByStaff {
		t.Errorf("confirmed on another track: %s", got)
	}
}

func (l *permitLife) acknowledge(notice string, track ehds.Track) {
	l.t.Helper()
	l.told++
	e := status("ack-"+string(rune('a'+l.told)), "")
	e.Kind, e.Track, e.At = connectors.EventAcknowledged, track, stamp(l.w.clock.Now())
	e.Acknowledged = &connectors.Acknowledgement{Notice: notice, Recipient: "spe"}
	l.events.happen(l.t, e)
}

// A holder is told of its own datasets and of no other's; the others are told of all.
func TestAHolderIsToldOfItsOwnDatasets(t *testing.T) {
	l := newPermitLife(t)
	if _, err := l.n.record.Update(t.Context(), "app:A1", func(s store.State) (store.Change, error) {
		doc, err := readApplication(s.Doc)
		doc.Granted[0].Datasets = append(doc.Granted[0].Datasets, ehds.GrantedDataset{DatasetID: "of another", Holder: "another"})
		return store.Change{Doc: mustJSON(doc)}, err
	}); err != nil {
		t.Fatal(err)
	}
	b := &bringer{}
	l.distribute(b)
	for _, n := range b.took {
		want := 2
		if n.Recipient.Kind == connectors.RecipientHolder {
			want = 1
		}
		if len(n.Granted) != want {
			t.Errorf("%s is told of %+v", n.Recipient.Kind, n.Granted)
		}
	}
	if len(b.took) != 3 {
		t.Errorf("%d are told", len(b.took))
	}
}

// Nobody confirms what was not told yet: then it was confirmed when it was said.
func TestAConfirmationIsNotOlderThanItsNotice(t *testing.T) {
	made := time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	now := made.Add(time.Hour)
	for _, c := range []struct{ at, want time.Time }{{made.Add(-time.Minute), now}, {made.Add(time.Minute), made.Add(time.Minute)}} {
		doc := ApplicationDoc{Notices: []Notice{{ID: "n", Made: made}}}
		change, err := doc.confirm("n", "holder", "app:A1", c.at, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := readApplication(change.Doc); err != nil || !got.Notices[0].Acknowledged.Equal(c.want) {
			t.Errorf("confirmed %s, %v; want %s", got.Notices[0].Acknowledged, err, c.want)
		}
	}
}
