package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

const (
	// historicalAge is how long a signed list is given again, and so is a failure to sign one: reading
	// needs no credentials, and costs one signature in that time however many ask.
	historicalAge = 30 * time.Second
	// historicalDeadline bounds the making of one list, the fetching of its chain included.
	historicalDeadline = 30 * time.Second
)

// pastKeys are the lists of historical keys of the entities hosted here (wire profile §1, §6). They
// carry the entity's trust chain, so that a list kept beside a permit can be proved without a network.
type pastKeys struct {
	g      *Gateway
	flight singleflight.Group

	mu   sync.Mutex
	kept map[string]pastList // by URL of the list
}

type pastList struct {
	token string
	err   error
	at    time.Time
}

// of is the list of an entity's keys: all of them, or the federation keys alone, which is the document
// of OpenID Federation 1.1.
func (p *pastKeys) of(ctx context.Context, entity string, federationOnly bool) (string, error) {
	id := fmt.Sprintf("%s %t", entity, federationOnly)
	if l, ok := p.fresh(id); ok {
		return l.token, l.err
	}
	done := p.flight.DoChan(id, func() (any, error) {
		// Detached: a caller that hangs up must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), historicalDeadline)
		defer cancel()
		l := pastList{at: p.g.o.Clock()}
		l.token, l.err = p.sign(ctx, entity, federationOnly)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.kept == nil {
			p.kept = map[string]pastList{}
		}
		p.kept[id] = l
		return l.token, l.err
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		token, _ := r.Val.(string)
		return token, r.Err
	}
}

func (p *pastKeys) fresh(id string) (pastList, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.kept[id]
	age := p.g.o.Clock().Sub(l.at)
	return l, ok && age >= 0 && age < historicalAge
}

// renew drops what is kept, after a change of keys.
func (p *pastKeys) renew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kept = nil
}

func (p *pastKeys) sign(ctx context.Context, entity string, federationOnly bool) (string, error) {
	owner, own, purpose := ownerNCP, federation.TypeGateway, keys.Exchange
	chainOf := p.g.chainOfHead
	if entity != p.g.cfg.Entity {
		i, err := p.g.bodyIndex(entity)
		if err != nil {
			return "", err
		}
		owner, own, purpose = ownerHDAB(p.g.cfg.HDABs[i].ID), federation.TypeHDAB, keys.Permit
		chainOf = func(ctx context.Context) ([]string, error) { return p.g.chainOfBody(ctx, i) }
	}
	h := federation.Historical{Issuer: entity, IssuedAt: p.g.o.Clock(), Keys: []federation.HistoricalKey{}}
	for _, list := range []struct {
		purpose    keys.Purpose
		entityType string
	}{{keys.Federation, ""}, {purpose, own}} {
		if federationOnly && list.entityType != "" {
			continue
		}
		past, err := p.g.keys.Past(list.purpose, owner)
		if err != nil {
			return "", err
		}
		for _, k := range past {
			h.Keys = append(h.Keys, historicalKey(k, list.entityType))
		}
	}
	chain, err := chainOf(ctx)
	if err != nil {
		return "", err
	}
	key, err := p.g.keys.Active(keys.Federation, owner)
	if err != nil {
		return "", err
	}
	return federation.SignHistorical(key, h, chain)
}

// historicalKey puts a key of the store into the words of the list.
func historicalKey(k keys.Past, entityType string) federation.HistoricalKey {
	out := federation.HistoricalKey{
		Key: jose.PublicKey{Kid: k.Kid, Alg: k.Alg, Use: "sig", Key: k.Key}, EntityType: entityType, IssuedAt: k.From, Expires: k.Until,
	}
	if !k.Revoked.IsZero() {
		out.Revoked = &federation.Revocation{At: k.Revoked, Reason: string(k.Reason)}
	}
	return out
}

// chainOfHead is the contact point's trust chain as it stands now.
func (g *Gateway) chainOfHead(ctx context.Context) ([]string, error) {
	config, err := g.house.Head.Configuration()
	if err != nil {
		return nil, err
	}
	above, err := g.resolver.Above(ctx, config)
	if err != nil {
		return nil, err
	}
	return append([]string{config}, above...), nil
}

// chainOfBody is the trust chain of the i-th body as it stands now.
func (g *Gateway) chainOfBody(ctx context.Context, i int) ([]string, error) {
	head, err := g.chainOfHead(ctx)
	if err != nil {
		return nil, err
	}
	return g.house.ChainOf(g.house.Bodies[i], head[1:])
}

func (g *Gateway) bodyIndex(entity string) (int, error) {
	for i, h := range g.cfg.HDABs {
		if HDABEntity(g.cfg.Entity, h.ID) == entity {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s is not hosted here", entity)
}

// historicalURL is where the list of an entity is served.
func historicalURL(entity string) string { return entity + httpapi.HistoricalPath }
