package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// evidenceBundle collects everything this gateway can prove about a case: every leaf with its
// material and its proof under the latest checkpoint, the receipts peers gave, and the trust chains
// that say whose keys signed.
func (g *Gateway) evidenceBundle(ctx context.Context, caseID string) (json.RawMessage, error) {
	if _, err := ehds.ParseCaseID(caseID); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "case-form", "not a case identifier").At("/case")
	}
	leaves, err := g.record.Evidence(ctx, caseID)
	if err != nil {
		return nil, err
	}
	if len(leaves) == 0 {
		return nil, fault.New(fault.NotFound, "unknown-case", "the record holds no evidence of this case")
	}
	checkpoint, err := g.record.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	b := evidence.Bundle{
		Version: evidence.BundleVersion, Case: caseID, Entity: g.cfg.Entity, MadeAt: g.o.Clock().UTC(),
		Checkpoints: []string{string(checkpoint)}, Chains: map[string][]string{}, HistoricalKeys: map[string]string{},
	}
	for _, l := range leaves {
		proof, err := g.record.Proof(ctx, l.Index, 0)
		if err != nil {
			return nil, err
		}
		b.Entries = append(b.Entries, evidence.Entry{
			Class: l.Class, Direction: g.direction(l), Token: string(l.Material), Leaf: string(l.Leaf),
			Salt: base64.StdEncoding.EncodeToString(l.Salt), Proof: string(proof.Marshal()),
		})
		if l.Class == evidence.ClassReceipt && len(l.Material) > 0 {
			b.Receipts = append(b.Receipts, evidence.PeerReceipt{TokenSHA256: acknowledged(l.Material), Receipt: string(l.Material)})
		}
	}
	if err := g.addChains(ctx, &b); err != nil {
		return nil, err
	}
	return b.Marshal()
}

// direction is where a leaf's material came from, seen from here. A response may go either way: its
// sender tells.
func (g *Gateway) direction(l store.Evidence) string {
	switch l.Class {
	case evidence.ClassIn, evidence.ClassReceipt, evidence.ClassRefused:
		return evidence.DirectionIn
	case evidence.ClassOut:
		return evidence.DirectionOut
	case evidence.ClassResponse:
		if issuerOf(l.Material) == g.cfg.Entity {
			return evidence.DirectionOut
		}
		return evidence.DirectionIn
	}
	return evidence.DirectionLocal
}

// addChains adds our chain and that of every issuer whose tokens are in the bundle.
func (g *Gateway) addChains(ctx context.Context, b *evidence.Bundle) error {
	config, err := g.house.Head.Configuration()
	if err != nil {
		return err
	}
	above, err := g.resolver.Above(ctx, config)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "chain-unavailable", "our own trust chain cannot be fetched now")
	}
	b.Chains[g.cfg.Entity] = append([]string{config}, above...)
	for _, e := range b.Entries {
		iss := issuerOf([]byte(e.Token))
		if _, have := b.Chains[iss]; have || iss == "" {
			continue
		}
		peer, err := g.resolver.Resolve(ctx, iss, nil)
		if err != nil {
			g.log.WarnContext(ctx, "a bundle lacks the chain of an issuer", "entity", iss, "error", err)
			continue
		}
		b.Chains[iss] = peer.Chain
	}
	return nil
}

// issuerOf reads iss of a token from our own record; "" when it is none.
func issuerOf(token []byte) string {
	t, err := jose.Parse(token, jose.ParseOptions{Typ: []string{ehds.TypMessage, ehds.TypReceipt}})
	if err != nil {
		return ""
	}
	var c struct {
		Iss string `json:"iss"`
	}
	if json.Unmarshal(t.Payload, &c) != nil {
		return ""
	}
	return c.Iss
}

// acknowledged is the token a receipt speaks of: that of the original when it says DUPLICATE.
func acknowledged(receipt []byte) string {
	t, err := jose.Parse(receipt, jose.ParseOptions{Typ: []string{ehds.TypReceipt}})
	var r ehds.Receipt
	if err != nil || json.Unmarshal(t.Payload, &r) != nil {
		sum := sha256.Sum256(receipt)
		return hex.EncodeToString(sum[:])
	}
	return r.TokenSHA256
}
