package rdffile

import (
	"bytes"
	"context"
	"io"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// byName finds the format of a file.
func byName(name string) (rdf.Format, bool) { return ours(rdf.FormatOfName(name)) }

// byMediaType finds the format of a response.
func byMediaType(contentType string) (rdf.Format, bool) {
	return ours(rdf.FormatOfMediaType(contentType))
}

// ours are the formats this driver reads.
func ours(f rdf.Format, known bool) (rdf.Format, bool) {
	return f, known && (f == rdf.Turtle || f == rdf.NTriples)
}

// document takes one document into an item: its bytes, or when they are many, its graph. Its errors
// belong to the item, except the context's.
func (d *Driver) document(ctx context.Context, format rdf.Format, src io.Reader, name, base string) (connectors.CatalogueItem, error) {
	o := rdf.ReadOptions{File: name, Base: base, MaxBytes: d.o.MaxBytes}
	content, err := io.ReadAll(io.LimitReader(src, connectors.MaxRawDocument+1))
	switch {
	case ctx.Err() != nil:
		return connectors.CatalogueItem{}, ctx.Err()
	case err != nil:
		return connectors.CatalogueItem{File: name, Err: err}, nil
	case len(content) <= connectors.MaxRawDocument:
		return connectors.CatalogueItem{File: name, Raw: &connectors.RawDocument{Content: content, Format: format, Options: o}}, nil
	}
	g, err := rdf.Read(ctx, io.MultiReader(bytes.NewReader(content), src), format, o)
	if ctx.Err() != nil {
		return connectors.CatalogueItem{}, ctx.Err()
	}
	if err != nil {
		return connectors.CatalogueItem{File: name, Err: err}, nil
	}
	return connectors.CatalogueItem{File: name, Graph: g}, nil
}
