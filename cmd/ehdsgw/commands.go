package main

import "github.com/urfave/cli/v2"

// commands lists every command, in the order of the help.
func commands() []*cli.Command {
	return []*cli.Command{
		demoCommand(), conformanceCommand(),
		initCommand(),
		configCommand(),
		serveCommand(),
		statusCommand(),
		catalogueCommand(),
		connectorCommand(),
		applicationCommand(),
		caseCommand(),
		deskCommand(),
		dispatcherCommand(),
		outboxCommand(),
		keysCommand(),
		permitCommand(),
		registerCommand(),
		reportCommand(),
		enforcementCommand(),
		resultsCommand(),
		tokenCommand(),
		trustCommand(),
		anchorCommand(),
		witnessCommand(),
		evidenceCommand(),
		backupCommand(),
		completionCommand(),
		versionCommand(),
	}
}
