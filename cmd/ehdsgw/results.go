package main

import (
	"net/url"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func resultsCommand() *cli.Command {
	return &cli.Command{
		Name: "results", Usage: "what permits and approvals led to (Art. 61(4))",
		Subcommands: []*cli.Command{resultsRecordCommand(), resultsListCommand()},
	}
}

func resultsRecordCommand() *cli.Command {
	return &cli.Command{
		Name: "record", Usage: "record results that were published; the centre and the public register are told", ArgsUsage: "CASE [FILE...]",
		Description: "The files go along to the centre. The user's eighteen months are kept by it.\n\n" +
			"Example: ehdsgw results record " + exampleCase + " report.pdf --permit DP-NL-2027-0001-v1 --title 'Asthma and air' \\\n" +
			"    --summary 'Less asthma where the air is clean' --published 2028-05-02 --url https://doi.example/10.1 --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "title", Usage: "`TEXT` of the title (required)"},
			&cli.StringFlag{Name: "summary", Usage: "`TEXT` of the summary (required)"},
			&cli.StringFlag{Name: "published", Usage: "`DATE` of publication (required)"},
			&cli.StringSliceFlag{Name: "url", Usage: "`URL` where they are published; repeatable"},
			&cli.StringFlag{Name: "permit", Usage: "`ID` of the permit; without it those of an approval, or of the track"},
			&cli.StringFlag{Name: "hdab", Usage: "the `BODY` whose track it is, by its entity identifier, where a case has several"},
			&cli.StringFlag{Name: "catalogue", Usage: "catalogue `ID` of the track, where a body has several"},
			&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who records it, never a name (required)"},
		),
		Action: resultsRecord,
	}
}

func resultsRecord(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		return exactly(c, "the case")
	}
	for _, flag := range []string{"actor", "title", "summary", "published"} {
		if strings.TrimSpace(c.String(flag)) == "" {
			return usage("--%s is missing; see '%s --help'", flag, c.Command.HelpName)
		}
	}
	r := gateway.ResultsRequest{Case: caseID(c.Args().First()), HDAB: c.String("hdab"), Catalogue: c.String("catalogue"), Actor: c.String("actor")}
	if r.Published, err = fullDate(c, "published"); err != nil {
		return err
	}
	for _, name := range c.Args().Tail() {
		if _, err := os.Stat(name); err != nil {
			return usage("%w", err)
		}
	}
	r.Title, r.Summary, r.PermitID, r.URLs = c.String("title"), c.String("summary"), c.String("permit"), c.StringSlice("url")
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	row, err := client.RecordResults(c.Context, r, c.Args().Tail())
	if err != nil {
		return answered(err)
	}
	f := output.Fields{
		{Name: "case", Value: row.Case}, {Name: "body", Value: row.Track.HDAB}, {Name: "permit", Value: row.PermitID}, {Name: "title", Value: row.Title},
		{Name: "published", Value: row.Published}, {Name: "message", Value: row.Message},
	}
	for _, d := range row.Documents {
		f = append(f, output.Field{Name: "file", Value: d.Name})
	}
	return p.Print(row, f)
}

func resultsListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "results on record, the newest first", ArgsUsage: "[CASE]",
		Description: "Exit 1: there are none.\n\nExample: ehdsgw results list --output json -c hub/ehdsgw.yaml",
		Flags:       socketFlags(&cli.StringFlag{Name: "hdab", Usage: "only of the `BODY`, by its entity identifier"}),
		Action:      resultsList,
	}
}

func resultsList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	q := url.Values{}
	switch c.NArg() {
	case 0:
	case 1:
		q.Set("case", caseID(c.Args().First()))
	default:
		return exactly(c, "the case")
	}
	if h := c.String("hdab"); h != "" {
		q.Set("hdab", h)
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	list, err := client.Results(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if len(list) == 0 {
		if err := p.Print([]gateway.ResultsRow{}, output.Lines{"no results"}); err != nil {
			return err
		}
		return said(exitNegative)
	}
	grid := output.Grid{Head: []string{"PUBLISHED", "CASE", "PERMIT", "TITLE", "FILES", "BODY"}}
	for _, r := range list {
		var files []string
		for _, d := range r.Documents {
			files = append(files, d.Name)
		}
		grid.Rows = append(grid.Rows, []string{r.Published, r.Case, r.PermitID, r.Title, strings.Join(files, ", "), r.Track.HDAB})
	}
	return p.Print(list, grid)
}
