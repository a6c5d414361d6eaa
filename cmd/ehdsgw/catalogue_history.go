package main

import (
	"fmt"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

func catalogueHistoryCommand() *cli.Command {
	return &cli.Command{
		Name: "history", Usage: "who changed a published description, when, and what", ArgsUsage: "ID",
		Description: "Lists what happened to one description, oldest first. Of each version that was told it shows the\n" +
			"statements that came (+) and went (-), as canonical N-Quads. ID is as for 'ehdsgw catalogue status'.\n\n" +
			"Example: ehdsgw catalogue history FR-CLAIMS-2025 -c hub/ehdsgw.yaml",
		Flags: socketFlags(), Action: catalogueHistory,
	}
}

func catalogueHistory(c *cli.Context) error {
	p, client, err := asking(c, "the identifier")
	if err != nil {
		return err
	}
	h, err := client.CatalogueHistory(c.Context, c.Args().First())
	if err != nil {
		return answered(err)
	}
	return p.Print(h, stepLines(h.Steps))
}

func stepLines(steps []publish.Step) output.Lines {
	var lines output.Lines
	for _, s := range steps {
		line := s.At.UTC().Format(time.RFC3339) + " " + s.What
		if s.By != "" {
			line += " by " + s.By
		}
		if s.Note != "" {
			line += " (" + s.Note + ")"
		}
		lines = append(lines, line)
		if s.Diff == nil {
			continue
		}
		if s.Diff.Unknown {
			lines = append(lines, "  what changed is no longer kept")
		}
		for _, t := range s.Diff.Removed {
			lines = append(lines, "  - "+t)
		}
		for _, t := range s.Diff.Added {
			lines = append(lines, "  + "+t)
		}
		if s.Diff.LeftOut > 0 {
			lines = append(lines, fmt.Sprintf("  and %d statement(s) more", s.Diff.LeftOut))
		}
	}
	return lines
}
