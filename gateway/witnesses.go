package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

// witnessDeadline bounds one request to a witness.
const witnessDeadline = 30 * time.Second

// witnessClock is how far a cosignature's time may be from ours. One further back would prove more than
// is true, one further ahead nothing.
const witnessClock = 5 * time.Minute

// logWitness is one witness of our log.
type logWitness struct {
	url, vkey string
	key       note.Verifier
}

// openWitnesses reads the keys of the witnesses.
func (g *Gateway) openWitnesses() error {
	for i, w := range g.cfg.Evidence.Witnesses {
		key, err := evidence.VerifierFor(w.VKey)
		if err == nil && !evidence.IsWitness(key) {
			err = fmt.Errorf("%w: not a witness's (type 0x04)", evidence.ErrVKey)
		}
		if err != nil {
			return fmt.Errorf("evidence.witnesses[%d].vkey: %w", i, err)
		}
		g.witnesses = append(g.witnesses, logWitness{w.URL, w.VKey, key})
	}
	return nil
}

// witnessKeys are what our metadata say of witnesses.
func (g *Gateway) witnessKeys() []string {
	var vkeys []string
	for _, w := range g.witnesses {
		vkeys = append(vkeys, w.vkey)
	}
	return vkeys
}

// keepWitnessed asks one witness about the newest checkpoint, again and again until ctx ends.
func (g *Gateway) keepWitnessed(ctx context.Context, w logWitness) {
	for {
		g.askWitness(ctx, w)
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(g.cfg.Evidence.Interval):
		}
	}
}

// askWitness asks once, and tells operators of what only they can mend.
func (g *Gateway) askWitness(ctx context.Context, w logWitness) {
	ctx, cancel := context.WithTimeout(ctx, witnessDeadline)
	defer cancel()
	asked, err := g.cosign(ctx, w)
	if !asked && err == nil {
		return
	}
	outcome := witnessOutcome(err)
	g.metrics.Witness.WithLabelValues(outcome).Inc()
	switch {
	case err == nil:
	case outcome == "unreachable":
		g.log.WarnContext(ctx, "a witness does not answer", "witness", w.key.Name(), "error", err)
	default:
		g.log.ErrorContext(ctx, "ALARM: a witness does not cosign our log", "witness", w.key.Name(), "reason", outcome, "error", err)
	}
}

// errWitnessClock: the cosignature's time is not that of its making.
var errWitnessClock = errors.New("the witness's clock is not ours")

// cosign gets the cosignature of the newest checkpoint and keeps it. asked is false when the witness
// has seen that tree. A witness that knows another tree than we remember is asked once more from there:
// its answer may have been lost, or our record was restored.
func (g *Gateway) cosign(ctx context.Context, w logWitness) (asked bool, err error) {
	cp, err := g.checkpoint(ctx)
	if err != nil {
		return false, err
	}
	old, err := g.record.LastCosigned(ctx, w.vkey)
	if err != nil || old == cp.Size {
		return false, err
	}
	lines, err := g.ask(ctx, w, cp, old)
	var conflict *witness.ConflictError
	if errors.As(err, &conflict) && conflict.Size != old && conflict.Size <= cp.Size {
		lines, err = g.ask(ctx, w, cp, conflict.Size)
	}
	if err != nil {
		return true, err
	}
	line, cosigned, err := evidence.ReadCosignature(cp, lines, w.key)
	if err != nil {
		return true, err
	}
	if d := cosigned.At.Sub(g.o.Clock()); d > witnessClock || d < -witnessClock {
		return true, errWitnessClock
	}
	return true, g.record.SaveCosignature(ctx, store.Cosignature{Size: cp.Size, Witness: w.vkey, At: cosigned.At, Line: line})
}

func (g *Gateway) ask(ctx context.Context, w logWitness, cp evidence.Checkpoint, old int64) (string, error) {
	proof, err := g.record.Consistency(ctx, old, cp.Size)
	if err != nil {
		return "", err
	}
	return witness.Ask(ctx, g.client.HTTP(), w.url, witness.Request{Old: old, Proof: proof, Checkpoint: cp.Note})
}

// witnessOutcome is the metric's label. A conflict that asking again did not settle means that the
// witness has seen more of our log than we have, or something else.
func witnessOutcome(err error) string {
	for _, o := range []struct {
		is    error
		label string
	}{
		{nil, "cosigned"}, {witness.ErrConflict, "conflict"}, {witness.ErrProof, "inconsistent"},
		{witness.ErrUnknownLog, "unknown-log"}, {witness.ErrUnsigned, "unknown-key"}, {witness.ErrRequest, "malformed"},
		{evidence.ErrSignature, "not-signed"}, {errWitnessClock, "clock"},
	} {
		if errors.Is(err, o.is) {
			return o.label
		}
	}
	return "unreachable"
}
