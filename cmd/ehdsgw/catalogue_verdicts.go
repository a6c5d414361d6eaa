package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
)

// verdict is what the rule sets say about one dataset.
type verdict struct {
	File       string          `json:"file"`
	Line       int             `json:"line"`
	IRI        string          `json:"iri,omitempty"`
	Identifier string          `json:"identifier,omitempty"`
	Meets      map[string]bool `json:"meets"` // by rule set: no violation
}

// bench judges records by several rule sets and remembers which set found what.
type bench struct {
	sets     []*profile.RuleSet
	progress io.Writer // for people; nil says nothing
	now      func() time.Time

	mu       sync.Mutex
	verdicts []verdict
	finders  map[catalogue.Finding][]string
	told     time.Time
}

// progressEvery is how often long work says how far it is.
const progressEvery = 5 * time.Second

func newBench(names []string, lang string, progress io.Writer, now func() time.Time) (*bench, error) {
	b := &bench{progress: progress, now: now, finders: map[catalogue.Finding][]string{}, told: now()}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		s, err := profile.Open(name)
		if err != nil {
			return nil, usage("--profile: %w; see 'ehdsgw catalogue profiles'", err)
		}
		b.sets = append(b.sets, s.In(lang))
	}
	return b, nil
}

// validate judges one record. What several sets find alike is one finding.
func (b *bench) validate(r catalogue.Record) []catalogue.Finding {
	v := verdict{File: r.Source.File, Line: r.Source.Line, IRI: r.IRI, Identifier: r.Identifier, Meets: map[string]bool{}}
	for _, s := range b.sets {
		v.Meets[s.Name] = true
	}
	judgements := profile.Together(r, b.sets...)
	all := make([]catalogue.Finding, 0, len(judgements))
	for _, j := range judgements {
		all = append(all, j.Finding)
		for _, name := range j.By {
			v.Meets[name] = v.Meets[name] && j.Severity != catalogue.Violation
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, j := range judgements {
		b.finders[j.Finding] = j.By
	}
	b.verdicts = append(b.verdicts, v)
	b.tell()
	return all
}

// tell says how many datasets have been judged, now and then. b.mu is held.
func (b *bench) tell() {
	if now := b.now(); b.progress != nil && now.Sub(b.told) >= progressEvery {
		b.told = now
		_, _ = fmt.Fprintf(b.progress, "%d datasets judged\n", len(b.verdicts))
	}
}

// several says whether there is anything to compare.
func (b *bench) several() bool { return len(b.sets) > 1 }

// ordered are the verdicts in the order of the documents.
func (b *bench) ordered() []verdict {
	slices.SortStableFunc(b.verdicts, func(x, y verdict) int {
		return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), strings.Compare(x.Identifier, y.Identifier))
	})
	return b.verdicts
}

// found is a finding with the rule sets it is of. Findings about documents are of none.
type found struct {
	catalogue.Finding
	Profiles []string `json:"profiles,omitempty"` // when several were asked for
}

// attribute says of each finding which sets have it.
func (b *bench) attribute(findings []catalogue.Finding) []found {
	out := make([]found, 0, len(findings))
	for _, f := range findings {
		one := found{Finding: f}
		if b.several() {
			one.Profiles = b.finders[f]
		}
		out = append(out, one)
	}
	return out
}

// lines are findings as a compiler would print them, each with what to do about it. One that not all rule
// sets have says who has it.
func (b *bench) lines(findings []found) output.Lines {
	lines := make(output.Lines, 0, 2*len(findings))
	for _, f := range findings {
		line := f.String()
		if len(f.Profiles) > 0 && len(f.Profiles) < len(b.sets) {
			line += " (only " + strings.Join(f.Profiles, ", ") + ")"
		}
		lines = append(lines, line)
		if f.Hint != "" {
			lines = append(lines, "  "+f.Hint)
		}
	}
	return lines
}

// table shows the verdicts side by side.
func (b *bench) table() output.Grid {
	g := output.Grid{Head: []string{"DATASET"}}
	for _, s := range b.sets {
		g.Head = append(g.Head, strings.ToUpper(s.Name))
	}
	for _, v := range b.ordered() {
		row := []string{cmp.Or(v.IRI, v.Identifier, fmt.Sprintf("%s:%d", v.File, v.Line))}
		for _, s := range b.sets {
			row = append(row, yes(v.Meets[s.Name]))
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}
