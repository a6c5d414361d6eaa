package main

import (
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func deskPermitCommand() *cli.Command {
	const id = "app:6a70b4d104db074a00fd9101"
	return &cli.Command{
		Name: "permit", Usage: "amend, renew, restore, reject or revoke the permit of a case",
		Subcommands: []*cli.Command{
			permitActCommand("amend", "approve an amendment: persons, conditions, an earlier or later end", "amended",
				"  ehdsgw desk permit amend "+id+" --actor staff-7 --permit DP-NL-2027-0001-v1 --add-person 'A. Analyst; Institute' --from 2027-09-01", amendment),
			permitActCommand("renew", "approve the one renewal (Art. 68(12))", "renewed",
				"  ehdsgw desk permit renew "+id+" --actor staff-7 --permit DP-NL-2027-0001-v1 --to 2031-05-31", renewal),
			permitActCommand("restore", "approve an appeal against a revocation", "restored",
				"  ehdsgw desk permit restore "+id+" --actor court-1 --permit DP-NL-2027-0001-v1", simple(ehds.PermitEventAppealApproved)),
			permitActCommand("reject", "reject the change the permit holder asked for", "change rejected",
				"  ehdsgw desk permit reject "+id+" --actor staff-7 --change renewal --reasons 'asked too late'", rejection),
			permitActCommand("revoke", "revoke the permit (Art. 63(2))", "revoked",
				"  ehdsgw desk permit revoke "+id+" --actor staff-7 --permit DP-NL-2027-0001-v1 --reasons 'persons without permission had access'", simple(ehds.PermitEventRevoked)),
		},
	}
}

func permitActCommand(name, use, said, example string, read func(*cli.Context) (desk.PermitAct, error)) *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Name: "permit", Usage: "`ID` of the version, such as DP-NL-2027-0001-v1; without it the one asked about, or the newest"},
		&cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the reasons; a refusal and a revocation need them"}, proposeFlag(),
	}
	switch name {
	case "amend":
		flags = append(flags,
			&cli.StringSliceFlag{Name: "add-person", Usage: "`NAME; AFFILIATION` of a person to be authorised; repeatable"},
			&cli.StringSliceFlag{Name: "remove-person", Usage: "`NAME` of a person no longer authorised; repeatable"},
			&cli.StringSliceFlag{Name: "condition", Usage: "`TEXT` of a condition, instead of the present ones; repeatable"},
			&cli.StringFlag{Name: "from", Usage: "`DATE` on which the amendment starts; without it at once"},
			&cli.StringFlag{Name: "to", Usage: "`DATE` of the new end"})
	case "renew":
		flags = append(flags, &cli.StringFlag{Name: "to", Usage: "`DATE` of the new end (required)"})
	case "reject":
		flags = append(flags, &cli.StringFlag{Name: "change", Usage: "`CHANGE` that is rejected: amendment, renewal or appeal (required)"})
	}
	return &cli.Command{
		Name: name, Usage: use, ArgsUsage: "CASE", Description: "Example:\n" + example, Flags: workFlags(flags...),
		Action: func(c *cli.Context) error {
			a, err := read(c)
			if err != nil {
				return err
			}
			a.PermitID, a.Reasons = c.String("permit"), c.String("reasons")
			if !a.Event.NewVersion() && strings.TrimSpace(a.Reasons) == "" {
				return usage("--reasons is missing: a refusal and a revocation need reasons")
			}
			if a.PermitID != "" {
				if _, err := ehds.ParsePermitID(a.PermitID); err != nil {
					return usage("--permit %q: a permit identifier is wanted, such as DP-NL-2027-0001-v1; see 'ehdsgw permit list'", a.PermitID)
				}
			}
			return act(c, desk.Act{Permit: &a}, "permit "+said)
		},
	}
}

func simple(e ehds.PermitEvent) func(*cli.Context) (desk.PermitAct, error) {
	return func(*cli.Context) (desk.PermitAct, error) { return desk.PermitAct{Event: e}, nil }
}

func amendment(c *cli.Context) (desk.PermitAct, error) {
	a := desk.PermitAct{Event: ehds.PermitEventAmendmentApproved, RemovePersons: c.StringSlice("remove-person")}
	if c.IsSet("condition") {
		a.Conditions = c.StringSlice("condition")
	}
	for _, text := range c.StringSlice("add-person") {
		name, affiliation, _ := strings.Cut(text, ";")
		if strings.TrimSpace(name) == "" {
			return a, usage("--add-person %q: 'NAME; AFFILIATION' is wanted", text)
		}
		a.AddPersons = append(a.AddPersons, ehds.PermitPerson{Name: strings.TrimSpace(name), Affiliation: strings.TrimSpace(affiliation)})
	}
	var err error
	if a.From, err = fullDate(c, "from"); err != nil {
		return a, err
	}
	if a.To, err = fullDate(c, "to"); err != nil {
		return a, err
	}
	if len(a.AddPersons)+len(a.RemovePersons)+len(a.Conditions) == 0 && a.To == "" {
		return a, usage("an amendment changes something: --add-person, --remove-person, --condition or --to")
	}
	return a, nil
}

func renewal(c *cli.Context) (desk.PermitAct, error) {
	to, err := fullDate(c, "to")
	if err == nil && to == "" {
		err = usage("--to is missing: the date of the new end, such as 2031-05-31")
	}
	return desk.PermitAct{Event: ehds.PermitEventRenewalApproved, To: to}, err
}

func rejection(c *cli.Context) (desk.PermitAct, error) {
	change, err := oneOf("change", c.String("change"), "amendment", "renewal", "appeal")
	if err == nil && change == "" {
		err = usage("--change is missing: amendment, renewal or appeal")
	}
	events := map[string]ehds.PermitEvent{"amendment": ehds.PermitEventAmendmentRejected, "renewal": ehds.PermitEventRenewalRejected, "appeal": ehds.PermitEventAppealRejected}
	return desk.PermitAct{Event: events[change]}, err
}

// fullDate reads a flag that is a date, or empty.
func fullDate(c *cli.Context, flag string) (string, error) {
	text := c.String(flag)
	if _, err := time.Parse(time.DateOnly, text); text != "" && err != nil {
		return "", usage("--%s %q: a date such as 2027-09-01 is wanted", flag, text)
	}
	return text, nil
}
