package main

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func catalogueSearchCommand() *cli.Command {
	return &cli.Command{
		Name: "search", Usage: "find descriptions, the nation's own and those of the EU catalogue", ArgsUsage: "[WORD...]",
		Description: "Every word must be found, in any language; the best come first. Without words everything is listed, the\n" +
			"last changed first. Exit 1: nothing was found.\n\n" +
			"Examples:\n  ehdsgw catalogue search cancer registry -c hub/ehdsgw.yaml\n" +
			"  ehdsgw catalogue search --country FR --country DE --category EHRS --output json séjours",
		Flags: socketFlags(
			&cli.StringSliceFlag{Name: "country", Usage: "only of the country `CODE`, such as FR; repeatable, as the next three"},
			&cli.StringSliceFlag{Name: "category", Usage: "only with the category `CODE` of Art. 51(1), such as EHRS"},
			&cli.StringSliceFlag{Name: "theme", Usage: "only with the theme `CODE`"},
			&cli.StringSliceFlag{Name: "access", Usage: "only with access `RIGHTS`: PUBLIC, RESTRICTED or NON_PUBLIC"},
			&cli.IntFlag{Name: "limit", Value: 20, Usage: "at most `N`, up to 100"},
		),
		Action: catalogueSearch,
	}
}

func catalogueSearch(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	q := url.Values{"q": {strings.Join(c.Args().Slice(), " ")}, "limit": {strconv.Itoa(c.Int("limit"))}}
	for _, facet := range []string{"country", "category", "theme", "access"} {
		q[facet] = c.StringSlice(facet)
	}
	found, err := client.Search(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if err := p.Print(found, foundViews(found)...); err != nil {
		return err
	}
	if found.Total == 0 {
		return said(exitNegative)
	}
	return nil
}

func foundViews(found gateway.Found) []output.View {
	if found.Total == 0 {
		return []output.View{output.Lines{"nothing found"}}
	}
	grid := output.Grid{Head: []string{"KEY", "COUNTRY", "ACCESS", "CATEGORIES", "TITLE"}}
	for _, d := range found.Hits {
		grid.Rows = append(grid.Rows, []string{d.Key, d.Country, d.Access, strings.Join(d.Categories, ","), titleIn(d.Title, d.Identifier)})
	}
	views := []output.View{grid}
	if more := found.Total - len(found.Hits); more > 0 {
		views = append(views, output.Lines{fmt.Sprintf("and %d more", more)})
	}
	return views
}

// titleIn is the English title, else the first by language, else what else names it.
func titleIn(titles map[string]string, otherwise string) string {
	if t, ok := titles["en"]; ok {
		return t
	}
	if len(titles) == 0 {
		return otherwise
	}
	return titles[slices.Min(slices.Collect(maps.Keys(titles)))]
}
