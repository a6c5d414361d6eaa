package federation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// Bounds of a list of subordinates.
const (
	maxList         = 16 << 20 // bytes
	maxSubordinates = 100_000
)

// ErrList: an answer that is no list of entity identifiers, each named once.
var ErrList = rule("list", ErrStatement, "the list of subordinates does not hold")

// ListFilter narrows a list (OpenID Federation 1.1 §8.2.1). A superior that does not know a parameter
// may ignore it.
type ListFilter struct {
	EntityType string // entity_type
	MarkType   string // trust_mark_type
}

// List returns the entities an anchor or an enrolled superior says stand directly under it, in its
// order. The list is no proof, and nothing is fetched because of it: an entity is trusted when it is
// resolved. Errors wrap ErrUnknownIssuer when the superior is not enrolled.
func (r *Resolver) List(ctx context.Context, superior string, filter ListFilter) ([]string, error) {
	if !r.enrolled(superior) {
		return nil, ErrUnknownIssuer
	}
	ctx, cancel := context.WithTimeout(ctx, 3*r.o.Timeout)
	defer cancel()
	config, err := r.superior(ctx, superior)
	if err != nil {
		return nil, err
	}
	address, err := config.endpoint(func(m FederationMetadata) string { return m.ListEndpoint })
	if err != nil {
		return nil, err
	}
	q := url.Values{}
	if filter.EntityType != "" {
		q.Set("entity_type", filter.EntityType)
	}
	if filter.MarkType != "" {
		q.Set("trust_mark_type", filter.MarkType)
	}
	if len(q) > 0 {
		address = withQuery(address, q)
	}
	a, err := r.fetch.plain(ctx, address, listEndpoint)
	if errors.Is(err, errNotFound) {
		err = fmt.Errorf("%w: no list is served", ErrFetchStatus)
	}
	if err != nil {
		return nil, fmt.Errorf("list of %s: %w", superior, err)
	}
	return parseList([]byte(a.body))
}

// superior is the configuration of an anchor, or of an intermediate whose chain holds.
func (r *Resolver) superior(ctx context.Context, entity string) (*Statement, error) {
	if r.isAnchor(entity) {
		got, err := r.anchorConfiguration(ctx, entity, query{spend: newBudget(), within: r.o.Refresh})
		if err != nil {
			return nil, err
		}
		return got.statement, nil
	}
	k, err := r.build(ctx, entity, r.ascent(r.o.Refresh, r.enrolled))
	if err != nil {
		return nil, err
	}
	return k.leaf(), nil
}

// parseList reads a JSON array of entity identifiers, one at a time: what is not one ends it.
func parseList(raw []byte) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, fmt.Errorf("%w: not an array", ErrList)
	}
	out, seen := []string{}, map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		id, ok := t.(string)
		if err != nil || !ok {
			return nil, fmt.Errorf("%w: element %d is no string", ErrList, len(out))
		}
		if _, err := wellKnownOf(id); err != nil || seen[id] {
			return nil, fmt.Errorf("%w: element %d is no entity identifier, or named before", ErrList, len(out))
		}
		if len(out) == maxSubordinates {
			return nil, fmt.Errorf("%w: over %d entities", ErrList, maxSubordinates)
		}
		seen[id] = true
		out = append(out, id)
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%w: it does not end", ErrList)
	}
	if dec.More() || dec.InputOffset() != int64(len(raw)) {
		return nil, fmt.Errorf("%w: bytes after it", ErrList)
	}
	return out, nil
}
