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
	hydraNext   = []rdf.Term{rdf.NewIRI(nsHydra + "next"), rdf.NewIRI(nsHydra + "nextPage")}
	hydraTotal  = rdf.NewIRI(nsHydra + "totalItems")
	dctModified = rdf.NewIRI(rdf.NSDCT + "modified")
	dctIsPartOf = rdf.NewIRI(rdf.NSDCT + "isPartOf")
	dctSpatial  = rdf.NewIRI(rdf.NSDCT + "spatial")
	foafTopic   = rdf.NewIRI(rdf.NSFOAF + "primaryTopic")
)

// accept asks first for the forms in which each description is a graph of its own: in the others, what
// two datasets of a page say of one agent runs together. Others are read when they come.
const accept = "application/n-quads, application/trig;q=0.9, text/turtle;q=0.8, application/n-triples;q=0.7, application/ld+json;q=0.5, application/rdf+xml;q=0.4"

// Bounds of a page.
const (
	// MaxPage is in bytes: a hundred of the largest descriptions would not fit, sixty do.
	MaxPage        = 64 << 20
	maxPageTriples = 600_000
	maxParts       = 10_000 // named graphs; each is worked on for itself
)

// page is one page of the catalogue.
type page struct {
	at    *url.URL
	graph *rdf.Graph   // all it says
	own   *rdf.Graph   // what it says in no named graph: of itself, when the descriptions are apart
	parts []*rdf.Graph // what it says in none, and what each named graph says
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
	links := out.links()
	for _, t := range links.Objects(rdf.Term{}, hydraTotal) {
		if n, err := strconv.Atoi(t.Value); err == nil && n >= 0 {
			out.total = n
		}
	}
	out.next, err = next(links, at)
	return out, err
}

// links is where the paging is told: outside the named graphs if at all there, because what is in them a
// nation may have written.
func (p page) links() *rdf.Graph {
	for _, term := range append([]rdf.Term{hydraTotal}, hydraNext...) {
		if p.own.Has(rdf.Term{}, term, rdf.Term{}) {
			return p.own
		}
	}
	return p.graph
}

// parted reads a page, each named graph apart.
func parted(ctx context.Context, body []byte, format rdf.Format, at *url.URL) (page, error) {
	own := rdf.NewGraph()
	out := page{at: at, graph: own, own: own, parts: []*rdf.Graph{own}, total: -1}
	named := map[rdf.Term]*rdf.Graph{}
	err := rdf.Parse(ctx, bytes.NewReader(body), format, rdf.ReadOptions{
		File: at.String(), Base: at.String(), MaxBytes: MaxPage, MaxTriples: maxPageTriples,
	}, func(q rdf.Quad) error {
		into := own
		if !q.G.IsZero() {
			if into = named[q.G]; into == nil {
				if len(named) == maxParts {
					return fmt.Errorf("more than %d named graphs", maxParts)
				}
				into = rdf.NewGraph()
				named[q.G], out.parts = into, append(out.parts, into)
			}
			if out.graph == own { // the first of them: from now on the whole is another graph
				out.graph = rdf.NewGraph()
				for t := range own.All() {
					out.graph.Add(t)
				}
			}
		}
		into.Add(q.Triple)
		if out.graph != into {
			out.graph.Add(q.Triple)
		}
		return nil
	})
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
