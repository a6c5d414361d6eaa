package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
)

func catalogueReconcileCommand() *cli.Command {
	return &cli.Command{
		Name: "reconcile", Usage: "prove that the centre shows exactly what the nation holds",
		Description: "Compares every published description with what the centre shows, through the running gateway, and\n" +
			"lists what is missing, stale or an orphan there, with the cause. In messages both sides sign; over\n" +
			"HTTP the centre's public catalogue is read. Exit 0: equal; 1: different; 3: no result.\n\n" +
			"Examples:\n  ehdsgw catalogue reconcile -c hub/ehdsgw.yaml\n" +
			"  ehdsgw catalogue reconcile --proof reconciliation.json -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "mode", Usage: "`MODE`: messages or http; messages where the centre can, when not given"},
			&cli.StringFlag{Name: "proof", Usage: "write report and evidence to a new `FILE`, for 'ehdsgw catalogue verify'"},
			&cli.DurationFlag{Name: "timeout", Value: time.Minute, Usage: "how long to wait for the centre, at most an hour"},
		),
		Action: catalogueReconcile,
	}
}

func catalogueReconcile(c *cli.Context) error {
	p, client, err := asking(c)
	if err != nil {
		return err
	}
	name := c.String("proof")
	proof, err := client.Reconcile(c.Context, gateway.ReconcileRequest{
		Mode: reconcile.Mode(c.String("mode")), Timeout: int(c.Duration("timeout").Round(time.Second) / time.Second), Evidence: name != "",
	})
	if err != nil {
		return answered(err)
	}
	if name != "" {
		if err := writeProof(name, proof); err != nil {
			return err
		}
	}
	r := proof.Report
	if err := p.Print(r, reconcileViews(r)...); err != nil {
		return err
	}
	if !r.Equal {
		return said(exitNegative)
	}
	return nil
}

func writeProof(name string, proof reconcile.Proof) error {
	raw, err := json.Marshal(proof)
	if err != nil {
		return err
	}
	err = writeNew(name, append(raw, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return usage("%s exists; it is not overwritten", name)
	}
	return err
}

func reconcileViews(r reconcile.Report) []output.View {
	verdict := "equal: the centre shows exactly what is held"
	if !r.Equal {
		verdict = fmt.Sprintf("different: %d missing, %d stale, %d orphan", r.Missing, r.Stale, r.Orphan)
	}
	side := func(s reconcile.Side) string { return fmt.Sprintf("%d datasets, %s", s.Count, s.Root) }
	list := output.Grid{Head: []string{"DATASET", "AT THE CENTRE", "CAUSE", "FINDINGS", "TO DO"}}
	for _, d := range r.Differences {
		list.Rows = append(list.Rows, []string{d.Identifier, string(d.Kind), string(d.Cause), strings.Join(d.Codes, ", "), d.Mend})
	}
	return []output.View{output.Fields{
		{Name: "verdict", Value: verdict}, {Name: "held", Value: side(r.Ours)}, {Name: "shown", Value: side(r.Theirs)},
		{Name: "centre", Value: r.Centre}, {Name: "case", Value: r.Case}, {Name: "at", Value: r.At.UTC().Format(time.RFC3339)},
		{Name: "mode", Value: string(r.Mode) + ": " + r.Proves}, {Name: "messages", Value: strconv.Itoa(r.Messages)},
	}, list}
}
