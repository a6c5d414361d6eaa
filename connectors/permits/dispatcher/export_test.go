package dispatcher

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Holding is what is kept of one track: for the contract, which counts.
type Holding struct {
	Case                              string
	Track                             ehds.Track
	Version, Attachments, Information int
	Withdrawn                         bool
}

// Holdings lists every track.
func (d *Driver) Holdings(ctx context.Context) (out []Holding, err error) {
	err = scan(ctx, d, trackPrefix, trackPrefix, func(_ string, t track) (bool, error) {
		id, n := connectors.TrackDigest(t.Case, t.Key), t.newest().Number
		var f filing
		if _, err := d.get(ctx, filingKey(id, n), &f); err != nil {
			return false, err
		}
		infos, err := d.informations(ctx, id)
		out = append(out, Holding{t.Case, t.Key, n, len(f.Attachments), len(infos), t.Status == ehds.StateWithdrawn})
		return true, err
	})
	return out, err
}

// Routes are the method and path of every operation, by operationId.
func Routes() map[string]string {
	out := map[string]string{}
	for _, op := range operations() {
		out[op.id] = op.method + " " + op.path
	}
	return out
}
