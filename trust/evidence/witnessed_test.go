package evidence

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// revoking is a checker that says of one issuer that its key was revoked.
type revoking struct {
	SignatureChecker
	issuer string
	at     time.Time
}

func (r revoking) Check(ctx context.Context, token, typ string, at time.Time) (string, []byte, error) {
	iss, claims, err := r.SignatureChecker.Check(ctx, token, typ, at)
	if err == nil && iss == r.issuer {
		err = &RevokedError{At: r.at}
	}
	return iss, claims, err
}

// witness puts every entry of a world under a checkpoint cosigned at a time.
func (w *world) witness(at int64) {
	wit := newTestWitness("witness.example/w", 3)
	for i := range w.bundle.Entries {
		p := w.ours.proof(i, 4)
		p.Checkpoint = wit.cosign(p.Checkpoint, uint64(at))
		w.bundle.Entries[i].Proof = string(p.Marshal())
	}
}

func TestWitnessedEntries(t *testing.T) {
	w := newWorld(t)
	w.witness(1_790_000_400)
	r := w.verify(t)
	if !r.OK || r.Counts.Witnessed != 4 || !slices.Equal(r.Witnesses, []string{"witness.example/w"}) ||
		!r.WitnessedAt.Equal(time.Unix(1_790_000_400, 0)) {
		t.Errorf("%+v", r)
	}
	w.trust.Witnesses = nil // a witness is one by the reader's word only
	if r := w.verify(t); !r.OK || r.Counts.Witnessed != 0 || r.Witnesses != nil || !r.WitnessedAt.IsZero() {
		t.Errorf("%+v", r)
	}
}

func TestRevokedKeyNeedsAWitnessBefore(t *testing.T) {
	const seen = 1_790_000_400
	for name, c := range map[string]struct {
		issuer  string
		revoked int64
		unknown bool // no witness of the reader's
		want    Verdict
	}{
		"ours, witnessed before":          {us, seen + 1, false, Valid},
		"ours, witnessed at that instant": {us, seen, false, CannotTell},
		"ours, witnessed after":           {us, seen - 1, false, CannotTell},
		"ours, unknown witness":           {us, seen + 1, true, CannotTell},
		"the peer's receipt, before":      {peer, seen + 1, false, Valid},
		"the peer's receipt, after":       {peer, seen - 1, false, CannotTell},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.witness(seen)
			if c.unknown {
				w.trust.Witnesses = nil
			}
			r := VerifyBundle(t.Context(), w.bundle, w.trust, revoking{w.signed, c.issuer, time.Unix(c.revoked, 0)})
			if r.Verdict != c.want || hasCode(r, "key-revoked") != (c.want == CannotTell) {
				t.Errorf("%+v", r)
			}
		})
	}
	// Only the leaf of this very token speaks for it.
	w := newWorld(t)
	w.witness(seen)
	first := w.bundle.Entries[0]
	first.Proof = string(w.ours.proof(0, 4).Marshal()) // without its cosignature
	w.bundle.Entries[0] = first
	if r := VerifyBundle(t.Context(), w.bundle, w.trust, revoking{w.signed, us, time.Unix(seen+1, 0)}); r.Verdict != CannotTell {
		t.Errorf("%+v", r)
	}
	if (&RevokedError{At: time.Unix(0, 0)}).Error() != "the key was revoked at 1970-01-01T00:00:00Z" {
		t.Error("the error does not say when")
	}
}

func TestBundleWitnessed(t *testing.T) {
	const seen = 1_790_000_400
	for name, c := range map[string]struct {
		change func(*world)
		want   int64 // 0: nobody vouched
	}{
		"under its own checkpoint":      {func(*world) {}, seen},
		"by another one of that tree":   {func(w *world) { w.bundle.Entries[0].Proof = string(w.ours.proof(0, 4).Marshal()) }, 1_790_000_500},
		"unknown witness":               {func(w *world) { w.trust.Witnesses = nil }, 0},
		"unknown log":                   {func(w *world) { w.trust.Logs = w.trust.Logs[1:] }, 0},
		"unusable trust file":           {func(w *world) { w.trust.Version = 2 }, 0},
		"another token":                 {func(w *world) { w.outgoing += "x" }, 0},
		"no token":                      {func(w *world) { w.outgoing = "" }, 0},
		"salt that is none":             {func(w *world) { w.bundle.Entries[0].Salt = "?" }, 0},
		"leaf of something else":        {func(w *world) { w.bundle.Entries[0].Leaf = w.bundle.Entries[1].Leaf }, 0},
		"proof of something else":       {func(w *world) { w.bundle.Entries[0].Proof = w.bundle.Entries[1].Proof }, 0},
		"proof that is none":            {func(w *world) { w.bundle.Entries[0].Proof = "x" }, 0},
		"class that does not fit":       {func(w *world) { w.bundle.Entries[0].Class = "none" }, 0},
		"checkpoints nobody can read":   {func(w *world) { w.bundle.Checkpoints = []string{"x"} }, seen},
		"an entity that owns no log":    {func(w *world) { w.bundle.Entity = "https://elsewhere.example" }, 0},
		"cosigned again, and only then": {func(w *world) { w.witness(seen + 50) }, seen + 50},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.witness(seen)
			c.change(w)
			at, ok := w.bundle.Witnessed(w.outgoing, w.trust)
			if ok != (c.want != 0) || ok && at.Unix() != c.want {
				t.Errorf("%v, %v", at, ok)
			}
		})
	}
}

func TestKindsOfKeysAndErrors(t *testing.T) {
	w := newWorld(t)
	if IsWitness(w.ours.verifier()) || !IsWitness(verifierFor(t, w.trust.Witnesses[0])) {
		t.Error("logs and witnesses are told apart by their keys")
	}
	if NewLeaf(ClassIn, salt(1), nil).Class() != ClassIn {
		t.Error("a leaf forgets its class")
	}
	// Who looks no further than ErrCannotTell must not take a revoked key for a good one or a false one.
	if err := error(&RevokedError{}); !errors.Is(err, ErrCannotTell) {
		t.Error("a revoked key tells something for certain")
	}
}
