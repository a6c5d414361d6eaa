package main

import (
	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskCommand() *cli.Command {
	return &cli.Command{
		Name: "desk", Usage: "the built-in permit desk of a running gateway",
		Subcommands: []*cli.Command{
			deskListCommand(), deskShowCommand(), deskNoteCommand(), deskAssignCommand(), deskAskCommand(), deskExtendCommand(),
			deskDecideCommand(), deskConfirmCommand(), deskDismissCommand(), deskAppealCommand(), deskPermitCommand(), deskMeasuresCommand(),
		},
	}
}

// workFlags are what every act of staff takes besides its own flags.
func workFlags(more ...cli.Flag) []cli.Flag {
	return socketFlags(append(more,
		&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who does it, never a name (required)"},
		&cli.StringFlag{Name: "catalogue", Usage: "catalogue `ID` of the track, where a case has several"},
		&cli.StringFlag{Name: "body", Usage: "`ENTITY` of the track's health data access body"},
	)...)
}

// trackGiven reads the flags that name a track; both or none.
func trackGiven(c *cli.Context) (ehds.Track, error) {
	t := ehds.Track{CatalogID: c.String("catalogue"), HDAB: c.String("body")}
	if (t.CatalogID == "") != (t.HDAB == "") {
		return t, usage("--catalogue and --body name a track together")
	}
	return t, nil
}

// work does something with the case named, and says what was done. Where the case has one track only,
// it need not be named.
func work(c *cli.Context, call string, r gateway.DeskRequest, said string) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	r.Case, r.Actor = c.Args().First(), c.String("actor")
	if r.Actor == "" {
		return usage("--actor is missing: an opaque reference of who does it")
	}
	if r.Track, err = trackGiven(c); err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	if r.Track == (ehds.Track{}) {
		if r.Track, err = onlyTrack(c, client, r.Case, func(desk.QueueItem) bool { return true }); err != nil {
			return err
		}
	}
	if err := client.DeskWork(c.Context, call, r); err != nil {
		return answered(err)
	}
	return p.Print(worked{r.Case, r.Track, said}, output.Fields{
		{Name: "case", Value: r.Case}, {Name: "catalogue", Value: r.Track.CatalogID}, {Name: "body", Value: r.Track.HDAB}, {Name: "done", Value: said},
	})
}

// worked is what an act of staff prints as JSON.
type worked struct {
	Case  string     `json:"case"`
	Track ehds.Track `json:"track"`
	Done  string     `json:"done"`
}

// undecided are the tracks that a decision can be about.
func undecided(q desk.QueueItem) bool { return q.State == desk.Queued }

// onlyTrack finds the track of a case where the desk has one that fits.
func onlyTrack(c *cli.Context, client *operator.Client, caseID string, fits func(desk.QueueItem) bool) (ehds.Track, error) {
	items, err := client.Desk(c.Context)
	if err != nil {
		return ehds.Track{}, answered(err)
	}
	var open, all []ehds.Track
	for _, q := range items {
		if q.Case == caseID {
			all = append(all, q.Track)
			if fits(q) {
				open = append(open, q.Track)
			}
		}
	}
	switch {
	case len(open) == 1:
		return open[0], nil
	case len(open) > 1:
		return ehds.Track{}, usage("%d tracks of the case are at the desk; name one with --catalogue and --body (see 'ehdsgw desk list')", len(open))
	case len(all) > 0:
		return ehds.Track{}, negative("no track of the case is queued: it is decided or withdrawn (see 'ehdsgw desk list')")
	}
	return ehds.Track{}, negative("the desk has no such case (see 'ehdsgw desk list')")
}
