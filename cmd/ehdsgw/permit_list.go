package main

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func permitListCommand() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "permit versions on record, the next to end first",
		Description: "Exit 1: there is none.\n\nExamples:\n  ehdsgw permit list --in-force -c hub/ehdsgw.yaml\n" +
			"  ehdsgw permit list --ends-within 60 --output json --data-dir hub/data",
		Flags: socketFlags(
			&cli.StringFlag{Name: "hdab", Usage: "only of the `BODY`, by its entity identifier"},
			&cli.StringFlag{Name: "status", Usage: "only with the `STATUS`, such as GRANTED or REVOKED"},
			&cli.BoolFlag{Name: "in-force", Usage: "only versions that allow access now"},
			&cli.IntFlag{Name: "ends-within", Usage: "only versions in force that end within `DAYS`"},
		),
		Action: permitList,
	}
}

func permitList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	q := url.Values{}
	for flag, name := range map[string]string{"hdab": "hdab", "status": "status"} {
		if text := c.String(flag); text != "" {
			q.Set(name, text)
		}
	}
	if c.Bool("in-force") {
		q.Set("in_force", "true")
	}
	if c.IsSet("ends-within") {
		if c.Int("ends-within") < 1 {
			return usage("--ends-within: a number of days above zero is wanted, such as 60")
		}
		q.Set("before", time.Now().UTC().AddDate(0, 0, c.Int("ends-within")+1).Format(time.DateOnly))
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	list, err := client.Permits(c.Context, q)
	if err != nil {
		return answered(err)
	}
	t := output.Grid{Head: []string{"PERMIT", "STATUS", "IN FORCE", "FROM", "UNTIL", "UNCONFIRMED", "CASE"}}
	for _, v := range list {
		t.Rows = append(t.Rows, []string{v.ID, string(v.Status), yes(v.InForce), day(v.NotBefore), day(v.Expires), strconv.Itoa(v.Unsettled), v.Case})
	}
	if err := p.Print(list, t); err != nil {
		return err
	}
	if len(list) == 0 {
		return said(exitNegative)
	}
	return nil
}

// yes says a truth to people.
func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func permitShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "every version of a permit, when each was active, who was told and who confirmed", ArgsUsage: "PERMIT",
		Description: "Any version names the permit. Persons are in the permit itself: case document writes it.\n\n" +
			"Example: ehdsgw permit show DP-FR-HDH-2026-00000001-v1 -c hub/ehdsgw.yaml",
		Flags: socketFlags(),
		Action: func(c *cli.Context) error {
			p, client, err := asking(c, "the permit")
			if err != nil {
				return err
			}
			h, err := client.PermitHistory(c.Context, c.Args().First())
			if err != nil {
				return answered(err)
			}
			return printHistory(p, h)
		},
	}
}

func printHistory(p output.Printer, h gateway.PermitHistory) error {
	t := output.Grid{Head: []string{"PERMIT", "STATUS", "IN FORCE", "FROM", "UNTIL", "ENDED", "ENVIRONMENT"}}
	for _, v := range h.Versions {
		ended := ""
		if !v.Ended.IsZero() {
			ended = stamp(v.Ended)
		}
		status := string(v.Status)
		if !v.Suspended.IsZero() {
			status += ", suspended"
		}
		t.Rows = append(t.Rows, []string{v.ID, status, yes(v.InForce), stamp(v.NotBefore), stamp(v.Expires), ended, v.SPE})
	}
	return p.Print(h, t, output.Lines([]string{""}), noticeTable(noticeRows(h)))
}

func noticeRows(h gateway.PermitHistory) []gateway.NoticeRow {
	var rows []gateway.NoticeRow
	for _, n := range h.Notices {
		rows = append(rows, gateway.NoticeRow{Notice: n, Overdue: n.Overdue(time.Now())})
	}
	return rows
}

// noticeTable shows who was told of a permit.
func noticeTable(rows []gateway.NoticeRow) output.View {
	t := output.Grid{Head: []string{"NOTICE", "OF", "STATUS", "TO", "STATE", "CONFIRM BY", "CONFIRMED"}}
	for _, n := range rows {
		state := strings.ToLower(strings.ReplaceAll(string(n.State), "_", " "))
		if n.Overdue {
			state += ", overdue"
		}
		confirmed := n.By
		if !n.Acknowledged.IsZero() {
			confirmed = strings.TrimSpace(stamp(n.Acknowledged) + " " + n.By)
		}
		t.Rows = append(t.Rows, []string{n.ID, n.PermitID, string(n.Status), strings.TrimSpace(string(n.Recipient.Kind) + " " + n.Recipient.Name), state, stamp(n.AcknowledgeBy), confirmed})
	}
	return t
}
