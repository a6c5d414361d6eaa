package main

import (
	"encoding/json"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

func catalogueVerifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "prove a reconciliation offline", ArgsUsage: "PROOF",
		Description: "PROOF is what 'ehdsgw catalogue reconcile --proof' wrote. Needs no gateway and no network; believes\n" +
			"no key but those of the trust file. Exit 0: the centre stated, and signed, what the report says;\n" +
			"1: it did not; 3: it cannot be told, as for a comparison over HTTP, of which nothing is signed.\n" +
			"Who the centre is, the proof says itself: look at it, or name it.\n\n" +
			"Example: ehdsgw catalogue verify reconciliation.json --trust trust.json --centre https://centre.example",
		Flags: []cli.Flag{
			trustFlag(), &cli.StringFlag{Name: "centre", Usage: "`ENTITY` of the centre that must have stated it"}, outputFlag(),
		},
		Action: catalogueVerify,
	}
}

// provedReconciliation is what is printed: the verdict, and the report it is about.
type provedReconciliation struct {
	Verdict  evidence.Verdict   `json:"verdict"`
	Reason   string             `json:"reason,omitempty"`
	Entity   string             `json:"entity,omitempty"`
	Report   reconcile.Report   `json:"report"`
	Findings []evidence.Finding `json:"findings,omitempty"`
}

func catalogueVerify(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the proof"); err != nil {
		return err
	}
	t, anchors, err := readTrust(c)
	if err != nil {
		return err
	}
	raw, err := readFile(c, c.Args().First(), 2*maxBundle)
	if err != nil {
		return err
	}
	var proof reconcile.Proof
	if err := json.Unmarshal(raw, &proof); err != nil || proof.Report.Scheme == "" {
		return negative("%s: not a proof of a reconciliation", c.Args().First())
	}
	if len(proof.Evidence) == 0 {
		return cannotTell("the comparison was made over %s: nothing in it is signed, so nothing can be proved; compare in messages", proof.Report.Mode)
	}
	out := provedReconciliation{Verdict: evidence.Invalid, Report: proof.Report}
	b, err := evidence.ParseBundle(proof.Evidence)
	if err != nil {
		out.Reason = err.Error()
	} else {
		v := evidence.VerifyBundle(c.Context, b, t, &trust.Offline{Anchors: anchors, Chains: b.Chains, Historical: b.HistoricalKeys})
		out.Entity, out.Verdict, out.Findings = b.Entity, v.Verdict, v.Findings
		out.bearOut(proof, b)
	}
	if want := c.String("centre"); want != "" && want != proof.Report.Centre {
		out.Verdict, out.Reason = evidence.Invalid, "it was compared with another centre than "+want
	}
	if c.Context.Err() != nil {
		return cannotTell("interrupted")
	}
	lines := findingLines(evidence.Report{Findings: out.Findings})
	fields := output.Fields{{Name: "verdict", Value: string(out.Verdict)}, {Name: "reason", Value: out.Reason}, {Name: "entity", Value: out.Entity}}
	if err := p.Print(out, append([]output.View{fields}, append(reconcileViews(out.Report), lines)...)...); err != nil {
		return err
	}
	return said(bundleExit(out.Verdict))
}

// bearOut compares the report with the messages, once their signatures are found good.
func (out *provedReconciliation) bearOut(proof reconcile.Proof, b evidence.Bundle) {
	messages, err := reconcile.Messages(b)
	if err == nil && b.Case != proof.Report.Case {
		err = reconcile.ErrProof
	}
	if err == nil {
		err = proof.Check(b.Entity, messages)
	}
	if err != nil {
		out.Verdict, out.Reason = evidence.Invalid, err.Error()
	}
}
