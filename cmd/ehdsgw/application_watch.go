package main

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

func applicationWatchCommand() *cli.Command {
	return &cli.Command{
		Name: "watch", Usage: "follow an application until nothing more comes by itself", ArgsUsage: "CASE",
		Description: "Prints each change of what the other hub tells; with --output json one line of JSON each. It ends when every body\n" +
			"has decided, a permit that was accepted has come, or the application is withdrawn or was not validated. The exit\n" +
			"code is 1 when it was not validated.\n\n" +
			"Examples:\n" +
			"  ehdsgw application watch nat:FR:6a70b4d104db074a00fd0001 -c hub/ehdsgw.yaml\n" +
			"  ehdsgw application watch nat:FR:6a70b4d104db074a00fd0001 --timeout 10m --output json --data-dir hub/data",
		Flags: socketFlags(
			&cli.DurationFlag{Name: "timeout", Usage: "give up after this `TIME`; 0 waits for ever"},
			&cli.DurationFlag{Name: "every", Value: time.Second, Usage: "`TIME` between two looks"},
		),
		Action: applicationWatch,
	}
}

func applicationWatch(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	if c.Duration("every") <= 0 {
		return usage("--every: a time above zero is wanted")
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	w := &watching{c: c, client: client, json: p.Format == output.JSON}
	if d := c.Duration("timeout"); d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		w.limit = timer.C
	}
	return w.follow(c.Args().First())
}

// watching is one application being followed.
type watching struct {
	c      *cli.Context
	client *operator.Client
	json   bool
	limit  <-chan time.Time
	seen   int64           // revision printed last
	steps  map[string]int  // of the history of each body, printed
	told   map[string]bool // lines that are printed once
}

func (w *watching) follow(caseID string) error {
	w.steps, w.told = map[string]int{}, map[string]bool{}
	tick := time.NewTicker(w.c.Duration("every"))
	defer tick.Stop()
	for {
		row, err := w.client.Filing(w.c.Context, caseID)
		if err != nil {
			return answered(err)
		}
		if row.Revision != w.seen {
			w.seen = row.Revision
			if err := w.tell(row); err != nil {
				return err
			}
		}
		if !row.Open {
			if stateOf(row.Filing, tracksOf(row.Filing)[0]) == "NOT_VALIDATED" {
				return said(exitNegative)
			}
			return nil
		}
		select {
		case <-tick.C:
		case <-w.limit:
			return cannotTell("still open after %s", w.c.Duration("timeout"))
		case <-w.c.Context.Done():
			return w.c.Context.Err()
		}
	}
}

// tell prints what is new.
func (w *watching) tell(row gateway.FilingRow) error {
	if w.json {
		return json.NewEncoder(w.c.App.Writer).Encode(row)
	}
	f := row.Filing
	if f.Result != "" {
		w.once(fmt.Sprintf("version %d: %s", newestOf(f), f.Result))
	}
	for _, x := range f.Findings {
		w.once(fmt.Sprintf("  %s %s: %s [%s]", x.Severity, x.Pointer, x.Message, x.Code))
	}
	for _, t := range f.Tracks {
		for _, s := range t.History[min(w.steps[t.Key.HDAB], len(t.History)):] {
			line := fmt.Sprintf("%s %s %s: %s", s.At.Format(time.RFC3339), t.Key.HDAB, s.Axis, s.To)
			if s.Why != "" {
				line += ", " + s.Why
			}
			w.print(line)
		}
		w.steps[t.Key.HDAB] = len(t.History)
	}
	return nil
}

func (w *watching) once(line string) {
	if !w.told[line] {
		w.told[line] = true
		w.print(line)
	}
}

func (w *watching) print(line string) { _, _ = fmt.Fprintln(w.c.App.Writer, output.Safe(line)) }
