package desk

import (
	"context"
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Measure is an enforcement measure of another nation's body, as staff see it. It informs: the desk
// refuses nothing by it (Art. 63(6)).
type Measure struct {
	At     string               `json:"at"`
	Case   string               `json:"case"`
	Nation string               `json:"nation"`
	Body   ehds.EnforcementBody `json:"body"`
}

const measurePrefix = "measure/"

var _ connectors.Measures = (*Desk)(nil)

// Measure keeps a measure, once for each reference.
func (d *Desk) Measure(ctx context.Context, m connectors.MeasureNotice) error {
	return d.change(ctx, m.Ref, m.Case, ehds.Track{}, func(tx *tx) error {
		tx.putJSON(measurePrefix+connectors.Digest(m.Ref, m.Case), m.Case, Measure{At: tx.stamp(), Case: m.Case, Nation: m.Nation, Body: m.Body})
		return tx.err
	})
}

// Measures lists the measures that came, in no particular order.
func (d *Desk) Measures(ctx context.Context) ([]Measure, error) {
	out := []Measure{}
	err := connectors.EachMail(ctx, d.host.Mailbox, measurePrefix, measurePrefix, func(m connectors.Mail) (bool, error) {
		var v Measure
		if err := json.Unmarshal(m.Value, &v); err != nil {
			return false, fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
		}
		out = append(out, v)
		return true, nil
	})
	return out, err
}
