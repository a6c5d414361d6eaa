package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
)

func permitVisaCommand() *cli.Command {
	return &cli.Command{
		Name: "visa", Usage: "mint GA4GH visas from a permit of the running gateway", ArgsUsage: "PERMIT",
		Description: "One ControlledAccessGrants visa for each dataset granted, for one authorised person, to be given to the secure\n" +
			"processing environment. None for a permit that is revoked, suspended, superseded or over.\n\n" +
			"Example: ehdsgw permit visa DP-FR-HDH-2026-00000001-v1 --person 'Ada Lovelace' --subject ada@spe.example -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "person", Usage: "`NAME` of the authorised person, as in the permit (required)"},
			&cli.StringFlag{Name: "subject", Usage: "that person's `ID` in the environment (required)"},
			&cli.StringFlag{Name: "dataset", Usage: "only this dataset `ID`"},
			&cli.DurationFlag{Name: "life", Usage: "how long each visa is good; 24h unless given, 720h at most"},
			&cli.StringFlag{Name: "audience", Usage: "add a passport for this environment's `URL`"},
		),
		Action: permitVisa,
	}
}

func permitVisa(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the permit"); err != nil {
		return err
	}
	for _, name := range []string{"person", "subject"} {
		if c.String(name) == "" {
			return usage("--%s is missing; see '%s --help'", name, c.Command.HelpName)
		}
	}
	if c.IsSet("life") && c.Duration("life") < time.Second {
		return usage("--life: a duration above zero is wanted, such as 24h")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	out, err := client.Visas(c.Context, gateway.VisaRequest{ID: c.Args().First(), VisaRequest: permits.VisaRequest{
		Person: c.String("person"), Subject: c.String("subject"), Dataset: c.String("dataset"),
		Life: int64(c.Duration("life") / time.Second), Audience: c.String("audience"),
	}})
	if err != nil {
		return answered(err)
	}
	lines := output.Lines(out.Visas)
	if out.Passport != "" {
		lines = append(lines, out.Passport)
	}
	return p.Print(out, lines)
}
