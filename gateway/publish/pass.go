package publish

import (
	"fmt"
	"math"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// pass is one pass over a source on its way.
type pass struct {
	p        *Publisher
	s        Source
	o        Options
	r        *Report
	standing *standing
	before   *memory // of the pass before
	next     *memory // of this one
	compared *catalogue.Comparison
	spool    *spool

	changes            []change // what is to be told, in the order of the documents; in that of the spool unless dry
	caught             []string // origins of what is confirmed again
	deleted, withheld  []string // origins
	maxItems, maxFinds int
}

// change is a description that is to be told or kept.
type change struct {
	Item
	at      catalogue.Source
	verdict catalogue.Verdict
	was     string // identifier at origin it was published by, where that is another
	drop    bool   // it turned out not to be fit
}

func (p *Publisher) newPass(s Source, o Options, r *Report, st *standing) *pass {
	x := &pass{
		p: p, s: s, o: o, r: r, standing: st, before: p.remembered(s), next: newMemory(s.Release),
		compared: catalogue.NewComparison(st.have), spool: &spool{dir: p.SpoolDir, left: p.MaxSpool}, maxItems: MaxItems, maxFinds: MaxFindings,
	}
	if x.spool.left <= 0 {
		x.spool.left = DefaultMaxSpool
	}
	if o.All {
		x.maxItems, x.maxFinds = math.MaxInt, math.MaxInt
	}
	return x
}

// take compares what is in a document with what is published. It is called in the order of the
// documents.
func (x *pass) take(a *assessed) error {
	x.r.Totals.Documents++
	if a.same {
		x.r.Totals.Same++
	}
	x.find(a.findings...)
	x.r.repeat(a.warnings, a.notes)
	for _, q := range a.quarantined {
		x.compared.Unfit(q.Identifier, q.at)
		x.r.quarantine(x.maxItems, q.Item)
	}
	fit := make([]candidate, 0, len(a.fit))
	for _, c := range a.fit {
		kept, err := x.compare(c)
		if err != nil {
			return fmt.Errorf("%s: %w", a.file, err)
		}
		if kept {
			c.told = nil
			fit = append(fit, c)
		}
	}
	x.next.keep(a, fit, x.before)
	return nil
}

// find takes findings into the report, and what they hold into the comparison.
func (x *pass) find(findings ...catalogue.Finding) {
	for _, f := range findings {
		x.compared.Hold(f)
	}
	x.r.find(x.maxFinds, findings...)
}

// compare says what is to become of a description. It is not kept when another has its identifier.
func (x *pass) compare(c candidate) (kept bool, err error) {
	first, _ := x.compared.First(c.identifier)
	verdict := x.compared.See(c.identifier, c.iri, c.digest, c.at)
	item := Item{Identifier: c.identifier, IRI: c.iri, Title: c.title, Place: c.at.String()}
	switch verdict {
	case catalogue.Duplicate:
		x.find(record(c).DuplicateOf(first))
		x.r.quarantine(x.maxItems, item)
		return false, nil
	case catalogue.Unchanged:
		x.r.Read++
		x.r.Unchanged++
		if x.standing.behind[c.identifier] {
			x.caught = append(x.caught, c.identifier)
		}
		if !x.standing.undescribed[c.identifier] || x.o.DryRun {
			return true, nil
		}
	default:
		x.r.Read++
	}
	x.changes = append(x.changes, change{Item: item, at: c.at, verdict: verdict})
	if x.o.DryRun {
		return true, nil
	}
	if c.told == nil {
		return false, fmt.Errorf("the description of %q is not at hand", c.identifier)
	}
	_, err = x.spool.add(c.told)
	return true, err
}

// record is as much of a record as a finding needs.
func record(c candidate) catalogue.Record {
	return catalogue.Record{Identifier: c.identifier, IRI: c.iri, Source: c.at}
}

// tell puts what is to be done into the report.
func (x *pass) tell() {
	var created, updated, deleted, withheld []Item
	for _, c := range x.changes {
		switch {
		case c.drop || c.verdict == catalogue.Unchanged:
		case c.verdict == catalogue.Update:
			updated = append(updated, c.Item)
		default:
			created = append(created, c.Item)
		}
	}
	for _, id := range x.deleted {
		deleted = append(deleted, x.published(id))
	}
	for _, id := range x.withheld {
		withheld = append(withheld, x.published(id))
	}
	r := x.r
	r.Totals.Created, r.Totals.Updated, r.Totals.Deleted, r.Totals.Withheld = len(created), len(updated), len(deleted), len(withheld)
	for to, items := range map[*[]Item][]Item{&r.Created: created, &r.Updated: updated, &r.Deleted: deleted, &r.Withheld: withheld} {
		if len(items) > 0 {
			*to = list(items, x.maxItems)
		}
	}
	catalogue.SortFindings(r.Findings)
}

// published is an item that is published and was not seen.
func (x *pass) published(origin string) Item {
	i := Item{Identifier: origin}
	if have := x.standing.have[origin]; have.Published != origin {
		i.As = have.Published
	}
	return i
}
