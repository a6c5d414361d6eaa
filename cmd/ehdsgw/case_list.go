package main

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func caseListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "applications, a line a track, the next to be due first",
		Description: "Exit 1: there is none.\n\nExamples:\n  ehdsgw case list --overdue -c hub/ehdsgw.yaml\n" +
			"  ehdsgw case list --due-within 14d --output json --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "status", Usage: "only in the `STATUS` " + statuses()},
			&cli.StringFlag{Name: "hdab", Usage: "only of the `BODY`, by its entity identifier"},
			&cli.StringFlag{Name: "due-within", Usage: "only with a clock that ends within a `SPAN` such as 14d or 36h"},
			&cli.BoolFlag{Name: "overdue", Usage: "only where something should have been done"},
			&cli.BoolFlag{Name: "flagged", Usage: "only where staff are asked to look"},
		),
		Action: caseList,
	}
}

func statuses() string {
	var out []string
	for _, s := range ehds.ApplicationStates() {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

// spanHours reads a span of days or hours, such as 14d or 36h.
func spanHours(flag, text string) (int, error) {
	for unit, hours := range map[string]int{"d": 24, "h": 1} {
		if number, ok := strings.CutSuffix(text, unit); ok {
			if n, err := strconv.Atoi(number); err == nil && n > 0 && n <= 3660 {
				return n * hours, nil
			}
		}
	}
	return 0, usage("--%s %q: a span such as 14d or 36h is wanted", flag, text)
}

func caseList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	q := url.Values{}
	for _, name := range []string{"status", "hdab"} {
		if text := c.String(name); text != "" {
			q.Set(name, text)
		}
	}
	for _, name := range []string{"overdue", "flagged"} {
		if c.Bool(name) {
			q.Set(name, "true")
		}
	}
	if text := c.String("due-within"); text != "" {
		n, err := spanHours("due-within", text)
		if err != nil {
			return err
		}
		q.Set("within", strconv.Itoa(n))
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	list, err := client.Applications(c.Context, q)
	if err != nil {
		return answered(err)
	}
	t := output.Grid{Head: []string{"CASE", "CATALOGUE", "BODY", "STATUS", "DECISION", "NEXT DUE", "OVERDUE", "FLAGS"}}
	for _, s := range list {
		due := ""
		if !s.NextDue.IsZero() {
			due = stamp(s.NextDue)
		}
		t.Rows = append(t.Rows, []string{s.Case, s.Track.CatalogID, s.Track.HDAB, string(s.Status), string(s.Decision), due,
			strconv.Itoa(s.Overdue), strconv.Itoa(s.Flags)})
	}
	if err := p.Print(list, t); err != nil {
		return err
	}
	if len(list) == 0 {
		return said(exitNegative)
	}
	return nil
}
