package mirror

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Terms of paging: the W3C Hydra Core Vocabulary and the names it had before, which are still served.
const nsHydra = "http://www.w3.org/ns/hydra/core#"

var (
	rdfType     = rdf.NewIRI(rdf.RDFType)
	hydraNext   = []rdf.Term{rdf.NewIRI(nsHydra + "next"), rdf.NewIRI(nsHydra + "nextPage")}
	hydraTotal  = rdf.NewIRI(nsHydra + "totalItems")
	dctModified = rdf.NewIRI(rdf.NSDCT + "modified")
	dctIsPartOf = rdf.NewIRI(rdf.NSDCT + "isPartOf")
	dctSpatial  = rdf.NewIRI(rdf.NSDCT + "spatial")
	foafTopic   = rdf.NewIRI(rdf.NSFOAF + "primaryTopic")
	recordClass = rdf.NewIRI(rdf.NSDCAT + "CatalogRecord")
)

// accept asks first for the forms in which each description is a graph of its own: in the others, what
// two datasets of a page say of one agent runs together. Others are read when they come.
const accept = "application/n-quads, application/trig;q=0.9, text/turtle;q=0.8, application/n-triples;q=0.7, application/ld+json;q=0.5, application/rdf+xml;q=0.4"

// Bounds of a page.
const (
	// MaxPage is in bytes: a hundred of the largest descriptions would not fit, sixty do.
	MaxPage        = 64 << 20
	maxPageTriples = 600_000
)

// page is one page of the catalogue.
type page struct {
	at    *url.URL
	graph *rdf.Graph   // all it says
	parts []*rdf.Graph // what each named graph says; the whole when there are none
	next  string       // absolute; empty on the last page
	total int          // of the whole; negative when it does not say
}

// first is the address of the first page.
func (p *pass) first() (*url.URL, error) {
	u, err := url.Parse(p.m.URL)
	if err != nil {
		return nil, fmt.Errorf("mirror: %w", err)
	}
	if !p.since.IsZero() {
		q := u.Query()
		q.Set("modified_since", p.since.UTC().Format(time.RFC3339Nano))
		u.RawQuery = q.Encode()
	}
	return u, nil
}

// fetch reads a page.
func (p *pass) fetch(ctx context.Context, at *url.URL) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", ErrPage, err)
	}
	req.Header.Set("Accept", accept)
	resp, err := p.m.HTTP.Do(req)
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", ErrPage, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return page{}, fmt.Errorf("%w: %s: status %d", ErrPage, at, resp.StatusCode)
	}
	format, ok := rdf.FormatOfMediaType(resp.Header.Get("Content-Type"))
	if !ok {
		return page{}, fmt.Errorf("%w: %s: content type %q is not RDF", ErrPage, at, resp.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxPage+1))
	if err != nil {
		return page{}, fmt.Errorf("%w: %s: %w", ErrPage, at, err)
	}
	if len(body) > MaxPage {
		return page{}, fmt.Errorf("%w: %s: more than %d bytes", ErrPage, at, MaxPage)
	}
	out, err := parted(ctx, body, format, at)
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", ErrPage, err)
	}
	for _, t := range out.graph.Objects(rdf.Term{}, hydraTotal) {
		if n, err := strconv.Atoi(t.Value); err == nil && n >= 0 {
			out.total = n
		}
	}
	out.next, err = next(out.graph, at)
	return out, err
}

// parted reads a page, each named graph apart.
func parted(ctx context.Context, body []byte, format rdf.Format, at *url.URL) (page, error) {
	out := page{at: at, graph: rdf.NewGraph(), total: -1}
	named := map[rdf.Term]*rdf.Graph{}
	err := rdf.Parse(ctx, bytes.NewReader(body), format, rdf.ReadOptions{
		File: at.String(), Base: at.String(), MaxBytes: MaxPage, MaxTriples: maxPageTriples,
	}, func(q rdf.Quad) error {
		out.graph.Add(q.Triple)
		if q.G.IsZero() {
			return nil
		}
		g := named[q.G]
		if g == nil {
			g = rdf.NewGraph()
			named[q.G], out.parts = g, append(out.parts, g)
		}
		g.Add(q.Triple)
		return nil
	})
	if len(out.parts) == 0 {
		out.parts = []*rdf.Graph{out.graph}
	}
	return out, err
}

// next is the address of the next page, which some give as a literal. It must be of the same origin.
func next(g *rdf.Graph, at *url.URL) (string, error) {
	for _, p := range hydraNext {
		for _, o := range g.Objects(rdf.Term{}, p) {
			if o.Kind == rdf.Blank {
				continue
			}
			u, err := at.Parse(strings.TrimSpace(o.Value))
			if err != nil {
				return "", fmt.Errorf("%w: the link to the next page: %w", ErrPage, err)
			}
			if u.Scheme != at.Scheme || !strings.EqualFold(u.Host, at.Host) || u.User != nil {
				return "", fmt.Errorf("%w: %s", ErrForeign, u.Host)
			}
			u.Fragment = ""
			return u.String(), nil
		}
	}
	return "", nil
}
