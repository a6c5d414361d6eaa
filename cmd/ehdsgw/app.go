package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
)

// environKey is where the app's metadata keep the environment.
const environKey = "environ"

// run executes one command line and gives the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	app := newApp(stdin, stdout, stderr, environ)
	return finish(stderr, app.RunContext(ctx, reorder(app, args)))
}

func newApp(stdin io.Reader, stdout, stderr io.Writer, environ []string) *cli.App {
	app := &cli.App{
		Name: "ehdsgw", HelpName: "ehdsgw", Usage: "national gateway to the European Health Data Space",
		Description: "Exit codes: 0 fine, 1 negative result, 2 usage or configuration, 3 cannot tell.\n" +
			"Records are printed as a table, or with --output json as one JSON document on standard output.\n" +
			"Shell completion: see 'ehdsgw completion --help'.",
		Version: buildVersion().Version, HideVersion: true,
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version"}},
		Action: rootAction, Commands: commands(),
		Reader: stdin, Writer: stdout, ErrWriter: stderr,
		EnableBashCompletion: true, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {}, // main.go alone ends the process
		OnUsageError:   usageError,
		Metadata:       map[string]any{environKey: environ},
	}
	for _, c := range app.Commands {
		prepare(c, c.Name)
	}
	return app
}

// prepare gives a command and those below it the same manners: wrong usage goes to standard error, a
// group without a known command says which there are, errors without a code mean "cannot tell".
func prepare(c *cli.Command, path string) {
	c.HideHelpCommand = true
	c.OnUsageError = usageError
	if len(c.Subcommands) > 0 {
		c.Action = groupAction
	}
	action := c.Action
	c.Action = func(ctx *cli.Context) error {
		err := action(ctx)
		var e *exitError
		if err == nil {
			return nil
		}
		if !errors.As(err, &e) {
			return cannotTell("%s: %w", path, err)
		}
		if e.err == nil {
			return e
		}
		return &exitError{e.code, fmt.Errorf("%s: %w", path, e.err)}
	}
	for _, s := range c.Subcommands {
		prepare(s, path+" "+s.Name)
	}
}

func usageError(c *cli.Context, err error, _ bool) error {
	return usage("%w; see '%s --help'", err, c.Command.HelpName)
}

func rootAction(c *cli.Context) error {
	if c.Bool("version") {
		_, err := fmt.Fprintln(c.App.Writer, "ehdsgw", c.App.Version)
		return err
	}
	return groupAction(c)
}

// groupAction runs when no command of a group was named.
func groupAction(c *cli.Context) error {
	if name := c.Args().First(); name != "" {
		return usage("no such command: %q%s; see '%s --help'", name, suggestion(c.Command.Subcommands, name), c.Command.HelpName)
	}
	c.App.Writer = c.App.ErrWriter // help nobody asked for is a diagnostic
	if err := cli.ShowSubcommandHelp(c); err != nil {
		return err
	}
	return said(exitUsage)
}

// environ is the environment the command was started with.
func environ(c *cli.Context) []string {
	list, _ := c.App.Metadata[environKey].([]string)
	return list
}

// exactly checks the number of arguments; names are for the message.
func exactly(c *cli.Context, names ...string) error {
	if c.NArg() < len(names) {
		return usage("%s is missing; see '%s --help'", names[c.NArg()], c.Command.HelpName)
	}
	if c.NArg() > len(names) {
		return usage("unexpected argument %q; see '%s --help'", c.Args().Get(len(names)), c.Command.HelpName)
	}
	return nil
}
