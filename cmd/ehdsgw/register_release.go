package main

import (
	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func registerPending(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	list, err := client.RegisterPending(c.Context)
	if err != nil {
		return answered(err)
	}
	if len(list) == 0 {
		return p.Print(list, output.Lines{"no decision waits"})
	}
	grid := output.Grid{Head: []string{"DUE", "CASE", "DECISION", "OUTCOME", "BODY", "REASONS"}}
	for _, d := range list {
		grid.Rows = append(grid.Rows, []string{d.Due, d.Case, d.Decision, string(d.Outcome), d.HDAB, d.Reasons})
	}
	return p.Print(list, grid)
}

func registerRelease(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	r := gateway.ReleaseRequest{
		Case: caseID(c.Args().First()), Decision: c.String("decision"), By: c.String("by"), Reasons: c.String("reasons"),
	}
	if r.Decision == "" || r.By == "" {
		return usage("--decision and --by are required")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	if err := client.RegisterRelease(c.Context, r); err != nil {
		return answered(err)
	}
	return p.Print(r, output.Fields{{Name: "released", Value: r.Decision}, {Name: "case", Value: r.Case}, {Name: "by", Value: r.By}})
}
