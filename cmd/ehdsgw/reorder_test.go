package main

import (
	"strings"
	"testing"
)

func TestReorder(t *testing.T) {
	app := newApp(nil, nil, nil, nil)
	for _, c := range []struct{ name, args, want string }{
		{"flag after argument", "permit verify P --trust T", "permit verify --trust T -- P"},
		{"between arguments", "catalogue validate A --output json B", "catalogue validate --output json -- A B"},
		{"with equals sign", "permit verify P --trust=T", "permit verify --trust=T -- P"},
		{"short name", "evidence bundle C -o F", "evidence bundle -o F -- C"},
		{"without value", "catalogue publish --dry-run", "catalogue publish --dry-run"},
		{"bool before argument", "catalogue publish --dry-run X", "catalogue publish --dry-run -- X"},
		{"nothing after the marker moves", "catalogue validate A -- --output json", "catalogue validate -- A --output json"},
		{"standard input", "permit verify - --trust T", "permit verify --trust T -- -"},
		{"value like a flag", "desk decide C --reasons --none", "desk decide --reasons --none -- C"},
		{"value missing", "permit verify P --trust", "permit verify --trust -- P"},
		{"unknown flag", "serve --nope X", "serve --nope -- X"},
		{"unknown command", "bogus X --output json", "bogus X --output json"},
		{"group", "desk bogus --output json", "desk bogus --output json"},
		{"help", "help desk list", "desk list --help"},
		{"completion", "desk list x --generate-bash-completion", "desk list x --generate-bash-completion"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(reorder(app, append([]string{"ehdsgw"}, strings.Fields(c.args)...))[1:], " ")
			if got != c.want {
				t.Errorf("%q became %q, want %q", c.args, got, c.want)
			}
		})
	}
}

func TestSuggestion(t *testing.T) {
	list := commands()
	for _, c := range []struct{ name, want string }{
		{"serv", "serve"}, {"catalog", "catalogue"}, {"backups", "backup"}, {"confg", "config"}, {"banana", ""}, {"", ""},
	} {
		got := suggestion(list, c.name)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestEveryCommandExplainsItself holds the help texts to what a reader needs: what it does, and one
// example for each command that does something.
func TestEveryCommandExplainsItself(t *testing.T) {
	app := newApp(nil, nil, nil, nil)
	for _, c := range app.Commands {
		for _, leaf := range append(c.Subcommands[:len(c.Subcommands):len(c.Subcommands)], c) {
			if leaf.Usage == "" {
				t.Errorf("%s says nothing of itself", leaf.Name)
			}
			if len(leaf.Subcommands) == 0 && !strings.Contains(leaf.Description, "ehdsgw "+c.Name) {
				t.Errorf("%s %s: no example in its help", c.Name, leaf.Name)
			}
		}
	}
}
