package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// maxBundle bounds an evidence bundle, in bytes.
const maxBundle = 256 << 20

func evidenceCommand() *cli.Command {
	return &cli.Command{
		Name: "evidence", Usage: "evidence bundles of cases",
		Subcommands: []*cli.Command{
			{
				Name: "verify", Usage: "prove a bundle offline", ArgsUsage: "BUNDLE",
				Description: "Needs no gateway and no network; believes no key but those of the trust file.\n" +
					"Exit 0: everything in it was proved; 1: something was disproved; 3: something could not be proved.\n\n" +
					"Example: ehdsgw evidence verify case.json --trust trust.json",
				Flags: []cli.Flag{trustFlag(), outputFlag()}, Action: evidenceVerify,
			},
			{
				Name: "bundle", Usage: "get the bundle of a case from the running gateway", ArgsUsage: "CASE",
				Description: "Prints the bundle, or writes it to a new file only its owner can read: it may be personal.\n\n" +
					"Example: ehdsgw evidence bundle app:6a70b4d104db074a00fd9101 -o case.json -c hub/ehdsgw.yaml",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "new `FILE` instead of standard output"},
					configFlag(), setFlag(),
					&cli.StringFlag{Name: "data-dir", Usage: "data `DIR` of the gateway, instead of a configuration"},
				},
				Action: evidenceBundle,
			},
			evidenceConsistencyCommand(),
		},
	}
}

func evidenceVerify(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the bundle"); err != nil {
		return err
	}
	t, anchors, err := readTrust(c)
	if err != nil {
		return err
	}
	raw, err := readFile(c, c.Args().First(), maxBundle)
	if err != nil {
		return err
	}
	var r evidence.Report
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		r = unreadable(err)
	} else {
		r = evidence.VerifyBundle(c.Context, b, t, &trust.Offline{Anchors: anchors, Chains: b.Chains, Historical: b.HistoricalKeys})
	}
	if c.Context.Err() != nil {
		return cannotTell("interrupted")
	}
	if err := p.Print(r, bundleFields(b, r), findingLines(r)); err != nil {
		return err
	}
	return said(bundleExit(r.Verdict))
}

// unreadable is the report on bytes that are no bundle: what they should prove is not proved.
func unreadable(err error) evidence.Report {
	return evidence.Report{Verdict: evidence.Invalid, Findings: []evidence.Finding{{
		Severity: evidence.SeverityError, Code: "not-a-bundle", Message: err.Error(),
	}}}
}

func bundleExit(v evidence.Verdict) int {
	switch v {
	case evidence.Valid:
		return exitOK
	case evidence.Invalid:
		return exitNegative
	}
	return exitCannotTell
}

func bundleFields(b evidence.Bundle, r evidence.Report) output.Fields {
	n := r.Counts
	return output.Fields{
		{Name: "verdict", Value: string(r.Verdict)}, {Name: "case", Value: b.Case}, {Name: "entity", Value: b.Entity},
		{Name: "entries", Value: fmt.Sprintf("%d, of which %d erased", n.Entries, n.Erased)},
		{Name: "signatures", Value: fmt.Sprint(n.Signatures)}, {Name: "receipts", Value: fmt.Sprint(n.Receipts)},
		{Name: "checkpoints", Value: fmt.Sprintf("%d, of which %d cosigned", n.Checkpoints, n.Cosigned)},
		{Name: "witnessed", Value: witnessedBy(r)},
	}
}

// witnessedBy says how many witnesses of the trust file vouch for entries, and since when.
func witnessedBy(r evidence.Report) string {
	n := r.Counts
	if n.Witnessed == 0 {
		return "by none of the trust file's witnesses"
	}
	text := fmt.Sprintf("by %d, at %s", len(r.Witnesses), r.WitnessedAt.UTC().Format(time.RFC3339))
	if n.Witnessed < n.Entries {
		text += fmt.Sprintf("; %d of %d entries", n.Witnessed, n.Entries)
	}
	return text
}

func findingLines(r evidence.Report) output.Lines {
	lines := make(output.Lines, len(r.Findings))
	for i, f := range r.Findings {
		lines[i] = fmt.Sprintf("%s: %s [%s]", f.Severity, f.Message, f.Code)
		if f.Where != "" {
			lines[i] = f.Where + ": " + lines[i]
		}
	}
	return lines
}

func evidenceBundle(c *cli.Context) error {
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	raw, err := client.Evidence(c.Context, c.Args().First())
	if err != nil {
		return answered(err)
	}
	raw = append(raw, '\n')
	name := c.String("out")
	if name == "" {
		_, err = c.App.Writer.Write(raw)
		return err
	}
	err = writeNew(name, raw)
	if errors.Is(err, fs.ErrExist) {
		return usage("%s exists; it is not overwritten", name)
	}
	return err
}
