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
	asked := address
	if u, err := url.Parse(address); err == nil && w.byQuery {
		q := u.Query()
		q.Set("format", "ttl")
		u.RawQuery = q.Encode()
		asked = u.String()
	}
	g, head, err := w.Graph(ctx, asked, rdf.ReadOptions{MaxTriples: maxTriples})
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
