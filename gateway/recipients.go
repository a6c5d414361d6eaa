package gateway

import (
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/permits/recipients"
	"github.com/ehdsgw/ehdsgw/connectors/webhook"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

// recipientTarget is the outbox target of a recipient, and who confirmed as evidence has it.
func recipientTarget(r config.PermitRecipient) string { return "recipient/" + r.ID }

// RecipientTarget is where a recipient of permits is told, as the configuration has it.
func RecipientTarget(r config.PermitRecipient) webhook.Target {
	return webhook.Target{URL: r.URL, Secret: r.Secret.Reveal()}
}

// openRecipients makes the couriers to the systems of recipients.
func (g *Gateway) openRecipients() error {
	list := g.cfg.Permits.Recipients
	for _, h := range g.cfg.HDABs {
		list = slices.Concat(list, h.Permits.Recipients)
	}
	g.couriers = make(map[string]connectors.Courier, len(list))
	for _, r := range list {
		host, err := g.permitHost(recipientTarget(r))
		if err != nil {
			return err
		}
		c, err := recipients.New(host, RecipientTarget(r))
		if err != nil {
			return fmt.Errorf("recipient %s: %w", r.ID, err)
		}
		g.couriers[recipientTarget(r)] = connectors.GuardCourier(c, host, connectors.DefaultDeadlines())
	}
	return nil
}

// addresses are the systems of recipients by body. Where a body's permit system brings notices by itself there
// are none.
func (g *Gateway) addresses() exchange.Addresses {
	systems, handed := g.systemsOfBodies(), g.handoverSystems()
	out := exchange.Addresses{}
	for _, h := range g.cfg.HDABs {
		entity := HDABEntity(g.cfg.Entity, h.ID)
		if handed[systems.Of(entity)].Extras.Distributor != nil {
			continue
		}
		for _, r := range g.cfg.Telling(h).Recipients {
			out[entity] = append(out[entity], exchange.Address{Target: recipientTarget(r), Kind: connectors.RecipientKind(r.Kind), Name: r.Name})
		}
	}
	return out
}
