package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func enforcementRecordCommand() *cli.Command {
	return &cli.Command{
		Name: "record", Usage: "record a measure that a body took; the centre is told, and cases of the user are flagged", ArgsUsage: "[FILE]",
		Description: "FILE is the body of enforcement.record as JSON; - is standard input. Flags say the same, or instead of a member\n" +
			"of the file. A measure is recorded once: a correction has an id of its own. Measures against users are told to the\n" +
			"bodies of other nations (Art. 63(6)). A measure refuses nothing by itself, and revokes no permit: see 'permit revoke'.\n\n" +
			"Examples:\n  ehdsgw enforcement record measure.json --actor staff-7 -c hub/ehdsgw.yaml\n" +
			"  ehdsgw enforcement record --id E-2027-3 --measure exclusion_user --subject user-7 --from 2027-03-01 --to 2029-02-28 \\\n" +
			"    --reasons 'data were taken out of the environment' --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: socketFlags(
			&cli.StringFlag{Name: "id", Usage: "`ID` of the measure in this nation, without spaces"},
			&cli.StringFlag{Name: "measure", Usage: "`MEASURE`: " + strings.ToLower(strings.Join(ehds.Measures(), ", "))},
			&cli.StringFlag{Name: "against", Usage: "user or holder, of an admin_fine; the other measures say it"},
			&cli.StringFlag{Name: "subject", Usage: "opaque `REFERENCE` of whom it is against, as applications have it"},
			&cli.StringFlag{Name: "from", Usage: "`DATE` of the first day"},
			&cli.StringFlag{Name: "to", Usage: "`DATE` of the last day; an exclusion has one, five years at most"},
			&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the reasons"},
			&cli.StringFlag{Name: "permit", Usage: "`ID` of the permit it is about"},
			&cli.StringFlag{Name: "hdab", Usage: "the `BODY` that took it, by its entity identifier, where there are several"},
			&cli.StringFlag{Name: "actor", Usage: "opaque `REFERENCE` of who records it, never a name (required)"},
		),
		Action: enforcementRecord,
	}
}

func enforcementRecord(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() > 1 {
		return exactly(c, "the file")
	}
	if c.String("actor") == "" {
		return usage("--actor is missing: an opaque reference of who records it")
	}
	b, err := measureGiven(c)
	if err != nil {
		return err
	}
	client, err := gatewayOf(c)
	if err != nil {
		return err
	}
	v, err := client.RecordMeasure(c.Context, gateway.MeasureRequest{HDAB: c.String("hdab"), Actor: c.String("actor"), EnforcementBody: b})
	if err != nil {
		return answered(err)
	}
	return printMeasure(p, v)
}

// maxMeasure bounds a file with a measure, in bytes: its reasons are at most 20,000 characters.
const maxMeasure = 256 << 10

// measureGiven is the measure of the file and the flags. What is missing is said here; the gateway judges the rest.
func measureGiven(c *cli.Context) (b ehds.EnforcementBody, err error) {
	if name := c.Args().First(); name != "" {
		raw, err := readFile(c, name, maxMeasure)
		if err != nil {
			return b, err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&b); err != nil || d.More() {
			return b, usage("%s: the body of one enforcement.record is wanted, a JSON object with id, measure, against, subject, from, to, reasons, permit_id", name)
		}
	}
	measure, err := oneOf("measure", c.String("measure"), ehds.Measures()...)
	if err != nil {
		return b, err
	}
	against, err := oneOf("against", c.String("against"), "USER", "HOLDER")
	if err != nil {
		return b, err
	}
	given := map[*string]string{&b.ID: c.String("id"), &b.Measure: measure, &b.Against: against, &b.Subject: c.String("subject"), &b.Reasons: c.String("reasons"), &b.PermitID: c.String("permit")}
	for _, day := range []struct {
		flag string
		into *string
	}{{"from", &b.From}, {"to", &b.To}} {
		if given[day.into], err = fullDate(c, day.flag); err != nil {
			return b, err
		}
	}
	for into, text := range given {
		if text != "" {
			*into = text
		}
	}
	if b.Against == "" || measure != "" && against == "" {
		b.Against = cmp.Or(ehds.AddresseeOf(b.Measure), b.Against)
	}
	for _, m := range []struct{ flag, value string }{
		{"id", b.ID}, {"measure", b.Measure}, {"against", b.Against}, {"subject", b.Subject}, {"from", b.From}, {"reasons", b.Reasons},
	} {
		if m.value == "" {
			return b, usage("--%s is missing, and no file says it; see '%s --help'", m.flag, c.Command.HelpName)
		}
	}
	return b, nil
}
