package publish

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// MaxDiff bounds the statements of each side of a difference that are shown.
const MaxDiff = 500

// History is what happened to a publication, oldest first.
type History struct {
	Row
	Steps []Step `json:"steps"`
}

// Step is one thing that happened, with what it changed in the description.
type Step struct {
	catalogue.PublicationStep
	Diff *Diff `json:"diff,omitempty"` // of a description that was told
}

// Diff is what one version of a description has that the one told before has not, and the reverse: as
// canonical N-Quads, blank nodes by their canonical labels. One that is added may rename the others.
type Diff struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	// LeftOut is how many statements are beyond MaxDiff.
	LeftOut int `json:"left_out,omitempty"`
	// Unknown says that the version, or the one before, is no longer kept.
	Unknown bool `json:"unknown,omitempty"`
}

// History tells what happened to a publication: who did what, when, and what changed. Names are as for
// Find. The steps and the versions kept are bounded; the oldest go first.
func (p *Publisher) History(ctx context.Context, name string) (History, error) {
	row, err := p.Find(ctx, name)
	if err != nil {
		return History{}, err
	}
	id := ehds.DatasetCase(p.Country, row.Identifier).String()
	c, _, err := p.Record.Case(ctx, id)
	if err != nil {
		return History{}, fmt.Errorf("history of %q: %w", row.Identifier, err)
	}
	pub, err := publicationOf(c.Doc)
	if err != nil {
		return History{}, fmt.Errorf("history of %q: %w", row.Identifier, err)
	}
	versions, err := p.Record.DescriptionVersions(ctx, id)
	if err != nil {
		return History{}, fmt.Errorf("history of %q: %w", row.Identifier, err)
	}
	return History{row, steps(pub.History, versions)}, nil
}

// steps joins what happened with what was told: a version is told by the step at whose time it was
// written, for both are one commit.
func steps(list []catalogue.PublicationStep, versions []store.Description) []Step {
	byTime := make(map[int64]int, len(versions))
	for n, v := range versions {
		byTime[v.At.UnixMicro()] = n
	}
	out := make([]Step, 0, len(list))
	for _, s := range list {
		step := Step{PublicationStep: s}
		if s.Digest != "" && s.What == catalogue.StepQueued {
			step.Diff = &Diff{Unknown: true}
			if n, kept := byTime[s.At.UnixMicro()]; kept && versions[n].Digest == s.Digest {
				step.Diff = diffTo(versions, n)
			}
		}
		out = append(out, step)
	}
	return out
}

// diffTo is what version n changed.
func diffTo(versions []store.Description, n int) *Diff {
	var before []byte
	switch {
	case n > 0 && versions[n-1].Version == versions[n].Version-1:
		before = versions[n-1].Content
	case versions[n].Version > 1:
		return &Diff{Unknown: true}
	}
	d := &Diff{}
	d.Added = d.beyond(before, versions[n].Content)
	d.Removed = d.beyond(versions[n].Content, before)
	return d
}

// beyond lists the lines of b that a has not. Both are sorted, as canonical forms are.
func (d *Diff) beyond(a, b []byte) (out []string) {
	has := map[string]bool{}
	for line := range bytes.Lines(a) {
		has[string(line)] = true
	}
	for line := range bytes.Lines(b) {
		switch {
		case has[string(line)]:
		case len(out) == MaxDiff:
			d.LeftOut++
		default:
			out = append(out, string(bytes.TrimRight(line, "\n")))
		}
	}
	return out
}
