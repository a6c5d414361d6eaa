package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func (g *Gateway) openPermits(context.Context) error {
	rules, err := g.deskRules()
	if err != nil {
		return err
	}
	open, err := builtin.Find(builtin.Drivers().Permits, "permits", g.cfg.Permits.Driver)
	if err != nil {
		return err
	}
	host := g.host(g.cfg.Permits.Driver)
	d, err := open(host, builtin.PermitSettings{Rules: rules})
	if err != nil {
		return err
	}
	g.desk, _ = d.(*desk.Desk)
	g.permits = connectors.GuardPermits(d, host, connectors.DefaultDeadlines())
	g.extras = connectors.GuardExtras(d, host, connectors.DefaultDeadlines())
	bodies := make([]permits.Body, len(g.cfg.HDABs))
	for i := range g.cfg.HDABs {
		bodies[i] = g.permitBody(i)
	}
	g.office = permits.NewOffice(bodies, g.record, exchange.StatusListSize, g.o.Clock)
	return nil
}

// deskRules reads the rules file. Without one every case waits for a person.
func (g *Gateway) deskRules() ([]byte, error) {
	if path := g.cfg.Permits.Desk.Rules; path != "" {
		rules, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("desk rules: %w", err)
		}
		return rules, nil
	}
	h := g.cfg.HDABs[0]
	name := h.Name["en"]
	if name == "" {
		name = h.Code
	}
	return json.Marshal(desk.Rules{
		Version: 1, Rules: []desk.Rule{}, Default: desk.Then{Decide: "manual"},
		Body: desk.Body{ID: h.Code, Name: name, Signatory: ehds.Signatory{Name: name, JobTitle: "Health data access body"}},
	})
}

// permitBody is the signing side of one body: its permit key and its trust chain as it stands now.
func (g *Gateway) permitBody(i int) permits.Body {
	id := g.cfg.HDABs[i].ID
	ring := signingRing{g.keys, keys.Permit, ownerHDAB(id)}
	return permits.Body{
		Entity: HDABEntity(g.cfg.Entity, id),
		Key:    ring.SigningKey, Keys: ring,
		Chain: func(ctx context.Context) ([]string, error) { return g.chainOfBody(ctx, i) },
	}
}
