package operator

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Publish runs a pass over one catalogue source, or over all, and waits for it.
func (c *Client) Publish(ctx context.Context, r gateway.PublishRequest) ([]gateway.PublishReport, error) {
	var out []gateway.PublishReport
	err := c.call(ctx, "/v1/publish", r, &out)
	return out, err
}

// Desk lists the cases of the built-in desk, oldest receipt first.
func (c *Client) Desk(ctx context.Context) ([]desk.QueueItem, error) {
	var out []desk.QueueItem
	err := c.call(ctx, "/v1/desk", nil, &out)
	return out, err
}

// Decide takes a decision on a queued case.
func (c *Client) Decide(ctx context.Context, r gateway.DecideRequest) error {
	return c.call(ctx, "/v1/desk/decide", r, nil)
}

// Evidence is the evidence bundle of a case, verbatim.
func (c *Client) Evidence(ctx context.Context, caseID string) (json.RawMessage, error) {
	var out json.RawMessage
	err := c.call(ctx, "/v1/evidence?"+url.Values{"case": {caseID}}.Encode(), nil, &out)
	return out, err
}

// Backup makes the daemon copy its record to an absolute path that does not exist.
func (c *Client) Backup(ctx context.Context, path string) (store.Manifest, error) {
	var out store.Manifest
	err := c.call(ctx, "/v1/backup", gateway.BackupRequest{Path: path}, &out)
	return out, err
}
