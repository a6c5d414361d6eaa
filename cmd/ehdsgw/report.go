package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/biennial"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name: "report", Usage: "the biennial activity report of the health data access bodies (Art. 59)",
		Subcommands: []*cli.Command{reportBiennialCommand(), reportSendCommand()},
	}
}

func periodFlags(more ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "from", Usage: "first `DAY`, such as 2027-01-01; without days, the two calendar years that ended last"},
		&cli.StringFlag{Name: "to", Usage: "last `DAY`, such as 2028-12-31"},
	}, more...)
}

func reportBiennialCommand() *cli.Command {
	flags := socketFlags(periodFlags(&cli.StringFlag{Name: "hdab", Usage: "only of the `BODY`, by its entity identifier"})...)
	for i, f := range flags {
		if f.Names()[0] == "output" {
			flags[i] = &cli.StringFlag{Name: "output", Value: string(output.Table), Usage: "`FORMAT` of what is printed: table, json or markdown"}
		}
	}
	return &cli.Command{
		Name: "biennial", Usage: "count the figures of a period from the record",
		Description: "Shows each figure with its letter of Art. 59(1), of all bodies and of each. What the record cannot know is\n" +
			"\"not known\", never 0. Figures of cases that were erased are missing; how many is said.\n\n" +
			"Examples:\n  ehdsgw report biennial -c hub/ehdsgw.yaml\n" +
			"  ehdsgw report biennial --from 2027-01-01 --to 2028-12-31 --output markdown -c hub/ehdsgw.yaml > report.md",
		Flags: flags, Action: reportBiennial,
	}
}

func reportBiennial(c *cli.Context) error {
	markdown := c.String("output") == "markdown"
	p := output.Printer{}
	if !markdown {
		var err error
		if p, err = printer(c); err != nil {
			return err
		}
	}
	if err := exactly(c); err != nil {
		return err
	}
	q := url.Values{}
	for _, name := range []string{"from", "to", "hdab"} {
		if text := c.String(name); text != "" {
			q.Set(name, text)
		}
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	r, err := client.Report(c.Context, q)
	if err != nil {
		return answered(err)
	}
	if markdown {
		if _, err := io.WriteString(c.App.Writer, r.Markdown); err != nil {
			return cannotTell("%w", err)
		}
		return nil
	}
	return p.Print(r.Report, reportViews(r.Report)...)
}

// reportViews show the figures of the nation and, with several bodies, of each.
func reportViews(r biennial.Report) []output.View {
	lines := output.Lines{fmt.Sprintf("%s to %s, %d cases", r.Period.From, r.Period.To, r.Cases)}
	if r.Lost > 0 {
		lines = append(lines, fmt.Sprintf("%d more cases were erased; what they would add is missing", r.Lost))
	}
	views := []output.View{lines, output.Lines{""}, figureTable(r.Figures)}
	if len(r.Bodies) == 1 {
		return views
	}
	for _, b := range r.Bodies {
		name := b.HDAB
		if name == "" {
			name = "body not on record"
		}
		views = append(views, output.Lines{"", name, ""}, figureTable(b.Figures))
	}
	return views
}

func figureTable(figures []biennial.Figure) output.View {
	grid := output.Grid{Head: []string{"ART. 59(1)", "FIGURE", "VALUE", "UNIT", "OF WHICH"}}
	for _, f := range figures {
		grid.Rows = append(grid.Rows, []string{"(" + f.Letter + ")", strings.ReplaceAll(f.Name, "_", " "), f.Text(), f.Unit, f.Division()})
	}
	return grid
}

func reportSendCommand() *cli.Command {
	return &cli.Command{
		Name: "send", Usage: "record the report of a period and send it to the centre",
		Description: "The figures go along as a document for people and one for programs. A period that is not over is refused, and\n" +
			"each period is sent once: look at 'report biennial' first.\n\n" +
			"Example: ehdsgw report send --from 2027-01-01 --to 2028-12-31 --url https://hdab.example/report -c hub/ehdsgw.yaml",
		Flags: socketFlags(periodFlags(
			&cli.StringFlag{Name: "title", Usage: "`TEXT` of the report's title"},
			&cli.StringFlag{Name: "language", Usage: "`TAG` of the title's language (default: en)"},
			&cli.StringFlag{Name: "url", Usage: "`ADDRESS` where the finished report is published"},
		)...),
		Action: reportSend,
	}
}

func reportSend(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	sent, err := client.SendReport(c.Context, gateway.BiennialRequest{
		From: c.String("from"), To: c.String("to"), Title: c.String("title"), Language: c.String("language"), URL: c.String("url"),
	})
	if err != nil {
		return answered(err)
	}
	return p.Print(sent, output.Fields{
		{Name: "recorded", Value: sent.Case}, {Name: "message", Value: sent.Message}, {Name: "title", Value: sent.Report.Title},
		{Name: "cases", Value: strconv.FormatInt(sent.Cases, 10)}, {Name: "lost", Value: strconv.FormatInt(sent.Lost, 10)},
	})
}
