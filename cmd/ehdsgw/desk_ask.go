package main

import (
	"sort"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskAskCommand() *cli.Command {
	return &cli.Command{
		Name: "ask", Usage: "ask the applicant to complete fields of the form (Art. 68(4))", ArgsUsage: "CASE",
		Description: "The applicant has four weeks. The case comes back to the phase it left.\n\nExamples:\n" +
			"  ehdsgw desk ask app:6a70b4d104db074a00fd9101 --actor staff-7 --field 5.whyTheDataIsNeeded='say for which question'\n" +
			"  ehdsgw desk ask app:6a70b4d104db074a00fd9101 --actor staff-7 --country FI --field 6.inclusionCriteria='which age groups?'\n" +
			"  ehdsgw desk ask app:6a70b4d104db074a00fd9101 --actor staff-7 --missing",
		Flags: workFlags(
			&cli.StringSliceFlag{Name: "field", Usage: "`SECTION.FIELD=COMMENT`: a field and what is missing there; repeatable"},
			&cli.BoolFlag{Name: "missing", Usage: "ask for everything 'desk show' says is missing, instead of --field"},
			&cli.StringFlag{Name: "country", Usage: "`CODE` of the country whose section 6 is meant, such as FI"},
		),
		Action: func(c *cli.Context) error {
			if c.Bool("missing") {
				return askMissing(c)
			}
			sections, err := markedFields(c.StringSlice("field"), c.String("country"))
			if err != nil {
				return err
			}
			return work(c, "ask", gateway.DeskRequest{Sections: sections}, "asked")
		},
	}
}

// askMissing asks for what the gateway finds missing in the case.
func askMissing(c *cli.Context) error {
	if c.IsSet("field") || c.IsSet("country") {
		return usage("--missing and --field: ask for one or the other")
	}
	if err := exactly(c, "the case"); err != nil {
		return err
	}
	d, err := deskDetail(c)
	if err != nil {
		return err
	}
	if len(d.Suggested) == 0 {
		return negative("nothing that can be asked for is missing (see 'ehdsgw desk show')")
	}
	return work(c, "ask", gateway.DeskRequest{Sections: d.Suggested}, "asked")
}

// markedFields reads SECTION.FIELD=COMMENT, as many as there are, into sections in their order.
func markedFields(list []string, country string) ([]ehds.InfoSection, error) {
	const form = "SECTION.FIELD=COMMENT is wanted, such as 5.whyTheDataIsNeeded='say for which question'"
	if len(list) == 0 {
		return nil, usage("--field is missing: %s", form)
	}
	bySection := map[int]map[string]string{}
	for _, text := range list {
		name, comment, _ := strings.Cut(text, "=")
		number, field, _ := strings.Cut(name, ".")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil || field == "" || strings.TrimSpace(comment) == "":
			return nil, usage("--field %q: %s", text, form)
		case n < 1 || n > 10:
			return nil, usage("--field %q: the form has sections 1 to 10", text)
		case n == 6 && country == "":
			return nil, usage("--field %q: section 6 is filled by country; name it with --country", text)
		}
		if bySection[n] == nil {
			bySection[n] = map[string]string{}
		}
		bySection[n][field] = strings.TrimSpace(comment)
	}
	if bySection[6] == nil && country != "" {
		return nil, usage("--country: only section 6 is filled by country; leave it out")
	}
	var out []ehds.InfoSection
	for n, fields := range bySection {
		s := ehds.InfoSection{Number: n, Fields: fields}
		if n == 6 {
			s.Country = country
		}
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Number < out[j].Number })
	return out, nil
}

func deskExtendCommand() *cli.Command {
	return &cli.Command{
		Name: "extend", Usage: "take the longer time for a decision, with written reasons (Art. 68(4))", ArgsUsage: "CASE",
		Description: "The reasons are sent to the applicant.\n\nExample:\n  ehdsgw desk extend app:6a70b4d104db074a00fd9101 --actor staff-7 --reasons 'data of four holders to be assessed'",
		Flags:       workFlags(&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the reasons (required)"}),
		Action: func(c *cli.Context) error {
			if strings.TrimSpace(c.String("reasons")) == "" {
				return usage("--reasons is missing: Art. 68(4) asks for written ones")
			}
			return work(c, "extend", gateway.DeskRequest{Text: c.String("reasons")}, "extended")
		},
	}
}
