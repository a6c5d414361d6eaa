package main

import (
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
)

func outboxCommand() *cli.Command {
	return &cli.Command{
		Name: "outbox", Usage: "what a running gateway gave up sending",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "list the dead letters, oldest first",
				Description: "What a row carries is never shown. A national case is shown as a digest of its id.\n\n" +
					"Examples:\n  ehdsgw outbox list -c hub/ehdsgw.yaml\n  ehdsgw outbox list --after 4711 --output json --data-dir hub/data",
				Flags:  socketFlags(&cli.Int64Flag{Name: "after", Usage: "only rows with an id above `ID`"}),
				Action: outboxList,
			},
			{
				Name: "retry", Usage: "send a dead letter again", ArgsUsage: "ID",
				Description: "A message goes out as a new one with the next number of its case, because its own number is used.\n" +
					"A task is tried again as it is. First mend what 'ehdsgw outbox list' gives as the reason.\n\n" +
					"Example: ehdsgw outbox retry 4711 -c hub/ehdsgw.yaml",
				Flags: socketFlags(), Action: outboxRetry,
			},
		},
	}
}

func outboxList(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	after := c.Int64("after")
	if after < 0 {
		return usage("--after: an id from 0 is wanted")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	letters, err := client.DeadLetters(c.Context, after)
	if err != nil {
		return answered(err)
	}
	if len(letters) == 0 {
		return p.Print(letters, output.Lines{"no dead letters"})
	}
	grid := output.Grid{Head: []string{"ID", "CHANNEL", "TARGET", "TYPE", "CASE", "SEQ", "ATTEMPTS", "CREATED", "DUE", "REASON"}}
	for _, l := range letters {
		grid.Rows = append(grid.Rows, []string{
			strconv.FormatInt(l.ID, 10), string(l.Channel), l.Target, l.Type, l.Case, strconv.FormatInt(l.Seq, 10), strconv.Itoa(l.Attempts),
			l.Created.UTC().Format(time.RFC3339), l.Due.UTC().Format(time.RFC3339), l.Reason,
		})
	}
	return p.Print(letters, grid)
}

// sentAgain is what outbox retry prints as JSON.
type sentAgain struct {
	ID int64 `json:"id"`
	As int64 `json:"as"`
}

func outboxRetry(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the id"); err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Args().First(), 10, 64)
	if err != nil || id < 1 {
		return usage("%q is no id of an outbox row (see 'ehdsgw outbox list')", c.Args().First())
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	done, err := client.Retry(c.Context, id)
	if err != nil {
		return answered(err)
	}
	return p.Print(sentAgain{id, done.ID}, output.Fields{
		{Name: "id", Value: strconv.FormatInt(id, 10)}, {Name: "queued as", Value: strconv.FormatInt(done.ID, 10)},
	})
}
