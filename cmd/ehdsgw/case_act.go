package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// caseActFlags are what every act on a case takes besides its own flags.
func caseActFlags(more ...cli.Flag) []cli.Flag {
	return workFlags(append(more, &cli.StringFlag{Name: "reasons", Usage: "`TEXT` of the written reasons"})...)
}

// actOnCase sends an act and shows the case after it.
func actOnCase(c *cli.Context, a gateway.CaseAct) error {
	if c.String("actor") == "" {
		return usage("--actor is missing: an opaque reference of who does it")
	}
	track, err := trackGiven(c)
	if err != nil {
		return err
	}
	if track != (ehds.Track{}) {
		a.Track = &track
	}
	p, client, id, err := askingAboutCase(c)
	if err != nil {
		return err
	}
	a.Case, a.Actor, a.Reasons = id, c.String("actor"), c.String("reasons")
	v, err := client.ActOnCase(c.Context, a)
	if err != nil {
		return answered(err)
	}
	return printCase(p, v)
}

const exampleCase = "app:6a70b4d104db074a00fd9101"

func caseExtendCommand() *cli.Command {
	return &cli.Command{
		Name: "extend", Usage: "take more time to decide, with written reasons that are sent on (Art. 68(4))", ArgsUsage: "CASE",
		Description: "Example: ehdsgw case extend " + exampleCase + " --actor staff-7 --reasons 'many data holders' -c hub/ehdsgw.yaml",
		Flags:       caseActFlags(), Action: func(c *cli.Context) error { return actOnCase(c, gateway.CaseAct{Do: "extend"}) },
	}
}

func caseRerouteCommand() *cli.Command {
	procedures := []ehds.Procedure{ehds.ProcedureStandard, ehds.ProcedureAccelerated, ehds.ProcedureTrustedHolder}
	var names []string
	for _, p := range procedures {
		names = append(names, strings.ToLower(string(p)))
	}
	return &cli.Command{
		Name: "reroute", Usage: "deal with a case by another procedure; its time is counted again (Art. 68(6), 72)", ArgsUsage: "CASE",
		Description: "Example: ehdsgw case reroute " + exampleCase + " --procedure accelerated --actor staff-7 --reasons 'public body, purpose a' -c hub/ehdsgw.yaml",
		Flags:       caseActFlags(&cli.StringFlag{Name: "procedure", Usage: "`PROCEDURE`: " + strings.Join(names, ", ") + " (required)"}),
		Action: func(c *cli.Context) error {
			p := ehds.Procedure(strings.ToUpper(c.String("procedure")))
			if !slices.Contains(procedures, p) {
				return usage("--procedure %q: one of %s is wanted", c.String("procedure"), strings.Join(names, ", "))
			}
			return actOnCase(c, gateway.CaseAct{Do: "reroute", Procedure: p})
		},
	}
}

func caseAppealCommand() *cli.Command {
	return &cli.Command{
		Name: "appeal", Usage: "note how the review body decided an appeal", ArgsUsage: "CASE",
		Description: "After an appeal that was approved the body decides anew.\n\nExample: ehdsgw case appeal " + exampleCase +
			" --outcome approved --actor court-1 --reasons 'the purpose was misread' -c hub/ehdsgw.yaml",
		Flags: caseActFlags(&cli.StringFlag{Name: "outcome", Usage: "approved or rejected (required)"}),
		Action: func(c *cli.Context) error {
			outcome := c.String("outcome")
			if outcome != "approved" && outcome != "rejected" {
				return usage("--outcome %q: approved or rejected is wanted", outcome)
			}
			return actOnCase(c, gateway.CaseAct{Do: "appeal", Approved: outcome == "approved"})
		},
	}
}

func caseSideCommand() *cli.Command {
	var machines []string
	for _, m := range ehds.SideMachines() {
		machines = append(machines, string(m))
	}
	return &cli.Command{
		Name: "side", Usage: "move what runs beside a case: delivery, fees, completeness, environment, hearing", ArgsUsage: "CASE",
		Description: "docs/states.md shows each machine with its events.\n\nExample: ehdsgw case side " + exampleCase +
			" --machine delivery --event requested --subject hospital-3 --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: caseActFlags(
			&cli.StringFlag{Name: "machine", Usage: "`MACHINE`: " + strings.Join(machines, ", ") + " (required)"},
			&cli.StringFlag{Name: "event", Usage: "`EVENT` of that machine (required)"},
			&cli.StringFlag{Name: "subject", Usage: "opaque `REFERENCE` of the data holder or environment"},
		),
		Action: func(c *cli.Context) error {
			if !slices.Contains(machines, c.String("machine")) {
				return usage("--machine %q: one of %s is wanted", c.String("machine"), strings.Join(machines, ", "))
			}
			if c.String("event") == "" {
				return usage("--event is missing; docs/states.md lists those of each machine")
			}
			return actOnCase(c, gateway.CaseAct{
				Do: "side", Machine: ehds.SideMachine(c.String("machine")), Event: ehds.SideEvent(c.String("event")), Subject: c.String("subject"),
			})
		},
	}
}

func caseForwardCommand() *cli.Command {
	return &cli.Command{
		Name: "forward", Usage: "forward a case to the trusted data holder for assessment (Art. 72)", ArgsUsage: "CASE",
		Description: "The case is in the trusted holder's procedure first: case reroute. The holder has two months for its proposal.\n\n" +
			"Example: ehdsgw case forward " + exampleCase + " --holder hospital-3 --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: caseActFlags(&cli.StringFlag{Name: "holder", Usage: "opaque `REFERENCE` of the trusted data holder (required)"}),
		Action: func(c *cli.Context) error {
			if c.String("holder") == "" {
				return usage("--holder is missing: an opaque reference of the trusted data holder")
			}
			return actOnCase(c, gateway.CaseAct{Do: "side", Machine: ehds.SideTrustedHolder, Event: ehds.SideEventForwarded, Subject: c.String("holder")})
		},
	}
}

// proposalStep is the step after forwarding that staff name.
func proposalStep(name string) (ehds.SideEvent, bool) {
	switch name {
	case "received":
		return ehds.SideEventAssessed, true
	case "accepted":
		return ehds.SideEventAccepted, true
	case "declined":
		return ehds.SideEventDeclined, true
	case "returned":
		return ehds.SideEventReturned, true
	}
	return "", false
}

func caseProposeCommand() *cli.Command {
	return &cli.Command{
		Name: "propose", Usage: "note a trusted data holder's proposal, and what the body answers", ArgsUsage: "CASE",
		Description: "The proposal binds nobody: the body accepts it or declines it with reasons, in two months, and decides itself\n(Art. 72(4)).\n\n" +
			"Example: ehdsgw case propose " + exampleCase + " --holder hospital-3 --step received --reasons 'the holder proposes to grant' --actor staff-7 -c hub/ehdsgw.yaml",
		Flags: caseActFlags(
			&cli.StringFlag{Name: "holder", Usage: "opaque `REFERENCE` of the trusted data holder (required)"},
			&cli.StringFlag{Name: "step", Usage: "received, accepted, declined or returned (required)"},
		),
		Action: func(c *cli.Context) error {
			event, ok := proposalStep(c.String("step"))
			if !ok {
				return usage("--step %q: received, accepted, declined or returned is wanted", c.String("step"))
			}
			if c.String("holder") == "" {
				return usage("--holder is missing: an opaque reference of the trusted data holder")
			}
			return actOnCase(c, gateway.CaseAct{Do: "side", Machine: ehds.SideTrustedHolder, Event: event, Subject: c.String("holder")})
		},
	}
}
