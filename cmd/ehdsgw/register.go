package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

func registerCommand() *cli.Command {
	return &cli.Command{
		Name: "register", Usage: "the public register of applications, decisions and permits (Art. 57(1)(j), 58)",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "find entries, the newest first", ArgsUsage: "[WORD...]",
				Description: "Shows what everybody can read at /register of the gateway. Exit 1: nothing was found.\n\n" +
					"Examples:\n  ehdsgw register list --kind decision -c hub/ehdsgw.yaml\n  ehdsgw register list asthma --output json --data-dir hub/data",
				Flags: socketFlags(append(registerFilters(),
					&cli.IntFlag{Name: "page", Value: 1, Usage: "`N`, from 1"}, &cli.IntFlag{Name: "limit", Value: register.DefaultPageSize, Usage: "at most `N` a page, up to " + strconv.Itoa(register.MaxPageSize)})...),
				Action: registerList,
			},
			{
				Name: "export", Usage: "write all entries, one JSON object a line", ArgsUsage: "[WORD...]",
				Description: "Example: ehdsgw register export --kind permit -c hub/ehdsgw.yaml > permits.ndjson",
				Flags:       socketFlags(registerFilters()...), Action: registerExport,
			},
			{
				Name: "pending", Usage: "decisions that wait for their release, those due first",
				Description: "With register.review a decision is public only once staff released it. Reasons are shown as the body wrote\n" +
					"them: look for what must not be public.\n\nExample: ehdsgw register pending -c hub/ehdsgw.yaml",
				Flags: socketFlags(), Action: registerPending,
			},
			{
				Name: "release", Usage: "release a decision to the public register", ArgsUsage: "CASE",
				Description: "Again, with other reasons, replaces what is shown. The evidence log keeps who did it.\n\n" +
					"Example: ehdsgw register release app:6a70b4d104db074a00fd9101 --decision D-7 --by staff-12 -c hub/ehdsgw.yaml",
				Flags: socketFlags(
					&cli.StringFlag{Name: "decision", Usage: "`ID` of the decision (required)"},
					&cli.StringFlag{Name: "by", Usage: "opaque `REFERENCE` of who releases it (required)"},
					&cli.StringFlag{Name: "reasons", Usage: "`TEXT` shown instead of the decision's reasons"},
				),
				Action: registerRelease,
			},
		},
	}
}

func registerFilters() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "kind", Usage: "only of the `KIND` application, decision, permit, result or measure"},
		&cli.StringFlag{Name: "purpose", Usage: "only for the purpose with the `KEY` of Art. 53(1), such as e"},
		&cli.StringFlag{Name: "dataset", Usage: "only about the dataset with the `ID`"},
		&cli.StringFlag{Name: "hdab", Usage: "only of the `BODY`, by its entity identifier"},
	}
}

func registerQuery(c *cli.Context, page, limit int) url.Values {
	q := url.Values{"page": {strconv.Itoa(page)}, "limit": {strconv.Itoa(limit)}}
	for name, text := range map[string]string{
		"q": strings.Join(c.Args().Slice(), " "), "kind": c.String("kind"), "purpose": c.String("purpose"), "dataset": c.String("dataset"), "body": c.String("hdab"),
	} {
		if text != "" {
			q.Set(name, text)
		}
	}
	return q
}

func registerList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	page, limit := c.Int("page"), c.Int("limit")
	if page < 1 || limit < 1 || limit > register.MaxPageSize {
		return usage("--page from 1 and --limit from 1 to %d are wanted", register.MaxPageSize)
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	found, err := client.Register(c.Context, registerQuery(c, page, limit))
	if err != nil {
		return answered(err)
	}
	if err := p.Print(found, registerViews(found)...); err != nil {
		return err
	}
	if found.Total == 0 {
		return said(exitNegative)
	}
	return nil
}

func registerViews(found gateway.RegisterPage) []output.View {
	if len(found.Entries) == 0 {
		return []output.View{output.Lines{"nothing found"}}
	}
	grid := output.Grid{Head: []string{"DATE", "KIND", "STATUS", "USER", "ENTRY"}}
	for _, e := range found.Entries {
		grid.Rows = append(grid.Rows, []string{
			e.Date.UTC().Format(time.DateOnly), string(e.Kind), e.Status, register.UserName(e.User), register.Headline(e),
		})
	}
	views := []output.View{grid}
	if found.Pages > 1 {
		views = append(views, output.Lines{fmt.Sprintf("page %d of %d, %d entries", found.Page, found.Pages, found.Total)})
	}
	return views
}

// registerExport writes page after page. An entry that moves between two pages while it is written may come
// twice.
func registerExport(c *cli.Context) error {
	if f := c.String("output"); f != "" && f != "json" && c.IsSet("output") {
		return usage("--output: an export is JSON")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	out := json.NewEncoder(c.App.Writer)
	for page := 1; ; page++ {
		found, err := client.Register(c.Context, registerQuery(c, page, register.MaxPageSize))
		if err != nil {
			return answered(err)
		}
		for _, e := range found.Entries {
			if err := out.Encode(e); err != nil {
				return cannotTell("%w", err)
			}
		}
		if page >= found.Pages {
			return nil
		}
	}
}
