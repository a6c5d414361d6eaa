package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// DefaultStaleAfter is how long a source may go unread before what is published of it is stale.
const DefaultStaleAfter = 30 * 24 * time.Hour

// Row is a publication as an operator sees it.
type Row struct {
	Identifier string                     `json:"identifier"`
	Origin     string                     `json:"origin,omitempty"` // identifier at origin, where that is another
	Source     string                     `json:"source"`
	IRI        string                     `json:"iri,omitempty"`
	Title      string                     `json:"title,omitempty"`
	State      catalogue.PublicationState `json:"state"`
	Behind     *catalogue.Behind          `json:"behind,omitempty"` // why it is stale
	CentralID  string                     `json:"central_id,omitempty"`
	Release    string                     `json:"release,omitempty"`
	Digest     string                     `json:"digest"`
	Changed    time.Time                  `json:"changed"`
	Findings   []ehds.Finding             `json:"findings,omitempty"` // the centre's
	Review     Review                     `json:"review"`
}

// Query asks for publications.
type Query struct {
	State  catalogue.PublicationState // "" for all
	Source string                     // "" for all
	After  string                     // Next of the page before
	Limit  int                        // of rows
}

// Page is part of the answer.
type Page struct {
	// Totals count every publication by state, whatever was asked for; only on the first page.
	Totals map[catalogue.PublicationState]int `json:"totals,omitempty"`
	Rows   []Row                              `json:"rows"`
	Next   string                             `json:"next,omitempty"`
	// Passes are the last complete passes by source; only on the first page.
	Passes map[string]LastPass `json:"passes,omitempty"`
}

// errEnough ends a listing.
var errEnough = errors.New("enough")

// Status lists publications in the order of their identifiers.
func (p *Publisher) Status(ctx context.Context, q Query) (Page, error) {
	passes, err := p.passes(ctx)
	if err != nil {
		return Page{}, err
	}
	page, now, last := Page{Rows: []Row{}}, p.Clock(), ""
	first := q.After == ""
	if first {
		page.Totals, page.Passes = map[catalogue.PublicationState]int{}, passes
	}
	err = p.eachAfter(ctx, q.After, func(caseID string, pub catalogue.Publication) error {
		row := p.row(pub, now, passes[pub.Source].At)
		if first {
			page.Totals[row.State]++
		}
		switch {
		case q.State != "" && row.State != q.State, q.Source != "" && row.Source != q.Source:
		case len(page.Rows) < q.Limit:
			page.Rows, last = append(page.Rows, row), caseID
		case first:
			page.Next = last // there is more; the totals are not complete yet
		default:
			page.Next = last
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return Page{}, err
	}
	return page, nil
}

// ErrNoDataset is returned for a name under which nothing was ever published.
var ErrNoDataset = errors.New("no such dataset was published")

// Find finds a publication: by the identifier the centre knows or its case; else by the identifier at
// origin or the IRI, when these name one only.
func (p *Publisher) Find(ctx context.Context, name string) (Row, error) {
	pub, err := p.find(ctx, name)
	if err != nil {
		return Row{}, err
	}
	last, _, err := p.Last(ctx, pub.Source)
	return p.row(pub, p.Clock(), last.At), err
}

func (p *Publisher) find(ctx context.Context, name string) (catalogue.Publication, error) {
	ids := []string{ehds.DatasetCase(p.Country, name).String()}
	if strings.HasPrefix(name, p.prefix()) {
		ids = append(ids, name)
	}
	for _, id := range ids {
		c, ok, err := p.Record.Case(ctx, id)
		if err != nil {
			return catalogue.Publication{}, fmt.Errorf("reading what is published: %w", err)
		}
		if ok && c.Doc != nil {
			return publicationOf(c.Doc)
		}
	}
	var found []catalogue.Publication
	err := p.each(ctx, func(pub catalogue.Publication) error {
		if pub.OriginIdentifier() == name || pub.IRI == name {
			found = append(found, pub)
		}
		return nil
	})
	switch {
	case err != nil:
		return catalogue.Publication{}, err
	case len(found) != 1:
		return catalogue.Publication{}, fmt.Errorf("%w: %d are called so", ErrNoDataset, len(found))
	}
	return found[0], nil
}

// row shows a publication. read is when its source was last read to its end.
func (p *Publisher) row(pub catalogue.Publication, now, read time.Time) Row {
	release := ""
	if s, err := p.source(pub.Source); err == nil {
		release = s.Release
	}
	staleAfter := p.StaleAfter
	if staleAfter == 0 {
		staleAfter = DefaultStaleAfter
	}
	state, behind := pub.Standing(now, release, read, staleAfter)
	return Row{
		Identifier: pub.Identifier, Origin: pub.Origin, Source: pub.Source, IRI: pub.IRI, Title: anyTitle(pub.Title), State: state, Behind: behind,
		CentralID: pub.CentralID, Release: pub.Release, Digest: pub.Digest, Changed: pub.Changed, Findings: pub.Findings, Review: p.review(pub, now),
	}
}

// passes are the last complete passes over the sources.
func (p *Publisher) passes(ctx context.Context) (map[string]LastPass, error) {
	out := map[string]LastPass{}
	for _, s := range p.Sources {
		last, ok, err := p.Last(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		if ok {
			out[s.Name] = last
		}
	}
	return out, nil
}
