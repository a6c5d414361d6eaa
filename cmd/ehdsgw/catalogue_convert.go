package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func catalogueConvertCommand() *cli.Command {
	return &cli.Command{
		Name: "convert", Usage: "rewrite RDF files in another format", ArgsUsage: "FILE...|-",
		Description: "Prints one document with the statements of all files, the same bytes for the same statements. Blank\n" +
			"nodes of different files stay apart. A file that does not parse prints nothing and exits 1, with\n" +
			"file, line and column. Turtle has no room for named graphs; N-Quads and JSON-LD have.\n\n" +
			"JSON-LD contexts that a document names are not fetched. These are known without being given:\n  " +
			strings.Join(rdf.BundledContexts(), "\n  ") + "\n\n" +
			"Examples:\n  ehdsgw catalogue convert --to turtle catalogue.rdf > catalogue.ttl\n" +
			"  ehdsgw catalogue convert --to nquads --context https://example.org/c.jsonld=c.jsonld data.jsonld",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "to", Usage: "`FORMAT` wanted: " + strings.Join(targetNames(), ", ")},
			&cli.StringFlag{Name: "from", Usage: "`FORMAT` of the files, when their names do not tell: " + strings.Join(formatNames(), ", ")},
			contextFlag(),
			&cli.StringFlag{Name: "base", Usage: "`IRI` against which relative IRIs are resolved; without, they are refused"},
		},
		Action: catalogueConvert,
	}
}

func contextFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "context", Usage: "read the JSON-LD context called IRI from FILE: `IRI=FILE`; repeatable"}
}

// target is a format that convert writes.
type target struct {
	format rdf.Format
	write  func(io.Writer, []rdf.Quad) error
}

func targets() []target {
	return []target{
		{rdf.Turtle, writeTurtle},
		{rdf.NQuads, func(w io.Writer, quads []rdf.Quad) error { return rdf.WriteNQuadsSorted(w, slices.Values(quads)) }},
		{rdf.JSONLD, func(w io.Writer, quads []rdf.Quad) error {
			return rdf.WriteJSONLD(w, slices.Values(quads), rdf.Prefixes())
		}},
	}
}

func targetNames() (names []string) {
	for _, t := range targets() {
		names = append(names, string(t.format))
	}
	return names
}

func formatNames() (names []string) {
	for _, f := range rdf.Formats() {
		names = append(names, string(f))
	}
	return names
}

// errNamedGraph says that Turtle cannot hold what was read.
var errNamedGraph = errors.New("there are statements in named graphs, for which Turtle has no room; use --to nquads or --to jsonld")

func writeTurtle(w io.Writer, quads []rdf.Quad) error {
	g := rdf.NewGraph()
	for _, q := range quads {
		if !q.G.IsZero() {
			return errNamedGraph
		}
		g.Add(q.Triple)
	}
	return rdf.WriteTurtle(w, g, rdf.Prefixes())
}

func catalogueConvert(c *cli.Context) error {
	if c.NArg() == 0 {
		return usage("no file is named; see '%s --help'", c.Command.HelpName)
	}
	i := slices.IndexFunc(targets(), func(t target) bool { return string(t.format) == c.String("to") })
	if i < 0 {
		return usage("--to: one of %s is wanted", strings.Join(targetNames(), ", "))
	}
	o, err := convertOptions(c)
	if err != nil {
		return err
	}
	var quads []rdf.Quad
	for n, name := range c.Args().Slice() {
		apart := ""
		if c.NArg() > 1 {
			apart = "f" + strconv.Itoa(n+1) + "-"
		}
		if quads, err = convertFile(c, name, o, apart, quads); err != nil {
			return err
		}
	}
	var doc bytes.Buffer
	if err := targets()[i].write(&doc, quads); err != nil {
		return negative("%w", err)
	}
	_, err = doc.WriteTo(c.App.Writer) // a document, to the letter
	return err
}

// maxContext bounds a context document in bytes; the largest in use have some 200 kB.
const maxContext = 16 << 20

// convertOptions are those of the flags.
func convertOptions(c *cli.Context) (rdf.ReadOptions, error) {
	contexts, err := givenContexts(c)
	o := rdf.ReadOptions{Base: c.String("base"), Contexts: contexts}
	if from := rdf.Format(c.String("from")); err == nil && from != "" && !from.Known() {
		return o, usage("--from: %q is none of %s", from, strings.Join(formatNames(), ", "))
	}
	return o, err
}

// givenContexts reads the files of the flag --context.
func givenContexts(c *cli.Context) (map[string][]byte, error) {
	contexts := map[string][]byte{}
	for _, s := range c.StringSlice("context") {
		at := strings.LastIndexByte(s, '=') // an IRI may hold one
		if at <= 0 {
			return nil, usage("--context %q: IRI=FILE is wanted", s)
		}
		doc, err := readFile(c, s[at+1:], maxContext)
		if err != nil {
			return nil, err
		}
		contexts[s[:at]] = doc
	}
	return contexts, nil
}

// convertFile adds the statements of a file, or of standard input.
func convertFile(c *cli.Context, name string, o rdf.ReadOptions, apart string, quads []rdf.Quad) ([]rdf.Quad, error) {
	format := rdf.Format(c.String("from"))
	if format == "" {
		var ok bool
		if format, ok = rdf.FormatOfName(name); !ok {
			return nil, usage("%s: the name does not tell the format; add --from, one of %s", name, strings.Join(formatNames(), ", "))
		}
	}
	src := c.App.Reader
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, usage("%w", err)
		}
		defer f.Close()
		src = f
	}
	o.File = name
	err := rdf.Parse(c.Context, src, format, o, func(q rdf.Quad) error {
		q.S, q.O, q.G = relabelled(q.S, apart), relabelled(q.O, apart), relabelled(q.G, apart)
		quads = append(quads, q)
		return nil
	})
	var syntax *rdf.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, negative("%s", catalogue.SyntaxFinding(syntax))
	case c.Context.Err() != nil:
		return nil, cannotTell("interrupted")
	case err != nil:
		return nil, usage("%s: %w", name, err)
	}
	return quads, nil
}
