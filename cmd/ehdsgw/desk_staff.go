package main

import (
	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
)

func deskNoteCommand() *cli.Command {
	return &cli.Command{
		Name: "note", Usage: "write a note for colleagues; it is never sent", ArgsUsage: "CASE",
		Description: "Example:\n  ehdsgw desk note app:6a70b4d104db074a00fd9101 --actor staff-7 --text 'ethics board meets on Monday'",
		Flags:       workFlags(&cli.StringFlag{Name: "text", Usage: "`TEXT` of the note (required)"}),
		Action: func(c *cli.Context) error {
			if c.String("text") == "" {
				return usage("--text is missing: what the note says")
			}
			return work(c, "note", gateway.DeskRequest{Text: c.String("text")}, "noted")
		},
	}
}

func deskAssignCommand() *cli.Command {
	return &cli.Command{
		Name: "assign", Usage: "give a case to a member of staff, or back to all", ArgsUsage: "CASE",
		Description: "Examples:\n  ehdsgw desk assign app:6a70b4d104db074a00fd9101 --actor staff-7 --to staff-9\n" +
			"  ehdsgw desk assign app:6a70b4d104db074a00fd9101 --actor staff-7 --to ''",
		Flags: workFlags(&cli.StringFlag{Name: "to", Usage: "opaque `REFERENCE` of who takes it; '' for nobody (required)"}),
		Action: func(c *cli.Context) error {
			if !c.IsSet("to") {
				return usage("--to is missing: an opaque reference of who takes the case, or '' for nobody")
			}
			return work(c, "assign", gateway.DeskRequest{To: c.String("to")}, "assigned")
		},
	}
}

func deskConfirmCommand() *cli.Command {
	return &cli.Command{
		Name: "confirm", Usage: "take what another person proposed", ArgsUsage: "CASE",
		Description: "Example:\n  ehdsgw desk confirm app:6a70b4d104db074a00fd9101 --actor staff-9",
		Flags:       workFlags(),
		Action:      func(c *cli.Context) error { return work(c, "confirm", gateway.DeskRequest{}, "confirmed") },
	}
}

func deskDismissCommand() *cli.Command {
	return &cli.Command{
		Name: "dismiss", Usage: "take a proposal off the desk", ArgsUsage: "CASE",
		Description: "Example:\n  ehdsgw desk dismiss app:6a70b4d104db074a00fd9101 --actor staff-9 --reasons 'fees are missing'",
		Flags:       workFlags(&cli.StringFlag{Name: "reasons", Usage: "`TEXT` for the one who proposed it"}),
		Action: func(c *cli.Context) error {
			return work(c, "dismiss", gateway.DeskRequest{Text: c.String("reasons")}, "dismissed")
		},
	}
}
