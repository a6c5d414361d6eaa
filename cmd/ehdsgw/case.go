package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func caseCommand() *cli.Command {
	return &cli.Command{
		Name: "case", Usage: "applications on record", Subcommands: []*cli.Command{
			caseListCommand(), caseShowCommand(), caseTraceCommand(), caseClocksCommand(), caseDueCommand(),
			caseExtendCommand(), caseRerouteCommand(), caseAppealCommand(), caseSideCommand(),
			caseForwardCommand(), caseProposeCommand(), caseClearCommand(), caseEraseCommand(), caseDocumentCommand(), caseVerifyCommand(),
		},
	}
}

// caseID is the case an argument names: with its kind, or the application's id alone.
func caseID(arg string) string {
	if strings.Contains(arg, ":") {
		return arg
	}
	return string(ehds.CaseApplication) + ":" + arg
}

// askingAboutCase is asking with the case as the one argument.
func askingAboutCase(c *cli.Context) (output.Printer, *operator.Client, string, error) {
	p, client, err := asking(c, "the case")
	return p, client, caseID(c.Args().First()), err
}
