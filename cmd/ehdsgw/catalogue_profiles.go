package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
)

func catalogueProfilesCommand() *cli.Command {
	return &cli.Command{
		Name: "profiles", Usage: "the rule sets descriptions can be judged by",
		Description: "Lists what 'catalogue validate --profile' takes, with the number of requirements and\n" +
			"recommendations at the strictest level. A release judges each dataset at the level of its own access\n" +
			"rights; a name that ends in a level judges all at that one.\n\n" +
			"Example: ehdsgw catalogue profiles",
		Flags: []cli.Flag{outputFlag()}, Action: catalogueProfiles,
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
