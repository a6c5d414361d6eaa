package operator

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// Status is what the operator sees first: ready or why not, and totals.
func (c *Client) Status(ctx context.Context) (gateway.Status, error) {
	var s gateway.Status
	return s, c.call(ctx, "/v1/status", nil, &s)
}

// Cases lists cases whose id starts with a prefix, at most limit of them.
func (c *Client) Cases(ctx context.Context, prefix string, limit int) ([]gateway.CaseRow, error) {
	var rows []gateway.CaseRow
	q := url.Values{"prefix": {prefix}, "limit": {strconv.Itoa(limit)}}
	return rows, c.call(ctx, "/v1/cases?"+q.Encode(), nil, &rows)
}

// Keys lists the keys, without anything private.
func (c *Client) Keys(ctx context.Context) ([]gateway.KeyRow, error) {
	var rows []gateway.KeyRow
	return rows, c.call(ctx, "/v1/keys", nil, &rows)
}

// JWKS is the published JWK set of a purpose and owner, verbatim.
func (c *Client) JWKS(ctx context.Context, whose url.Values) (json.RawMessage, error) {
	var out json.RawMessage
	return out, c.call(ctx, "/v1/keys/jwks?"+whose.Encode(), nil, &out)
}

// Search asks the catalogue: q, limit, and one or more of each facet.
func (c *Client) Search(ctx context.Context, q url.Values) (gateway.Found, error) {
	var out gateway.Found
	return out, c.call(ctx, "/v1/search?"+q.Encode(), nil, &out)
}

// Description is one description by its key or identifier, with its content.
func (c *Client) Description(ctx context.Context, id string) (gateway.DescriptionRow, error) {
	var out gateway.DescriptionRow
	return out, c.call(ctx, "/v1/descriptions?"+url.Values{"id": {id}}.Encode(), nil, &out)
}
