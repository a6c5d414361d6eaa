package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskDecideCommand() *cli.Command {
	return &cli.Command{
		Name: "decide", Usage: "decide a queued case, or propose a decision", ArgsUsage: "CASE",
		Description: "What is not given comes from the rule that matched the case, and from the form.\n\n" +
			"Examples:\n" +
			"  ehdsgw desk decide app:6a70b4d104db074a00fd9101 --outcome positive --actor staff-7 --fee 125000 --months 24\n" +
			"  ehdsgw desk decide app:6a70b4d104db074a00fd9101 --outcome positive --actor staff-7 --fee 0 --refuse ds-2='not needed for the purpose'\n" +
			"  ehdsgw desk decide app:6a70b4d104db074a00fd9101 --outcome negative --actor staff-7 --reasons 'Art. 57(1)(a)(i)' --propose",
		Flags: socketFlags(decisionFlags()...), Action: deskDecide,
	}
}

func deskDecide(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	request, err := decision(c)
	if err != nil {
		return err
	}
	if c.Bool("propose") {
		return work(c, "propose", gateway.DeskRequest{Act: &desk.Act{Decision: &request.Decision}}, "decision proposed: "+string(request.Outcome))
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	if request.Track == (ehds.Track{}) {
		if request.Track, err = onlyTrack(c, client, request.Case, undecided); err != nil {
			return err
		}
	}
	if err := client.Decide(c.Context, request); err != nil {
		return answered(err)
	}
	return p.Print(decided{request.Case, request.Track, request.Outcome}, output.Fields{
		{Name: "case", Value: request.Case}, {Name: "catalogue", Value: request.Track.CatalogID}, {Name: "body", Value: request.Track.HDAB},
		{Name: "outcome", Value: string(request.Outcome)},
	})
}

// decided is what desk decide prints as JSON.
type decided struct {
	Case    string       `json:"case"`
	Track   ehds.Track   `json:"track"`
	Outcome ehds.Outcome `json:"outcome"`
}

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
		&cli.StringSliceFlag{Name: "refuse", Usage: "`DATASET=REASONS`: a dataset that a positive decision does not grant; repeatable"},
		&cli.BoolFlag{Name: "as-data-request", Usage: "answer an access application as a data request, with the applicant's consent (Art. 68(3))"},
		&cli.BoolFlag{Name: "propose", Usage: "put the decision before a second person, who takes it with 'desk confirm'"},
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
	if _, err := trackGiven(c); err != nil {
		return r, err
	}
	r.Decision = desk.Decision{Outcome: ehds.Outcome(outcome), Actor: c.String("actor"), AsRequest: c.Bool("as-data-request"), Terms: desk.Terms{
		Reasons: c.String("reasons"), Conditions: c.StringSlice("condition"), DurationMonths: c.Int("months"),
		SPE: desk.SPE{Operator: c.String("spe"), Tools: c.StringSlice("tool")}, Categories: c.StringSlice("category"),
	}}
	for _, text := range c.StringSlice("refuse") {
		id, reasons, ok := cutReasons(text)
		if !ok {
			return r, usage("--refuse %q: DATASET=REASONS is wanted, such as ds-2='not needed for the purpose'", text)
		}
		r.Refused = append(r.Refused, ehds.RefusedDataset{DatasetID: id, Reasons: reasons})
	}
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

// cutReasons parts an identifier from its reasons. Identifiers may hold "=" where they are web addresses,
// so the last one that has text on both sides and no blank before it counts.
func cutReasons(text string) (id, reasons string, ok bool) {
	head := text
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		head = text[:i]
	}
	i := strings.LastIndex(head, "=")
	if i < 1 || strings.TrimSpace(text[i+1:]) == "" {
		return "", "", false
	}
	return text[:i], strings.TrimSpace(text[i+1:]), true
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
