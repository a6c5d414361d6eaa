package main

import (
	"net/url"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func enforcementListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "measures of this nation, and those that others told of, the newest first",
		Description: "Exit 1: there is none.\n\nExamples:\n  ehdsgw enforcement list --in-force -c hub/ehdsgw.yaml\n" +
			"  ehdsgw enforcement list --nation FI --against user --output json --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "nation", Usage: "only of the nation with this `CODE`, such as FI"},
			&cli.StringFlag{Name: "against", Usage: "only against a `PARTY`: user or holder"},
			&cli.StringFlag{Name: "subject", Usage: "only against the one with this `REFERENCE`"},
			&cli.BoolFlag{Name: "in-force", Usage: "only those that have begun and not ended"},
		),
		Action: enforcementList,
	}
}

func enforcementList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	against, err := oneOf("against", c.String("against"), "USER", "HOLDER")
	if err != nil {
		return err
	}
	q := url.Values{}
	for name, text := range map[string]string{"nation": c.String("nation"), "against": against, "subject": c.String("subject")} {
		if text != "" {
			q.Set(name, text)
		}
	}
	if c.Bool("in-force") {
		q.Set("in_force", "true")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	list, err := client.Measures(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if len(list) == 0 {
		if err := p.Print([]gateway.MeasureRow{}, output.Lines{"no measures"}); err != nil {
			return err
		}
		return said(exitNegative)
	}
	grid := output.Grid{Head: []string{"MEASURE", "KIND", "AGAINST", "FROM", "TO", "IN FORCE", "RECORDED", "CENTRE"}}
	for _, m := range list {
		b := m.Measure
		grid.Rows = append(grid.Rows, []string{m.Case, b.Measure, b.Against + " " + b.Subject, b.From, b.To, yesNo(m.InForce), stamp(m.Recorded), centreSays(m)})
	}
	return p.Print(list, grid)
}
