package federation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

// WellKnown is where an entity serves its configuration (OpenID Federation 1.1 §9).
const WellKnown = "/.well-known/openid-federation"

// maxStatement bounds a fetched statement, mark or status, in bytes.
const maxStatement = 256 << 10

// fetcher gets federation documents over a guarded client: it adds no redirects, no retries and a
// deadline of its own.
type fetcher struct{ client *resty.Client }

func newFetcher(hc *http.Client, timeout time.Duration) *fetcher {
	own := *hc // the settings below must not reach the owner's client
	c := resty.NewWithClient(&own).
		SetRetryCount(0).
		SetTimeout(timeout).
		SetRedirectPolicy(resty.NoRedirectPolicy()).
		SetResponseBodyLimit(maxStatement).
		SetHeader("Accept", "application/"+TypStatement)
	return &fetcher{client: c}
}

// errNotFound tells "no such statement" from "cannot be reached".
var errNotFound = errors.New("not found")

func (f *fetcher) text(resp *resty.Response, err error) (string, error) {
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	switch {
	case resp.StatusCode() == http.StatusOK:
		return strings.TrimSpace(string(resp.Body())), nil
	case resp.StatusCode() == http.StatusNotFound:
		return "", errNotFound
	}
	return "", fmt.Errorf("%w: status %d", ErrUnavailable, resp.StatusCode())
}

// configuration fetches an entity's own statement and checks that it speaks of itself.
func (f *fetcher) configuration(ctx context.Context, entity string) (*Statement, error) {
	text, err := f.text(f.client.R().SetContext(ctx).Get(strings.TrimSuffix(entity, "/") + WellKnown))
	if errors.Is(err, errNotFound) {
		// Only a superior can say that an entity is not one of its own.
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", entity, err)
	}
	s, err := ParseStatement(text)
	if err != nil {
		return nil, fmt.Errorf("configuration of %s: %w", entity, err)
	}
	if !s.IsConfiguration() || s.Sub != entity {
		return nil, fmt.Errorf("%w: %s serves the configuration of another entity", ErrStatement, entity)
	}
	return s, nil
}

// subordinate fetches a superior's statement about an entity from the endpoint its configuration names.
func (f *fetcher) subordinate(ctx context.Context, superior *Statement, entity string) (*Statement, error) {
	endpoint, err := superior.endpoint(func(m FederationMetadata) string { return m.FetchEndpoint })
	if err != nil {
		return nil, err
	}
	text, err := f.text(f.client.R().SetContext(ctx).Get(withQuery(endpoint, url.Values{"sub": {entity}})))
	if err != nil {
		return nil, fmt.Errorf("statement of %s about %s: %w", superior.Sub, entity, err)
	}
	s, err := ParseStatement(text)
	if err != nil {
		return nil, fmt.Errorf("statement of %s about %s: %w", superior.Sub, entity, err)
	}
	if s.Iss != superior.Sub || s.Sub != entity {
		return nil, fmt.Errorf("%w: %s answered about another entity", ErrStatement, superior.Sub)
	}
	return s, nil
}

// markStatus asks an issuer about a mark.
func (f *fetcher) markStatus(ctx context.Context, issuer *Statement, mark string) (string, error) {
	endpoint, err := issuer.endpoint(func(m FederationMetadata) string { return m.MarkStatusEndpoint })
	if err != nil {
		return "", err
	}
	return f.text(f.client.R().SetContext(ctx).SetFormData(map[string]string{"trust_mark": mark}).Post(endpoint))
}

// mark fetches a mark an issuer has made for an entity.
func (f *fetcher) mark(ctx context.Context, issuer *Statement, markType, sub string) (string, error) {
	endpoint, err := issuer.endpoint(func(m FederationMetadata) string { return m.MarkEndpoint })
	if err != nil {
		return "", err
	}
	q := url.Values{"trust_mark_type": {markType}, "sub": {sub}}
	return f.text(f.client.R().SetContext(ctx).Get(withQuery(endpoint, q)))
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
	if err != nil || endpoint.Host == "" || endpoint.User != nil || endpoint.Fragment != "" {
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
