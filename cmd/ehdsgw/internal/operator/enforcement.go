package operator

import (
	"context"
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway"
)

// RecordMeasure records a measure that a body of this nation took.
func (c *Client) RecordMeasure(ctx context.Context, r gateway.MeasureRequest) (gateway.MeasureView, error) {
	var out gateway.MeasureView
	return out, c.call(ctx, "/v1/measures/record", r, &out)
}

// Measures lists measures, the newest first. q may hold nation, against, subject and in_force.
func (c *Client) Measures(ctx context.Context, q url.Values) ([]gateway.MeasureRow, error) {
	var out []gateway.MeasureRow
	return out, c.call(ctx, "/v1/measures?"+q.Encode(), nil, &out)
}

// Measure is a measure with the cases it is about.
func (c *Client) Measure(ctx context.Context, caseID string) (gateway.MeasureView, error) {
	var out gateway.MeasureView
	return out, c.call(ctx, "/v1/measures/show?"+url.Values{"id": {caseID}}.Encode(), nil, &out)
}

// RecordResults records what a permit or an approval led to, with these files.
func (c *Client) RecordResults(ctx context.Context, r gateway.ResultsRequest, files []string) (gateway.ResultsRow, error) {
	var out gateway.ResultsRow
	return out, c.upload(ctx, "/v1/results/record", r, files, &out)
}

// Results lists results, the newest first. q may hold case and hdab.
func (c *Client) Results(ctx context.Context, q url.Values) ([]gateway.ResultsRow, error) {
	var out []gateway.ResultsRow
	return out, c.call(ctx, "/v1/results?"+q.Encode(), nil, &out)
}
