package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func permitRevokeCommand() *cli.Command {
	return permitMoveCommand("revoke", "revoke a permit for good (Art. 63(2))", "'the conditions were broken'", ehds.PermitEventRevoked,
		"The status list says so at once; user, data holders and environment are told, and the centre. Only an appeal\n"+
			"brings the permit back, as a new version. A desk with four eyes has 'desk permit revoke' instead.")
}

func permitSuspendCommand() *cli.Command {
	return permitMoveCommand("suspend", "stop access under a permit for a time", "'an incident is being looked into'", ehds.PermitEventSuspended,
		"The status list says so at once, and no visa is minted.")
}

func permitResumeCommand() *cli.Command {
	return permitMoveCommand("resume", "let access under a suspended permit go on", "'the incident is closed'", ehds.PermitEventResumed,
		"The status list says so at once.")
}

func permitMoveCommand(name, use, reasons string, event ehds.PermitEvent, what string) *cli.Command {
	return &cli.Command{
		Name: name, Usage: use, ArgsUsage: "PERMIT",
		Description: what + "\n\nExample: ehdsgw permit " + name + " DP-FR-HDH-2026-00000001-v1 --actor staff-7 --reasons " + reasons + " -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of the member of staff (required)"},
			&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the written reasons (required)"},
		),
		Action: func(c *cli.Context) error {
			for _, flag := range []string{"actor", "reasons"} {
				if strings.TrimSpace(c.String(flag)) == "" {
					return usage("--%s is missing; see '%s --help'", flag, c.Command.HelpName)
				}
			}
			p, client, err := asking(c, "the permit")
			if err != nil {
				return err
			}
			h, err := client.MovePermit(c.Context, gateway.PermitMove{
				Permit: c.Args().First(), Event: event, Reasons: c.String("reasons"), Actor: c.String("actor"),
			})
			if err != nil {
				return answered(err)
			}
			return printHistory(p, h)
		},
	}
}
