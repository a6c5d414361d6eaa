package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func applicationRulesCommand() *cli.Command {
	return &cli.Command{
		Name: "rules", Usage: "the rules applications and permits are examined by",
		Description: "Examples:\n  ehdsgw application rules\n  ehdsgw application rules --output json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      applicationRules,
	}
}

// ruleBook is what application rules prints as JSON.
type ruleBook struct {
	Application []gate.Rule      `json:"application"`
	Permit      []gate.GrantRule `json:"permit"`
}

func applicationRules(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	book := ruleBook{Application: gate.Rules(), Permit: gate.GrantRules()}
	grid := output.Grid{Head: []string{"RULE", "ARTICLE", "KIND", "SECTION", "SEVERITY", "WHAT"}}
	for _, r := range book.Application {
		kind := "both"
		if len(r.Kinds) == 1 {
			kind = map[ehds.ApplicationKind]string{ehds.DataAccessApplication: "access", ehds.DataRequestApplication: "request"}[r.Kinds[0]]
		}
		severity := string(r.Severity)
		if r.Completion {
			severity = "completion"
		}
		grid.Rows = append(grid.Rows, []string{r.ID, r.Article, kind, strings.Trim(fmt.Sprint(r.Sections), "[]"), severity, r.Title})
	}
	for _, r := range book.Permit {
		grid.Rows = append(grid.Rows, []string{r.ID, r.Article, "permit", "", string(gate.Violation), r.Title})
	}
	return p.Print(book, grid)
}
