package operator

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// APIKeys lists the API keys of national systems.
func (c *Client) APIKeys(ctx context.Context) ([]dispatcher.APIKey, error) {
	var out []dispatcher.APIKey
	err := c.call(ctx, "/v1/dispatcher/keys", nil, &out)
	return out, err
}

// AddAPIKey makes a key for a national system. It is in the answer and nowhere else.
func (c *Client) AddAPIKey(ctx context.Context, r gateway.APIKeyRequest) (dispatcher.NewKey, error) {
	var out dispatcher.NewKey
	err := c.call(ctx, "/v1/dispatcher/keys/add", r, &out)
	return out, err
}

// RevokeAPIKey refuses a key from now on, or after a while.
func (c *Client) RevokeAPIKey(ctx context.Context, r gateway.APIKeyRevocation) (dispatcher.APIKey, error) {
	var out dispatcher.APIKey
	err := c.call(ctx, "/v1/dispatcher/keys/revoke", r, &out)
	return out, err
}

// DeadPushes lists announcements to national systems that were given up.
func (c *Client) DeadPushes(ctx context.Context) ([]dispatcher.DeadPush, error) {
	var out []dispatcher.DeadPush
	err := c.call(ctx, "/v1/dispatcher/dead", nil, &out)
	return out, err
}

// RetryPush announces again what was given up.
func (c *Client) RetryPush(ctx context.Context, r gateway.PushRetry) (gateway.PushRetried, error) {
	var out gateway.PushRetried
	err := c.call(ctx, "/v1/dispatcher/retry", r, &out)
	return out, err
}
