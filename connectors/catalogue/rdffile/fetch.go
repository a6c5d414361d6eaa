package rdffile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// fetch gets the one document of a URL. The query never shows in names or errors.
func (d *Driver) fetch(ctx context.Context) (connectors.CataloguePage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url.String(), nil)
	if err != nil {
		return connectors.CataloguePage{}, ErrLocation
	}
	req.Header.Set("Accept", d.accept())
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := d.o.HTTP.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return connectors.CataloguePage{}, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return connectors.CataloguePage{}, fmt.Errorf("%w: status %d", ErrFetch, resp.StatusCode)
	}
	if coding := resp.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return connectors.CataloguePage{}, fmt.Errorf("%w: the body is encoded, which was not asked for", ErrFetch)
	}
	format, err := d.byMediaType(resp.Header.Get("Content-Type"), d.url.Path)
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("%w: %w", ErrFetch, err)
	}
	name := (&url.URL{Scheme: d.url.Scheme, Host: d.url.Host, Path: d.url.Path, RawPath: d.url.RawPath}).String()
	body := &watched{Reader: resp.Body}
	item, err := d.document(ctx, format, body, name, name)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	if body.err != nil { // the connection broke: what was read is not the document
		return connectors.CataloguePage{}, fmt.Errorf("%w: %w", ErrFetch, body.err)
	}
	return connectors.CataloguePage{Items: []connectors.CatalogueItem{item}}, nil
}

// accept asks for the format that was set, or for any, the cheapest to read first.
func (d *Driver) accept() string {
	if d.o.Format != "" {
		return d.o.Format.MediaType()
	}
	return "text/turtle, application/n-triples;q=0.9, application/trig;q=0.8, application/n-quads;q=0.8, " +
		"application/rdf+xml;q=0.7, application/ld+json;q=0.6"
}

// watched remembers how reading failed.
type watched struct {
	io.Reader
	err error
}

// Read reads on.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
