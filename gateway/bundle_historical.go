package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// historicalBundleDeadline bounds the fetching of all lists for one bundle.
const historicalBundleDeadline = 20 * time.Second

// addHistorical adds the historical keys of every peer a bundle has a chain of, as the peer serves them. A
// list that cannot be had is left out: then its reader may not be able to tell, and nothing is believed that
// was not proved.
func (g *Gateway) addHistorical(ctx context.Context, lists map[string]string, chains map[string][]string) {
	ctx, cancel := context.WithTimeout(ctx, historicalBundleDeadline)
	defer cancel()
	for entity, chain := range chains {
		if _, have := lists[entity]; have {
			continue
		}
		list, err := g.historicalOf(ctx, entity, chain)
		if err != nil {
			g.log.WarnContext(ctx, "a bundle lacks the historical keys of an issuer", "entity", entity, "error", err)
			continue
		}
		if list != "" {
			lists[entity] = list
		}
	}
}

// historicalOf is a peer's list; empty for one that says it has none.
func (g *Gateway) historicalOf(ctx context.Context, entity string, chain []string) (string, error) {
	found, err := federation.ResolveChain(chain, g.anchors, g.o.Clock())
	if err != nil {
		return "", err
	}
	if found.Entity.Gateway == nil || found.Entity.Gateway.HistoricalEndpoint == "" {
		return "", nil
	}
	h, err := g.resolver.FetchHistorical(ctx, found, federation.TypeGateway)
	if err != nil {
		return "", err
	}
	return h.Token(), nil
}
