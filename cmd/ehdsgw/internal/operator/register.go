package operator

import (
	"context"
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// Register is a page of the public register.
func (c *Client) Register(ctx context.Context, q url.Values) (gateway.RegisterPage, error) {
	var out gateway.RegisterPage
	err := c.call(ctx, "/v1/register?"+q.Encode(), nil, &out)
	return out, err
}

// RegisterPending lists the decisions that wait for their release to the public register.
func (c *Client) RegisterPending(ctx context.Context) ([]gateway.PendingDecision, error) {
	var out []gateway.PendingDecision
	err := c.call(ctx, "/v1/register/pending", nil, &out)
	return out, err
}

// RegisterRelease releases a decision to the public register.
func (c *Client) RegisterRelease(ctx context.Context, r gateway.ReleaseRequest) error {
	return c.call(ctx, "/v1/register/release", r, nil)
}

// CaseDocuments lists the documents that went out for a case, oldest first, without their content.
func (c *Client) CaseDocuments(ctx context.Context, caseID string) ([]gateway.CaseDocument, error) {
	var out []gateway.CaseDocument
	err := c.call(ctx, "/v1/documents?"+url.Values{"case": {caseID}}.Encode(), nil, &out)
	return out, err
}

// CaseDocument is the newest document of a name that went out for a case, of any body when hdab is empty.
func (c *Client) CaseDocument(ctx context.Context, caseID, name, hdab string) (gateway.CaseDocument, error) {
	var out gateway.CaseDocument
	q := url.Values{"case": {caseID}, "name": {name}}
	if hdab != "" {
		q.Set("hdab", hdab)
	}
	err := c.call(ctx, "/v1/document?"+q.Encode(), nil, &out)
	return out, err
}
