package rdffile

import (
	"context"
	"io"
	"path"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// reader reads one syntax.
type reader func(context.Context, io.Reader, rdf.ReadOptions) (*rdf.Graph, error)

// byName picks the reader of a file.
func byName(name string) (reader, bool) {
	switch path.Ext(name) {
	case ".ttl":
		return rdf.ReadTurtle, true
	case ".nt":
		return rdf.ReadNTriples, true
	}
	return nil, false
}

// byMediaType picks the reader of a response.
func byMediaType(mediaType string) (reader, bool) {
	switch mediaType {
	case "text/turtle":
		return rdf.ReadTurtle, true
	case "application/n-triples":
		return rdf.ReadNTriples, true
	}
	return nil, false
}

// document reads one document into an item. Its errors belong to the item, except the context's.
func (d *Driver) document(ctx context.Context, parse reader, src io.Reader, name, base string) (connectors.CatalogueItem, error) {
	g, err := parse(ctx, src, rdf.ReadOptions{File: name, Base: base, MaxBytes: d.o.MaxBytes})
	if ctx.Err() != nil {
		return connectors.CatalogueItem{}, ctx.Err()
	}
	if err != nil {
		return connectors.CatalogueItem{File: name, Err: err}, nil
	}
	return connectors.CatalogueItem{File: name, Graph: g}, nil
}
