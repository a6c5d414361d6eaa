package main

import (
	"crypto/x509"
	"net/netip"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// egressOptions are how the network may be reached: what a configuration says, and the flags beside it.
type egressOptions struct {
	networks    []netip.Prefix
	caFiles     []string
	development bool
	maxBody     int64         // of one answer; 0 means the client's own bound
	timeout     time.Duration // of one exchange; 0 means the client's own bound
}

func egressFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ca-file", Usage: "PEM `FILE` with more certificate authorities"},
		&cli.StringSliceFlag{Name: "allow-network", Usage: "private `NETWORK` that may be reached, such as 10.1.0.0/16; repeatable"},
		configFlag(), setFlag(),
	}
}

// trustSources are the pinned anchors and the ways of the network: from a trust file and flags, or from
// the configuration.
func trustSources(c *cli.Context) ([]federation.Anchor, egressOptions, error) {
	o := egressOptions{development: c.Bool("development")}
	if err := o.read(c); err != nil {
		return nil, o, err
	}
	if c.String("trust") != "" {
		_, anchors, err := readTrust(c)
		return anchors, o, err
	}
	cfg, err := goodConfig(c, readConfig)
	if err != nil {
		return nil, o, err
	}
	anchors, err := configuredAnchors(c, cfg)
	o.networks = append(o.networks, cfg.Trust.AllowNetworks...)
	o.development = o.development || cfg.Development
	if cfg.Trust.CAFile != "" {
		o.caFiles = append(o.caFiles, cfg.Trust.CAFile)
	}
	return anchors, o, err
}

// read takes the flags.
func (o *egressOptions) read(c *cli.Context) error {
	for _, text := range c.StringSlice("allow-network") {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return usage("--allow-network %q: a network such as 10.1.0.0/16 is wanted", text)
		}
		o.networks = append(o.networks, network)
	}
	if name := c.String("ca-file"); name != "" {
		o.caFiles = append(o.caFiles, name)
	}
	return nil
}

// configuredAnchors reads the keys that a configuration pins.
func configuredAnchors(c *cli.Context, cfg *config.Config) ([]federation.Anchor, error) {
	var out []federation.Anchor
	for _, a := range cfg.Trust.Anchors {
		raw, err := readFile(c, a.JWKS, jose.MaxKeySet)
		if err != nil {
			return nil, err
		}
		set, err := jose.ParseKeySet(raw)
		if err != nil {
			return nil, usage("%s: %w", a.JWKS, err)
		}
		out = append(out, federation.Anchor{Entity: a.Entity, Keys: set})
	}
	return out, nil
}

// client is the guarded client. In development loopback may be reached, as the gateway may then.
func (o egressOptions) client() (*egress.Client, error) {
	e := egress.Options{AllowNetworks: o.networks, Development: o.development, MaxBody: o.maxBody, Timeout: o.timeout}
	if o.development {
		e.AllowNetworks = append(e.AllowNetworks, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	for _, name := range o.caFiles {
		if _, err := pki.Pool(name); err != nil { // every certificate counts, or none
			return nil, err
		}
		pem, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if e.Roots == nil {
			if e.Roots, err = x509.SystemCertPool(); err != nil { // a machine without any
				e.Roots = x509.NewCertPool()
			}
		}
		e.Roots.AppendCertsFromPEM(pem)
	}
	return egress.New(e)
}
