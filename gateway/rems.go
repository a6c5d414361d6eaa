package gateway

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
)

// remsPoll is the time between two looks at REMS where the configuration names none.
const remsPoll = 30 * time.Second

// remsOptions are the options of the driver for REMS, its mapping read.
func remsOptions(c config.REMS) (rems.Options, error) {
	raw, err := os.ReadFile(c.Mapping)
	if err != nil {
		return rems.Options{}, fmt.Errorf("mapping for REMS: %w", err)
	}
	m, err := rems.ParseMapping(raw)
	if err != nil {
		return rems.Options{}, fmt.Errorf("%s: %w", c.Mapping, err)
	}
	return rems.Options{URL: c.URL, APIKey: c.APIKey.Reveal(), Owner: c.Owner, Handler: c.Handler, Poll: cmp.Or(c.Poll, remsPoll),
		NotifySecret: c.NotifySecret.Reveal(), Mapping: m}, nil
}
