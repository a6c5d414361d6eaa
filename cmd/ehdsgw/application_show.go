package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/access/filing"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func applicationListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the applications filed here for other nations: with their hubs (peer-1, no part of HealthData@EU) or through the centre (ext-1)",
		Description: "Examples:\n  ehdsgw application list -c hub/ehdsgw.yaml\n  ehdsgw application list --open --output json --data-dir hub/data",
		Flags:       socketFlags(&cli.BoolFlag{Name: "open", Usage: "only those of which something is still to come"}),
		Action:      applicationList,
	}
}

func applicationList(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	rows := []gateway.FilingRow{}
	for after := ""; ; {
		page, err := client.Filings(c.Context, after)
		if err != nil {
			return answered(err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Case
		rows = append(rows, page...)
	}
	rows = slices.DeleteFunc(rows, func(r gateway.FilingRow) bool { return c.Bool("open") && !r.Open })
	if len(rows) == 0 {
		return p.Print(rows, output.Lines{"no applications"})
	}
	grid := output.Grid{Head: []string{"CASE", "HUB", "VERSION", "STATE", "BODY", "TITLE"}}
	for _, r := range rows {
		f := r.Filing
		for _, t := range tracksOf(f) {
			grid.Rows = append(grid.Rows, []string{r.Case, f.To, fmt.Sprint(f.Application.Version), stateOf(f, t), t.Key.HDAB, f.Application.Title})
		}
	}
	return p.Print(rows, grid)
}

// tracksOf are the tracks of a filing, or one without a body while none is open.
func tracksOf(f filing.Filing) []filing.Track {
	if len(f.Tracks) > 0 {
		return f.Tracks
	}
	return []filing.Track{{}}
}

// stateOf says in a word where a track stands.
func stateOf(f filing.Filing, t filing.Track) string {
	switch {
	case f.TurnedAway():
		return string(ehds.NotValidated)
	case t.Status == ehds.StateNone:
		return "FILED"
	case len(t.Permits) > 0:
		return "PERMIT_" + string(t.Permits[len(t.Permits)-1].Status)
	case t.Decision != nil && t.Decision.Status != ehds.DecisionNone && t.Status != ehds.StateWithdrawn:
		return string(t.Decision.Status)
	}
	return string(t.Status)
}

func applicationShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "show an application filed here for other nations", ArgsUsage: "CASE",
		Description: "What the other hub told of it, what is asked for, the decision and the permits. --permit writes the newest permit\n" +
			"to a new file, for 'permit verify'.\n\n" +
			"Examples:\n" +
			"  ehdsgw application show nat:FR:6a70b4d104db074a00fd0001 -c hub/ehdsgw.yaml\n" +
			"  ehdsgw application show nat:FR:6a70b4d104db074a00fd0001 --permit permit.jwt --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "permit", Usage: "write the newest permit to this `FILE`"},
			&cli.StringFlag{Name: "hdab", Usage: "`ENTITY` of the body whose permit it is, where there are several"},
		),
		Action: applicationShow,
	}
}

func applicationShow(c *cli.Context) error {
	p, client, err := asking(c, "the case")
	if err != nil {
		return err
	}
	row, err := client.Filing(c.Context, c.Args().First())
	if err != nil {
		return answered(err)
	}
	if name := c.String("permit"); name != "" {
		t, err := row.Filing.Of(c.String("hdab"))
		if err != nil {
			return negative("%w", err)
		}
		if len(t.Permits) == 0 {
			return negative("there is no permit yet: the application is %s", stateOf(row.Filing, *t))
		}
		if err := writeNew(name, []byte(t.Permits[len(t.Permits)-1].Token)); err != nil {
			return negative("%w", err)
		}
	}
	return p.Print(row, filingLines(row))
}

// newestOf is the number of the newest version filed, in force or not.
func newestOf(f filing.Filing) int {
	if n := len(f.Versions); n > 0 {
		return f.Versions[n-1].Number
	}
	return f.Application.Version
}

// filingLines tells a filing to a person.
func filingLines(r gateway.FilingRow) output.Lines {
	f := r.Filing
	out := output.Lines{
		fmt.Sprintf("%s: %s", r.Case, f.Application.Title),
		fmt.Sprintf("  version %d, filed with %s by %s (no part of HealthData@EU)", f.Application.Version, f.To, r.Profile),
	}
	if r.Profile == ehds.ProfileExt1 {
		out[1] = fmt.Sprintf("  filed here and forwarded to the centre %s by %s (Art. 67(3))", f.To, r.Profile)
	}
	if r.ApplicationID != "" {
		out = append(out, "  there it is application "+r.ApplicationID+": ehdsgw case show app:"+r.ApplicationID)
	}
	if f.Result != "" {
		out = append(out, fmt.Sprintf("  the hub says of version %d: %s", newestOf(f), f.Result))
	}
	for _, w := range r.Waiting {
		out = append(out, strings.TrimSuffix("  on its way: "+w.Type+", "+w.Reason, ", "))
	}
	for _, x := range f.Findings {
		out = append(out, fmt.Sprintf("  %s %s: %s [%s]", x.Severity, x.Pointer, x.Message, x.Code))
	}
	for _, t := range f.Tracks {
		out = append(out, trackLines(f, t)...)
	}
	for _, n := range f.Notes {
		out = append(out, fmt.Sprintf("  for staff: %s %s", n.Code, n.Note))
	}
	return out
}

func trackLines(f filing.Filing, t filing.Track) output.Lines {
	out := output.Lines{fmt.Sprintf("  %s: %s since %s", t.Key.HDAB, stateOf(f, t), t.Since.Format(time.RFC3339))}
	if t.Asked != nil {
		for _, s := range t.Asked.Body.Sections {
			for _, name := range slices.Sorted(keysOf(s.Fields)) {
				out = append(out, strings.TrimSuffix(fmt.Sprintf("    asked: section %d %s: %s (%s)", s.Number, name, s.Fields[name], s.Country), " ()"))
			}
		}
	}
	if d := t.Decision; d != nil {
		out = append(out, fmt.Sprintf("    decision %s: %s, %s", d.Card.DecisionID, d.Card.Outcome, d.Card.Reasons))
	}
	for _, p := range t.Permits {
		out = append(out, strings.TrimSuffix(fmt.Sprintf("    permit %s: %s until %s", p.ID, p.Status, p.Expires), " until "))
	}
	return out
}
