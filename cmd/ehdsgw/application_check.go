package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func applicationCheckCommand() *cli.Command {
	return &cli.Command{
		Name: "check", Usage: "examine an application as a health data access body would find it", ArgsUsage: "FILE",
		Description: "FILE is application_metadata.json, the body of application.submit, or the ZIP a dispatcher answers with;\n" +
			"- is standard input. Nothing is sent and no gateway is asked: the answer comes before a legal clock starts.\n" +
			"Each finding names its rule, its article and the place in the file. What a body knows of the datasets is not\n" +
			"known here. Exit code 0: the clock would start; 1: refused, or completion would be asked for.\n\n" +
			"Examples:\n" +
			"  ehdsgw application check application_metadata.json\n" +
			"  ehdsgw application check --applicant private --on 2029-04-01 --output json application.zip",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "kind", Usage: "judge as this `KIND`, whatever the file states: access or request"},
			&cli.StringFlag{Name: "applicant", Usage: "what is known of the applicant, whatever the form says: public or private (`WHO`)"},
			&cli.StringFlag{Name: "on", Usage: "judge as on this `DATE`", DefaultText: "today"},
			&cli.StringFlag{Name: "release", Value: "r7", Usage: "the `RELEASE` the form is of: r7"},
			&cli.BoolFlag{Name: "ethics", Usage: "national law asks for an assessment of ethical aspects"},
			outputFlag(),
		},
		Action: applicationCheck,
	}
}

// examination is what application check prints as JSON.
type examination struct {
	File          string               `json:"file"`
	ApplicationID string               `json:"application_id"`
	Kind          ehds.ApplicationKind `json:"kind"`
	Version       int                  `json:"version"`
	Release       string               `json:"release"`
	On            string               `json:"on"`
	Verdict       gate.Verdict         `json:"verdict"`
	Follows       string               `json:"follows"`
	Findings      []gate.Finding       `json:"findings"`
	// Ask is the information request that would ask for what is missing (TEHDAS2 D6.4, use case 6).
	Ask []ehds.InfoSection `json:"ask,omitempty"`
}

func applicationCheck(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c, "the file"); err != nil {
		return err
	}
	o, err := checkOptions(c)
	if err != nil {
		return err
	}
	f, err := readApplicationFile(c, c.Args().First())
	if err != nil {
		return err
	}
	if err := f.judgeAs(c.String("kind")); err != nil {
		return err
	}
	e := examination{File: f.name, ApplicationID: f.body.ApplicationID, Kind: f.body.Kind, Version: f.body.Version,
		Release: c.String("release"), On: o.Today.Format(time.DateOnly), Findings: gate.Check(f.body, o)}
	broken, err := f.schemaFault()
	if err != nil {
		return err
	}
	if broken != nil {
		e.Findings = slices.Insert(e.Findings, 0, *broken)
	}
	e.Verdict, e.Ask = gate.Judge(e.Findings), gate.Ask(e.Findings)
	e.Follows = follows(e.Verdict, e.Kind, broken != nil)
	for i, finding := range e.Findings {
		e.Findings[i].Pointer = f.place(finding.Pointer)
	}
	if err := p.Print(e, e.lines(), output.Lines{e.counts(), e.Follows}); err != nil {
		return err
	}
	if e.Verdict != gate.Complete {
		return said(exitNegative)
	}
	return nil
}

// checkOptions reads what the findings are judged by.
func checkOptions(c *cli.Context) (gate.Options, error) {
	o := gate.Options{Today: time.Now().UTC().Truncate(24 * time.Hour), EthicsRequired: c.Bool("ethics")}
	if on := c.String("on"); on != "" {
		day, err := time.Parse(time.DateOnly, on)
		if err != nil {
			return o, usage("--on %q: a date such as 2029-03-26 is wanted", on)
		}
		o.Today = day
	}
	who, err := oneOf("applicant", c.String("applicant"), string(gate.PublicApplicant), string(gate.PrivateApplicant))
	if err != nil {
		return o, err
	}
	o.Applicant = gate.Applicant(who)
	if r := c.String("release"); r != "r7" {
		return o, usage("--release %q: r7 is the release whose form is known", r)
	}
	return o, nil
}

// judgeAs sets the kind, which must be one of the two in the end.
func (f *applicationFile) judgeAs(kind string) error {
	switch kind {
	case "":
	case "access":
		f.body.Kind = ehds.DataAccessApplication
	case "request":
		f.body.Kind = ehds.DataRequestApplication
	default:
		return usage("--kind %q is neither access nor request", kind)
	}
	if k := f.body.Kind; k != ehds.DataAccessApplication && k != ehds.DataRequestApplication {
		return usage("%s: %q is no kind of application; name one with --kind", f.name, k)
	}
	return nil
}

// follows says what would happen to the application.
func follows(v gate.Verdict, kind ehds.ApplicationKind, schema bool) string {
	switch {
	case schema:
		return "would be refused on receipt, with 422 and this place; no clock would start"
	case v == gate.Refused:
		return "would not be validated; no clock would start"
	case v == gate.Incomplete:
		return "would be taken, and completion asked for: four weeks from the request (Art. 68(4))"
	case kind == ehds.DataRequestApplication:
		return "complete as far as the form can tell: three months for the assessment would start at receipt (Art. 69)"
	}
	return "complete as far as the form can tell: three months for the decision would start at receipt (Art. 68(4))"
}

// lines are findings as a compiler would print them, each with what to do about it.
func (e examination) lines() output.Lines {
	var out output.Lines
	for _, f := range e.Findings {
		whom := ""
		if f.ForStaff {
			whom = " for staff"
		}
		line := fmt.Sprintf("%s:%s: %s%s: %s: %s [%s]", e.File, f.Pointer, f.Severity, whom, f.Source(), f.Message, f.Code)
		if len(f.Seen) > 0 {
			line += fmt.Sprintf(" %q", f.Seen)
		}
		out = append(out, line, "  "+f.Mend)
	}
	return out
}

func (e examination) counts() string {
	var refuse, complete, staff, rest int
	for _, f := range e.Findings {
		switch {
		case f.Severity == gate.Violation:
			refuse++
		case f.Completion:
			complete++
		case f.ForStaff:
			staff++
		default:
			rest++
		}
	}
	return fmt.Sprintf("%d that refuse, %d to complete, %d for staff, %d other", refuse, complete, staff, rest)
}
