package main

import (
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
)

func deskListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the cases, oldest receipt first",
		Description: "Examples:\n  ehdsgw desk list -c hub/ehdsgw.yaml\n  ehdsgw desk list --state queued --output json --data-dir hub/data\n" +
			"  ehdsgw desk list --awaits second_person --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "state", Usage: "only cases in `STATE`: queued, decided or withdrawn"},
			&cli.StringFlag{Name: "awaits", Usage: "only cases that wait for `WHOM`: applicant, second_person, appeal or change"},
			&cli.StringFlag{Name: "assigned", Usage: "only cases assigned to `REFERENCE`"},
			&cli.StringFlag{Name: "body", Usage: "only tracks of the health data access body `ENTITY`"},
		),
		Action: deskList,
	}
}

func deskList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	state, err := oneOf("state", c.String("state"), string(desk.Queued), string(desk.Decided), string(desk.Withdrawn))
	if err != nil {
		return err
	}
	awaits, err := oneOf("awaits", c.String("awaits"), string(desk.WaitsApplicant), string(desk.WaitsSecond), string(desk.WaitsAppeal), string(desk.WaitsChange))
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	items, err := client.Desk(c.Context)
	if err != nil {
		return answered(err)
	}
	items = slices.DeleteFunc(items, func(q desk.QueueItem) bool {
		return (state != "" && string(q.State) != state) || (awaits != "" && string(q.Awaits) != awaits) ||
			(c.IsSet("assigned") && q.Assigned != c.String("assigned")) || (c.IsSet("body") && q.Track.HDAB != c.String("body"))
	})
	if items == nil {
		items = []desk.QueueItem{}
	}
	grid := output.Grid{Head: []string{"CASE", "CATALOGUE", "BODY", "VERSION", "RECEIVED", "STATE", "AWAITS", "MISSING", "OUTCOME", "ASSIGNED", "NOTE", "TITLE"}}
	for _, q := range items {
		missing := ""
		if q.Missing > 0 {
			missing = strconv.Itoa(q.Missing)
		}
		grid.Rows = append(grid.Rows, []string{
			q.Case, q.Track.CatalogID, q.Track.HDAB, strconv.Itoa(q.Version), q.ReceivedAt, string(q.State), string(q.Awaits), missing, string(q.Outcome), q.Assigned, q.Note, q.Title,
		})
	}
	if len(items) == 0 {
		return p.Print(items, output.Lines{"no cases"})
	}
	return p.Print(items, grid)
}
