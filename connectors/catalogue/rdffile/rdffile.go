// Package rdffile is the catalogue connector for RDF documents: a file, a directory of files, or one
// document behind an HTTPS URL, in any form of RDF that gateway/catalogue/rdf reads.
//
// It is a driver behind connectors.Catalogue, for catalogues that export files and for anyone without
// a catalogue system. A directory is read recursively in the order of names: what has the extension of
// a form of RDF, nothing whose name begins with a dot. Symbolic links to files are followed inside the
// directory only. A form that is set counts instead of extension and Content-Type; in a directory every
// file is then read.
//
// Guarantees: one malformed, oversized or vanished document is an item with an error and never stops
// the others; a source that cannot be listed or fetched at all is an error of List, so that nothing is
// taken for deleted. Sizes and numbers are bounded. Relative IRIs are resolved against "file:///" and
// the path within the source, so the place of the directory on the machine never shows.
//
// It watches nothing, remembers nothing between passes, and follows no link to a next page.
package rdffile

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds that zero Options stand for.
const (
	DefaultMaxBytes  int64 = 64 << 20
	DefaultMaxFiles        = 100_000
	DefaultPageFiles       = 64
)

// Errors of New and List.
var (
	// ErrLocation is returned for a location that is neither a path nor an https URL.
	ErrLocation = errors.New("rdffile: the location is neither a path nor an https URL without credentials")
	// ErrNoClient is returned for a URL without an HTTP client to fetch it.
	ErrNoClient = errors.New("rdffile: a URL needs an HTTP client")
	// ErrTooManyFiles is returned for a directory with more documents than MaxFiles.
	ErrTooManyFiles = errors.New("rdffile: too many documents")
	// ErrNoFiles is returned for a directory without any document.
	ErrNoFiles = errors.New("rdffile: no document in the directory")
	// ErrFetch is returned when the URL does not answer with a document.
	ErrFetch = errors.New("rdffile: the document could not be fetched")
	// ErrMediaType is returned for a document of another media type or name than the driver reads.
	ErrMediaType = errors.New("rdffile: not a form of RDF that is read")
	// ErrFormat is returned for a form that is set and not read.
	ErrFormat = errors.New("rdffile: there is no such format")
	// ErrOutside is the error of an item whose symbolic link leads out of the directory.
	ErrOutside = errors.New("rdffile: the document is not a file within the directory")
)

// Options of the driver.
type Options struct {
	Location  string            // path of a file or directory, or https URL
	Format    rdf.Format        // of every document; empty to go by extension or Content-Type
	Contexts  map[string][]byte // JSON-LD contexts by their IRI
	HTTP      *http.Client      // guarded; needed for a URL
	MaxBytes  int64             // per document; 0 means DefaultMaxBytes
	MaxFiles  int               // per directory; 0 means DefaultMaxFiles
	PageFiles int               // documents a page; 0 means DefaultPageFiles
}

// Driver reads one location.
type Driver struct {
	o    Options
	url  *url.URL // nil for a path
	list []string // documents of the directory in the pass that is under way
}

var _ connectors.Catalogue = (*Driver)(nil)

// New makes the driver. It opens nothing: a location that does not exist is an error of List.
func New(o Options) (*Driver, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = DefaultMaxFiles
	}
	if o.PageFiles <= 0 {
		o.PageFiles = DefaultPageFiles
	}
	if o.Format != "" && !o.Format.Known() {
		return nil, fmt.Errorf("%w: %q", ErrFormat, o.Format)
	}
	if o.Location == "" {
		return nil, ErrLocation
	}
	if !strings.Contains(o.Location, "://") {
		return &Driver{o: o}, nil
	}
	u, err := url.Parse(o.Location)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil, ErrLocation
	}
	if o.HTTP == nil {
		return nil, ErrNoClient
	}
	u.Fragment = ""
	return &Driver{o: o, url: u}, nil
}

// Capabilities: every pass is complete, absence means deleted.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Paged: d.url == nil}
}

// List reads the next documents. since is not honoured. The cursor is the name of the last document
// of the page before.
func (d *Driver) List(ctx context.Context, _ time.Time, cursor string) (connectors.CataloguePage, error) {
	if d.url != nil {
		return d.fetch(ctx)
	}
	return d.read(ctx, cursor)
}
