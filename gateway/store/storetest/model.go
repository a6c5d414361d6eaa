package storetest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	gocmp "github.com/google/go-cmp/cmp"
)

// testConcurrentModel: many callers change few cases at random; the record ends up where a map would.
func testConcurrentModel(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	model := &counters{revision: map[string]int64{}, sent: map[string]int64{}, tokens: map[string]string{}}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(42, uint64(w)))
			for n := range 40 {
				if err := model.step(t, r, rng, fmt.Sprintf("%d-%d", w, n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	model.check(t, r)
	r = Reopen(t, r, h.Driver())
	model.check(t, r)
	mustVerify(t, r)
}

// counters are what the record must agree with.
type counters struct {
	mu       sync.Mutex
	revision map[string]int64
	sent     map[string]int64 // rows per target and case
	tokens   map[string]string
	leaves   int64
}

var errOwn = errors.New("refused by the test")

func (c *counters) step(t testing.TB, r *store.Record, rng *rand.Rand, name string) error {
	caseID := fmt.Sprintf("app:%d", rng.IntN(5))
	if rng.IntN(3) == 0 {
		caseID = fmt.Sprintf("ds:FI:%d", rng.IntN(5))
	}
	target := fmt.Sprint("peer", rng.IntN(3))
	kind, rows := rng.IntN(10), rng.IntN(3)
	jti := name
	if kind == 1 {
		jti = "contended" // whoever comes first has it
	}
	out, err := r.Update(t.Context(), caseID, func(s store.State) (store.Change, error) {
		if kind == 0 {
			return store.Change{Doc: []byte("never")}, errOwn
		}
		change := store.Change{
			Doc:     fmt.Append(nil, s.Revision+1),
			Message: &store.Inbound{Iss: "iss", Jti: jti, Class: evidence.ClassIn, Token: "token " + name},
		}
		if s.Revision > 0 && string(s.Doc) != fmt.Sprint(s.Revision) {
			return change, fmt.Errorf("%s: document %q at revision %d", caseID, s.Doc, s.Revision)
		}
		for i := range rows {
			change.Send = append(change.Send, central(target, fmt.Sprint(name, "-", i)))
		}
		return change, nil
	})
	var dup *store.DuplicateError
	if errors.Is(err, errOwn) || errors.As(err, &dup) && kind == 1 {
		return nil
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revision[caseID]++
	c.sent[target+" "+caseID] += int64(rows)
	c.tokens[jti] = "token " + name
	c.leaves++
	if len(out.Sent) != rows || out.Message.Leaf.Index >= out.Message.Leaf.Size {
		return fmt.Errorf("%s: committed %+v", name, out)
	}
	return nil
}

func (c *counters) check(t testing.TB, r *store.Record) {
	t.Helper()
	ctx := t.Context()
	_, verifier := Keys(t)
	for id, want := range c.revision {
		got, ok, err := r.Case(ctx, id)
		if err != nil || !ok || got.Revision != want || string(got.Doc) != fmt.Sprint(want) {
			t.Errorf("%s: %+v %v, want revision %d", id, got, err, want)
		}
	}
	for jti, token := range c.tokens {
		m, ok, err := r.Message(ctx, "iss", jti)
		if err != nil || !ok || m.Token != token {
			t.Errorf("message %s: %q %v", jti, m.Token, err)
			continue
		}
		p, err := r.Proof(ctx, m.Leaf.Index, m.Leaf.Size)
		if err == nil {
			_, err = p.Verify(evidence.NewLeaf(m.Class, m.Leaf.Salt, []byte(m.Token)).Bytes(), Origin, verifier)
		}
		if err != nil {
			t.Errorf("message %s: %v", jti, err)
		}
	}
	rows, err := r.OutboxList(ctx, "", 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]int64{}
	for _, o := range rows {
		line := o.Target + " " + o.Case
		if o.Seq != last[line]+1 {
			t.Errorf("%s: number %d after %d", line, o.Seq, last[line])
		}
		last[line] = o.Seq
	}
	for line, n := range c.sent {
		if last[line] != n {
			t.Errorf("%s: %d rows, want %d", line, last[line], n)
		}
	}
	n, err := r.Counts(ctx)
	want := store.Counts{Messages: int64(len(c.tokens)), Cases: int64(len(c.revision)), Leaves: c.leaves, Queued: int64(len(rows))}
	if diff := gocmp.Diff(want, n); err != nil || diff != "" {
		t.Errorf("counts: %v\n%s", err, diff)
	}
}

// modelRow is an outbox row of the model.
type modelRow struct {
	id, seq int64
	jti     string
	line    string
	state   store.OutboxState
}

// testOutboxModel: sends, voids, deliveries, dead letters and redrives at random; the heads are those
// of a list.
func testOutboxModel(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	rng := rand.New(rand.NewPCG(7, 7))
	var rows []*modelRow
	for n := range 250 {
		target, caseID := fmt.Sprint("peer", rng.IntN(2)), fmt.Sprintf("ds:FI:%d", rng.IntN(2))
		var open []*modelRow
		for _, m := range rows {
			if m.state != store.OutboxDelivered {
				open = append(open, m)
			}
		}
		if len(open) == 0 || rng.IntN(2) == 0 {
			o := central(target, fmt.Sprint("j", n))
			if rng.IntN(4) == 0 {
				o.Channel = store.ChannelPermits
			}
			out := change(t, r, caseID, store.Change{Send: []store.Outgoing{o}})
			rows = append(rows, &modelRow{out.Sent[0].ID, out.Sent[0].Seq, o.Jti, string(o.Channel) + target + caseID, store.OutboxQueued})
		} else {
			m := open[rng.IntN(len(open))]
			row, _, err := r.OutboxByJTI(t.Context(), m.jti)
			if err != nil {
				t.Fatal(err)
			}
			m.state = []store.OutboxState{store.OutboxQueued, store.OutboxDelivered, store.OutboxDead}[rng.IntN(3)]
			st := store.Settlement{ID: m.id, State: m.state, Counted: true}
			if m.state == store.OutboxDead && m.seq > 0 && rng.IntN(2) == 0 {
				void := central(row.Target, fmt.Sprint("void", n))
				void.Seq = m.seq
				out := settle(t, r, row.Case, st, void)
				rows = append(rows, &modelRow{out.Sent[0].ID, m.seq, void.Jti, m.line, store.OutboxQueued})
			} else {
				settle(t, r, row.Case, st)
			}
		}
		got := due(t, r)
		slices.Sort(got)
		if diff := gocmp.Diff(modelHeads(rows), got); diff != "" {
			t.Fatalf("after step %d:\n%s", n, diff)
		}
	}
	mustVerify(t, r)
}

func modelHeads(rows []*modelRow) []string {
	heads := map[string]*modelRow{}
	for _, m := range rows {
		h, ok := heads[m.line]
		if m.state == store.OutboxQueued && (!ok || cmp.Or(cmp.Compare(m.seq, h.seq), cmp.Compare(m.id, h.id)) < 0) {
			heads[m.line] = m
		}
	}
	out := []string{}
	for _, m := range heads {
		out = append(out, m.jti)
	}
	slices.Sort(out)
	return out
}
