package main

import (
	"context"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
)

// maxSourceBody bounds one answer of a source, as in the gateway.
const maxSourceBody = 64 << 20

func sourceFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "source", Usage: "the configured source called `NAME`, instead of the flags below"},
		&cli.StringFlag{Name: "driver", Usage: "`DRIVER` that reads the source, such as ckan"},
		&cli.StringFlag{Name: "location", Usage: "path or `URL`, as the driver reads it"},
		&cli.StringFlag{Name: "format", Usage: "`FORM` of the documents, such as turtle; else by name and Content-Type"},
		&cli.StringFlag{Name: "token-file", Usage: "`FILE` with an API token, readable by you alone"},
		&cli.StringFlag{Name: "login-file", Usage: "`FILE` with a JSON object with email and password, readable by you alone"},
		&cli.StringFlag{Name: "view", Usage: "ckan: `VIEW` dcat or action"},
		&cli.StringFlag{Name: "dcat-profile", Usage: "ckan: `NAME` of the profile ckanext-dcat writes by"},
		&cli.StringFlag{Name: "profile", Value: profile.Release, Usage: "judge by the rule set called `NAME`"},
		&cli.BoolFlag{Name: "development", Usage: "allow sources on this machine"},
	}
}

// chosenSource is the source that is meant, and how the network may be reached for it.
func chosenSource(c *cli.Context) (config.Source, egressOptions, error) {
	o := egressOptions{development: c.Bool("development")}
	if err := o.read(c); err != nil {
		return config.Source{}, o, err
	}
	if name := c.String("source"); name != "" {
		for _, flag := range []string{"driver", "location", "format", "token-file", "login-file", "view", "dcat-profile"} {
			if c.IsSet(flag) {
				return config.Source{}, o, usage("--source takes everything from the configuration; leave --%s out", flag)
			}
		}
		return configuredSource(c, name, o)
	}
	s := config.Source{
		Name: "tested", Driver: c.String("driver"), Location: c.String("location"), Format: c.String("format"), TokenFile: c.String("token-file"),
		LoginFile: c.String("login-file"), View: c.String("view"), DCATProfile: c.String("dcat-profile"), Profile: c.String("profile"),
	}
	if s.Driver == "" || s.Location == "" {
		return s, o, usage("name a configured source with --source, or give --driver and --location; see '%s --help'", c.Command.HelpName)
	}
	return s, o, nil
}

func configuredSource(c *cli.Context, name string, o egressOptions) (config.Source, egressOptions, error) {
	cfg, err := goodConfig(c, readConfig)
	if err != nil {
		return config.Source{}, o, err
	}
	o.networks = append(o.networks, cfg.Trust.AllowNetworks...)
	o.development = o.development || cfg.Development
	if cfg.Trust.CAFile != "" {
		o.caFiles = append(o.caFiles, cfg.Trust.CAFile)
	}
	for _, s := range cfg.Catalogue.Sources {
		if s.Name == name {
			if c.IsSet("profile") {
				s.Profile = c.String("profile")
			}
			return s, o, nil
		}
	}
	return config.Source{}, o, usage("no source %q in %s", name, configFile(c))
}

// openSource opens the driver of a source as the gateway would.
func openSource(s config.Source, o egressOptions) (connectors.Catalogue, error) {
	if s.Driver == "ingest" {
		return nil, usage("ingest reads nothing: holders push to it; there is nothing to test")
	}
	open, err := builtin.Find(builtin.Drivers().Catalogue, "catalogue", s.Driver)
	if err != nil {
		return nil, usage("%w", err)
	}
	settings, err := gateway.SourceSettings(s)
	if err != nil {
		return nil, usage("%w", err)
	}
	o.maxBody, o.timeout = maxSourceBody, connectors.DefaultDeadlines().List
	client, err := o.client()
	if err != nil {
		return nil, usage("%w", err)
	}
	d, err := open(connectors.Host{Instance: s.Name, HTTP: client.HTTP(), Clock: time.Now}, settings)
	if err != nil {
		return nil, usage("%w", err)
	}
	return d, nil
}

// probe reads a source up to a number of pages, and counts.
type probe struct {
	connectors.Catalogue
	most int

	pages, documents, unreadable int
	stopped                      bool // there were more pages
}

// List reads a page. After the last one that is let, it says that there is no more.
func (p *probe) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	page, err := p.Catalogue.List(ctx, since, cursor)
	if err != nil {
		return page, err
	}
	p.pages++
	for _, i := range page.Items {
		p.documents++
		if i.Err != nil {
			p.unreadable++
		}
	}
	if p.pages >= p.most && page.Next != "" {
		page.Next, p.stopped = "", true
	}
	return page, nil
}
