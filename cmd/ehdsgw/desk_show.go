package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "show one case: its state, what was done, notes, proposal", ArgsUsage: "CASE",
		Description: "As JSON it holds the application, too.\n\nExample:\n  ehdsgw desk show app:6a70b4d104db074a00fd9101 --output json --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "catalogue", Usage: "catalogue `ID` of the track, where a case has several"},
			&cli.StringFlag{Name: "body", Usage: "`ENTITY` of the track's health data access body"},
		),
		Action: deskShow,
	}
}

func deskShow(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	d, err := deskDetail(c)
	if err != nil {
		return err
	}
	return p.Print(d, deskFields(d))
}

// deskDetail fetches the case named on the command line.
func deskDetail(c *cli.Context) (desk.Detail, error) {
	track, err := trackGiven(c)
	if err != nil {
		return desk.Detail{}, err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return desk.Detail{}, err
	}
	if track == (ehds.Track{}) {
		if track, err = onlyTrack(c, client, c.Args().First(), func(desk.QueueItem) bool { return true }); err != nil {
			return desk.Detail{}, err
		}
	}
	d, err := client.DeskCase(c.Context, c.Args().First(), track)
	if err != nil {
		return desk.Detail{}, answered(err)
	}
	return d, nil
}

func deskFields(d desk.Detail) output.Fields {
	f := output.Fields{
		{Name: "case", Value: d.Case}, {Name: "catalogue", Value: d.Track.CatalogID}, {Name: "body", Value: d.Track.HDAB},
		{Name: "title", Value: d.Title}, {Name: "version", Value: fmt.Sprint(d.Version)}, {Name: "received", Value: d.ReceivedAt},
		{Name: "state", Value: string(d.State)}, {Name: "status", Value: d.Status},
	}
	add := func(name, value string) {
		if value != "" {
			f = append(f, output.Field{Name: name, Value: value})
		}
	}
	add("awaits", string(d.Awaits))
	add("assigned", d.Assigned)
	add("rule", d.Rule)
	add("rule's note", d.QueueItem.Note)
	for _, finding := range d.Findings {
		name := "missing"
		if !finding.Completion {
			name = "assess"
		}
		add(name, strings.TrimPrefix(finding.Pointer, "/body/")+" "+finding.Source()+": "+finding.Message)
	}
	if d.Asked != nil {
		for _, s := range d.Asked.Sections {
			for _, field := range slices.Sorted(maps.Keys(s.Fields)) {
				add("asked", strings.TrimSpace(fmt.Sprintf("%d.%s %s", s.Number, field, s.Country))+": "+s.Fields[field])
			}
		}
	}
	if d.Proposal != nil {
		add("proposed", d.Proposal.At+" by "+d.Proposal.Actor)
	}
	if d.Decision != nil {
		add("decision", d.DecisionID+" "+string(d.Outcome))
		for _, r := range d.Decision.RefusedDatasets {
			add("refused", r.DatasetID+": "+r.Reasons)
		}
	}
	add("answer", string(d.Answer))
	for _, ch := range d.Changes {
		add("change", fmt.Sprintf("%s %s %s", ch.At, ch.Body.Kind, ch.Outcome))
	}
	for _, n := range d.Notes {
		add("note", n.At+" "+n.Actor+": "+n.Text)
	}
	for _, e := range d.Log {
		add("log", strings.TrimSpace(e.At+" "+e.Actor+" "+e.What+" "+e.Text))
	}
	return f
}

func deskMeasuresCommand() *cli.Command {
	return &cli.Command{
		Name: "measures", Usage: "list enforcement measures of other nations' bodies; they inform and refuse nothing",
		Description: "Example:\n  ehdsgw desk measures --output json --data-dir hub/data",
		Flags:       socketFlags(),
		Action: func(c *cli.Context) error {
			p, client, err := asking(c)
			if err != nil {
				return err
			}
			list, err := client.DeskMeasures(c.Context)
			if err != nil {
				return answered(err)
			}
			if len(list) == 0 {
				return p.Print([]desk.Measure{}, output.Lines{"no measures"})
			}
			grid := output.Grid{Head: []string{"CASE", "NATION", "MEASURE", "AGAINST", "FROM", "TO", "CAME"}}
			for _, m := range list {
				grid.Rows = append(grid.Rows, []string{m.Case, m.Nation, m.Body.Measure, m.Body.Against, m.Body.From, m.Body.To, m.At})
			}
			return p.Print(list, grid)
		},
	}
}
