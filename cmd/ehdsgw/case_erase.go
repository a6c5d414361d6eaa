package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func caseClearCommand() *cli.Command {
	return &cli.Command{
		Name: "clear", Usage: "take the flags of a code off a case: somebody has looked", ArgsUsage: "CASE",
		Description: "Who looked is evidence. Exit 1: the case has no such flag.\n\n" +
			"Example: ehdsgw case clear " + exampleCase + " --flag decision-overdue --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "flag", Usage: "`CODE` of the flags (required)"},
			&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who looked (required)"},
		),
		Action: func(c *cli.Context) error {
			r := gateway.CaseClear{Code: c.String("flag"), Actor: c.String("actor")}
			if r.Code == "" || r.Actor == "" {
				return usage("--flag and --actor are wanted: which flags, and who looked")
			}
			p, client, id, err := askingAboutCase(c)
			if err != nil {
				return err
			}
			r.Case = id
			out, err := client.ClearFlags(c.Context, r)
			if err != nil {
				return answered(err)
			}
			if err := p.Print(out, output.Lines{strconv.Itoa(out.Cleared) + " cleared"}); err != nil {
				return err
			}
			if out.Cleared == 0 {
				return said(exitNegative)
			}
			return nil
		},
	}
}

func caseEraseCommand() *cli.Command {
	return &cli.Command{
		Name: "erase", Usage: "destroy what is personal in a case, for good, also in backups", ArgsUsage: "CASE",
		Description: "The key of the case is destroyed. Its leaves stay in the evidence log and can be linked to nothing; the public\n" +
			"register keeps what the law asks for. Messages of the case that come later are refused.\n" +
			"The case of a measure, such as enf:FR:E-7, is erased once its last day has passed.\n\n" +
			"Example: ehdsgw case erase " + exampleCase + " --actor dpo-1 --yes -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who does it (required)"},
			&cli.BoolFlag{Name: "yes", Usage: "nothing brings it back; say so (required)"},
		),
		Action: func(c *cli.Context) error {
			if c.String("actor") == "" || !c.Bool("yes") {
				return usage("--actor and --yes are wanted: who erases, and that nothing brings it back")
			}
			p, client, id, err := askingAboutCase(c)
			if err != nil {
				return err
			}
			r := gateway.CaseErase{Case: id, Actor: c.String("actor")}
			if err := client.EraseCase(c.Context, r); err != nil {
				return answered(err)
			}
			return p.Print(r, output.Lines{"erased " + id})
		},
	}
}
