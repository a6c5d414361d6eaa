package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func catalogueShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "print one description", ArgsUsage: "ID",
		Description: "ID is a key as 'ehdsgw catalogue search' prints it, the identifier of one of the nation's own datasets, or the\n" +
			"centre's identifier.\n\n" +
			"Examples:\n  ehdsgw catalogue show set-1 -c hub/ehdsgw.yaml\n  ehdsgw catalogue show --to nquads eu:7f0c",
		Flags:  socketFlags(&cli.StringFlag{Name: "to", Value: "turtle", Usage: "`FORMAT`: turtle or nquads (--output json prints the record with its N-Quads)"}),
		Action: catalogueShow,
	}
}

func catalogueShow(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the key or identifier"); err != nil {
		return err
	}
	to := rdf.Format(c.String("to"))
	if to != rdf.Turtle && to != rdf.NQuads {
		return usage("--to %q: turtle or nquads is wanted", c.String("to"))
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	row, err := client.Description(c.Context, c.Args().First())
	if err != nil {
		return answered(err)
	}
	if c.String("output") == "json" {
		return p.Print(row)
	}
	quads, err := rdf.ReadNQuads(c.Context, strings.NewReader(row.NQuads), rdf.ReadOptions{})
	if err != nil {
		return cannotTell("the gateway's answer is not understood: %w", err)
	}
	g := rdf.NewGraph()
	for _, q := range quads {
		g.Add(q.Triple)
	}
	if to == rdf.NQuads {
		return rdf.WriteNQuads(c.App.Writer, g.Quads())
	}
	return rdf.WriteTurtle(c.App.Writer, g, rdf.Prefixes())
}
