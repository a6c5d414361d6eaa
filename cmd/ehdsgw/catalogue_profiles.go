package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

func catalogueProfilesCommand() *cli.Command {
	return &cli.Command{
		Name: "profiles", Usage: "the rule sets descriptions can be judged by",
		Description: "Lists what 'catalogue validate --profile' takes, with the number of requirements and\n" +
			"recommendations at the strictest level. A release judges each dataset at the level of its own access\n" +
			"rights; a name that ends in a level judges all at that one.\n\n" +
			"With --shapes, prints a rule set of one level as SHACL shapes, for other tools.\n\n" +
			"Examples:\n  ehdsgw catalogue profiles\n  ehdsgw catalogue profiles --shapes r8-non-public > shapes.ttl",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "shapes", Usage: "print the shapes of the rule set called `NAME`, as Turtle"},
			outputFlag(),
		},
		Action: catalogueProfiles,
	}
}

// ruleSet is a line of catalogue profiles.
type ruleSet struct {
	profile.About
	Required    int `json:"required"`    // rules whose breach is a violation
	Recommended int `json:"recommended"` // rules whose breach is a warning or a note
}

func catalogueProfiles(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() > 0 {
		return usage("no argument is expected; see '%s --help'", c.Command.HelpName)
	}
	if name := c.String("shapes"); name != "" {
		return printShapes(c, name)
	}
	var sets []ruleSet
	grid := output.Grid{Head: []string{"NAME", "OF", "LEVEL", "REQUIRED", "RECOMMENDED"}}
	for _, a := range profile.RuleSets() {
		s, err := profile.Open(a.Name)
		if err != nil {
			return cannotTell("%w", err)
		}
		line, levels := ruleSet{About: a}, s.Levels()
		for _, r := range s.Rules(levels[len(levels)-1]) {
			if r.Severity == catalogue.Violation {
				line.Required++
			} else {
				line.Recommended++
			}
		}
		sets = append(sets, line)
		grid.Rows = append(grid.Rows, []string{a.Name, a.Title, a.Level, strconv.Itoa(line.Required), strconv.Itoa(line.Recommended)})
	}
	return p.Print(sets, grid)
}

// printShapes writes a rule set for other engines.
func printShapes(c *cli.Context, name string) error {
	s, err := profile.Open(name)
	if err != nil {
		return usage("--shapes: %w", err)
	}
	if len(s.Levels()) > 1 {
		return usage("--shapes: %s judges each dataset at its own level; name one, such as %s-%s", name, name, s.Levels()[0])
	}
	g, err := s.Graph(s.Level)
	if err != nil {
		return cannotTell("%w", err)
	}
	prefixes := rdf.Prefixes()
	prefixes["sh"], prefixes["rule"], prefixes["list"], prefixes["shape"] = shacl.NS, "urn:ehdsgw:rule:", "urn:ehdsgw:list:", "urn:ehdsgw:shape:"
	return rdf.WriteTurtle(c.App.Writer, g, prefixes)
}
