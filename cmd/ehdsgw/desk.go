package main

import (
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskCommand() *cli.Command {
	return &cli.Command{
		Name: "desk", Usage: "the built-in permit desk of a running gateway",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the cases, oldest receipt first",
				Description: "Examples:\n  ehdsgw desk list -c hub/ehdsgw.yaml\n  ehdsgw desk list --state queued --output json --data-dir hub/data",
				Flags:       socketFlags(&cli.StringFlag{Name: "state", Usage: "only cases in `STATE`: queued, decided or withdrawn"}),
				Action:      deskList,
			},
			{
				Name: "decide", Usage: "decide a queued case", ArgsUsage: "CASE",
				Description: "What is not given comes from the rule that matched the case, and from the form.\n\n" +
					"Examples:\n" +
					"  ehdsgw desk decide app:6a70b4d104db074a00fd9101 --outcome positive --actor staff-7 --fee 125000 --months 24\n" +
					"  ehdsgw desk decide app:6a70b4d104db074a00fd9101 --outcome negative --actor staff-7 --reasons 'Art. 57(1)(a)(i)'",
				Flags: socketFlags(decisionFlags()...), Action: deskDecide,
			},
		},
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
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	items, err := client.Desk(c.Context)
	if err != nil {
		return answered(err)
	}
	items = slices.DeleteFunc(items, func(q desk.QueueItem) bool { return state != "" && string(q.State) != state })
	if items == nil {
		items = []desk.QueueItem{}
	}
	grid := output.Grid{Head: []string{"CASE", "CATALOGUE", "BODY", "VERSION", "RECEIVED", "STATE", "OUTCOME", "NOTE", "TITLE"}}
	for _, q := range items {
		grid.Rows = append(grid.Rows, []string{
			q.Case, q.Track.CatalogID, q.Track.HDAB, strconv.Itoa(q.Version), q.ReceivedAt, string(q.State), string(q.Outcome), q.Note, q.Title,
		})
	}
	if len(items) == 0 {
		return p.Print(items, output.Lines{"no cases"})
	}
	return p.Print(items, grid)
}

func deskDecide(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	request, err := decision(c)
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	if request.Track == (ehds.Track{}) {
		if request.Track, err = onlyTrack(c, client, request.Case); err != nil {
			return err
		}
	}
	if err := client.Decide(c.Context, request); err != nil {
		return answered(err)
	}
	return p.Print(decided{request.Case, request.Track, request.Outcome}, output.Fields{
		{Name: "case", Value: request.Case}, {Name: "catalogue", Value: request.Track.CatalogID}, {Name: "body", Value: request.Track.HDAB},
		{Name: "outcome", Value: string(request.Outcome)},
	})
}

// decided is what desk decide prints as JSON.
type decided struct {
	Case    string       `json:"case"`
	Track   ehds.Track   `json:"track"`
	Outcome ehds.Outcome `json:"outcome"`
}

// onlyTrack finds the track of a case that has one undecided at the desk.
func onlyTrack(c *cli.Context, client *operator.Client, caseID string) (ehds.Track, error) {
	items, err := client.Desk(c.Context)
	if err != nil {
		return ehds.Track{}, answered(err)
	}
	var open, all []ehds.Track
	for _, q := range items {
		if q.Case == caseID {
			all = append(all, q.Track)
			if q.State == desk.Queued {
				open = append(open, q.Track)
			}
		}
	}
	switch {
	case len(open) == 1:
		return open[0], nil
	case len(open) > 1:
		return ehds.Track{}, usage("%d tracks of the case are queued; name one with --catalogue and --body (see 'ehdsgw desk list')", len(open))
	case len(all) > 0:
		return ehds.Track{}, negative("no track of the case is queued: it is decided or withdrawn (see 'ehdsgw desk list')")
	}
	return ehds.Track{}, negative("the desk has no such case (see 'ehdsgw desk list')")
}
