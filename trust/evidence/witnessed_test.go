package evidence

import (
	"context"
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
