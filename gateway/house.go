package gateway

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// openHouse sets up the contact point's entity and one for each body under it.
func (g *Gateway) openHouse() {
	hints := slices.Clone(g.cfg.Trust.Superiors)
	if len(hints) == 0 {
		for _, a := range g.anchors {
			hints = append(hints, a.Entity)
		}
	}
	g.marks = newMarkShelf(g.markWishes())
	g.house = &federation.House{Head: federation.NewSelf(federation.SelfOptions{
		Entity: g.cfg.Entity, Hints: hints, Keys: keyring{g.keys, ownerNCP}, Metadata: g.gatewayMetadata,
		Marks: func() []federation.MarkEntry { return g.marks.of(g.cfg.Entity) }, Clock: g.o.Clock,
	})}
	for _, h := range g.cfg.HDABs {
		entity := HDABEntity(g.cfg.Entity, h.ID)
		g.house.Bodies = append(g.house.Bodies, federation.NewSelf(federation.SelfOptions{
			Entity: entity, Hints: []string{g.cfg.Entity}, Keys: keyring{g.keys, ownerHDAB(h.ID)},
			Metadata: func() (map[string]any, error) { return g.hdabMetadata(entity, h.ID, h.Code, h.Name) },
			Marks:    func() []federation.MarkEntry { return g.marks.of(entity) }, Clock: g.o.Clock,
		}))
	}
}

// renewStatements makes every entity state its keys and marks anew.
func (g *Gateway) renewStatements() {
	g.past.renew()
	g.house.Head.Renew()
	for _, b := range g.house.Bodies {
		b.Renew()
	}
}

func (g *Gateway) gatewayMetadata() (map[string]any, error) {
	set, err := g.keys.Public(keys.Exchange, ownerNCP)
	if err != nil {
		return nil, err
	}
	sealing, err := g.keys.SealingSet(ownerNCP)
	if err != nil {
		return nil, err
	}
	set.Keys = append(set.Keys, sealing.Keys...)
	var types []string
	for _, t := range exchange.Types(g.handled()...) {
		types = append(types, string(t))
	}
	endpoints := federation.EndpointsOf(g.cfg.Entity, g.cfg.DisplayName["en"])
	endpoints.HistoricalEndpoint = g.cfg.Entity + httpapi.FederationHistoricalPath
	return map[string]any{
		federation.TypeFederationEntity: endpoints,
		federation.TypeGateway: federation.GatewayMetadata{
			ExchangeEndpoint: g.cfg.Entity + "/exchange", Keys: set, Country: g.cfg.Country,
			Profiles: g.profiles(), MessageTypes: types, SigningAlgs: g.policies.Listed(),
			SealingAlgs:     algsOf(sealing),
			MaxMessageBytes: int64(g.cfg.Exchange.MaxMessage), Contacts: g.cfg.Contacts, DisplayName: g.cfg.DisplayName,
			HistoricalEndpoint: historicalURL(g.cfg.Entity),
			EvidenceLog:        &federation.EvidenceLog{Origin: LogOrigin(g.cfg.Entity), VKeys: []string{g.logKey.VKey}, Witnesses: g.witnessKeys()},
		},
	}, nil
}

// algsOf are the algorithms of a set, which is what its owner can open.
func algsOf(set jose.KeySet) (algs []string) {
	for _, k := range set.Keys {
		algs = append(algs, k.Alg)
	}
	slices.Sort(algs)
	return algs
}

func (g *Gateway) hdabMetadata(entity, id, code string, name map[string]string) (map[string]any, error) {
	set, err := g.keys.Public(keys.Permit, ownerHDAB(id))
	if err != nil {
		return nil, err
	}
	return map[string]any{federation.TypeHDAB: federation.HDABMetadata{
		Keys: set, StatusListEndpoint: entity + "/status", HistoricalEndpoint: historicalURL(entity), Country: g.cfg.Country, Code: code, DisplayName: name,
	}}, nil
}
