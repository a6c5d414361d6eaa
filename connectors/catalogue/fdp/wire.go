package fdp

import (
	"context"
	"errors"
	"net/url"

	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// wire reads the point's documents.
type wire struct {
	*origin.Reader
	byQuery bool // the server looks at ?format=ttl, not at Accept
}

// within is an address that may be asked: one of the point's origin, as it is, or written with http. Many
// points that are reached by https know themselves and their resources by http still.
func (w *wire) within(address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, false
	}
	if u.Scheme == "http" {
		secure := *u
		secure.Scheme = "https"
		if secure.Port() == "80" {
			secure.Host = secure.Hostname()
		}
		u = &secure
	}
	return u, w.Within(u)
}

// named is an address in findings: as it was written, without credentials.
func named(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return origin.Place(u)
}

// document is an answer with RDF.
type document struct {
	*rdf.Graph
	next, last string // targets of the Link header (RFC 8288), absolute; empty without
}

// get reads a document. An answer that is no RDF may come from a front end that looks at the query and
// not at Accept, so that is tried once.
func (w *wire) get(ctx context.Context, address string) (document, error) {
	doc, err := w.try(ctx, address)
	if errors.Is(err, origin.ErrMediaType) && !errors.Is(err, ErrLogin) && !w.byQuery {
		w.byQuery = true
		if doc, err = w.try(ctx, address); err != nil {
			w.byQuery = false
		}
	}
	return doc, err
}

func (w *wire) try(ctx context.Context, address string) (document, error) {
	u, ok := w.within(address)
	if !ok {
		return document{}, origin.ErrElsewhere
	}
	if w.byQuery {
		q := u.Query()
		q.Set("format", "ttl")
		u.RawQuery = q.Encode()
	}
	g, head, err := w.Graph(ctx, u.String(), rdf.ReadOptions{MaxTriples: maxTriples})
	if err != nil {
		return document{}, err
	}
	doc := document{Graph: g}
	for _, l := range parseLinks(head.Header.Values("Link")) {
		if target, err := head.URL.Parse(l.target); err == nil && doc.next == "" && l.is("next") {
			doc.next = target.String()
		} else if err == nil && doc.last == "" && l.is("last") {
			doc.last = target.String()
		}
	}
	return doc, nil
}
