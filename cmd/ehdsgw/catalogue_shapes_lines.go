package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/shacl"
)

// newJudged puts a report into words.
func newJudged(words *shacl.Wording, r *shacl.Report, data []shacl.Source, broken []catalogue.Finding, defects []shacl.Defect) *judged {
	j := &judged{Conforms: r.Conforms && len(broken) == 0, Files: len(data) + len(broken), Results: []judgement{}, Defects: defects}
	if defects == nil {
		j.Defects = []shacl.Defect{}
	}
	for _, d := range data {
		j.Triples += d.Graph.Len()
	}
	for _, f := range broken {
		j.Results = append(j.Results, judgement{Finding: f})
	}
	for i := range r.Results {
		j.Results = append(j.Results, newJudgement(words, &r.Results[i]))
	}
	return j
}

func newJudgement(words *shacl.Wording, r *shacl.Result) judgement {
	j := judgement{
		Finding: words.Finding(r.File, r), Focus: r.Focus.String(), Value: r.Value.String(),
		Component: r.Component, Shape: r.Shape.String(),
	}
	for i := range r.Details {
		j.Details = append(j.Details, newJudgement(words, &r.Details[i]))
	}
	return j
}

// lines are the results as a compiler would print them: the finding, the value, what to do.
func (j *judged) lines() output.Lines {
	var lines output.Lines
	for _, r := range j.Results {
		lines = append(lines, r.String())
		if r.Path != "" && r.Value != "" {
			lines = append(lines, "  "+r.Path+" "+r.Value)
		}
		if r.Hint != "" {
			lines = append(lines, "  "+r.Hint)
		}
	}
	return lines
}

func (j *judged) count() map[catalogue.Severity]int {
	n := map[catalogue.Severity]int{}
	for _, r := range j.Results {
		n[r.Severity]++
	}
	return n
}

func (j *judged) summary() string {
	n := j.count()
	verdict := "conforms"
	switch {
	case n[catalogue.Violation] > 0:
		verdict = "does not conform"
	case !j.Conforms:
		verdict = "no violation"
	}
	return fmt.Sprintf("%d file(s), %d triples: %d violation(s), %d warning(s), %d note(s); %s",
		j.Files, j.Triples, n[catalogue.Violation], n[catalogue.Warning], n[catalogue.Info], verdict)
}

// verdict is the exit code: a violation is a no, and strictly everything that does not conform.
func (j *judged) verdict(strict, skipped bool) error {
	switch {
	case j.count()[catalogue.Violation] > 0, strict && !j.Conforms:
		return said(exitNegative)
	case strict && skipped:
		return cannotTell("the shapes ask for something that cannot be checked; see their defects")
	}
	return nil
}

// warnOfDefects tells whoever minds the shapes what is wrong with them. Imports that were not followed
// are so usual that they are counted only.
func warnOfDefects(c *cli.Context, defects []shacl.Defect) {
	imports := 0
	for _, d := range defects {
		if d.Code == shacl.DefectImport {
			imports++
			continue
		}
		_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(fmt.Sprintf("shapes: %s:%d: %s %s: %s", d.File, d.Line, d.What, d.Name, d.Action)))
	}
	if imports > 0 {
		_, _ = fmt.Fprintf(c.App.ErrWriter, "shapes: %d owl:imports not followed: nothing is fetched; name what is needed with --shapes or --background\n", imports)
	}
}

// warnOfBroken tells what a report in RDF cannot: that a file could not be read.
func warnOfBroken(c *cli.Context, broken []catalogue.Finding) {
	for _, f := range broken {
		_, _ = fmt.Fprintln(c.App.ErrWriter, output.Safe(f.String()))
	}
}
