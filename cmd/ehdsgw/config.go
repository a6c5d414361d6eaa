package main

import (
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/config"
)

func configCommand() *cli.Command {
	return &cli.Command{
		Name: "config", Usage: "check a configuration", Subcommands: []*cli.Command{{
			Name: "check", Usage: "report everything wrong with a configuration at once", ArgsUsage: "FILE",
			Description: "Reads the file, EHDSGW_* variables and --set, and the files they name. Findings are\n" +
				"'file:line:col path: message'; with any of them the exit code is 2.\n\n" +
				"Example: ehdsgw config check hub/ehdsgw.yaml",
			Flags:  []cli.Flag{setFlag(), outputFlag()},
			Action: configCheck,
		}},
	}
}

// checkReport is what config check prints as JSON.
type checkReport struct {
	File     string          `json:"file"`
	OK       bool            `json:"ok"`
	Findings []configFinding `json:"findings"`
}

type configFinding struct {
	File    string `json:"file"`
	Line    int    `json:"line"` // from 1; 0 where there is no place in a text
	Col     int    `json:"col"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

func configCheck(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the configuration file"); err != nil {
		return err
	}
	file := c.Args().First()
	_, findings, err := loadConfig(c, file)
	if err != nil {
		return err
	}
	r := checkReport{File: file, OK: len(findings) == 0, Findings: make([]configFinding, len(findings))}
	lines := make(output.Lines, len(findings))
	for i, f := range findings {
		r.Findings[i], lines[i] = configFinding(f), f.String()
	}
	if r.OK {
		lines = output.Lines{file + ": no findings"}
	}
	if err := p.Print(r, lines); err != nil {
		return err
	}
	if !r.OK {
		return said(exitUsage)
	}
	return nil
}

// configEnv names the configuration file for every command that takes one.
const configEnv = "EHDSGW_CONFIG"

// ownEnv are variables that look like configuration and are not.
var ownEnv = []string{configEnv, "EHDSGW_SHARED", "EHDSGW_PROGRAMS"}

// defaultConfig is the file looked for in the current directory.
const defaultConfig = "ehdsgw.yaml"

func configFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "config", Aliases: []string{"c"}, Usage: "configuration `FILE`; else " + configEnv + ", else " + defaultConfig,
	}
}

func setFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "set", Usage: "`PATH=VALUE` that replaces a configured value, such as log.level=debug; repeatable"}
}

// configFile is the configuration file a command is about.
func configFile(c *cli.Context) string {
	if name := c.String("config"); name != "" {
		return name
	}
	if name := lookup(environ(c), configEnv); name != "" {
		return name
	}
	return defaultConfig
}

func lookup(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if e := environ[i]; len(e) > len(name) && e[len(name)] == '=' && e[:len(name)] == name {
			return e[len(name)+1:]
		}
	}
	return ""
}

// readConfig reads a configuration without looking at the files it names. Findings are what is wrong
// with it; the error is that it cannot be read at all.
func readConfig(c *cli.Context, file string) (*config.Config, []config.Finding, error) {
	overrides, err := pairs("set", c.StringSlice("set"))
	if err != nil {
		return nil, nil, err
	}
	cfg, err := config.Load(file, config.Options{Environ: environ(c), IgnoreEnv: ownEnv, Overrides: overrides})
	var findings config.Errors
	switch {
	case errors.As(err, &findings):
		return nil, findings, nil
	case err != nil:
		return nil, nil, usage("%w; make one with 'ehdsgw init', or name it with --config", err)
	}
	return cfg, nil, nil
}

// loadConfig is readConfig with everything that can be known before a start: the files named are
// there and readable, and the parts named are in this program.
func loadConfig(c *cli.Context, file string) (*config.Config, []config.Finding, error) {
	cfg, findings, err := readConfig(c, file)
	if err != nil || len(findings) > 0 {
		return nil, findings, err
	}
	findings = config.CheckFiles(cfg)
	findings = append(findings, checkParts(cfg, file)...)
	return cfg, append(findings, checkContents(cfg, file, findings)...), nil
}

// goodConfig is a configuration without findings, or a usage error after all of them.
func goodConfig(c *cli.Context, load func(*cli.Context, string) (*config.Config, []config.Finding, error)) (*config.Config, error) {
	file := configFile(c)
	cfg, findings, err := load(c, file)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(f.String()))
	}
	if len(findings) > 0 {
		return nil, usage("%s has %d finding(s); mend them and try again", file, len(findings))
	}
	return cfg, nil
}
