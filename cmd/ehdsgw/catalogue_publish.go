package main

import (
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

func cataloguePublish(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	reports, err := client.Publish(c.Context, gateway.PublishRequest{
		Source: c.String("source"), DryRun: c.Bool("dry-run"), Force: c.Bool("force"),
	})
	if err != nil {
		return answered(err)
	}
	if len(reports) == 0 {
		return negative("the gateway has no catalogue source; add one under catalogue.sources")
	}
	if err := p.Print(reports, publishViews(reports)...); err != nil {
		return err
	}
	return said(publishExit(c, reports))
}

// publishExit says on standard error what held a source back.
func publishExit(c *cli.Context, reports []gateway.PublishReport) int {
	code := exitOK
	say := func(source, what string) {
		code = exitNegative
		_, _ = fmt.Fprintf(c.App.ErrWriter, "ehdsgw: source %s: %s\n", output.Safe(source), output.Safe(what))
	}
	for _, r := range reports {
		switch {
		case r.Code == "held-by-guard":
			say(r.Source, r.Error+"; look at the findings, then publish again with --force")
		case r.Error != "":
			say(r.Source, r.Error+" ["+r.Code+"]")
		case r.Read > 0 && r.Read == r.Totals.Quarantined:
			say(r.Source, "none of its datasets may be published")
		}
	}
	return code
}

func publishViews(reports []gateway.PublishReport) []output.View {
	totals := output.Grid{Head: []string{"SOURCE", "READ", "CREATED", "UPDATED", "DELETED", "UNCHANGED", "WITHHELD", "QUARANTINED", "RESULT"}}
	items := output.Grid{Head: []string{"ACTION", "SOURCE", "IDENTIFIER", "PLACE", "TITLE"}}
	var findings output.Lines
	for _, r := range reports {
		totals.Rows = append(totals.Rows, []string{
			r.Source, strconv.Itoa(r.Read), strconv.Itoa(r.Totals.Created), strconv.Itoa(r.Totals.Updated), strconv.Itoa(r.Totals.Deleted),
			strconv.Itoa(r.Unchanged), strconv.Itoa(r.Totals.Withheld), strconv.Itoa(r.Totals.Quarantined), result(r),
		})
		for _, group := range []struct {
			action string
			items  []publish.Item
		}{{"create", r.Created}, {"update", r.Updated}, {"delete", r.Deleted}, {"withhold", r.Withheld}, {"quarantine", r.Quarantined}} {
			for _, i := range group.items {
				id := i.Identifier
				if i.As != "" {
					id += " as " + i.As
				}
				items.Rows = append(items.Rows, []string{group.action, r.Source, id, i.Place, i.Title})
			}
		}
		findings = append(findings, catalogueLines(r.Findings)...)
		if r.FindingsLeftOut > 0 {
			findings = append(findings, fmt.Sprintf("%s: %d finding(s) not listed: of what is unchanged since they were, or beyond %d; see 'ehdsgw catalogue publish --dry-run'",
				r.Source, r.FindingsLeftOut, publish.MaxFindings))
		}
	}
	return []output.View{totals, items, findings}
}

func result(r gateway.PublishReport) string {
	switch {
	case r.Error != "":
		return "nothing sent: " + r.Code
	case r.DryRun:
		return "dry run"
	}
	return "queued"
}
