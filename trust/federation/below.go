package federation

import (
	"context"
	"fmt"
)

// Configuration fetches an entity's own configuration for an operator who named it, as when it is
// enrolled. It proves nothing yet: Verify it with keys that came another way.
func (r *Resolver) Configuration(ctx context.Context, entity string) (*Statement, error) {
	got, err := r.fetch.configuration(ctx, entity, askedNow())
	if err != nil {
		return nil, err
	}
	s := got.statement
	if livesLonger(s.Iat, s.Exp, maxConfigurationLife) {
		return nil, fmt.Errorf("%w: an entity configuration lives 24 hours at most", ErrStatement)
	}
	return s, s.ValidAt(r.o.Clock())
}

// Below resolves an entity that stands under a superior of ours: its configuration is fetched, what
// stands above it is given, the superior's statement first. No hint is followed. ask says whether the
// issuers of its marks are asked about them; an anchor knows itself.
func (r *Resolver) Below(ctx context.Context, entity string, above []string, anchors []Anchor, ask bool) (*Resolution, error) {
	leaf, err := r.fetch.configuration(ctx, entity, askedNow())
	if err != nil {
		return nil, err
	}
	now := r.o.Clock()
	found, err := ResolveChain(append([]string{leaf.statement.Token}, above...), anchors, now)
	if err == nil && ask {
		found.Entity = r.withMarks(ctx, &resolved{entity: found.Entity, chain: found.Statements, fetched: now, marks: found.Entity.Marks})
	}
	return found, err
}

// FetchHistorical gets the list of keys that an entity no longer signs with, from the endpoint its
// metadata name for an entity type (federation_entity: its federation keys), and verifies it with the
// federation keys its superior states. It is for an entity whose chain holds; the endpoint lies on its
// own host.
func (r *Resolver) FetchHistorical(ctx context.Context, found *Resolution, entityType string) (*Historical, error) {
	endpoint, err := historicalEndpoint(found, entityType)
	if err != nil {
		return nil, err
	}
	a, err := r.fetch.plain(ctx, endpoint, historicalKeysEndpoint)
	if err != nil {
		return nil, fmt.Errorf("historical keys of %s: %w", found.Entity.ID, err)
	}
	h, err := ParseHistorical(a.body)
	if err != nil {
		return nil, err
	}
	if h.Issuer != found.Entity.ID {
		return nil, fmt.Errorf("%w: the list is another entity's", ErrHistorical)
	}
	return h, h.Verify(found.Statements[1].JWKS)
}

func historicalEndpoint(found *Resolution, entityType string) (string, error) {
	view := &Statement{Claims: Claims{Sub: found.Entity.ID, Metadata: found.Entity.Metadata}}
	if entityType == TypeFederationEntity {
		return view.endpoint(func(m FederationMetadata) string { return m.HistoricalEndpoint })
	}
	var m struct {
		Endpoint string `json:"historical_keys_endpoint"`
	}
	if _, err := view.metadata(entityType, &m); err != nil {
		return "", err
	}
	return onOwnHost(found.Entity.ID, m.Endpoint)
}
