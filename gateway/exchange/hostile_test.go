package exchange

import (
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TestHostileVectors delivers the recorded tokens of every vector at their times, under the keys the
// sender publishes then, and counts effects: cases, messages and rows of the outbox.
func TestHostileVectors(t *testing.T) {
	_, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range suites {
		mine := func(v vectors.Vector) bool { return v.Run == "gateway/exchange TestHostileVectors" }
		for name, control := range s.Controls {
			if slices.ContainsFunc(s.Vectors, func(v vectors.Vector) bool { return mine(v) && v.Control == name }) {
				t.Run("control "+name, func(t *testing.T) {
					if last := deliverSteps(t, control.Steps); last != "" {
						t.Errorf("the honest delivery ends with %q", last)
					}
				})
			}
		}
		for _, v := range s.Vectors {
			if !mine(v) {
				continue
			}
			count++
			t.Run(v.ID, func(t *testing.T) {
				if last := deliverSteps(t, v.Attack.Steps); last != v.Rule {
					t.Errorf("%s: ends with %q, want %q", v.Title, last, v.Rule)
				}
			})
		}
	}
	t.Logf("hostile vectors read by the exchange: %d", count)
	if count == 0 {
		t.Error("no vector names this test")
	}
}

// deliverSteps plays the steps and returns what the last was refused for: "duplicate", the code of a
// rejection, the label of a bare refusal, or "" when it was received.
func deliverSteps(t *testing.T, steps []vectors.Step) (last string) {
	t.Helper()
	w := newWorld(t)
	ncp := newNode(w, "https://ncp.de.test", ehds.MarkNCP)
	newPeer(w, "https://centre.test", ehds.MarkCentralPlatform)
	ncp.publish("ds-1", hdabA)
	var receipts []string
	for i, step := range steps {
		w.clock.Advance(time.Unix(step.At, 0).Sub(w.clock.Now()))
		keys, err := jose.ParseKeySet(step.Keys)
		if err != nil {
			t.Fatal(err)
		}
		w.edit("https://centre.test", func(e *federation.Entity) { e.Gateway.Keys = keys })
		reply := ncp.receive(step.Token)
		receipts = append(receipts, reply.Receipt)
		got := "REFUSED"
		if last = reply.Rule; reply.Receipt != "" {
			r := ncp.receipt(reply.Receipt)
			got, last = string(r.Status), ""
			switch r.Status {
			case ehds.Rejected:
				last = problemOf(t, r).Code
				got += " " + last
			case ehds.Duplicate:
				last = "duplicate"
				if step.Repeats == 0 || r.Original != receipts[step.Repeats-1] {
					t.Errorf("step %d: the receipt does not repeat that of step %d", i+1, step.Repeats)
				}
			}
		}
		if got != step.Want {
			t.Errorf("step %d: %s (%v), want %s", i+1, got, reply.Fault, step.Want)
		}
		if c := ncp.counts(); c.Cases != step.Effects {
			t.Errorf("step %d: %d effects, want %d", i+1, c.Cases, step.Effects)
		}
	}
	return last
}
