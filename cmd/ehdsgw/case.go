package main

import (
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
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

// askAboutCase makes the client and reads the one argument of a command about a case.
func askAboutCase(c *cli.Context) (*operator.Client, string, error) {
	if err := exactly(c, "the case"); err != nil {
		return nil, "", err
	}
	client, err := gatewayOf(c)
	return client, caseID(c.Args().First()), err
}
