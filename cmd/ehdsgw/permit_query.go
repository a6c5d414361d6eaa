package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func permitQueryCommand() *cli.Command {
	return &cli.Command{
		Name: "query", Usage: "ask the centre which permits of an application it knows", ArgsUsage: "APPLICATION",
		Description: "Shows the permits of every nation, and where the centre and this gateway disagree about our own: after\n" +
			"a restore from a backup, say. Needs a centre that lists permit.query, an extension. Nothing is changed.\n" +
			"Exit 0: they agree; 1: they differ, or the centre refuses; 3: no answer.\n\n" +
			"Example: ehdsgw permit query 4f6c1b0d9e2a4f6c1b0d9e2a -c hub/ehdsgw.yaml",
		Flags:  socketFlags(&cli.DurationFlag{Name: "timeout", Value: time.Minute, Usage: "how long to wait for the centre, at most an hour"}),
		Action: permitQuery,
	}
}

func permitQuery(c *cli.Context) error {
	p, client, err := asking(c, "the application")
	if err != nil {
		return err
	}
	r, err := client.QueryPermits(c.Context, gateway.PermitQuery{
		Case: ehds.ApplicationCase(c.Args().First()).String(), Timeout: int(c.Duration("timeout").Round(time.Second) / time.Second),
	})
	if err != nil {
		return answered(err)
	}
	if err := p.Print(r, registryViews(r)...); err != nil {
		return err
	}
	if len(r.Differences) > 0 {
		return said(exitNegative)
	}
	return nil
}

func registryViews(r gateway.PermitRegistry) []output.View {
	permits := output.Grid{Head: []string{"PERMIT", "STATUS", "NATION", "BODY"}}
	for _, x := range r.Permits {
		permits.Rows = append(permits.Rows, []string{x.PermitID, string(x.Status), x.Nation, x.Track.HDAB})
	}
	verdict := "the centre and this gateway agree"
	if n := len(r.Differences); n > 0 {
		verdict = fmt.Sprintf("%d differences", n)
	}
	differ := output.Grid{Head: []string{"PERMIT", "DIFFERENCE", "HERE", "AT THE CENTRE"}}
	for _, d := range r.Differences {
		differ.Rows = append(differ.Rows, []string{d.PermitID, d.Code, d.Ours, d.Theirs})
	}
	views := []output.View{permits, output.Lines([]string{"", verdict})}
	if len(r.Differences) > 0 {
		views = append(views, differ)
	}
	return views
}
