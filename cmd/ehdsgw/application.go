package main

import "github.com/urfave/cli/v2"

func applicationCommand() *cli.Command {
	return &cli.Command{
		Name: "application", Usage: "applications for data: what the law asks of them, and those filed with other nations' hubs",
		Subcommands: []*cli.Command{
			applicationCheckCommand(),
			applicationRulesCommand(),
			applicationSubmitCommand(),
			applicationListCommand(),
			applicationShowCommand(),
			applicationWatchCommand(),
			applicationAmendCommand(),
			applicationWithdrawCommand(),
			applicationAnswerCommand(),
			applicationInfoCommand(),
			applicationAppealCommand(),
			applicationShareCommand(),
		},
	}
}
