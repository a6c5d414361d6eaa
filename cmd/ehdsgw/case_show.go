package main

import (
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/access"
)

func caseShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "an application: tracks, decisions, permits, what others share, what staff should look at", ArgsUsage: "CASE",
		Description: "The form is not shown: it is with the national system. With --as, what one body of this nation may see\n" +
			"of a case: its own track in full, of another's how far it is and what was decided.\n\n" +
			"Examples:\n  ehdsgw case show 6a70b4d104db074a00fd9101 -c hub/ehdsgw.yaml\n" +
			"  ehdsgw case show app:6a70b4d104db074a00fd9101 --as https://ncp.fr.example/hdab/north --output json -c hub/ehdsgw.yaml",
		Flags: socketFlags(&cli.StringFlag{Name: "as", Usage: "as the `BODY` with this entity identifier sees it"}),
		Action: func(c *cli.Context) error {
			p, client, id, err := askingAboutCase(c)
			if err != nil {
				return err
			}
			v, err := client.Case(c.Context, id, c.String("as"))
			if err != nil {
				return answered(err)
			}
			return printCase(p, v)
		},
	}
}

// printCase shows a case to people.
func printCase(p output.Printer, v gateway.CaseView) error {
	a := v.Application
	views := []output.View{output.Fields{
		{Name: "case", Value: v.Case}, {Name: "kind", Value: string(a.Kind)}, {Name: "version", Value: strconv.Itoa(a.Version)},
		{Name: "from", Value: v.Counterpart}, {Name: "submitted", Value: stamp(a.Submitted)}, {Name: "received", Value: stamp(a.Received)},
		{Name: "also in", Value: strings.Join(v.Nations, ", ")}, {Name: "changed", Value: v.Updated},
	}}
	for _, t := range a.Tracks {
		views = append(views, output.Lines{""}, trackFields(t))
	}
	return p.Print(v, append(views, besides(v)...)...)
}

func trackFields(t access.Track) output.Fields {
	f := output.Fields{
		{Name: "track", Value: t.Key.CatalogID + "  " + t.Key.HDAB}, {Name: "status", Value: string(t.Status)}, {Name: "procedure", Value: string(t.Procedure)},
	}
	if d := t.Decision; d != nil {
		f = append(f, output.Field{Name: "decision", Value: strings.Join([]string{d.ID, string(d.Outcome), string(d.Status), stamp(d.Issued)}, "  ")})
	}
	for _, v := range t.Permits {
		f = append(f, output.Field{Name: "permit", Value: strings.Join([]string{v.ID, string(v.Phase.Export()), stamp(v.NotBefore), stamp(v.Expires)}, "  ")})
	}
	for _, s := range t.Sides {
		f = append(f, output.Field{Name: string(s.Machine), Value: strings.TrimSpace(string(s.State) + "  " + s.Subject)})
	}
	for _, k := range t.Clocks {
		if k.State == access.ClockRunning {
			f = append(f, output.Field{Name: "clock", Value: strings.TrimSpace(string(k.Kind) + "  until " + k.LastDay + "  " + k.Subject)})
		}
	}
	return f
}

// besides shows what stands beside the tracks: other nations, measures, flags.
func besides(v gateway.CaseView) []output.View {
	others := output.Grid{Head: []string{"NATION", "AXIS", "STATUS", "BODY"}}
	for _, o := range v.Application.Observed {
		others.Rows = append(others.Rows, []string{o.Nation, string(o.Axis), o.Status, o.Key.HDAB})
	}
	shared := output.Grid{Head: []string{"SHARED BY", "DECISION", "REASONS", "BODY"}}
	for _, s := range v.Shared {
		row := []string{s.Nation, "", s.Body.Note, s.Track.HDAB}
		if d := s.Body.Decision; d != nil {
			row[1], row[2] = string(d.Outcome), d.Reasons
		}
		shared.Rows = append(shared.Rows, row)
	}
	flags := output.Grid{Head: []string{"FLAG", "SINCE", "NOTE"}}
	for _, f := range v.Flags {
		flags.Rows = append(flags.Rows, []string{f.Code, stamp(f.At), f.Note})
	}
	measures := output.Grid{Head: []string{"MEASURE", "KIND", "FROM", "TO", "IN FORCE"}}
	for _, m := range v.Measures {
		measures.Rows = append(measures.Rows, []string{m.Case, m.Measure, m.From, m.To, yesNo(m.InForce)})
	}
	var out []output.View
	for _, g := range []output.Grid{others, shared, measures, flags} {
		if len(g.Rows) > 0 {
			out = append(out, output.Lines{""}, g)
		}
	}
	return out
}
