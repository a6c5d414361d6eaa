package gateway

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// remsPoll is the time between two looks at REMS where the configuration names none.
const remsPoll = 30 * time.Second

// remsOptions are the options of the driver for REMS, its files read.
func remsOptions(c config.REMS, clock func() time.Time) (rems.Options, error) {
	raw, err := os.ReadFile(c.Mapping)
	if err != nil {
		return rems.Options{}, fmt.Errorf("mapping for REMS: %w", err)
	}
	m, err := rems.ParseMapping(raw)
	if err != nil {
		return rems.Options{}, fmt.Errorf("%s: %w", c.Mapping, err)
	}
	visa, err := remsVisas(c.Visas, clock)
	return rems.Options{URL: c.URL, APIKey: c.APIKey.Reveal(), Owner: c.Owner, Handler: c.Handler, Poll: cmp.Or(c.Poll, remsPoll),
		NotifySecret: c.NotifySecret.Reveal(), Mapping: m, Visa: visa}, err
}

// remsVisas verifies visas of REMS with keys that were configured. A driver may import no cryptography,
// so it is lent this.
func remsVisas(c config.REMSVisas, clock func() time.Time) (func(string) (string, string, error), error) {
	if c.Issuer == "" {
		return nil, nil // none are read
	}
	raw, err := os.ReadFile(c.JWKS)
	if err != nil {
		return nil, fmt.Errorf("keys of REMS: %w", err)
	}
	keys, err := jose.ParseKeySet(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.JWKS, err)
	}
	reader := ga4gh.Reader{Clock: clock, Issuers: []ga4gh.Issuer{{Entity: c.Issuer, JKU: c.JKU, Keys: keys, Plain: true}}}
	return func(raw string) (string, string, error) {
		v, err := reader.Visa([]byte(raw))
		return v.Sub, v.Visa.Value, err
	}, nil
}
