package main

import "github.com/urfave/cli/v2"

func connectorCommand() *cli.Command {
	return &cli.Command{
		Name: "connector", Usage: "the drivers at the gateway's national side",
		Subcommands: []*cli.Command{connectorTestCommand(), connectorPermitsCommand()},
	}
}
