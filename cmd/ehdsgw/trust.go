package main

import "github.com/urfave/cli/v2"

func trustCommand() *cli.Command {
	return &cli.Command{
		Name: "trust", Usage: "look at federations: chains, policies", Subcommands: []*cli.Command{
			trustResolveCommand(), trustPolicyCommand(),
		},
	}
}
