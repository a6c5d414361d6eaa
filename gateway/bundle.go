package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// Bounds of a bundle, below what its readers accept.
const (
	maxBundleLeaves = 40_000    // a leaf may be an entry and a receipt
	maxBundleTokens = 128 << 20 // bytes
)

func (g *Gateway) operatorEvidence(ctx context.Context, q httpapi.Query) (json.RawMessage, error) {
	return g.evidenceBundle(ctx, q.Get("case"))
}

// evidenceBundle collects everything this gateway can prove about a case: every leaf with its
// material and its proof under one checkpoint, the receipts peers gave, and the trust chains that say
// whose keys signed.
func (g *Gateway) evidenceBundle(ctx context.Context, caseID string) (json.RawMessage, error) {
	leaves, err := g.leavesOf(ctx, caseID)
	if err != nil {
		return nil, err
	}
	b := evidence.Bundle{
		Case: caseID, Entity: g.cfg.Entity, MadeAt: g.o.Clock().UTC(), Entries: make([]evidence.Entry, 0, len(leaves)),
		Receipts: []evidence.PeerReceipt{}, Chains: map[string][]string{}, HistoricalKeys: map[string]string{},
	}
	heads, err := g.heads(ctx)
	if err != nil {
		return nil, err
	}
	issuers := newIssuers()
	for _, l := range leaves {
		proof, err := heads.prove(ctx, l.Index)
		if err != nil {
			return nil, err
		}
		s := readSigned(l)
		issuers.add(s)
		b.Entries = append(b.Entries, evidence.Entry{
			Class: l.Class, Direction: direction(l.Class, s.issuer == g.cfg.Entity), Token: string(l.Material), Leaf: string(l.Leaf),
			Salt: base64.StdEncoding.EncodeToString(l.Salt), Proof: string(proof.Marshal()),
		})
		if s.acknowledges != "" {
			b.Receipts = append(b.Receipts, evidence.PeerReceipt{TokenSHA256: s.acknowledges, Receipt: string(l.Material)})
		}
	}
	if b.Checkpoints, b.Consistency, err = heads.joined(ctx); err != nil {
		return nil, err
	}
	if err := g.addChains(ctx, b.Chains, issuers); err != nil {
		return nil, err
	}
	// Our own keys of the past: tokens signed before a rotation stay provable when no chain lists their key.
	if b.HistoricalKeys[g.cfg.Entity], err = g.past.of(ctx, g.cfg.Entity, false); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "historical-unavailable", "the historical keys cannot be signed now").After(time.Minute)
	}
	g.addHistorical(ctx, b.HistoricalKeys, b.Chains)
	return b.Marshal()
}

// leavesOf lists the evidence of a case, or says why there is none to give.
func (g *Gateway) leavesOf(ctx context.Context, caseID string) ([]store.Evidence, error) {
	if _, err := ehds.ParseCaseID(caseID); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "case-form", "not a case identifier").At("/case")
	}
	leaves, err := g.record.Evidence(ctx, caseID)
	switch {
	case errors.Is(err, store.ErrErased):
		return nil, fault.Wrap(err, fault.Conflict, "case-erased", "this case was erased: its leaves are no longer told apart from others")
	case err != nil:
		return nil, err
	case len(leaves) == 0:
		return nil, fault.New(fault.NotFound, "unknown-case", "the record holds no evidence of this case")
	}
	if tooMany(leaves) {
		return nil, fault.New(fault.TooLarge, "bundle-too-large", "the case has more evidence than one bundle holds; take a backup instead")
	}
	return leaves, nil
}

// tooMany says whether evidence does not fit one bundle.
func tooMany(leaves []store.Evidence) bool {
	size := 0
	for _, l := range leaves {
		size += len(l.Material)
	}
	return len(leaves) > maxBundleLeaves || size > maxBundleTokens
}

// checkpoint is the latest one of our own log. Every proof of a bundle is made under it, whatever is
// appended meanwhile.
func (g *Gateway) checkpoint(ctx context.Context) (evidence.Checkpoint, error) {
	raw, err := g.record.Checkpoint(ctx)
	if err != nil {
		return evidence.Checkpoint{}, err
	}
	verifier, err := evidence.VerifierFor(g.logKey.VKey)
	if err != nil {
		return evidence.Checkpoint{}, err
	}
	return evidence.OpenCheckpoint(raw, LogOrigin(g.cfg.Entity), []note.Verifier{verifier}...)
}

// direction is where a leaf's material came from, seen from here. A response may go either way: its
// issuer tells.
func direction(c evidence.Class, ours bool) string {
	switch c {
	case evidence.ClassIn, evidence.ClassReceipt, evidence.ClassRefused:
		return evidence.DirectionIn
	case evidence.ClassOut:
		return evidence.DirectionOut
	case evidence.ClassResponse:
		if ours {
			return evidence.DirectionOut
		}
		return evidence.DirectionIn
	}
	return evidence.DirectionLocal
}
