package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const (
	// maxBundleChains bounds the issuers whose chains a bundle carries.
	maxBundleChains = 256
	// chainsDeadline bounds the fetching of all of them: a peer that is down costs an operator this at
	// most.
	chainsDeadline = 15 * time.Second
)

// signed is what a bundle needs to know of a leaf's material; nothing of it is set when the material
// is no message and no receipt.
type signed struct {
	issuer       string
	iat          int64
	chain        []string // brought in the header
	acknowledges string   // SHA-256, hex, of the token a peer's receipt is about
}

// readSigned reads material of our own record: it was verified when it was taken.
func readSigned(l store.Evidence) signed {
	t, err := trust.ReadSigned(l.Material, jose.ParseOptions{
		Typ: []string{ehds.TypMessage, ehds.TypReceipt}, Limits: jose.Limits{MaxToken: len(l.Material)}, Algs: jose.ProfileAlgs(),
	})
	if err != nil {
		return signed{}
	}
	var c struct {
		Iss         string `json:"iss"`
		Iat         int64  `json:"iat"`
		TokenSHA256 string `json:"token_sha256"`
	}
	if json.Unmarshal(t.Payload(), &c) != nil {
		return signed{}
	}
	s := signed{issuer: c.Iss, iat: c.Iat, chain: t.Header().TrustChain}
	if l.Class == evidence.ClassReceipt {
		s.acknowledges = c.TokenSHA256
	}
	return s
}

// issuers are those whose tokens are in a bundle, in the order they appear, with the newest chain
// each has brought.
type issuers struct {
	order  []string
	newest map[string]signed
}

func newIssuers() *issuers { return &issuers{newest: map[string]signed{}} }

func (i *issuers) add(s signed) {
	if s.issuer == "" {
		return
	}
	have, ok := i.newest[s.issuer]
	switch {
	case !ok && len(i.order) >= maxBundleChains:
	case !ok:
		i.order = append(i.order, s.issuer)
		i.newest[s.issuer] = s
	case len(s.chain) > 0 && (len(have.chain) == 0 || s.iat > have.iat):
		i.newest[s.issuer] = s
	}
}

// addChains adds our chain and that of every issuer. A peer's is fetched now; when it cannot be, what
// is still known of it serves, then the chain its own tokens brought. A reader judges them against
// the anchors it has pinned: nothing is believed for being in the bundle.
func (g *Gateway) addChains(ctx context.Context, chains map[string][]string, i *issuers) error {
	ctx, cancel := context.WithTimeout(ctx, chainsDeadline)
	defer cancel()
	own, err := g.chainOfHead(ctx)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "chain-unavailable", "our own trust chain cannot be fetched now").After(time.Minute)
	}
	chains[g.cfg.Entity] = own
	for _, entity := range i.order {
		if _, have := chains[entity]; have {
			continue
		}
		brought := i.newest[entity].chain
		peer, err := g.resolver.Resolve(ctx, entity, nil)
		if errors.Is(err, federation.ErrUnavailable) {
			peer, err = g.resolver.Refresh(ctx, entity) // a failure of a moment ago is not the last word
		}
		switch {
		case err == nil:
			chains[entity] = peer.Chain
		case len(brought) > 0:
			chains[entity] = brought
		default:
			g.log.WarnContext(ctx, "a bundle lacks the chain of an issuer", "entity", entity, "error", err)
		}
	}
	return nil
}
