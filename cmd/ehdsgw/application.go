package main

import "github.com/urfave/cli/v2"

func applicationCommand() *cli.Command {
	return &cli.Command{
		Name: "application", Usage: "applications for data: what the law asks of them",
		Subcommands: []*cli.Command{
			applicationCheckCommand(),
			applicationRulesCommand(),
		},
	}
}
