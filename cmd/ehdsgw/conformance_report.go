package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/cases"
	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/report"
)

// maxReport bounds a report that is read, in bytes.
const maxReport = 64 << 20

func conformanceVerifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify-report", Usage: "recompute a report's verdict from its results, and check that nothing is left out", ArgsUsage: "FILE",
		Description: "A report that was changed, shortened or made by another suite is refused with exit code 1.\n\n" +
			"Example:\n  ehdsgw conformance verify-report report.json",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "attestation", Usage: "check that this `FILE` is a signed statement about the report"},
			&cli.StringFlag{Name: "keys", Usage: "`FILE` with the attestor's public keys (JWK set), obtained out of band"},
			outputFlag(),
		},
		Action: func(c *cli.Context) error {
			p, err := printer(c)
			if err != nil {
				return err
			}
			if err := exactly(c, "the report"); err != nil {
				return err
			}
			r, err := readReport(c, c.Args().First())
			if err != nil {
				return err
			}
			if err := r.Verify(cases.All()); err != nil {
				return negative("%w", err)
			}
			if err := checkAttestation(c, r); err != nil {
				return err
			}
			return p.Print(struct {
				Verdict    conformance.Verdict `json:"verdict"`
				Attestable bool                `json:"attestable"`
			}{r.Verdict, r.Attestable}, output.Lines{fmt.Sprintf("the report holds: %s (%s), %d cases", r.Verdict, r.Standing, len(r.Results))})
		},
	}
}

func readReport(c *cli.Context, name string) (conformance.Report, error) {
	var r conformance.Report
	raw, err := readFile(c, name, maxReport)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, negative("%s is no report: %w", name, err)
	}
	return r, nil
}

func checkAttestation(c *cli.Context, r conformance.Report) error {
	name := c.String("attestation")
	if name == "" {
		return nil
	}
	if c.String("keys") == "" {
		return usage("--keys is missing: the public keys of who attested")
	}
	token, err := readFile(c, name, maxReport)
	if err != nil {
		return err
	}
	raw, err := readFile(c, c.String("keys"), maxTrustFile)
	if err != nil {
		return err
	}
	keys, err := forge.ParseJWKS(raw)
	if err != nil {
		return usage("--keys %s: %w", c.String("keys"), err)
	}
	if err := report.CheckAttestation(strings.TrimSpace(string(token)), r, keys); err != nil {
		return negative("%w", err)
	}
	return nil
}

// reportLines tells a report to a person: the verdicts, and what did not hold.
func reportLines(r conformance.Report) output.Lines {
	out := output.Lines{""}
	for _, res := range r.Results {
		if res.Outcome == conformance.Pass || res.Outcome == conformance.Skip {
			continue
		}
		out = append(out, fmt.Sprintf("%-5s  %s  %s", res.Outcome, res.ID, res.Title), "       "+firstLine(res.Reason))
		for _, a := range res.Assertions {
			if !a.Held {
				out = append(out, strings.TrimRight(fmt.Sprintf("       %s  %s: expected %s, was %s", a.Clause, a.What, firstLine(a.Expected), firstLine(a.Actual)), " "))
			}
		}
	}
	for _, v := range r.Profiles {
		out = append(out, fmt.Sprintf("%-12s %-15s %3d pass %3d warn %3d fail %3d skip %3d error", v.Profile, v.Verdict, v.Counts.Pass, v.Counts.Warn, v.Counts.Fail, v.Counts.Skip, v.Counts.Error))
	}
	out = append(out, fmt.Sprintf("%s (%s), %d cases in %.1f s", r.Verdict, r.Standing, len(r.Results), r.Took.Seconds()))
	for _, why := range r.Why {
		out = append(out, "not attestable: "+why)
	}
	return out
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(s, "\n")
	return first
}
