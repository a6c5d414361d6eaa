package main

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

func catalogueStatusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "where each published description stands with the centre", ArgsUsage: "[ID]",
		Description: "Lists the nation's descriptions: PENDING (queued), SENT, RECEIVED (the centre's receipt is here),\n" +
			"VALIDATED (shown), REJECTED (with the centre's findings), STALE (shown, but the source does not confirm\n" +
			"it), DELETING, DELETED. ID is the identifier at origin, the one the centre knows, or the IRI.\n\n" +
			"Examples:\n  ehdsgw catalogue status -c hub/ehdsgw.yaml\n  ehdsgw catalogue status --state rejected --data-dir hub/data\n" +
			"  ehdsgw catalogue status FR-CLAIMS-2025 --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "state", Usage: "only those in `STATE`"},
			&cli.StringFlag{Name: "source", Usage: "only those of the source called `NAME`"},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most `N` rows, up to 1000"},
			&cli.StringFlag{Name: "after", Usage: "go on after `CURSOR`, the next of a page before"},
		),
		Action: catalogueStatus,
	}
}

func catalogueStatus(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() > 1 {
		return usage("unexpected argument %q", c.Args().Get(1))
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	q := url.Values{"limit": {strconv.Itoa(c.Int("limit"))}}
	for name, value := range map[string]string{
		"id": c.Args().First(), "state": strings.ToUpper(c.String("state")), "source": c.String("source"), "after": c.String("after"),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	page, err := client.CatalogueStatus(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if c.NArg() == 1 && len(page.Rows) == 1 {
		return p.Print(page.Rows[0], rowFields(page.Rows[0]), rowFindings(page.Rows[0]))
	}
	return p.Print(page, statusViews(page)...)
}

func statusViews(page publish.Page) []output.View {
	totals := output.Grid{Head: []string{"STATE", "DESCRIPTIONS"}}
	for state, n := range page.Totals {
		totals.Rows = append(totals.Rows, []string{string(state), strconv.Itoa(n)})
	}
	slices.SortFunc(totals.Rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	rows := output.Grid{Head: []string{"IDENTIFIER", "SOURCE", "STATE", "CHANGED", "REVIEW", "TITLE"}}
	for _, r := range page.Rows {
		rows.Rows = append(rows.Rows, []string{r.Identifier, r.Source, string(r.State), day(r.Changed), string(r.Review.When), r.Title})
	}
	views := []output.View{totals, rows}
	if page.Next != "" {
		views = append(views, output.Lines{"there are more; go on with --after '" + page.Next + "'"})
	}
	if len(page.Rows) == 0 {
		views = append(views, output.Lines{"no description"})
	}
	return views
}

// rowFields are what is known of one publication.
func rowFields(r publish.Row) output.Fields {
	f := output.Fields{
		{Name: "identifier", Value: r.Identifier}, {Name: "at origin", Value: r.Origin}, {Name: "source", Value: r.Source},
		{Name: "iri", Value: r.IRI}, {Name: "title", Value: r.Title}, {Name: "state", Value: string(r.State)},
	}
	if r.Behind != nil {
		f = append(f, output.Field{Name: "stale since", Value: day(r.Behind.Since) + ", " + string(r.Behind.Why)})
	}
	return append(f, output.Fields{
		{Name: "central id", Value: r.CentralID}, {Name: "release", Value: r.Release}, {Name: "digest", Value: r.Digest},
		{Name: "changed", Value: r.Changed.UTC().Format(time.RFC3339)}, {Name: "checked", Value: strings.TrimSpace(day(r.Review.Checked) + " " + r.Review.By)},
		{Name: "check due", Value: strings.TrimSpace(r.Review.LastDay + " " + string(r.Review.When))},
	}...)
}

func rowFindings(r publish.Row) output.Lines {
	var lines output.Lines
	for _, f := range r.Findings {
		lines = append(lines, "the centre: "+f.Severity+": "+f.Message+" ["+f.Code+"]")
	}
	return lines
}

// day is the day of an instant in UTC.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
