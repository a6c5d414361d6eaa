package rdffile

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// byName finds the format of a file: the one that was set, or that of its extension.
func (d *Driver) byName(name string) (rdf.Format, bool) {
	if d.o.Format != "" {
		return d.o.Format, true
	}
	return rdf.FormatOfName(name)
}

// byMediaType finds the format of a response: the one that was set, or that of its Content-Type.
func (d *Driver) byMediaType(contentType, path string) (rdf.Format, error) {
	if d.o.Format != "" {
		return d.o.Format, nil
	}
	if f, ok := rdf.FormatOfMediaType(contentType); ok {
		return f, nil
	}
	if f, ok := rdf.FormatOfName(path); ok {
		return "", fmt.Errorf("%w: its Content-Type does not say so; if it is what its name says, set format: %s", ErrMediaType, f)
	}
	return "", fmt.Errorf("%w: set format if you know it", ErrMediaType)
}

// document takes one document into an item: its bytes, or when they are many, its graph. Its errors
// belong to the item, except the context's.
func (d *Driver) document(ctx context.Context, format rdf.Format, src io.Reader, name, base string) (connectors.CatalogueItem, error) {
	o := rdf.ReadOptions{File: name, Base: base, MaxBytes: d.o.MaxBytes, Contexts: d.o.Contexts}
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
