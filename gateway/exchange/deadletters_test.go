package exchange

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

func (n *node) letters() *DeadLetters {
	return &DeadLetters{Record: n.record, Compose: n.compose, Logger: n.w.log, Wake: func() { n.woken.Add(1) }}
}

func (n *node) dead() []DeadLetter {
	n.w.t.Helper()
	list, err := n.letters().List(n.w.t.Context(), 0, 100)
	if err != nil {
		n.w.t.Fatal(err)
	}
	return list
}

// kill makes dead letters of rows, as a peer that refuses them does.
func (n *node) kill(rows ...store.Outbox) {
	n.w.t.Helper()
	for _, r := range rows {
		if _, err := n.record.Update(n.w.t.Context(), r.Case, func(s store.State) (store.Change, error) {
			return store.Change{Doc: failedPublication(s, r, "refused-413"),
				Settle: &store.Settlement{ID: r.ID, State: store.OutboxDead, Reason: "refused-413", Counted: true}}, nil
		}); err != nil {
			n.w.t.Fatal(err)
		}
	}
}

// The operator sees what was given up and why, and nothing of what it carried.
func TestDeadLettersAreListed(t *testing.T) {
	_, from, _, row := line(t)
	national := from.queue("nat:FR:900101-CANARY", from.compose.Task(store.ChannelPermits, "desk", taskHandover, "nat:FR:900101-CANARY", "CANARY"))[0]
	alive := from.queue("app:A2", from.submission("A2"))[0]
	from.kill(row, national)
	list := from.dead()
	if len(list) != 2 {
		t.Fatalf("listed %+v", list)
	}
	if l := list[0]; l.ID != row.ID || l.Channel != store.ChannelCentral || l.Target != ncpID || l.Type != row.Type || l.Case != "app:A1" ||
		l.Seq != 1 || l.Attempts != 1 || l.Reason != "refused-413" || !l.Created.Equal(row.Created) || !l.Due.Equal(row.Due) {
		t.Errorf("letter %+v", l)
	}
	if l := list[1]; !strings.HasPrefix(l.Case, "nat:FR:#") || l.ID == alive.ID {
		t.Errorf("letter %+v", l)
	}
	if raw := string(mustJSON(list)); strings.Contains(raw, "CANARY") || strings.Contains(raw, "A study") {
		t.Errorf("content is shown: %s", raw)
	}
	for after, want := range map[int64]int{row.ID: 1, national.ID: 0} {
		if l, err := from.letters().List(t.Context(), after, 1); err != nil || len(l) != want || l == nil {
			t.Errorf("after %d: %+v, %v", after, l, err)
		}
	}
}

