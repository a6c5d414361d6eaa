package programs

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"crypto/rand"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// verdict is what a program found out, for its figures.
type verdict struct {
	messages, leaves, checkpoints int
}

// claim is the sentence a program may say only when nothing spoke against it.
func (w *world) claim() string {
	if w.t.Failed() {
		return "FAILED, see above"
	}
	return "0 lost, 0 done twice"
}

// drain waits until the gateway has sent everything and every message has its response. What is
// missing then is for verify to name.
func (w *world) drain(list []*caseFile, limit time.Duration) {
	w.t.Helper()
	open := list
	var s gateway.Status
	drained := within(limit, func() bool {
		open = slices.DeleteFunc(slices.Clone(open), w.answered)
		return len(open) == 0 && w.operator("/v1/status", &s) == nil && s.Counts.Queued == 0
	})
	if !drained {
		w.t.Errorf("after %v %d cases lack a response and %d messages are in the outbox", limit, len(open), s.Counts.Queued)
	}
	if s.Counts.Dead > 0 {
		w.t.Errorf("%d dead letters", s.Counts.Dead)
	}
}

// answered says whether the centre has a response to every message of a case.
func (w *world) answered(f *caseFile) bool {
	responses := 0
	for _, a := range w.centre.about(ehds.ApplicationCase(f.id).String()) {
		if a.env.Type.IsResponse() {
			responses++
		}
	}
	return responses >= len(f.messages)
}

// verify checks, after drain, that nothing acknowledged was lost and nothing was done twice.
func (w *world) verify(list []*caseFile) verdict {
	w.t.Helper()
	w.checkFaults()
	all, acknowledged := messages(list)
	if all != acknowledged || all == 0 {
		w.t.Errorf("%d of %d messages acknowledged", acknowledged, all)
	}
	for _, f := range list {
		w.centre.checkEffects(f)
	}
	w.sendAgain(list)
	v := w.checkLog(list)
	v.messages = all
	w.checkFaults()
	return v
}

func (w *world) checkFaults() {
	w.t.Helper()
	w.centre.mu.Lock()
	defer w.centre.mu.Unlock()
	for _, f := range w.centre.faults {
		w.t.Error(f)
	}
	if n := w.centre.faultsTotal - len(w.centre.faults); n > 0 {
		w.t.Errorf("and %d faults more", n)
	}
	w.centre.faults, w.centre.faultsTotal = nil, 0
}

// checkEffects counts what the centre was told about a case. The centre refused gaps in the numbers
// as they came.
func (c *centre) checkEffects(f *caseFile) {
	counts := map[string]int{}
	for _, a := range c.about(ehds.ApplicationCase(f.id).String()) {
		key := fmt.Sprintf("%s to %s", a.env.Type, a.env.Ref)
		if a.env.Type == ehds.ApplicationStatus {
			var b ehds.StatusBody
			if err := json.Unmarshal(a.env.Body, &b); err != nil {
				c.fault("case %s: status body: %v", f.id, err)
			}
			key = fmt.Sprintf("%s %s %s", a.env.Type, b.Axis, b.Status)
		}
		counts[key]++
	}
	for _, m := range f.messages {
		wanted := []string{fmt.Sprintf("%s to %s", m.env.Type.Response(), m.env.Jti)}
		if m.env.Type == ehds.ApplicationSubmit {
			wanted = append(wanted, fmt.Sprintf("%s to %s", ehds.ApplicationAck, m.env.Jti))
		}
		for _, key := range wanted {
			if counts[key] != 1 {
				c.fault("case %s: %d times %s", f.id, counts[key], key)
			}
		}
	}
	for key, n := range counts {
		if n > 1 {
			c.fault("case %s: %d times %s", f.id, n, key)
		}
	}
}

// sendAgain sends every message once more: DUPLICATE with the original receipt, verbatim.
func (w *world) sendAgain(list []*caseFile) {
	w.t.Helper()
	queue := make(chan *message)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for m := range queue {
				a, err := w.centre.send(w.t.Context(), w.client, m)
				switch {
				case err != nil:
					w.centre.fault("%s of %s sent again: %v", m.env.Type, m.env.Case, err)
				case a.outer.Status != ehds.Duplicate:
					w.centre.fault("%s of %s sent again: %q with %d, not DUPLICATE", m.env.Type, m.env.Case, a.outer.Status, a.status)
				case a.outer.Original != m.original:
					w.centre.fault("%s of %s sent again: another original receipt: %s", m.env.Type, m.env.Case, difference(m.original, a.outer.Original))
				}
			}
		})
	}
	for _, f := range list {
		for _, m := range f.messages {
			if m.acknowledged() {
				queue <- m
			}
		}
	}
	close(queue)
	wg.Wait()
}

