package gateway

import (
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// peers are the entities of the hubs we speak with directly.
func (g *Gateway) peers() []string {
	out := make([]string, len(g.cfg.Peers))
	for i, p := range g.cfg.Peers {
		out[i] = p.Entity
	}
	return out
}

// ensureSealing makes the key that peers seal to, where there are peers and never was a key: what they
// send cannot be in clear. One that was revoked is the operator's to replace.
func (g *Gateway) ensureSealing() error {
	if len(g.cfg.Peers) == 0 {
		return nil
	}
	if err := g.keys.Ensure(keys.Sealing, ownerNCP); err != nil && !errors.Is(err, keys.ErrNoKey) {
		return fmt.Errorf("sealing key: %w", err)
	}
	return nil
}

// sealingKeys open what was sealed for us.
func (g *Gateway) sealingKeys() ([]jose.SealingKey, error) { return g.keys.SealingKeys(ownerNCP) }

// sealing is how what goes to peers is sealed; nil without any.
func (g *Gateway) sealing() *exchange.Sealing {
	if len(g.cfg.Peers) == 0 {
		return nil
	}
	return &exchange.Sealing{Rand: g.o.Rand, Algs: func(peer string) []string {
		for _, p := range g.cfg.Peers {
			if p.Entity == peer {
				return p.Sealing
			}
		}
		return nil
	}}
}

// across is what is exchanged with peers.
func (g *Gateway) across() exchange.Across {
	if len(g.cfg.Peers) == 0 {
		return exchange.Across{}
	}
	return exchange.Across{Peers: g.peers(), Country: g.cfg.Country, Handlers: exchange.BothSides(g.apps, g.filings())}
}

// filings are the applications filed with peers through this hub.
func (g *Gateway) filings() *exchange.Filings {
	return &exchange.Filings{Compose: g.composer(), Country: g.cfg.Country}
}

// handled are the handlers that the metadata lists the types of: what openInbox gives the inbox.
func (g *Gateway) handled() []exchange.Handlers {
	apps := &exchange.Applications{}
	list := []exchange.Handlers{apps.Handlers()}
	if len(g.cfg.Peers) > 0 {
		list = append(list, exchange.BothSides(apps, &exchange.Filings{}))
	}
	return list
}
