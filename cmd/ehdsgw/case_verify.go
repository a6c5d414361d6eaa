package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
)

func caseVerifyCommand() *cli.Command {
	return &cli.Command{
		Name: "verify", Usage: "prove a signed refusal, or the decision on an appeal, offline", ArgsUsage: "FILE",
		Description: "FILE is the decision.jwt inside the PDF ('pdfdetach -saveall refusal.pdf'); - reads standard input. Needs no\n" +
			"gateway and no network. Whether the body's key was revoked since is not looked at.\n" +
			"Exit 0: the body of a trusted federation signed it; 1: it did not.\n\n" +
			"Example: ehdsgw case verify decision.jwt --trust trust.json",
		Flags: []cli.Flag{
			trustFlag(), &cli.StringFlag{Name: "at", Usage: "judge for this `TIME`, RFC 3339, instead of now"}, outputFlag(),
		},
		Action: caseVerify,
	}
}

// provedDecision is what case verify prints as JSON.
type provedDecision struct {
	Verdict  permits.Verdict      `json:"verdict"`
	Detail   string               `json:"detail,omitempty"`
	Decision *ehds.DecisionClaims `json:"decision,omitempty"`
}

func caseVerify(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the decision's file"); err != nil {
		return err
	}
	at := time.Now()
	if text := c.String("at"); text != "" {
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return usage("--at %q: a time such as 2027-03-31T12:00:00Z is wanted", text)
		}
	}
	_, anchors, err := readTrust(c)
	if err != nil {
		return err
	}
	token, err := readToken(c, c.Args().First())
	if err != nil {
		return err
	}
	claims, err := permits.ProveDecision(token, anchors, at)
	if err != nil {
		r := provedDecision{Verdict: permits.Invalid, Detail: err.Error()}
		if err := p.Print(r, output.Fields{{Name: "verdict", Value: string(r.Verdict)}, {Name: "detail", Value: r.Detail}}); err != nil {
			return err
		}
		return said(exitNegative)
	}
	return p.Print(provedDecision{Verdict: permits.Valid, Decision: &claims}, decisionFields(claims))
}

// decisionFields shows what was decided. Its reasons are left to the file and to JSON.
func decisionFields(d ehds.DecisionClaims) output.Fields {
	f := output.Fields{{Name: "verdict", Value: string(permits.Valid)}, {Name: "case", Value: d.Sub}, {Name: "issuer", Value: d.Iss}}
	if b := d.Decision; b != nil {
		f = append(f, output.Field{Name: "decision", Value: b.DecisionID}, output.Field{Name: "outcome", Value: string(b.Outcome)}, output.Field{Name: "decided", Value: b.Timestamp})
	}
	if a := d.Appeal; a != nil {
		f = append(f, output.Field{Name: "appeal", Value: a.AppealID}, output.Field{Name: "against", Value: a.DecisionID},
			output.Field{Name: "outcome", Value: string(a.Outcome)}, output.Field{Name: "decided", Value: a.Timestamp})
	}
	return append(f, output.Field{Name: "signed", Value: stamp(time.Unix(d.Iat, 0))})
}
