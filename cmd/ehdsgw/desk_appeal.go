package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func deskAppealCommand() *cli.Command {
	return &cli.Command{
		Name: "appeal", Usage: "tell how an appeal against a refusal was decided", ArgsUsage: "CASE",
		Description: "An approved appeal opens the case for a new decision, with a new id.\n\nExample:\n" +
			"  ehdsgw desk appeal app:6a70b4d104db074a00fd9101 --outcome approved --actor court-1 --reasons 'the purpose is one of Art. 53(1)'",
		Flags: workFlags(
			&cli.StringFlag{Name: "outcome", Usage: "`OUTCOME`: approved or rejected (required)"},
			&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the reasons (required)"}, proposeFlag(),
		),
		Action: func(c *cli.Context) error {
			outcome, err := oneOf("outcome", c.String("outcome"), "approved", "rejected")
			if err != nil {
				return err
			}
			if outcome == "" {
				return usage("--outcome is missing: approved or rejected")
			}
			if strings.TrimSpace(c.String("reasons")) == "" {
				return usage("--reasons is missing: the decision of an appeal has some")
			}
			return act(c, desk.Act{Appeal: &desk.AppealDecision{Approved: outcome == "approved", Reasons: c.String("reasons")}}, "appeal "+outcome)
		},
	}
}

func proposeFlag() cli.Flag {
	return &cli.BoolFlag{Name: "propose", Usage: "put it before a second person, who takes it with 'desk confirm'"}
}

// act takes an act, or proposes it.
func act(c *cli.Context, a desk.Act, what string) error {
	if c.Bool("propose") {
		return work(c, "propose", gateway.DeskRequest{Act: &a}, what+" proposed")
	}
	return work(c, "act", gateway.DeskRequest{Act: &a}, what)
}
