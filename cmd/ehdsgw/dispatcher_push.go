package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func dispatcherPushCommand() *cli.Command {
	return &cli.Command{
		Name: "push", Usage: "announcements to national systems that were given up",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list what no system took in 72 hours",
				Description: "The notices themselves stay readable: a system that polls has them.\n\n" +
					"Example: ehdsgw dispatcher push list -c hub/ehdsgw.yaml",
				Flags: socketFlags(), Action: dispatcherPushList,
			},
			{
				Name: "retry", Usage: "announce again what was given up", ArgsUsage: "SYSTEM",
				Description: "Example: ehdsgw dispatcher push retry national-daams -c hub/ehdsgw.yaml",
				Flags:       socketFlags(&cli.Int64Flag{Name: "notice", Usage: "only the notice of this `NUMBER`"}),
				Action:      dispatcherPushRetry,
			},
		},
	}
}

func dispatcherPushList(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	dead, err := client.DeadPushes(c.Context)
	if err != nil {
		return answered(err)
	}
	if len(dead) == 0 {
		return p.Print(dead, output.Lines{"nothing was given up"})
	}
	grid := output.Grid{Head: []string{"SYSTEM", "NOTICE", "QUEUED", "ATTEMPTS", "REASON"}}
	for _, d := range dead {
		grid.Rows = append(grid.Rows, []string{d.System, strconv.FormatInt(d.Notice, 10), d.Queued, strconv.Itoa(d.Attempts), d.Reason})
	}
	return p.Print(dead, grid)
}

func dispatcherPushRetry(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the system"); err != nil {
		return err
	}
	if c.Int64("notice") < 0 {
		return usage("--notice: a number from 1 is wanted")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	out, err := client.RetryPush(c.Context, gateway.PushRetry{System: c.Args().First(), Notice: c.Int64("notice")})
	if err != nil {
		return answered(err)
	}
	return p.Print(out, output.Fields{{Name: "queued", Value: strconv.Itoa(out.Queued)}})
}
