package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func catalogueMigrateCommand() *cli.Command {
	return &cli.Command{
		Name: "migrate", Usage: "rewrite descriptions of an earlier release of HealthDCAT-AP", ArgsUsage: "FILE...",
		Description: "Prints one Turtle document with the descriptions of all files: obsolete namespaces, hosts and names\n" +
			"rewritten, and what changed between the releases. Each change is a note on standard error; so is what\n" +
			"only the holder can decide, as a warning. Nothing is invented. The files are not changed. A file that\n" +
			"does not parse prints nothing and exits 1.\n\n" +
			"Example: ehdsgw catalogue migrate --from r6 --to r8 --notes notes.json old.ttl > new.ttl",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "`RELEASE` the descriptions were written for: " + strings.Join(profile.Releases(), ", ")},
			&cli.StringFlag{Name: "to", Value: profile.Release, Usage: "`RELEASE` they are wanted in"},
			contextFlag(),
			&cli.StringFlag{Name: "notes", Usage: "write the notes to `FILE` as JSON and none to standard error"},
			outputFlag(),
		},
		Action: catalogueMigrate,
	}
}

// migrated is what catalogue migrate prints as JSON.
type migrated struct {
	Document string         `json:"document"` // Turtle
	Notes    []profile.Note `json:"notes"`
}

func catalogueMigrate(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	switch {
	case c.NArg() == 0:
		return usage("no file is named; see '%s --help'", c.Command.HelpName)
	case c.String("from") == "":
		return usage("--from: say which release the descriptions were written for: %s", strings.Join(profile.Releases(), ", "))
	}
	m, err := migrateFiles(c, c.Args().Slice())
	if err != nil {
		return err
	}
	if name := c.String("notes"); name != "" {
		if err := writeNotes(name, m.Notes); err != nil {
			return usage("--notes: %w", err)
		}
	} else if p.Format == output.Table {
		for _, n := range m.Notes {
			_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(n.String()))
		}
	}
	if p.Format == output.JSON {
		return p.Print(m)
	}
	_, err = io.WriteString(c.App.Writer, m.Document) // a document, to the letter
	return err
}

// migrateFiles migrates every file and puts the results together.
func migrateFiles(c *cli.Context, files []string) (migrated, error) {
	all, m := rdf.NewGraph(), migrated{Notes: []profile.Note{}}
	contexts, err := givenContexts(c)
	if err != nil {
		return m, err
	}
	for i, name := range files {
		g, err := readGraph(c, name, rdf.ReadOptions{Contexts: contexts})
		if err != nil {
			return m, err
		}
		g, notes, err := profile.Migrate(g, c.String("from"), c.String("to"))
		if err != nil {
			return m, usage("%w", err)
		}
		for _, n := range notes {
			n.File = name
			m.Notes = append(m.Notes, n)
		}
		label := ""
		if len(files) > 1 {
			label = "f" + strconv.Itoa(i+1) + "-"
		}
		addApart(all, g, label)
	}
	var b strings.Builder
	if err := rdf.WriteTurtle(&b, all, rdf.Prefixes()); err != nil {
		return m, cannotTell("%w", err)
	}
	m.Document = b.String()
	return m, nil
}

// addApart adds a graph whose blank nodes are not those of the others.
func addApart(all, g *rdf.Graph, label string) {
	for t := range g.All() {
		t.S, t.O = relabelled(t.S, label), relabelled(t.O, label)
		all.Add(t)
	}
}

// relabelled puts a label before that of a blank node, so that two documents do not share one.
func relabelled(t rdf.Term, label string) rdf.Term {
	if t.Kind == rdf.Blank {
		t.Value = label + t.Value
	}
	return t
}

// readGraph reads a file in the format its name ends in. Relative IRIs are those of the file.
func readGraph(c *cli.Context, name string, o rdf.ReadOptions) (*rdf.Graph, error) {
	format, ok := rdf.FormatOfName(name)
	if !ok {
		return nil, usage("%s: the name does not end as that of an RDF document, such as .ttl", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	defer f.Close()
	abs, err := filepath.Abs(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	base := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	o.File, o.Base = name, base.String()
	g, err := rdf.Read(c.Context, f, format, o)
	var syntax *rdf.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, negative("%s", catalogue.SyntaxFinding(syntax))
	case c.Context.Err() != nil:
		return nil, cannotTell("interrupted")
	case err != nil:
		return nil, usage("%w", err)
	}
	return g, nil
}

func writeNotes(name string, notes []profile.Note) error {
	doc, err := json.MarshalIndent(notes, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(doc, '\n'), 0o600)
}
