package operator

import (
	"context"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// CatalogueStatus lists publications, or with an id in the query shows one.
func (c *Client) CatalogueStatus(ctx context.Context, q url.Values) (publish.Page, error) {
	var out publish.Page
	return out, c.call(ctx, "/v1/catalogue/status?"+q.Encode(), nil, &out)
}

// CatalogueHistory is what happened to one publication.
func (c *Client) CatalogueHistory(ctx context.Context, id string) (publish.History, error) {
	var out publish.History
	return out, c.call(ctx, "/v1/catalogue/history?"+url.Values{"id": {id}}.Encode(), nil, &out)
}

// CatalogueReviews lists the descriptions due for their yearly check.
func (c *Client) CatalogueReviews(ctx context.Context, limit int) (publish.Reviews, error) {
	var out publish.Reviews
	return out, c.call(ctx, "/v1/catalogue/review?"+url.Values{"limit": {strconv.Itoa(limit)}}.Encode(), nil, &out)
}

// CatalogueConfirm records a check of descriptions.
func (c *Client) CatalogueConfirm(ctx context.Context, r gateway.ConfirmRequest) ([]publish.Row, error) {
	var out []publish.Row
	return out, c.call(ctx, "/v1/catalogue/review", r, &out)
}
