package operator

import (
	"context"
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// Report is the figures of a period. q may hold from, to and hdab.
func (c *Client) Report(ctx context.Context, q url.Values) (gateway.BiennialReport, error) {
	var out gateway.BiennialReport
	return out, c.call(ctx, "/v1/report?"+q.Encode(), nil, &out)
}

// SendReport records the report of a period and sends it to the centre.
func (c *Client) SendReport(ctx context.Context, r gateway.BiennialRequest) (gateway.BiennialSent, error) {
	var out gateway.BiennialSent
	return out, c.call(ctx, "/v1/report/send", r, &out)
}
