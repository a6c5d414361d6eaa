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
		Flags:  socketFlags(&cli.StringFlag{Name: "to", Value: "turtle", Usage: "`FORMAT`: turtle, jsonld or nquads (--output json prints the record with its N-Quads)"}),
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
	if to != rdf.Turtle && to != rdf.JSONLD && to != rdf.NQuads {
		return usage("--to %q: turtle, jsonld or nquads is wanted", c.String("to"))
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
	switch to {
	case rdf.NQuads:
		return rdf.WriteNQuads(c.App.Writer, g.Quads())
	case rdf.JSONLD:
		return rdf.WriteJSONLD(c.App.Writer, g.Quads(), rdf.Prefixes())
	}
	return rdf.WriteTurtle(c.App.Writer, g, rdf.Prefixes())
}
