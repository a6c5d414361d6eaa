package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// shapesFlags are those of catalogue validate --shapes.
func shapesFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "shapes", Usage: "judge by the SHACL shapes in `FILE` or directory instead; repeatable"},
		&cli.StringSliceFlag{Name: "background", Usage: "`FILE` or directory with vocabularies and classes the data refers to; repeatable (with --shapes)"},
		contextFlag(),
		&cli.StringFlag{Name: "report", Usage: "print the SHACL validation report as RDF, in `FORMAT` turtle or ntriples (with --shapes)"},
		&cli.BoolFlag{Name: "strict", Usage: "warnings and notes count too, and constraints that cannot be checked (with --shapes)"},
	}
}

// onlyWithShapes refuses flags that mean nothing without --shapes.
func onlyWithShapes(c *cli.Context) error {
	for _, name := range []string{"background", "report", "strict"} {
		if c.IsSet(name) {
			return usage("--%s belongs to --shapes, which is not given", name)
		}
	}
	return nil
}

// judged is what catalogue validate --shapes prints as JSON.
type judged struct {
	Conforms bool           `json:"conforms"` // no result of whatever severity (SHACL §3.6.1.1)
	Files    int            `json:"files"`
	Triples  int            `json:"triples"`
	Results  []judgement    `json:"results"`
	Defects  []shacl.Defect `json:"defects"` // of the shapes
}

// judgement is a result with what a finding leaves out.
type judgement struct {
	catalogue.Finding
	Focus     string      `json:"focus,omitempty"` // in N-Triples, as value and shape
	Value     string      `json:"value,omitempty"`
	Component string      `json:"component,omitempty"`
	Shape     string      `json:"shape,omitempty"`
	Details   []judgement `json:"details,omitempty"`
}

func catalogueShapes(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	report := rdf.Format(c.String("report"))
	if c.IsSet("report") && report != rdf.Turtle && report != rdf.NTriples {
		return usage("--report: %q is neither turtle nor ntriples", report)
	}
	if c.NArg() == 0 {
		return usage("no data file is named; see '%s --help'", c.Command.HelpName)
	}
	o, err := convertOptions(c)
	if err != nil {
		return err
	}
	shapes, err := openShapes(c, o)
	if err != nil {
		return err
	}
	data, broken, err := readSources(c.Context, c.Args().Slice(), o)
	if err != nil {
		return err
	}
	r, err := shapes.ValidateSources(c.Context, data...)
	if err != nil {
		return cannotTell("%w", err)
	}
	words := shacl.NewWording(c.String("lang"), nil)
	j := newJudged(words, r, data, broken, shapes.Defects())
	switch {
	case !c.IsSet("report"):
		err = p.Print(j, j.lines(), output.Lines{j.summary()})
	case report == rdf.Turtle:
		err = rdf.WriteTurtle(c.App.Writer, r.GraphIn(words), reportPrefixes())
	default:
		err = rdf.WriteNTriples(c.App.Writer, r.GraphIn(words).All())
	}
	if err != nil {
		return err
	}
	if c.IsSet("report") {
		warnOfBroken(c, broken)
	}
	if p.Format != output.JSON {
		warnOfDefects(c, j.Defects)
	}
	return j.verdict(c.Bool("strict"), shapes.Skipped())
}

// openShapes compiles the shapes files together.
func openShapes(c *cli.Context, read rdf.ReadOptions) (*shacl.Shapes, error) {
	sources, broken, err := readSources(c.Context, c.StringSlice("shapes"), read)
	if err != nil {
		return nil, err
	}
	background, more, err := readSources(c.Context, c.StringSlice("background"), read)
	if err != nil {
		return nil, err
	}
	if broken = append(broken, more...); len(broken) > 0 {
		return nil, usage("%s", broken[0].String())
	}
	o := shacl.Options{File: sources[0].File, More: sources[1:]}
	for _, b := range background {
		o.Background = append(o.Background, b.Graph)
	}
	return shacl.Compile(sources[0].Graph, o)
}

// readSources reads RDF files, and those below directories. What is malformed is a finding.
func readSources(ctx context.Context, names []string, o rdf.ReadOptions) (sources []shacl.Source, broken []catalogue.Finding, err error) {
	for _, name := range names {
		files, err := rdfFiles(name)
		if err != nil {
			return nil, nil, err
		}
		for _, file := range files {
			g, err := readRDF(ctx, file, o)
			var syntax *rdf.SyntaxError
			switch {
			case errors.As(err, &syntax):
				broken = append(broken, catalogue.SyntaxFinding(syntax))
			case errors.Is(err, context.Canceled):
				return nil, nil, cannotTell("interrupted")
			case err != nil:
				return nil, nil, usage("%w", err)
			default:
				sources = append(sources, shacl.Source{File: file, Graph: g})
			}
		}
	}
	return sources, broken, nil
}

// rdfFiles lists the RDF files below a directory, or the one file that is named.
func rdfFiles(name string) ([]string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	if !info.IsDir() {
		return []string{name}, nil
	}
	var files []string
	err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if _, known := rdf.FormatOfName(path); err == nil && known && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, usage("%w", err)
	case len(files) == 0:
		return nil, usage("%s: no file in it is named as RDF is, such as x.ttl", name)
	}
	return files, nil
}

// readRDF reads a file in the format its name tells.
func readRDF(ctx context.Context, name string, o rdf.ReadOptions) (*rdf.Graph, error) {
	format, ok := rdf.FormatOfName(name)
	if !ok {
		return nil, fmt.Errorf("%s: the name does not tell the format; use .ttl, .nt or another ending of RDF", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	absolute, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	o.File, o.Base = name, "file://"+filepath.ToSlash(absolute)
	return rdf.Read(ctx, f, format, o)
}

// reportPrefixes are those a validation report needs besides the usual ones.
func reportPrefixes() map[string]string {
	prefixes := rdf.Prefixes()
	prefixes["sh"] = shacl.NS
	return prefixes
}
