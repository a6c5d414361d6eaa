package mirror

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// pass is one reading of the catalogue.
type pass struct {
	m      *Mirror
	name   string // unlike that of any other pass
	began  time.Time
	took   time.Duration // to read the pages, by our clock
	since  time.Time
	have   map[string]string // version by key, of what is mirrored
	seen   map[string]bool   // keys shown; false for what is not to be mirrored
	spool  *spool
	latest time.Time // the last change seen
	total  int       // announced last; negative when not
	report Report
	// each takes a description shown for the first time. said is what is said beside it, the nearest
	// first.
	each func(ctx context.Context, said []*rdf.Graph, r catalogue.Record) error
}

// read follows the pages to the end and spools what is new.
func (p *pass) read(ctx context.Context) error {
	at, err := p.first()
	if err != nil {
		return err
	}
	visited := map[string]bool{}
	for {
		if visited[at.String()] {
			return fmt.Errorf("%w: %s again", ErrLoop, at)
		}
		visited[at.String()] = true
		if p.report.Pages++; p.report.Pages > maxPages {
			return fmt.Errorf("%w: more than %d pages", ErrBounds, maxPages)
		}
		if err := p.m.room(); err != nil {
			return err
		}
		page, err := p.fetch(ctx, at)
		if err != nil {
			return err
		}
		before := p.report.Read
		if err := p.take(ctx, page); err != nil {
			return err
		}
		if page.total >= 0 {
			p.total = page.total
		}
		if page.next == "" {
			break
		}
		if p.report.Read == before {
			return fmt.Errorf("%w: %s shows nothing new and goes on", ErrLoop, at)
		}
		if at, err = url.Parse(page.next); err != nil {
			return fmt.Errorf("%w: %w", ErrPage, err)
		}
	}
	switch {
	case p.total >= 0 && p.report.Read < p.total:
		return fmt.Errorf("%w: %d of %d datasets", ErrHalf, p.report.Read, p.total)
	case p.report.Complete && p.report.Read == 0 && len(p.have) > 0:
		return ErrEmpty
	}
	return nil
}

// take reads the datasets of a page.
func (p *pass) take(ctx context.Context, page page) error {
	for _, part := range page.parts {
		if err := p.takePart(ctx, page, part); err != nil {
			return err
		}
	}
	return nil
}

// takePart reads the datasets of one graph of a page.
func (p *pass) takePart(ctx context.Context, page page, part *rdf.Graph) error {
	records, findings, err := catalogue.Records(ctx, part, page.at.String())
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.Severity == catalogue.Violation {
			p.unfit(ctx, f)
		}
	}
	for _, r := range records {
		if p.again(r.Identifier, r.Source.String()) {
			continue
		}
		if p.report.Read > maxDatasets {
			return fmt.Errorf("%w: more than %d datasets", ErrBounds, maxDatasets)
		}
		said := []*rdf.Graph{part, page.graph}
		if at := changed(said, r.Subject); at.After(p.latest) {
			p.latest = at
		}
		if err := p.each(ctx, said, r); err != nil {
			return err
		}
	}
	return nil
}

// unfit counts a dataset that is shown and cannot be read. What is mirrored of it stays.
func (p *pass) unfit(ctx context.Context, f catalogue.Finding) {
	if p.again(f.Identifier, f.Subject+" "+catalogue.Source{File: f.File, Line: f.Line}.String()) {
		return
	}
	p.report.Unfit++
	p.m.Logger.DebugContext(ctx, "a description of the EU catalogue was left out", "code", f.Code, "id", f.Identifier)
}

// again counts a dataset the first time it is shown. Pages may overlap when the catalogue changes under
// the reader. otherwise names a dataset without identifier.
func (p *pass) again(identifier, otherwise string) bool {
	key := search.EUKey(identifier)
	if identifier == "" {
		key = "none:" + otherwise
	}
	if _, shown := p.seen[key]; shown {
		return true
	}
	p.seen[key] = true
	p.report.Read++
	return false
}

// dataset takes one description for the index.
func (p *pass) dataset(ctx context.Context, said []*rdf.Graph, r catalogue.Record) error {
	if r.Identifier == "" || len(r.Identifier) > maxIdentifier {
		p.report.Unfit++
		p.m.Logger.DebugContext(ctx, "a description of the EU catalogue was left out", "code", catalogue.CodeMissingProperty, "id", r.IRI)
		return nil
	}
	key := search.EUKey(r.Identifier)
	nation := country(said, r.Subject)
	if nation != "" && nation == p.m.Skip {
		p.report.Skipped++
		p.seen[key] = false
		return nil
	}
	if p.have[key] == r.Digest {
		p.report.Unchanged++
		return nil
	}
	s := catalogue.Summarise(r.Graph, r.Subject)
	d := search.Describe(s)
	d.Key, d.Origin, d.Country, d.CentralID, d.Version, d.Content = key, search.EU, nation, s.Identifier, r.Digest, r.NQuads
	if d.Modified.IsZero() {
		d.Modified = changed(said, r.Subject)
	}
	d.Identifier = ""
	if len(s.Origins) > 0 {
		d.Identifier = s.Origins[0]
	}
	p.report.Put++
	return p.spool.put(d)
}

// maxIdentifier bounds a key of the index, in bytes.
const maxIdentifier = 512

// changed is when the catalogue record of a dataset last changed; zero when none says. Of several times the
// earliest counts: a description may hold what looks like a record of it, and a time to come would hide
// the changes until then.
func changed(said []*rdf.Graph, dataset rdf.Term) (first time.Time) {
	for _, g := range said {
		for _, record := range g.Subjects(foafTopic, dataset) {
			for _, o := range g.Objects(record, dctModified) {
				at, err := time.Parse(time.RFC3339Nano, o.Value)
				if err == nil && (first.IsZero() || at.Before(first)) {
					first = at.UTC()
				}
			}
		}
		if !first.IsZero() {
			break
		}
	}
	return first
}
