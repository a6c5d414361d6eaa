package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/cases"
)

func conformanceCommand() *cli.Command {
	return &cli.Command{
		Name: "conformance", Usage: "judge a gateway from outside, ours or another",
		Subcommands: []*cli.Command{conformanceRunCommand(), conformanceListCommand(), conformanceExplainCommand(), conformanceVerifyCommand(),
			conformanceRenderCommand(), conformanceBadgeCommand(), conformanceDiffCommand()},
	}
}

// listed is a case as 'conformance list' prints it.
type listedCase struct {
	ID       string                `json:"id"`
	Title    string                `json:"title"`
	Group    string                `json:"group"`
	Level    conformance.Level     `json:"level"`
	Polarity conformance.Polarity  `json:"polarity"`
	Profiles []conformance.Profile `json:"profiles"`
	Clauses  []string              `json:"clauses"`
}

func conformanceListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the cases", ArgsUsage: "[PATTERN…]",
		Description: "PATTERN is a group, such as JOSE, or an id with wildcards, such as 'EHG-TRUST-0*'. All cases without one.\n\n" +
			"Example:\n  ehdsgw conformance list CATALOGUE --output json",
		Flags: []cli.Flag{profileFlag(), outputFlag()},
		Action: func(c *cli.Context) error {
			p, err := printer(c)
			if err != nil {
				return err
			}
			picked, err := conformance.Pick(cases.All(), c.Args().Slice(), c.StringSlice("profile"))
			if err != nil {
				return usage("%w", err)
			}
			rows := make([]listedCase, len(picked))
			grid := output.Grid{Head: []string{"ID", "LEVEL", "POLARITY", "PROFILES", "TITLE"}}
			for i, k := range picked {
				rows[i] = listedCase{k.ID, k.Title, k.Group(), k.Level, k.Polarity, k.Profiles, k.Clauses}
				grid.Rows = append(grid.Rows, []string{k.ID, string(k.Level), string(k.Polarity), profilesOf(k), k.Title})
			}
			return p.Print(rows, grid)
		},
	}
}

func profilesOf(k conformance.Case) string {
	names := make([]string, len(k.Profiles))
	for i, p := range k.Profiles {
		names[i] = string(p)
	}
	return strings.Join(names, " ")
}

func profileFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "profile", Usage: "only cases of this `PROFILE` (core, catalogue, permit, recognition, peer, resilience, privacy); repeatable"}
}

func conformanceExplainCommand() *cli.Command {
	return &cli.Command{
		Name: "explain", Usage: "say what a case asks for, and why", ArgsUsage: "ID",
		Description: "Example:\n  ehdsgw conformance explain EHG-META-001",
		Flags:       []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			p, err := printer(c)
			if err != nil {
				return err
			}
			if err := exactly(c, "the case's id"); err != nil {
				return err
			}
			picked, err := conformance.Pick(cases.All(), c.Args().Slice(), nil)
			if err != nil {
				return usage("%w", err)
			}
			k := picked[0]
			lines := output.Lines{
				fmt.Sprintf("%s  %s", k.ID, k.Title), "",
				fmt.Sprintf("  level      %s, %s case", k.Level, k.Polarity),
				"  profiles   " + profilesOf(k),
				"  clauses    " + strings.Join(k.Clauses, "; "),
				"  why        " + k.Why,
			}
			for _, n := range k.Needs {
				lines = append(lines, "  needs      "+string(n))
			}
			if k.Fidelity == conformance.Modelled {
				lines = append(lines, "  rests on   our model of the Central Platform, whose internals are not public")
			}
			if k.Mend != "" {
				lines = append(lines, "  to mend    "+k.Mend)
			}
			return p.Print(listedCase{k.ID, k.Title, k.Group(), k.Level, k.Polarity, k.Profiles, k.Clauses}, lines)
		},
	}
}
