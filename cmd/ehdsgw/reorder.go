package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// reorder moves flags before arguments, up to "--": the library stops reading flags at the first
// argument, so "permit verify FILE --trust FILE" would lose the flag without a word. "help X" becomes
// "X --help".
func reorder(app *cli.App, args []string) []string {
	if len(args) < 2 || args[len(args)-1] == "--generate-bash-completion" {
		return args
	}
	if args[1] == "help" || args[1] == "h" {
		args = append(append(args[:1:1], args[2:]...), "--help")
	}
	i, list := 1, app.Commands
	var leaf *cli.Command
	for i < len(args) {
		c := named(list, args[i])
		if c == nil {
			break
		}
		i, leaf, list = i+1, c, c.Subcommands
	}
	if leaf == nil || len(leaf.Subcommands) > 0 {
		return args
	}
	flags, rest := split(leaf.Flags, args[i:])
	out := append(slices.Clone(args[:i]), flags...)
	if len(rest) > 0 {
		out = append(append(out, "--"), rest...)
	}
	return out
}

func named(list []*cli.Command, name string) *cli.Command {
	for _, c := range list {
		if c.HasName(name) {
			return c
		}
	}
	return nil
}

// split separates flags, with their values, from arguments. "-" alone is an argument.
func split(known []cli.Flag, args []string) (flags, rest []string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "--":
			return flags, append(rest, args[i+1:]...)
		case len(a) < 2 || a[0] != '-':
			rest = append(rest, a)
		default:
			flags = append(flags, a)
			if !strings.Contains(a, "=") && takesValue(known, strings.TrimLeft(a, "-")) && i+1 < len(args) {
				i++
				flags = append(flags, args[i])
			}
		}
	}
	return flags, rest
}

func takesValue(known []cli.Flag, name string) bool {
	for _, f := range known {
		if slices.Contains(f.Names(), name) {
			d, ok := f.(cli.DocGenerationFlag)
			return ok && d.TakesValue()
		}
	}
	return false
}
