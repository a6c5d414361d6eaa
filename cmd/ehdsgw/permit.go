package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// maxToken bounds the file of a permit or status list, in bytes.
const maxToken = 4 << 20

func permitCommand() *cli.Command {
	return &cli.Command{
		Name: "permit", Usage: "data permits", Subcommands: []*cli.Command{
			permitListCommand(), permitShowCommand(), permitNoticesCommand(), permitConfirmCommand(), permitRevokeCommand(), permitSuspendCommand(), permitResumeCommand(),
			permitQueryCommand(),
			permitVisaCommand(), {
				Name: "verify", Usage: "prove a permit offline", ArgsUsage: "FILE",
				Description: "Needs no gateway and no network. The status list is fetched apart, from the permit's status uri,\n" +
					"and for a permit whose key is no longer published the historical keys, from historical_keys_endpoint.\n" +
					"Exit 0: valid; 1: not valid; 3: cannot tell, for instance without a fresh status list.\n\n" +
					"Example: ehdsgw permit verify permit.jwt --trust trust.json --status status.jwt",
				Flags: []cli.Flag{
					trustFlag(),
					&cli.StringFlag{Name: "status", Usage: "`FILE` with the signed status list (statuslist+jwt)"},
					&cli.StringFlag{Name: "historical", Usage: "`FILE` with the body's signed list of historical keys (jwk-set+jwt)"},
					&cli.StringFlag{Name: "signature-policy", Value: string(trust.Classical), Usage: "least `POLICY` of the permit's signature: classical, hybrid or post-quantum"},
					&cli.StringFlag{Name: "evidence", Usage: "`FILE` with an evidence bundle that has the permit: it may prove it older than a revocation"},
					&cli.StringFlag{Name: "at", Usage: "judge for this `TIME`, RFC 3339, instead of now"},
					&cli.DurationFlag{Name: "status-age", Value: permits.DefaultStatusAge, Usage: "`AGE` a status may have"},
					outputFlag(),
				},
				Action: permitVerify,
			}},
	}
}

func permitVerify(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the permit's file"); err != nil {
		return err
	}
	o := permits.Options{At: time.Now(), StatusAge: c.Duration("status-age"), Policy: trust.SignaturePolicy(c.String("signature-policy"))}
	if !o.Policy.Known() {
		return usage("--signature-policy %q: classical, hybrid or post-quantum is wanted", o.Policy)
	}
	if at := c.String("at"); at != "" {
		if o.At, err = time.Parse(time.RFC3339, at); err != nil {
			return usage("--at %q: a time such as 2027-03-31T12:00:00Z is wanted", at)
		}
	}
	if o.StatusAge <= 0 {
		return usage("--status-age: a duration above zero is wanted, such as 24h")
	}
	known, anchors, err := readTrust(c)
	if err != nil {
		return err
	}
	o.Anchors = anchors
	token, err := readToken(c, c.Args().First())
	if err != nil {
		return err
	}
	if name := c.String("status"); name != "" {
		if o.Status, err = readToken(c, name); err != nil {
			return err
		}
	}
	if name := c.String("historical"); name != "" {
		if o.Historical, err = readToken(c, name); err != nil {
			return err
		}
	}
	if name := c.String("evidence"); name != "" {
		if o.ProvenBefore, err = provenBy(c, name, known); err != nil {
			return err
		}
	}
	r := permits.Verify(token, o)
	if err := p.Print(r, permitFields(r)); err != nil {
		return err
	}
	return said(permitExit(r.Verdict))
}

// provenBy judges how old a permit is by the witnesses of a bundle, as far as the trust file knows them.
func provenBy(c *cli.Context, name string, known evidence.TrustFile) (func(string, time.Time) bool, error) {
	raw, err := readFile(c, name, maxBundle)
	if err != nil {
		return nil, err
	}
	b, err := evidence.ParseBundle(raw)
	if err != nil {
		return nil, usage("%s: %w", name, err)
	}
	return func(token string, at time.Time) bool {
		seen, ok := b.Witnessed(token, known)
		return ok && seen.Before(at)
	}, nil
}

// readToken reads a token; editors leave line ends behind.
func readToken(c *cli.Context, name string) (string, error) {
	raw, err := readFile(c, name, maxToken)
	return strings.TrimSpace(string(raw)), err
}

func permitExit(v permits.Verdict) int {
	switch v {
	case permits.Valid:
		return exitOK
	case permits.Invalid:
		return exitNegative
	}
	return exitCannotTell
}

// permitFields shows what a permit proves. The persons in it are left to the token and to JSON.
func permitFields(r permits.Result) output.Fields {
	f := output.Fields{{Name: "verdict", Value: string(r.Verdict)}, {Name: "reason", Value: r.Reason}, {Name: "detail", Value: r.Detail}}
	if c := r.Permit; c != nil {
		f = append(f, output.Field{Name: "permit", Value: c.Jti}, output.Field{Name: "application", Value: c.Permit.ApplicationID},
			output.Field{Name: "from", Value: stamp(time.Unix(c.Nbf, 0))}, output.Field{Name: "until", Value: stamp(time.Unix(c.Exp, 0))},
			output.Field{Name: "opt-outs by", Value: c.Permit.OptOut.Until})
	}
	f = append(f, output.Field{Name: "issuer", Value: r.Issuer}, output.Field{Name: "anchor", Value: r.Anchor})
	if r.StatusAt != nil {
		f = append(f, output.Field{Name: "status as of", Value: stamp(*r.StatusAt)})
	}
	return f
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
