package federation

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// WellKnown is where an entity serves its configuration (OpenID Federation 1.1 §9).
const WellKnown = "/.well-known/openid-federation"

// maxStatement bounds a fetched statement, mark or status, in bytes.
const maxStatement = 256 << 10

// fetcher gets federation documents: statements through what is kept of them, the rest directly.
type fetcher struct {
	wire *wire
	kept *documents
}

func newFetcher(o Options) *fetcher {
	w := newWire(o.HTTP, o.Timeout)
	return &fetcher{wire: w, kept: &documents{
		wire: w, shelf: newSealedShelf(o.Shelf, o.ShelfSecret), clock: o.Clock, stale: o.StaleIfError,
		near: newRecent[string, *document](2 * o.Keep),
	}}
}

// found is a statement and how it was come by.
type found struct {
	*document
	asked bool // its host has confirmed it just now
	stale bool // its host could not be asked, and it stands in
}

// configuration gets an entity's own statement, which speaks of itself. Nothing in it is verified.
func (f *fetcher) configuration(ctx context.Context, entity string, q query) (found, error) {
	address, err := wellKnownOf(entity)
	if err != nil {
		return found{}, err
	}
	got, err := f.kept.get(ctx, address, q, func(s *Statement) error {
		if !s.IsConfiguration() || s.Sub != entity {
			return fmt.Errorf("%w: %s serves the configuration of another entity", ErrStatement, entity)
		}
		return nil
	})
	if errors.Is(err, errNotFound) {
		// Only a superior can say that an entity is not one of its own.
		err = fmt.Errorf("%w: %w", ErrFetchStatus, err)
	}
	if err != nil {
		return found{}, fmt.Errorf("configuration of %s: %w", entity, err)
	}
	return got, nil
}

// forget drops an entity's configuration from what is kept.
func (f *fetcher) forget(ctx context.Context, entity string) {
	if address, err := wellKnownOf(entity); err == nil {
		f.kept.drop(ctx, address)
	}
}

// subordinate gets a superior's statement about an entity from the endpoint its configuration names.
func (f *fetcher) subordinate(ctx context.Context, superior *Statement, entity string, q query) (found, error) {
	endpoint, err := superior.endpoint(func(m FederationMetadata) string { return m.FetchEndpoint })
	if err != nil {
		return found{}, err
	}
	got, err := f.kept.get(ctx, withQuery(endpoint, url.Values{"sub": {entity}}), q, func(s *Statement) error {
		if s.Iss != superior.Sub || s.Sub != entity {
			return fmt.Errorf("%w: %s answered about another entity", ErrStatement, superior.Sub)
		}
		return nil
	})
	if err != nil {
		return found{}, fmt.Errorf("statement of %s about %s: %w", superior.Sub, entity, err)
	}
	return got, nil
}

// markStatus asks an issuer about a mark. The answer is about now, so none is kept.
func (f *fetcher) markStatus(ctx context.Context, issuer *Statement, mark string) (string, error) {
	endpoint, err := issuer.endpoint(func(m FederationMetadata) string { return m.MarkStatusEndpoint })
	if err != nil {
		return "", err
	}
	a, err := f.wire.post(ctx, endpoint, markStatusEndpoint, map[string]string{"trust_mark": mark})
	if errors.Is(err, errNotFound) {
		err = fmt.Errorf("%w: %w", ErrFetchStatus, err)
	}
	return a.body, err
}

// mark fetches a mark an issuer has made for an entity.
func (f *fetcher) mark(ctx context.Context, issuer *Statement, markType, sub string) (string, error) {
	endpoint, err := issuer.endpoint(func(m FederationMetadata) string { return m.MarkEndpoint })
	if err != nil {
		return "", err
	}
	q := url.Values{"trust_mark_type": {markType}, "sub": {sub}}
	a, err := f.plain(ctx, withQuery(endpoint, q), markEndpoint)
	return a.body, err
}

// plain gets a document of which nothing is kept.
func (f *fetcher) plain(ctx context.Context, address string, e endpoint) (answer, error) {
	a, err := f.wire.get(ctx, address, e, "")
	if err == nil && a.same {
		err = fmt.Errorf("%w: not modified, though nothing is kept", ErrFetchStatus)
	}
	return a, err
}

// maxEntityID bounds an entity identifier, in bytes (OpenID Federation 1.1 leaves it open).
const maxEntityID = 2048

// wellKnownOf is where an entity serves its configuration. Whether the address may be reached is the
// guarded client's to say; http passes here for its sake, who allows it to loopback in development.
func wellKnownOf(entity string) (string, error) {
	u, err := url.Parse(entity)
	if err != nil || len(entity) > maxEntityID || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" ||
		u.User != nil || u.Opaque != "" || strings.ContainsAny(entity, "?#\\ \t\r\n") {
		return "", ErrEntityURL
	}
	return strings.TrimSuffix(entity, "/") + WellKnown, nil
}

// endpoint picks one federation endpoint. It must lie on the entity's own host: a configuration may
// not send us elsewhere.
func (s *Statement) endpoint(pick func(FederationMetadata) string) (string, error) {
	var m FederationMetadata
	if ok, err := s.metadata(TypeFederationEntity, &m); err != nil || !ok {
		return "", fmt.Errorf("%w: %s names no federation endpoints", ErrStatement, s.Sub)
	}
	return onOwnHost(s.Sub, pick(m))
}

func onOwnHost(entity, named string) (string, error) {
	endpoint, err := url.Parse(named)
	if err != nil || endpoint.Hostname() == "" || endpoint.User != nil || endpoint.Fragment != "" {
		return "", fmt.Errorf("%w: %s names no such endpoint", ErrStatement, entity)
	}
	own, err := url.Parse(entity)
	if err != nil || own.Host != endpoint.Host || own.Scheme != endpoint.Scheme {
		return "", fmt.Errorf("%w: %s names an endpoint on another host", ErrStatement, entity)
	}
	return endpoint.String(), nil
}

func withQuery(endpoint string, q url.Values) string {
	sep := "?"
	if strings.Contains(endpoint, "?") {
		sep = "&"
	}
	return endpoint + sep + q.Encode()
}
