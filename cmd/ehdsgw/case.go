package main

import "github.com/urfave/cli/v2"

func caseCommand() *cli.Command {
	return &cli.Command{
		Name: "case", Usage: "applications on record", Subcommands: []*cli.Command{caseDocumentCommand()},
	}
}
