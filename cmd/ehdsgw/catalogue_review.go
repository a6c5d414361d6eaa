package main

import (
	"fmt"
	"os/user"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

func catalogueReviewCommand() *cli.Command {
	return &cli.Command{
		Name: "review", Usage: "descriptions due for their yearly check, and the record of a check", ArgsUsage: "[--confirm ID...]",
		Description: "A data holder checks yearly that its description is accurate and up to date (Regulation (EU)\n" +
			"2025/327, Art. 60(3)); a change counts as a check. Without --confirm, lists what is due or will be\n" +
			"within 30 days. With it, records that the descriptions named were checked and are as they should be.\n\n" +
			"Examples:\n  ehdsgw catalogue review -c hub/ehdsgw.yaml\n  ehdsgw catalogue review --confirm FR-CLAIMS-2025 --by 'Ada L.' --data-dir hub/data",
		Flags: socketFlags(
			&cli.BoolFlag{Name: "confirm", Usage: "record a check of the descriptions named"},
			&cli.StringFlag{Name: "by", Usage: "`NAME` of who checked, instead of the user of this machine"},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most `N` rows, up to 1000"},
		),
		Action: catalogueReview,
	}
}

func catalogueReview(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	switch confirm := c.Bool("confirm"); {
	case confirm && c.NArg() == 0:
		return usage("--confirm: the identifiers of what was checked are missing")
	case !confirm && c.NArg() > 0:
		return usage("unexpected argument %q; to record a check, add --confirm", c.Args().First())
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	if !c.Bool("confirm") {
		r, err := client.CatalogueReviews(c.Context, c.Int("limit"))
		if err != nil {
			return answered(err)
		}
		return p.Print(r, reviewGrid(r.Rows), output.Lines{fmt.Sprintf("%d due, %d due within 30 days", r.Due, r.Soon)})
	}
	by, err := whoAsks(c)
	if err != nil {
		return err
	}
	rows, err := client.CatalogueConfirm(c.Context, gateway.ConfirmRequest{IDs: c.Args().Slice(), By: by})
	if err != nil {
		return answered(err)
	}
	return p.Print(rows, reviewGrid(rows), output.Lines{strconv.Itoa(len(rows)) + " checked by " + by})
}

func reviewGrid(rows []publish.Row) output.Grid {
	grid := output.Grid{Head: []string{"IDENTIFIER", "SOURCE", "CHECKED", "BY", "DUE", "REVIEW", "TITLE"}}
	for _, r := range rows {
		grid.Rows = append(grid.Rows, []string{
			r.Identifier, r.Source, day(r.Review.Checked), r.Review.By, r.Review.LastDay, string(r.Review.When), r.Title,
		})
	}
	return grid
}

// whoAsks names who answers for a check.
func whoAsks(c *cli.Context) (string, error) {
	if by := c.String("by"); by != "" {
		return by, nil
	}
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "", usage("the user of this machine has no name; say who checked with --by")
	}
	return u.Username, nil
}
