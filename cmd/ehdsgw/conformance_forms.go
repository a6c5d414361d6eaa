package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/report"
)

// form is a way to write a report.
type form struct {
	flag, usage string
	write       func(io.Writer, conformance.Report) error
}

var forms = []form{
	{"html", "write the report as one page that loads nothing to this new `FILE`", report.HTML},
	{"markdown", "write the report as Markdown to this new `FILE`", report.Markdown},
	{"junit", "write the results as JUnit XML to this new `FILE`", report.JUnit},
	{"earl", "write the results as EARL in JSON-LD to this new `FILE`", report.EARL},
	{"badge", "write a badge (SVG) to this new `FILE`", report.Badge},
}

func formFlags() []cli.Flag {
	flags := make([]cli.Flag, len(forms))
	for i, f := range forms {
		flags[i] = &cli.StringFlag{Name: f.flag, Usage: f.usage}
	}
	return flags
}

// writeForms writes every form a file was named for.
func writeForms(c *cli.Context, r conformance.Report) error {
	for _, f := range forms {
		name := c.String(f.flag)
		if name == "" {
			continue
		}
		var b bytes.Buffer
		if err := f.write(&b, r); err != nil {
			return fmt.Errorf("--%s: %w", f.flag, err)
		}
		if err := writeNew(name, b.Bytes()); err != nil {
			return negative("%w", err)
		}
	}
	return nil
}

func conformanceRenderCommand() *cli.Command {
	return &cli.Command{
		Name: "render", Usage: "write a stored report in other forms", ArgsUsage: "REPORT",
		Description: "Example:\n  ehdsgw conformance render report.json --html report.html --junit junit.xml",
		Flags:       formFlags(),
		Action: func(c *cli.Context) error {
			if err := exactly(c, "the report"); err != nil {
				return err
			}
			named := 0
			for _, f := range forms {
				if c.String(f.flag) != "" {
					named++
				}
			}
			if named == 0 {
				return usage("no form is asked for; name one, such as --html report.html")
			}
			r, err := readReport(c, c.Args().First())
			if err != nil {
				return err
			}
			return writeForms(c, r)
		},
	}
}

func conformanceBadgeCommand() *cli.Command {
	return &cli.Command{
		Name: "badge", Usage: "print a badge (SVG) for a report's verdict", ArgsUsage: "REPORT",
		Description: "Example:\n  ehdsgw conformance badge report.json > badge.svg",
		Action: func(c *cli.Context) error {
			if err := exactly(c, "the report"); err != nil {
				return err
			}
			r, err := readReport(c, c.Args().First())
			if err != nil {
				return err
			}
			return report.Badge(c.App.Writer, r)
		},
	}
}

func conformanceDiffCommand() *cli.Command {
	return &cli.Command{
		Name: "diff", Usage: "compare two reports, the older first", ArgsUsage: "BEFORE AFTER",
		Description: "Exit code 1 when something is worse than it was.\n\n" +
			"Example:\n  ehdsgw conformance diff last-release.json report.json",
		Flags: []cli.Flag{outputFlag()},
		Action: func(c *cli.Context) error {
			p, err := printer(c)
			if err != nil {
				return err
			}
			if err := exactly(c, "the older report", "the newer report"); err != nil {
				return err
			}
			before, err := readReport(c, c.Args().Get(0))
			if err != nil {
				return err
			}
			after, err := readReport(c, c.Args().Get(1))
			if err != nil {
				return err
			}
			changes := report.Diff(before, after)
			if err := p.Print(changes, diffLines(changes)); err != nil {
				return err
			}
			if report.Worse(changes) {
				return negative("something is worse")
			}
			return nil
		},
	}
}

func diffLines(changes []report.Change) output.View {
	if len(changes) == 0 {
		return output.Lines{"no difference"}
	}
	grid := output.Grid{Head: []string{"WHAT", "BEFORE", "AFTER", ""}}
	for _, x := range changes {
		mark := ""
		if x.Worse {
			mark = "worse"
		}
		grid.Rows = append(grid.Rows, []string{x.What, x.Before, x.After, mark})
	}
	return grid
}
