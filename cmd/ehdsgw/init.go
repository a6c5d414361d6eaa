package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/config"
)

func initCommand() *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "make the directory of a new gateway", ArgsUsage: "DIR",
		Description: "Makes, in a directory that is empty or not there yet: ehdsgw.yaml (every key, commented), the keys,\n" +
			"desk-rules.json, enrollment.json for the anchor's operator, and a catalogue directory.\n\n" +
			"Example: ehdsgw init hub --entity https://ncp.fr.example --country FR --hdab 'hdh:HDH:Health Data Hub'",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "entity", Usage: "entity `URL` of the contact point: https, without a trailing slash"},
			&cli.StringFlag{Name: "country", Usage: "`CODE` of the country, ISO 3166-1 alpha-2"},
			&cli.StringFlag{Name: "name", Usage: "display `NAME` of the contact point"},
			&cli.StringFlag{Name: "contact", Usage: "mail `ADDRESS` or https page of the operators"},
			&cli.StringSliceFlag{Name: "hdab", Usage: "health data access body as `ID:CODE:NAME`; repeatable"},
			&cli.BoolFlag{Name: "development", Usage: "make an own TLS authority and allow peers on this machine"},
			&cli.StringFlag{Name: "listen", Usage: "public `HOST:PORT`"},
			&cli.StringFlag{Name: "admin", Usage: "operators' `HOST:PORT`"},
			&cli.StringFlag{Name: "anchor", Usage: "entity `URL` of the trust anchor"},
			&cli.StringFlag{Name: "anchor-keys", Usage: "`FILE` with the anchor's public keys (JWK set), obtained out of band; it is copied"},
			&cli.StringFlag{Name: "central", Usage: "entity `URL` of the central platform"},
			&cli.StringFlag{Name: "ca-file", Usage: "`FILE` with extra roots for outbound TLS; it is copied"},
			&cli.StringFlag{Name: "cache", Usage: "`URL` of the cache, such as redis://127.0.0.1:6379/0"},
			outputFlag(),
		},
		Action: initialise,
	}
}

// Names of what init makes.
const (
	configName     = "ehdsgw.yaml"
	rulesName      = "desk-rules.json"
	enrollmentName = "enrollment.json"
	anchorKeysName = "anchor.jwks.json"
	rootsName      = "roots.pem"
	catalogueName  = "catalogue"
	dataName       = "data"
)

func initialise(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the directory"); err != nil {
		return err
	}
	plan, err := planFrom(c)
	if err != nil {
		return err
	}
	dir := c.Args().First()
	if err := claim(dir); err != nil {
		return err
	}
	made, err := plan.build(dir)
	if err != nil {
		return err
	}
	return p.Print(initReport{Dir: dir, Entity: plan.config.Entity, Files: made}, plan.next(dir, made))
}

// initReport is what init prints as JSON.
type initReport struct {
	Dir    string   `json:"dir"`
	Entity string   `json:"entity"`
	Files  []string `json:"files"`
}

// claim makes dir, or accepts it when it is empty.
func claim(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return usage("%w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return usage("%w", err)
	}
	if len(entries) > 0 {
		return usage("%s is not empty (it holds %s, for instance); name a new directory", dir, entries[0].Name())
	}
	return nil
}

// plan is what init will make.
type plan struct {
	config     *config.Config
	yaml       []byte
	anchorKeys []byte // nil when not given
	roots      []byte // nil when not given
	example    bool   // the entity is the template's
}

// planFrom reads the flags and checks that they make a configuration, before anything is written.
func planFrom(c *cli.Context) (*plan, error) {
	hdabs, err := bodies(c.StringSlice("hdab"))
	if err != nil {
		return nil, err
	}
	o := config.TemplateOptions{
		Entity: c.String("entity"), Country: c.String("country"), Name: c.String("name"), Contact: c.String("contact"),
		Development: c.Bool("development"), DataDir: dataName, Listen: c.String("listen"), Admin: c.String("admin"),
		AnchorEntity: c.String("anchor"), AnchorJWKS: anchorKeysName, HDABs: hdabs, Source: catalogueName,
		DeskRules: rulesName, CentralEntity: c.String("central"), CacheURL: c.String("cache"),
	}
	pl := &plan{example: o.Entity == ""}
	if name := c.String("anchor-keys"); name != "" {
		if pl.anchorKeys, err = readFile(c, name, maxTrustFile); err == nil {
			err = usableKeys(name)
		}
		if err != nil {
			return nil, usage("--anchor-keys %s: %w", name, err)
		}
	}
	if name := c.String("ca-file"); name != "" {
		o.CAFile = rootsName
		if pl.roots, err = readFile(c, name, maxTrustFile); err != nil {
			return nil, err
		}
	}
	pl.yaml = config.Template(o)
	pl.config, err = config.Parse(configName, pl.yaml, config.Options{})
	var findings config.Errors
	if errors.As(err, &findings) {
		for _, f := range findings {
			_, _ = fmt.Fprintf(c.App.ErrWriter, "%s: %s\n", output.Safe(f.Path), output.Safe(f.Message))
		}
		return nil, usage("the flags do not make a configuration; nothing was written")
	}
	return pl, err
}

// bodies reads ID:CODE:NAME; the name may hold colons.
func bodies(list []string) ([]config.HDAB, error) {
	out := make([]config.HDAB, 0, len(list))
	for _, s := range list {
		parts := strings.SplitN(s, ":", 3)
		if len(parts) != 3 || parts[2] == "" {
			return nil, usage("--hdab %q: ID:CODE:NAME is wanted, such as 'hdh:HDH:Health Data Hub'", s)
		}
		out = append(out, config.HDAB{ID: parts[0], Code: parts[1], Name: map[string]string{"en": parts[2]}})
	}
	return out, nil
}

// next says what was made and what only the operator can do.
func (pl *plan) next(dir string, made []string) output.Lines {
	lines := output.Lines{"made in " + dir + ": " + strings.Join(made, ", "), "next:"}
	if pl.example {
		lines = append(lines, "  start again with --entity: "+pl.config.Entity+" is an example")
	}
	lines = append(lines, "  send "+filepath.Join(dir, enrollmentName)+" to the anchor's operator")
	if pl.anchorKeys == nil {
		lines = append(lines, "  put the anchor's keys, obtained out of band, into "+filepath.Join(dir, anchorKeysName))
	}
	if !pl.config.Development {
		lines = append(lines, "  put certificate and key where listen.tls says")
	}
	return append(lines, "  put dataset descriptions into "+filepath.Join(dir, catalogueName),
		"  name the signatory in "+filepath.Join(dir, rulesName),
		"  ehdsgw config check "+filepath.Join(dir, configName), "  ehdsgw serve -c "+filepath.Join(dir, configName))
}

// build makes everything in a hidden directory and moves it into place, the configuration last: a
// directory with a configuration is whole.
func (pl *plan) build(dir string) (made []string, err error) {
	work, err := os.MkdirTemp(dir, ".init-")
	if err != nil {
		return nil, usage("%w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := pl.fill(work); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(work)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() != configName {
			made = append(made, e.Name())
		}
	}
	made = append(made, configName)
	for _, name := range made {
		to := filepath.Join(dir, name)
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s appeared meanwhile", to)
		}
		if err := os.Rename(filepath.Join(work, name), to); err != nil {
			return nil, err
		}
	}
	return made, nil
}
