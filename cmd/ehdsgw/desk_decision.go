package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func decisionFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "outcome", Usage: "`OUTCOME`: positive or negative (required)"},
		&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who decided, never a name (required)"},
		&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the reasons; a refusal needs them"},
		&cli.StringSliceFlag{Name: "condition", Usage: "`TEXT` of a condition, Art. 68(10)(h); repeatable"},
		&cli.IntFlag{Name: "months", Usage: "longest duration granted, in `MONTHS`, 1 to 120"},
		&cli.Int64Flag{Name: "fee", Value: -1, Usage: "fee in `CENTS`, 0 for none, Art. 68(10)(g)"},
		&cli.StringFlag{Name: "currency", Value: "EUR", Usage: "`CODE` of the fee's currency, ISO 4217"},
		&cli.StringFlag{Name: "fee-note", Usage: "`TEXT` beside the fee"},
		&cli.StringFlag{Name: "spe", Usage: "`OPERATOR` of the secure processing environment"},
		&cli.StringSliceFlag{Name: "tool", Usage: "`NAME` of a tool in it; repeatable"},
		&cli.StringSliceFlag{Name: "category", Usage: "`CODE` of a category, Art. 51(1), where nobody knows the datasets'; repeatable"},
		&cli.StringFlag{Name: "signatory", Usage: "`NAME, JOB TITLE` of who signs, instead of the desk rules'"},
		&cli.StringFlag{Name: "catalogue", Usage: "catalogue `ID` of the track, where a case has several"},
		&cli.StringFlag{Name: "body", Usage: "`ENTITY` of the track's health data access body"},
	}
}

// decision reads the flags. The desk judges what they say.
func decision(c *cli.Context) (gateway.DecideRequest, error) {
	r := gateway.DecideRequest{Case: c.Args().First(), Track: ehds.Track{CatalogID: c.String("catalogue"), HDAB: c.String("body")}}
	outcome, err := oneOf("outcome", c.String("outcome"), string(ehds.Positive), string(ehds.Negative))
	if err != nil {
		return r, err
	}
	if outcome == "" {
		return r, usage("--outcome is missing: positive or negative")
	}
	if c.String("actor") == "" {
		return r, usage("--actor is missing: an opaque reference of who decided")
	}
	if (r.Track.CatalogID == "") != (r.Track.HDAB == "") {
		return r, usage("--catalogue and --body name a track together")
	}
	r.Decision = desk.Decision{Outcome: ehds.Outcome(outcome), Actor: c.String("actor"), Terms: desk.Terms{
		Reasons: c.String("reasons"), Conditions: c.StringSlice("condition"), DurationMonths: c.Int("months"),
		SPE: desk.SPE{Operator: c.String("spe"), Tools: c.StringSlice("tool")}, Categories: c.StringSlice("category"),
	}}
	if cents := c.Int64("fee"); cents >= 0 {
		r.Fees = &ehds.Fees{AmountCents: cents, Currency: c.String("currency"), Note: c.String("fee-note")}
	} else if c.IsSet("fee") {
		return r, usage("--fee: cents from 0 are wanted")
	}
	if s := c.String("signatory"); s != "" {
		name, title, ok := strings.Cut(s, ",")
		if !ok || strings.TrimSpace(title) == "" {
			return r, usage("--signatory: 'NAME, JOB TITLE' is wanted")
		}
		r.Signatory = &ehds.Signatory{Name: strings.TrimSpace(name), JobTitle: strings.TrimSpace(title)}
	}
	return r, nil
}

// oneOf reads a word in any case; an empty one stays empty.
func oneOf(flag, value string, words ...string) (string, error) {
	if value == "" {
		return "", nil
	}
	for _, w := range words {
		if strings.EqualFold(w, value) {
			return w, nil
		}
	}
	return "", usage("--%s %q: one of %s is wanted", flag, value, strings.ToLower(strings.Join(words, ", ")))
}
