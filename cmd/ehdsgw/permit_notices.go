package main

import (
	"net/url"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func permitNoticesCommand() *cli.Command {
	return &cli.Command{
		Name: "notices", Usage: "who was told of permits and has not confirmed", ArgsUsage: "[PERMIT]",
		Description: "Exit 1: nobody has to confirm anything.\n\nExample: ehdsgw permit notices --overdue -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.BoolFlag{Name: "overdue", Usage: "only those whose time to confirm has ended"},
			&cli.BoolFlag{Name: "all", Usage: "also those that were confirmed"},
		),
		Action: permitNotices,
	}
}

func permitNotices(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	q := url.Values{}
	for _, name := range []string{"overdue", "all"} {
		if c.Bool(name) {
			q.Set(name, "true")
		}
	}
	if c.NArg() > 1 {
		return usage("one permit, or none for all, is wanted")
	}
	if id := c.Args().First(); id != "" {
		q.Set("permit", id)
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	rows, err := client.Notices(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if err := p.Print(rows, noticeTable(rows)); err != nil {
		return err
	}
	if len(rows) == 0 {
		return said(exitNegative)
	}
	return nil
}

func permitConfirmCommand() *cli.Command {
	return &cli.Command{
		Name: "confirm", Usage: "note that a recipient confirmed a notice to you", ArgsUsage: "NOTICE",
		Description: "For recipients that no system reaches. What is noted is evidence.\n\n" +
			"Example: ehdsgw permit confirm 0196f0c2-7f1e-7c3e-8d5e-2b8f5f0c1a2b --case app:6a70b4d104db074a00fd9101 --by 'SPE duty officer' -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "case", Usage: "`ID` of the notice's case (required)"},
			&cli.StringFlag{Name: "by", Usage: "`REFERENCE` of who confirmed (required)"},
		),
		Action: func(c *cli.Context) error {
			if err := exactly(c, "the notice"); err != nil {
				return err
			}
			for _, flag := range []string{"case", "by"} {
				if c.String(flag) == "" {
					return usage("--%s is missing; see '%s --help'", flag, c.Command.HelpName)
				}
			}
			p, err := printer(c)
			if err != nil {
				return err
			}
			client, err := gatewayOf(c)
			if err != nil {
				return err
			}
			r := gateway.NoticeConfirmed{Case: c.String("case"), Notice: c.Args().First(), By: c.String("by")}
			if err := client.ConfirmNotice(c.Context, r); err != nil {
				return answered(err)
			}
			return p.Print(r, output.Lines([]string{"confirmed"}))
		},
	}
}
