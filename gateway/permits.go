package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

func (g *Gateway) openPermits(context.Context) error {
	if err := g.openSystems(); err != nil {
		return err
	}
	if err := g.openRecipients(); err != nil {
		return err
	}
	bodies := make([]permits.Body, len(g.cfg.HDABs))
	for i := range g.cfg.HDABs {
		bodies[i] = g.permitBody(i)
	}
	g.office = permits.NewOffice(bodies, g.record, exchange.StatusListSize, g.o.Clock)
	return nil
}

// PermitSettings are the settings of a configured permit system, for commands that open its driver.
func PermitSettings(c config.Permits, body config.HDAB, all *config.Config, clock func() time.Time) (builtin.PermitSettings, error) {
	return permitSettings(c, body, all, clock)
}

// permitSettings are the settings of a permit driver, its files read.
func permitSettings(c config.Permits, body config.HDAB, all *config.Config, clock func() time.Time) (builtin.PermitSettings, error) {
	rules, err := deskRules(c.Desk, body)
	if err == nil && c.Driver == "rems" {
		options, err := remsOptions(c.REMS, clock)
		return builtin.PermitSettings{REMS: options}, err
	}
	return builtin.PermitSettings{
		Rules: rules, FourEyes: c.Desk.FourEyes, Dispatcher: DispatcherOptions(all, c.Dispatcher),
		Gate: gate.Options{EthicsRequired: all.Gates.EthicsRequired, Early: gate.Severity(all.Gates.EarlyCategories)},
	}, err
}

// deskRules reads the rules file. Without one every case waits for a person.
func deskRules(c config.Desk, h config.HDAB) ([]byte, error) {
	if path := c.Rules; path != "" {
		rules, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("desk rules: %w", err)
		}
		return rules, nil
	}
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
