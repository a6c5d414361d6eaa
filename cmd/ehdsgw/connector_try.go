package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// shownFindings are printed; the rest is counted. As JSON all are there.
const shownFindings = 20

func connectorTestCommand() *cli.Command {
	return &cli.Command{
		Name: "test", Usage: "read a catalogue source as the gateway would, and say what comes; nothing is sent or kept",
		Description: "Reads up to --max-pages pages and judges what is described, before the source is configured or after.\n" +
			"Exit 0: it was read and everything may be published; 1: something may not, or there is nothing; 3: it\n" +
			"could not be read to its end, so nobody can tell.\n\n" +
			"Examples:\n  ehdsgw connector test --driver ckan --location https://data.example\n  ehdsgw connector test --source national -c hub/ehdsgw.yaml",
		Flags: append(append(sourceFlags(),
			&cli.IntFlag{Name: "max-pages", Value: 10, Usage: "stop after `N` pages"},
			outputFlag(),
		), egressFlags()...),
		Action: connectorTest,
	}
}

// trial is what connector test prints.
type trial struct {
	Driver       string              `json:"driver"`
	Location     string              `json:"location"`
	Capabilities abilities           `json:"capabilities"`
	Complete     bool                `json:"complete"` // read to its end
	Stopped      bool                `json:"stopped"`  // at --max-pages
	Error        string              `json:"error,omitempty"`
	Pages        int                 `json:"pages"`
	Documents    int                 `json:"documents"`
	Unreadable   int                 `json:"unreadable"`
	Read         int                 `json:"read"` // datasets and documents, the quarantined included
	Valid        int                 `json:"valid"`
	Quarantined  int                 `json:"quarantined"`
	Findings     []catalogue.Finding `json:"findings"`
	Took         time.Duration       `json:"took_ns"`
}

// abilities are the driver's own word.
type abilities struct {
	Since      bool `json:"since"`
	Tombstones bool `json:"tombstones"`
	Paged      bool `json:"paged"`
}

func connectorTest(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if c.NArg() > 0 {
		return usage("%q: everything is given as flags; see '%s --help'", c.Args().First(), c.Command.HelpName)
	}
	if c.Int("max-pages") < 1 {
		return usage("--max-pages: at least 1")
	}
	s, o, err := chosenSource(c)
	if err != nil {
		return err
	}
	driver, err := openSource(s, o)
	if err != nil {
		return err
	}
	t, err := try(c.Context, s, &probe{Catalogue: driver, most: c.Int("max-pages")})
	if err != nil {
		return err
	}
	if err := p.Print(t, t.summary(), t.lines()); err != nil {
		return err
	}
	switch {
	case !t.Complete && !t.Stopped:
		return said(exitCannotTell)
	case t.Quarantined > 0 || t.Read == 0:
		return said(exitNegative)
	}
	return nil
}

// try makes a dry run over a source against an empty record: it is judged as publishing would.
func try(ctx context.Context, s config.Source, d *probe) (*trial, error) {
	b, err := newBench([]string{s.Profile}, "en", nil, time.Now)
	if err != nil {
		return nil, err
	}
	host := connectors.Host{Instance: s.Name, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	publisher := &publish.Publisher{
		Record: emptyRecord{}, Clock: time.Now, Logger: host.Logger,
		Sources: []publish.Source{{
			Name: s.Name, Driver: connectors.GuardCatalogue(d, host, connectors.DefaultDeadlines()), Release: publish.Release(s.Profile),
			Normalise: publish.Migration(s.Profile), Validate: b.validate,
		}},
	}
	r, err := publisher.Run(ctx, s.Name, publish.Options{DryRun: true, Force: true, All: true})
	if errors.Is(err, context.Canceled) {
		return nil, cannotTell("interrupted")
	}
	can := d.Capabilities()
	t := &trial{
		Driver: s.Driver, Location: s.Location, Capabilities: abilities{can.Since, can.Tombstones, can.Paged},
		Complete: err == nil && !d.stopped, Stopped: d.stopped, Pages: d.pages, Documents: d.documents, Unreadable: d.unreadable,
		Read: r.Read, Valid: len(r.Created), Quarantined: len(r.Quarantined), Findings: r.Findings, Took: r.Took,
	}
	if t.Findings == nil {
		t.Findings = []catalogue.Finding{}
	}
	if err != nil {
		t.Error = err.Error()
	}
	return t, nil
}

func (t *trial) summary() output.Fields {
	end := "yes"
	switch {
	case t.Stopped:
		end = "stopped at --max-pages; there is more"
	case !t.Complete:
		end = "no: " + t.Error
	}
	deletions := "absence from a complete pass"
	if t.Capabilities.Tombstones {
		deletions = "told by the source"
	}
	return output.Fields{
		{Name: "driver", Value: t.Driver}, {Name: "location", Value: t.Location},
		{Name: "changes since a time", Value: strconv.FormatBool(t.Capabilities.Since)}, {Name: "deletions", Value: deletions},
		{Name: "read to the end", Value: end},
		{Name: "pages", Value: strconv.Itoa(t.Pages)}, {Name: "documents", Value: fmt.Sprintf("%d, %d of them not readable", t.Documents, t.Unreadable)},
		{Name: "datasets", Value: fmt.Sprintf("%d may be published, %d quarantined", t.Valid, t.Quarantined)},
		{Name: "findings", Value: strconv.Itoa(len(t.Findings))}, {Name: "took", Value: t.Took.Round(time.Millisecond).String()},
	}
}

func (t *trial) lines() output.Lines {
	lines := output.Lines{}
	if len(t.Findings) > 0 {
		lines = append(lines, "")
	}
	if len(t.Findings) <= shownFindings {
		return append(lines, catalogueLines(t.Findings)...)
	}
	lines = append(lines, catalogueLines(t.Findings[:shownFindings])...)
	return append(lines, fmt.Sprintf("and %d more; --output json has them all", len(t.Findings)-shownFindings))
}
