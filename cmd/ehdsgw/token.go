package main

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxTokenFile lets a token that is too long be explained as such.
const maxTokenFile = 64 << 20

func tokenCommand() *cli.Command {
	jwks := &cli.StringFlag{Name: "jwks", Usage: "JWK set `FILE` with the public keys that may have signed"}
	typ := &cli.StringFlag{Name: "typ", Usage: "the exact `TYPE` in the header, such as ehds-message+jwt"}
	aud := &cli.StringFlag{Name: "aud", Usage: "the exact audience `URL`"}
	at := &cli.StringFlag{Name: "at", Usage: "judge the times at `TIME` (RFC 3339) instead of now"}
	flags := []cli.Flag{jwks, typ, aud, at}
	return &cli.Command{
		Name: "token", Usage: "look at single tokens, without a gateway",
		Subcommands: []*cli.Command{
			{
				Name: "explain", Usage: "say which rule refuses a token and why", ArgsUsage: "FILE",
				Description: "FILE is a compact token; - reads standard input. Without --jwks nothing it shows is verified.\n" +
					"Exit 0: no rule refused; 1: one did.\n\n" +
					"Example: ehdsgw token explain message.jwt --jwks peer.json",
				Flags: append(flags, outputFlag()), Action: tokenExplain,
			},
			{
				Name: "verify", Usage: "verify a token with given keys, for scripts", ArgsUsage: "FILE",
				Description: "Prints the claims of a token that holds, and nothing else on standard output.\n" +
					"Exit 0: it holds; 1: it does not, and the rule is on standard error.\n\n" +
					"Example: ehdsgw token verify - --jwks peer.json --typ ehds-message+jwt --aud https://fr.example < message.jwt",
				Flags: flags, Action: tokenVerify,
			},
		},
	}
}

func tokenVerify(c *cli.Context) error {
	check, raw, err := tokenInput(c)
	if err != nil {
		return err
	}
	if !c.IsSet("jwks") || check.Typ == "" {
		return usage("--jwks and --typ are required; see '%s --help'", c.Command.HelpName)
	}
	claims, err := check.Verify(raw)
	if err != nil {
		return negative("refused by rule %s: %w", trust.Rule(err), err)
	}
	_, err = c.App.Writer.Write(append(jose.Redact(claims), '\n'))
	return err
}

func tokenExplain(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	check, raw, err := tokenInput(c)
	if err != nil {
		return err
	}
	e := check.Explain(raw)
	if err := p.Print(e, explained(e)...); err != nil {
		return err
	}
	if e.Rule != "" {
		return said(exitNegative)
	}
	return nil
}

// visaTypes are read with the GA4GH rules (AAI profile 1.2.1): RS256 too, and jku, which is shown and
// never followed.
var visaTypes = []string{"vnd.ga4gh.visa+jwt", "vnd.ga4gh.passport+jwt"}

// tokenInput reads the token and what to hold it against.
func tokenInput(c *cli.Context) (check trust.Check, raw []byte, err error) {
	if err := exactly(c, "the token's file"); err != nil {
		return check, nil, err
	}
	check = trust.Check{Typ: c.String("typ"), Audience: c.String("aud"), At: time.Now()}
	if slices.Contains(visaTypes, check.Typ) {
		check.Algs, check.ExtraHeaders = []string{"ES256", "RS256"}, []string{"jku"}
	}
	if s := c.String("at"); s != "" {
		if check.At, err = time.Parse(time.RFC3339, s); err != nil {
			return check, nil, usage("--at %q is not a time such as 2026-11-28T09:00:00Z", s)
		}
	}
	if name := c.String("jwks"); name != "" {
		if check.Keys, err = readPublicKeys(c, name); err != nil {
			return check, nil, err
		}
	}
	raw, err = readFile(c, c.Args().First(), maxTokenFile)
	return check, trimLine(raw), err
}

// readPublicKeys wants at least one usable key, and says why each of the others is not.
func readPublicKeys(c *cli.Context, name string) (jose.KeySet, error) {
	text, err := readFile(c, name, jose.MaxKeySet)
	if err != nil {
		return jose.KeySet{}, err
	}
	set, err := jose.ParseKeySet(text)
	if err != nil {
		return set, usage("%s: %w", name, err)
	}
	for _, k := range set.Ignored {
		if k.Private() {
			return set, usage("%s: keys[%d] holds private or symmetric key material (rule key); give public keys, and replace that key wherever it was published", name, k.Index)
		}
	}
	if len(set.Keys) == 0 {
		reason := "it has none"
		if len(set.Ignored) > 0 {
			reason = "keys[0]: " + set.Ignored[0].Reason
		}
		return set, usage("%s: no usable key: %s", name, reason)
	}
	return set, nil
}

// trimLine takes off the line end that editors add; nothing else.
func trimLine(raw []byte) []byte {
	for len(raw) > 0 && (raw[len(raw)-1] == '\n' || raw[len(raw)-1] == '\r') {
		raw = raw[:len(raw)-1]
	}
	return raw
}

func explained(e trust.Explanation) []output.View {
	verdict := "NOT VERIFIED: no rule refused it, but no key was given (--jwks)"
	switch {
	case e.Verified:
		verdict = "verified"
	case e.Rule != "":
		verdict = "NOT VERIFIED: refused by rule " + e.Rule
	}
	fields := output.Fields{{Name: "verdict", Value: verdict}}
	grid := output.Grid{Head: []string{"RULE", "OUTCOME", "ASKS", "CLAUSE"}}
	for _, s := range e.Steps {
		grid.Rows = append(grid.Rows, []string{s.Rule, s.Outcome, s.Asks, s.Clause})
		if s.Outcome == trust.StepRefused {
			fields = append(fields,
				output.Field{Name: "asks", Value: s.Asks + " (" + s.Clause + ")"}, output.Field{Name: "mend", Value: s.Mend})
		}
	}
	for _, part := range []struct {
		name string
		text json.RawMessage
	}{{"header", e.Header}, {"inner header", e.Inner}, {"claims", e.Claims}} {
		fields = append(fields, output.Field{Name: part.name, Value: string(part.text)})
	}
	return []output.View{fields, output.Lines{""}, grid}
}