// difference names the claims in which two receipts differ.
func difference(a, b string) string {
	read := func(raw string) map[string]json.RawMessage {
		var claims map[string]json.RawMessage
		if t, err := forge.Parse(raw, ehds.TypReceipt); err == nil {
			_ = json.Unmarshal(t.Payload, &claims) // strict JSON: Parse has read it
		}
		return claims
	}
	x, y := read(a), read(b)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(x)) {
		if string(x[name]) != string(y[name]) {
			out = append(out, fmt.Sprintf("%s %.60q became %.60q", name, x[name], y[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(y)) {
		if _, ok := x[name]; !ok {
			out = append(out, fmt.Sprintf("%s %.60q came", name, y[name]))
		}
	}
	return strings.Join(out, "; ")
}

// logView is the gateway's log as its receipts and bundles show it.
type logView struct {
	mu     sync.Mutex
	leaves map[int64]string
	heads  map[int64]tlog.Hash
	read   map[string]bool // checkpoints taken in already
}

// checkLog rebuilds the whole log from the bundles of all cases and compares it with every checkpoint
// that was ever handed out: each must be a beginning of the present log, and each acknowledged
// message must stand where its receipt said.
func (w *world) checkLog(list []*caseFile) verdict {
	w.t.Helper()
	view := &logView{leaves: map[int64]string{}, heads: map[int64]tlog.Hash{}, read: map[string]bool{}}
	w.readBundles(list, view)
	for _, f := range list {
		for _, m := range f.messages {
			if err := view.addReceipt(m, w.log); err != nil {
				w.centre.fault("%s of %s: %v", m.env.Type, m.env.Case, err)
			}
		}
	}
	key, err := forge.NewLogKey(w.log.Origin, rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	rebuilt, err := forge.NewLog(w.log.Origin, key)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range int64(len(view.leaves)) {
		leaf, ok := view.leaves[i]
		if !ok {
			w.centre.fault("leaf %d of %d belongs to no case", i, len(view.leaves))
			return verdict{}
		}
		if _, err := rebuilt.Append([]byte(leaf)); err != nil {
			w.t.Fatal(err)
		}
	}
	for size, root := range view.heads {
		got, err := tlog.TreeHash(size, rebuilt)
		if size > rebuilt.Size() || err != nil || got != root {
			w.centre.fault("the checkpoint of size %d is no beginning of the log of size %d", size, rebuilt.Size())
		}
	}
	return verdict{leaves: len(view.leaves), checkpoints: len(view.heads)}
}

// readBundles reads the evidence of every case from the operator socket.
func (w *world) readBundles(list []*caseFile, view *logView) {
	w.t.Helper()
	queue := make(chan *caseFile)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for f := range queue {
				if err := w.readBundle(f, view); err != nil {
					w.centre.fault("evidence of case %s: %v", f.id, err)
				}
			}
		})
	}
	for _, f := range list {
		queue <- f
	}
	close(queue)
	wg.Wait()
}

func (w *world) readBundle(f *caseFile, view *logView) error {
	var raw json.RawMessage
	if err := w.operator("/v1/evidence?case="+url.QueryEscape(ehds.ApplicationCase(f.id).String()), &raw); err != nil {
		return err
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return err
	}
	in := 0
	for _, e := range b.Entries {
		if e.Class == evidence.ClassIn {
			in++
		}
		if err := view.add(e.Leaf, e.Proof, w.log); err != nil {
			return err
		}
	}
	if in != len(f.messages) {
		return fmt.Errorf("%d messages in the log, %d were sent", in, len(f.messages))
	}
	return nil
}

// add notes a leaf with its proof; contradictions are errors.
func (v *logView) add(leaf, proof string, log forge.LogOf) error {
	p, err := forge.ParseProof(proof)
	if err != nil {
		return err
	}
	if _, err := p.Verify([]byte(leaf), log.Origin, log.VKeys); err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if known, ok := v.leaves[p.Index]; ok && known != leaf {
		return fmt.Errorf("two leaves at %d", p.Index)
	}
	v.leaves[p.Index] = leaf
	if v.read[string(p.Checkpoint)] {
		return nil
	}
	size, root, err := forge.OpenCheckpoint(p.Checkpoint, log.Origin, log.VKeys)
	if err != nil {
		return err
	}
	if known, ok := v.heads[size]; ok && known != root {
		return fmt.Errorf("two roots for size %d", size)
	}
	v.heads[size], v.read[string(p.Checkpoint)] = root, true
	return nil
}

// addReceipt notes the leaf and the checkpoint of a message's receipt.
func (v *logView) addReceipt(m *message, log forge.LogOf) error {
	if m.final.Evidence == nil {
		return fmt.Errorf("the receipt has no evidence")
	}
	p, err := forge.ParseProof(m.final.Evidence.Proof)
	if err != nil {
		return err
	}
	v.mu.Lock()
	_, known := v.leaves[p.Index]
	v.mu.Unlock()
	if !known {
		return fmt.Errorf("leaf %d of the receipt is not in the log any more", p.Index)
	}
	return v.add(m.final.Evidence.Leaf, m.final.Evidence.Proof, log)
}

// every runs f each interval until the function it returns is called; that one waits for the end and
// says how often f ran.
func every(ctx context.Context, interval time.Duration, f func()) func() int64 {
	ctx, cancel := context.WithCancel(ctx)
	var n atomic.Int64
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				f()
				n.Add(1)
			}
		}
	})
	return func() int64 { cancel(); wg.Wait(); return n.Load() }
}
