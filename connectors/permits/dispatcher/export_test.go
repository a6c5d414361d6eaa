package dispatcher

import (
	"context"
	"encoding/json"

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
	err = d.scan(ctx, trackPrefix, trackPrefix, func(m connectors.Mail) (bool, error) {
		var t track
		if err := json.Unmarshal(m.Value, &t); err != nil {
			return false, err
		}
		id, n := trackDigest(t.Case, t.Key), t.newest().Number
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
