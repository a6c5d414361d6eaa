package main

import (
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func enforcementCommand() *cli.Command {
	return &cli.Command{
		Name: "enforcement", Usage: "measures against data users and data holders (Art. 63, 64)",
		Subcommands: []*cli.Command{enforcementRecordCommand(), enforcementListCommand(), enforcementShowCommand()},
	}
}

const exampleMeasure = "enf:FR:E-2027-3"

func enforcementShowCommand() *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "a measure with its reasons, and the cases it is about", ArgsUsage: "MEASURE",
		Description: "MEASURE is the measure's case, as 'enforcement list' has it.\n\n" +
			"Example: ehdsgw enforcement show " + exampleMeasure + " -c hub/ehdsgw.yaml",
		Flags: socketFlags(), Action: enforcementShow,
	}
}

func enforcementShow(c *cli.Context) error {
	p, client, err := asking(c, "the measure's case, such as "+exampleMeasure)
	if err != nil {
		return err
	}
	v, err := client.Measure(c.Context, c.Args().First())
	if err != nil {
		return answered(err)
	}
	return printMeasure(p, v)
}

// printMeasure shows a measure to people.
func printMeasure(p output.Printer, v gateway.MeasureView) error {
	b := v.Measure
	f := output.Fields{
		{Name: "measure", Value: v.Case}, {Name: "kind", Value: b.Measure}, {Name: "against", Value: b.Against + "  " + b.Subject},
		{Name: "permit", Value: b.PermitID}, {Name: "from", Value: b.From}, {Name: "to", Value: b.To}, {Name: "in force", Value: yesNo(v.InForce)},
		{Name: "reasons", Value: b.Reasons}, {Name: "nation", Value: v.Nation}, {Name: "body", Value: v.HDAB}, {Name: "recorded", Value: stamp(v.Recorded)},
		{Name: "by", Value: v.Actor}, {Name: "the centre", Value: centreSays(v.MeasureRow)}, {Name: "flagged", Value: strconv.Itoa(v.Flagged) + " open when it came"},
	}
	if len(v.Cases) == 0 {
		return p.Print(v, f)
	}
	grid := output.Grid{Head: []string{"CASE", "PENDING"}}
	for _, x := range v.Cases {
		grid.Rows = append(grid.Rows, []string{x.Case, yesNo(x.Pending)})
	}
	return p.Print(v, f, output.Lines{""}, grid)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// centreSays is what the centre answered to a measure of ours; empty for another nation's.
func centreSays(m gateway.MeasureRow) string {
	switch {
	case !m.Ours:
		return ""
	case m.Answer == nil:
		return "has not answered"
	case len(m.Answer.Findings) > 0:
		return string(m.Answer.Result) + ": " + m.Answer.Findings[0].Code
	}
	return string(m.Answer.Result)
}
