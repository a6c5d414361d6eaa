package evidence

import (
	"testing"
	"time"
)

// TestWitnessed: a token is as old as the first known witness of a tree that has it, and no older.
func TestWitnessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := time.Unix(1_790_000_500, 0).UTC()
	if at, ok := w.bundle.Witnessed(w.outgoing, w.trust); !ok || !at.Equal(first) {
		t.Fatalf("%v, %v; want %v", at, ok, first)
	}
	earlier := newTestWitness("other.example/w", 9)
	for name, c := range map[string]struct {
		change func(w *world, token *string)
		want   time.Time
	}{
		"a second witness was earlier": {func(w *world, _ *string) {
			w.bundle.Checkpoints = append(w.bundle.Checkpoints, string(earlier.cosign(w.ours.checkpoint(4), 1_790_000_100)))
			w.trust.Witnesses = append(w.trust.Witnesses, earlier.vkey())
		}, time.Unix(1_790_000_100, 0)},
		"a second witness nobody knows": {func(w *world, _ *string) {
			w.bundle.Checkpoints = append(w.bundle.Checkpoints, string(earlier.cosign(w.ours.checkpoint(4), 1_790_000_100)))
		}, first},
		"in the proof itself": {func(w *world, _ *string) {
			p, err := ParseProof([]byte(w.bundle.Entries[0].Proof))
			if err != nil {
				t.Fatal(err)
			}
			p.Checkpoint = earlier.cosign(p.Checkpoint, 1_790_000_200)
			w.bundle.Entries[0].Proof, w.bundle.Checkpoints = string(p.Marshal()), nil
			w.trust.Witnesses = []string{earlier.vkey()}
		}, time.Unix(1_790_000_200, 0)},
		"only a smaller tree was witnessed": {func(w *world, _ *string) {
			w.bundle.Checkpoints = []string{string(newTestWitness("witness.example/w", 3).cosign(w.ours.checkpoint(2), 1_790_000_100))}
		}, time.Time{}},
		"no witness":             {func(w *world, _ *string) { w.trust.Witnesses = nil }, time.Time{}},
		"no cosignature":         {func(w *world, _ *string) { w.bundle.Checkpoints = nil }, time.Time{}},
		"an unknown log":         {func(w *world, _ *string) { w.trust.Logs = w.trust.Logs[1:] }, time.Time{}},
		"another entity's":       {func(w *world, _ *string) { w.bundle.Entity = peer }, time.Time{}},
		"another token":          {func(_ *world, token *string) { *token = "x" }, time.Time{}},
		"no token":               {func(w *world, token *string) { *token, w.bundle.Entries[0].Token = "", "" }, time.Time{}},
		"another salt":           {func(w *world, _ *string) { w.bundle.Entries[0].Salt = w.bundle.Entries[1].Salt }, time.Time{}},
		"no salt":                {func(w *world, _ *string) { w.bundle.Entries[0].Salt = "!" }, time.Time{}},
		"another class":          {func(w *world, _ *string) { w.bundle.Entries[0].Class = ClassIn }, time.Time{}},
		"another leaf":           {func(w *world, _ *string) { w.bundle.Entries[0].Leaf = w.bundle.Entries[1].Leaf }, time.Time{}},
		"another's proof":        {func(w *world, _ *string) { w.bundle.Entries[0].Proof = w.bundle.Entries[1].Proof }, time.Time{}},
		"no proof":               {func(w *world, _ *string) { w.bundle.Entries[0].Proof = "x" }, time.Time{}},
		"a checkpoint of no log": {func(w *world, _ *string) { w.bundle.Checkpoints[1] = "x" }, time.Time{}},
		"an unusable trust file": {func(w *world, _ *string) { w.trust.Version = 2 }, time.Time{}},
	} {
		w := newWorld(t)
		token := w.outgoing
		c.change(w, &token)
		at, ok := w.bundle.Witnessed(token, w.trust)
		if ok == c.want.IsZero() || !at.Equal(c.want) {
			t.Errorf("%s: %v, %v; want %v", name, at, ok, c.want)
		}
	}
}
