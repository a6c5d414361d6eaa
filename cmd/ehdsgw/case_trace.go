package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

func caseTraceCommand() *cli.Command {
	return &cli.Command{
		Name: "trace", Usage: "everything that happened in a case: messages, receipts, transitions, acts of staff", ArgsUsage: "CASE",
		Description: "One line a leaf of the evidence log, in order. What each holds is proved by 'evidence verify'.\n\n" +
			"Example: ehdsgw case trace 6a70b4d104db074a00fd9101 -c hub/ehdsgw.yaml",
		Flags: socketFlags(), Action: caseTrace,
	}
}

func caseTrace(c *cli.Context) error {
	p, client, id, err := askingAboutCase(c)
	if err != nil {
		return err
	}
	rows, err := client.CaseTrace(c.Context, id)
	if err != nil {
		return answered(err)
	}
	t := output.Grid{Head: []string{"LEAF", "AT", "CLASS", "WHAT", "SEQ", "STATE", "WHO", "ID"}}
	for _, r := range rows {
		who, seq := r.Peer, ""
		if who == "" {
			who = r.Actor
		}
		if r.Seq > 0 {
			seq = strconv.FormatInt(r.Seq, 10)
		}
		id := r.ID
		if id == "" {
			id = r.Ref
		}
		t.Rows = append(t.Rows, []string{strconv.FormatInt(r.Leaf, 10), r.At.Format("2006-01-02T15:04:05.000Z"), string(r.Class), r.What, seq, r.State, who, id})
	}
	return p.Print(rows, t)
}
