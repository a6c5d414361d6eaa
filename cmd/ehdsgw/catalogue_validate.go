package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// emptyRecord is a record in which nothing was ever published. A dry run against it is a validation,
// and judges exactly as publishing does.
type emptyRecord struct{ publish.Record }

// Cases has none.
func (emptyRecord) Cases(context.Context, string, string, int) ([]store.Case, error) { return nil, nil }

// validation is what catalogue validate prints as JSON.
type validation struct {
	Read        int            `json:"read"` // datasets and documents, the quarantined included
	Valid       []publish.Item `json:"valid"`
	Quarantined []publish.Item `json:"quarantined"`
	Findings    []found        `json:"findings"`
	Verdicts    []verdict      `json:"verdicts,omitempty"` // when several rule sets were asked for
}

func catalogueValidate(c *cli.Context) error {
	switch {
	case c.IsSet("shapes") && c.IsSet("profile"):
		return usage("--shapes and --profile: judge by one or the other")
	case c.IsSet("shapes"):
		return catalogueShapes(c)
	}
	if err := onlyWithShapes(c); err != nil {
		return err
	}
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		return usage("no file and no directory is named; see '%s --help'", c.Command.HelpName)
	}
	contexts, err := givenContexts(c)
	if err != nil {
		return err
	}
	files, err := openFiles(c.Args().Slice(), contexts)
	if err != nil {
		return err
	}
	b, err := newBench(c.StringSlice("profile"), c.String("lang"), c.App.ErrWriter, time.Now)
	if err != nil {
		return err
	}
	publisher := &publish.Publisher{
		Record: emptyRecord{}, Clock: time.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Sources: []publish.Source{{Name: "files", Driver: files, Release: profile.Release, Validate: b.validate}},
	}
	r, err := publisher.Run(c.Context, "files", publish.Options{DryRun: true, Force: true, All: true})
	if err != nil {
		return unread(err)
	}
	v := validation{Read: r.Read, Valid: r.Created, Quarantined: r.Quarantined, Findings: b.attribute(r.Findings)}
	if v.Quarantined == nil {
		v.Quarantined = []publish.Item{}
	}
	views := []output.View{b.lines(v.Findings), v.summary()}
	if b.several() {
		v.Verdicts = b.ordered()
		views = append(views, output.Lines{""}, b.table())
	}
	if err := p.Print(v, views...); err != nil {
		return err
	}
	if len(v.Quarantined) > 0 || v.Read == 0 {
		return said(exitNegative)
	}
	return nil
}

// unread says why the files could not be read to the end.
func unread(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return cannotTell("interrupted")
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return usage("%w", err)
	}
	return usage("%w; give files that end in .ttl, .trig, .nt, .nq, .rdf or .jsonld, or directories that hold some", err)
}

func (v validation) summary() output.Lines {
	if v.Read == 0 {
		return output.Lines{"no dataset description found"}
	}
	n := map[catalogue.Severity]int{}
	for _, f := range v.Findings {
		n[f.Severity]++
	}
	return output.Lines{fmt.Sprintf("%d read, %d may be published, %d quarantined; %d violation(s), %d warning(s), %d note(s)",
		v.Read, len(v.Valid), len(v.Quarantined), n[catalogue.Violation], n[catalogue.Warning], n[catalogue.Info])}
}

// catalogueLines are findings as a compiler would print them, each with what to do about it.
func catalogueLines(findings []catalogue.Finding) output.Lines {
	lines := make(output.Lines, 0, len(findings))
	for _, f := range findings {
		lines = append(lines, f.String())
		if f.Hint != "" {
			lines = append(lines, "  "+f.Hint)
		}
	}
	return lines
}

// openFiles makes one source of several files and directories.
func openFiles(paths []string, contexts map[string][]byte) (*fileSet, error) {
	s := &fileSet{}
	for _, path := range paths {
		if strings.Contains(path, "://") {
			return nil, usage("%s: only files and directories are validated; download it first", path)
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, usage("%w", err)
		}
		part, err := openPart(path, info.IsDir(), contexts)
		if err != nil {
			return nil, usage("%s: %w", path, err)
		}
		s.parts = append(s.parts, part)
	}
	return s, nil
}
