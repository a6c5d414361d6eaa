package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/access"
)

func caseClocksCommand() *cli.Command {
	return &cli.Command{
		Name: "clocks", Usage: "the statutory periods of a case, each with its computation", ArgsUsage: "CASE",
		Description: "Each computation can be checked by hand: the event, the rule of Regulation 1182/71 and the day it leads to.\n\n" +
			"Example: ehdsgw case clocks 6a70b4d104db074a00fd9101 -c hub/ehdsgw.yaml",
		Flags: socketFlags(&cli.BoolFlag{Name: "all", Usage: "also those that were met, overtaken or have fired"}), Action: caseClocks,
	}
}

func caseClocks(c *cli.Context) error {
	p, client, id, err := askingAboutCase(c)
	if err != nil {
		return err
	}
	tracks, err := client.CaseClocks(c.Context, id)
	if err != nil {
		return answered(err)
	}
	var views []output.View
	for _, t := range tracks {
		for _, k := range t.Clocks {
			if k.State != access.ClockRunning && !c.Bool("all") {
				continue
			}
			if len(views) > 0 {
				views = append(views, output.Lines{""})
			}
			views = append(views, clockFields(k, t.Track.HDAB), clockProof(k))
		}
	}
	return p.Print(tracks, views...)
}

func clockFields(k access.Clock, body string) output.Fields {
	f := output.Fields{
		{Name: "clock", Value: strings.TrimSpace(string(k.Kind) + "  " + k.Subject)}, {Name: "state", Value: string(k.State)}, {Name: "body", Value: body},
		{Name: "starts", Value: stamp(k.Start)}, {Name: "last day", Value: k.LastDay + ", " + k.Zone}, {Name: "ends", Value: stamp(k.End)}, {Name: "reasons", Value: k.Reasons},
	}
	if k.Due != nil {
		f = append(f, output.Field{Name: "set by staff", Value: k.Due.Date})
	}
	return f
}

func clockProof(k access.Clock) output.Lines {
	out := make(output.Lines, len(k.Steps))
	for i, s := range k.Steps {
		out[i] = "  " + s
	}
	return out
}

func caseDueCommand() *cli.Command {
	return &cli.Command{
		Name: "due", Usage: "what should have been done, and what is due soon, over all cases",
		Description: "Exit 1: nothing is overdue.\n\nExample: ehdsgw case due --within 30d -c hub/ehdsgw.yaml",
		Flags:       socketFlags(&cli.StringFlag{Name: "within", Value: "14d", Usage: "how far ahead to look, a `SPAN` such as 14d or 36h"}), Action: caseDue,
	}
}

func caseDue(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	hours, err := spanHours("within", c.String("within"))
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	rows, err := client.Due(c.Context, hours)
	if err != nil {
		return answered(err)
	}
	t, overdue := output.Grid{Head: []string{"DUE", "CLOCK", "LAST DAY", "CASE", "BODY"}}, false
	for _, r := range rows {
		when := "soon"
		if r.Overdue {
			when, overdue = "overdue", true
		}
		day := r.Clock.LastDay
		if r.BySetDate && r.Clock.Due != nil {
			day = r.Clock.Due.Date + " (set by staff)"
		}
		t.Rows = append(t.Rows, []string{when, strings.TrimSpace(string(r.Clock.Kind) + " " + r.Clock.Subject), day, r.Case, r.Track.HDAB})
	}
	if err := p.Print(rows, t); err != nil {
		return err
	}
	if !overdue {
		return said(exitNegative)
	}
	return nil
}