// A message is sent again under a new number: the old one is consumed. It arrives.
// shows R14.0.4
func TestDeadLetterIsSentAgain(t *testing.T) {
	_, from, peer, row := line(t)
	if err := from.sender(bare(http.StatusBadRequest)).Try(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	woken := from.woken.Load()
	id, err := from.letters().Retry(t.Context(), row.ID)
	if err != nil || id == row.ID || from.woken.Load() != woken+1 {
		t.Fatalf("queued as %d, %v", id, err)
	}
	anew := from.row(id)
	if anew.Seq != 2 || anew.Jti == row.Jti || string(envelopeOf(t, anew).Body) != string(envelopeOf(t, row).Body) || envelopeOf(t, anew).Jti != anew.Jti {
		t.Errorf("row %+v", anew)
	}
	for _, r := range from.rows() { // the void first, then the message
		if r.State == store.OutboxQueued && r.ID != id {
			if err := from.sender(to(peer)).Try(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := from.sender(to(peer)).Try(t.Context(), anew); err != nil {
		t.Fatal(err)
	}
	if r := from.row(id); r.State != store.OutboxDelivered {
		t.Errorf("%s, %q", r.State, r.Reason)
	}
	if applied, waiting := peer.place("app:A1", centreID); applied != 2 || waiting != 0 {
		t.Errorf("the peer applied %d, %d wait", applied, waiting)
	}
	if list := from.dead(); len(list) != 0 {
		t.Errorf("still listed: %+v", list)
	}
	from.wantOperatorLeaf("app:A1", row.Jti, anew.Jti)
}

func (n *node) wantOperatorLeaf(caseID, jti, as string) {
	n.w.t.Helper()
	list, err := n.record.Evidence(n.w.t.Context(), caseID)
	if err != nil {
		n.w.t.Fatal(err)
	}
	for _, e := range list {
		var r retryRecord
		if e.Class == evidence.ClassOperator && json.Unmarshal(e.Material, &r) == nil && r.Jti == jti && r.As == as && r.Action == "outbox-retry" {
			return
		}
	}
	n.w.t.Error("no leaf says that an operator retried it")
}

// A task is the same row again: its id makes repetitions harmless. So is a void, whose number matters.
func TestDeadTaskIsRetried(t *testing.T) {
	_, from, _, row := line(t)
	rows := from.queue("app:A1", from.compose.Task(store.ChannelPermits, "desk", taskHandover, "app:A1", struct{}{}))
	void := from.compose.Message(Draft{To: ncpID, Type: ehds.ExchangeVoid, Case: "app:A1", Body: ehds.VoidBody{Seq: 1, Reason: "x"}})
	void.Seq = 1
	from.kill(row)
	rows = append(rows, from.queue("app:A1", void)...)
	from.kill(rows...)
	for _, r := range rows {
		id, err := from.letters().Retry(t.Context(), r.ID)
		if got := from.row(r.ID); err != nil || id != r.ID || got.State != store.OutboxQueued || got.Jti != r.Jti || got.Seq != r.Seq {
			t.Errorf("%s: %d, %v, %+v", r.Type, id, err, got)
		}
		from.wantOperatorLeaf("app:A1", r.Jti, "")
	}
	if list := from.dead(); len(list) != 1 || list[0].ID != row.ID {
		t.Errorf("listed %+v", list)
	}
}

// A retried description is waited for again; one the centre knows a newer state of is not retried.
func TestDeadDatasetIsRetried(t *testing.T) {
	_, from, _, _ := line(t)
	row := from.announce(ehds.DatasetCreate, catalogue.Pending)
	from.kill(row)
	id, err := from.letters().Retry(t.Context(), row.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p := from.publication(); p.State != catalogue.Pending || p.Waiting != from.row(id).Jti || p.Findings != nil || p.Undelivered != "" {
		t.Errorf("publication %+v", p)
	}
	from.kill(from.row(id))
	from.announce(ehds.DatasetUpdate, catalogue.Pending) // the record changed meanwhile
	before := from.publication()
	if _, err := from.letters().Retry(t.Context(), id); fault.CodeOf(err) != "superseded" {
		t.Errorf("retried an old description: %v", err)
	}
	if p := from.publication(); p.Waiting != before.Waiting || from.row(id).Reason != "refused-413" {
		t.Error("a refused retry left a trace")
	}
}

func TestRetriesThatAreRefused(t *testing.T) {
	_, from, _, row := line(t)
	erased := from.queue("app:A2", from.submission("A2"))[0]
	from.kill(row, erased)
	if err := from.record.Erase(t.Context(), "app:A2"); err != nil {
		t.Fatal(err)
	}
	alive := from.queue("app:A3", from.submission("A3"))[0]
	for id, code := range map[int64]string{0: "no-such-dead-letter", -1: "no-such-dead-letter", 999: "no-such-dead-letter",
		alive.ID: "no-such-dead-letter", erased.ID: "case-erased"} {
		if _, err := from.letters().Retry(t.Context(), id); fault.CodeOf(err) != code {
			t.Errorf("row %d: %v, want %s", id, err, code)
		}
	}
	// Two operators at once: one wins.
	d := from.letters()
	var wg sync.WaitGroup
	codes := make(chan string, 8)
	for range cap(codes) {
		wg.Go(func() {
			_, err := d.Retry(t.Context(), row.ID)
			if err == nil {
				codes <- ""
				return
			}
			codes <- fault.CodeOf(err)
		})
	}
	wg.Wait()
	close(codes)
	got := map[string]int{}
	for c := range codes {
		got[c]++
	}
	if got[""] != 1 || got["already-retried"] != cap(codes)-1 {
		t.Errorf("outcomes %v", got)
	}
}

// What was sealed for the message that failed does not go with the one sent instead.
func TestSealedFilesAreNotSentAgain(t *testing.T) {
	got := inClear(map[string]string{"a": "1", sealedBlob("a"): "2", sealedBlob("b"): "an attachment that is named so"})
	want := map[string]string{"a": "1", sealedBlob("b"): "an attachment that is named so"}
	if !maps.Equal(got, want) {
		t.Errorf("attachments %v", got)
	}
}
