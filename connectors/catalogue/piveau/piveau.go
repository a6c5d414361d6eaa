// Package piveau is the catalogue connector for piveau hub-repo 4.3, the registry behind data.europa.eu
// and several national portals.
//
// It is a driver behind connectors.Catalogue. It lists the datasets of one catalogue, or of every
// catalogue of the hub, and then reads them page by page in the order of their IRIs, each by its own
// document. A location that ends in /catalogues/{id} means that catalogue; any other is the base of the
// API.
//
// Guarantees: the lists are read to their end with an overlap of one entry, so that a list that moves
// while it is read, or a server that ignores offset, is noticed: it is read again, then the pass fails.
// An empty list is believed only when the catalogue's document agrees. A document must describe the
// dataset it was asked for. A dataset that cannot be read is an item with an error; a list that cannot
// is an error of List. Sizes and numbers are bounded; one page of graphs is in memory at a time, beside
// the IRIs. A cursor outlives the driver.
//
// since is honoured by the catalogue record of each dataset (dct:modified): a dataset without one is
// given. There are no tombstones. The driver writes nothing and asks one thing at a time.
package piveau

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds. The defaults are what zero Options stand for; MaxList is the most the interface allows.
const (
	DefaultMaxDatasets  = 200_000
	DefaultPageDatasets = 64
	MaxList             = 5000
	maxCatalogues       = 10_000
)

// Errors of New, of List and of items, beside those of package origin.
var (
	// ErrCredentials is returned for an API key beside a token.
	ErrCredentials = errors.New("piveau: give an API key or a token, not both")
	// ErrTooMany is returned when there are more catalogues or datasets than the bounds allow.
	ErrTooMany = errors.New("piveau: more than the bounds allow")
	// ErrMoved is returned when a list changes again and again while it is read, or its paging is broken.
	ErrMoved = errors.New("piveau: the list moved while it was read, or its pages do not fit together")
	// ErrList is returned for a list of something else than was asked for, or one that contradicts its
	// catalogue's document.
	ErrList = errors.New("piveau: the list cannot be what was asked for")
	// ErrNotDataset is the error of an item whose document speaks of others.
	ErrNotDataset = errors.New("piveau: the document does not describe the dataset that is listed")
)

// Options of the driver.
type Options struct {
	Location string       // https URL of the API, or of one catalogue in it
	HTTP     *http.Client // guarded
	APIKey   string       // sent as X-API-Key; empty without
	Token    string       // sent as bearer token instead; empty without

	MaxBytes     int64         // per document; 0 means origin.DefaultMaxBytes
	MaxDatasets  int           // 0 means DefaultMaxDatasets
	PageDatasets int           // datasets a page; 0 means DefaultPageDatasets
	ListLimit    int           // entries asked for at once, 2 to MaxList; 0 means MaxList
	Timeout      time.Duration // of one request; 0 means origin.DefaultTimeout
}

// Driver reads one hub.
type Driver struct {
	o         Options
	hub       *origin.Reader
	base      *url.URL // of the API
	catalogue string   // the one to be read; empty for all
	plan      []string // IRIs of the datasets of the pass that is under way
}

var _ connectors.Catalogue = (*Driver)(nil)

// New makes the driver. It asks nothing yet.
func New(o Options) (*Driver, error) {
	if o.MaxDatasets <= 0 {
		o.MaxDatasets = DefaultMaxDatasets
	}
	if o.PageDatasets <= 0 {
		o.PageDatasets = DefaultPageDatasets
	}
	if o.ListLimit < 2 || o.ListLimit > MaxList {
		o.ListLimit = MaxList
	}
	settings := origin.Options{Location: o.Location, HTTP: o.HTTP, MaxBytes: o.MaxBytes, Timeout: o.Timeout}
	switch {
	case o.APIKey != "" && o.Token != "":
		return nil, ErrCredentials
	case o.APIKey != "":
		settings.Credentials = origin.Static{Name: "X-API-Key", Value: o.APIKey}
	case o.Token != "":
		settings.Credentials = origin.Static{Name: "Authorization", Value: "Bearer " + o.Token}
	}
	hub, err := origin.New(settings)
	if err != nil {
		return nil, fmt.Errorf("piveau: %w", err)
	}
	d := &Driver{o: o, hub: hub, base: hub.Root()}
	above, id, found := strings.Cut(d.base.EscapedPath(), "/catalogues/")
	if found && id != "" && !strings.Contains(id, "/") {
		d.base = d.base.ResolveReference(&url.URL{Path: above + "/"})
		if d.catalogue, err = url.PathUnescape(id); err != nil {
			return nil, fmt.Errorf("piveau: %w", origin.ErrLocation)
		}
	}
	return d, nil
}

// Capabilities: since is honoured, a pass without it is complete.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Since: true, Paged: true}
}

// List reads the next datasets. The cursor is the IRI of the last one of the page before; the first page
// reads the lists, and so does any other for which that was not done.
func (d *Driver) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	if cursor == "" || d.plan == nil {
		d.plan = nil
		plan, err := d.datasets(ctx)
		if err != nil {
			return connectors.CataloguePage{}, err
		}
		d.plan = plan
	}
	from, found := slices.BinarySearch(d.plan, cursor)
	if found {
		from++
	}
	iris := d.plan[from:]
	var page connectors.CataloguePage
	if len(iris) > d.o.PageDatasets {
		iris = iris[:d.o.PageDatasets]
		page.Next = iris[len(iris)-1]
	}
	for _, iri := range iris {
		if !since.IsZero() && d.unchanged(ctx, iri, since) {
			continue
		}
		item := d.dataset(ctx, iri)
		if ctx.Err() != nil {
			return connectors.CataloguePage{}, ctx.Err()
		}
		page.Items = append(page.Items, item)
	}
	if page.Next == "" {
		d.plan = nil
	}
	return page, nil
}

// dataset reads one dataset.
func (d *Driver) dataset(ctx context.Context, iri string) connectors.CatalogueItem {
	address := d.base.JoinPath("datasets", segment(iri))
	item := connectors.CatalogueItem{File: origin.Place(address)}
	g, _, err := d.hub.Graph(ctx, address.String(), rdf.ReadOptions{})
	if err == nil && !g.Has(rdf.NewIRI(iri), rdfType, classDataset) {
		err = ErrNotDataset
	}
	if item.Err = err; err == nil {
		item.Graph = g
	}
	return item
}

// unchanged says whether the record of a dataset states that it was last modified before since. Whatever
// cannot be read or understood counts as changed.
func (d *Driver) unchanged(ctx context.Context, iri string, since time.Time) bool {
	g, _, err := d.hub.Graph(ctx, d.base.JoinPath("datasets", segment(iri), "record").String(), rdf.ReadOptions{})
	if err != nil {
		return false
	}
	var last time.Time
	for _, record := range g.Subjects(foafPrimaryTopic, rdf.NewIRI(iri)) {
		for _, o := range g.Objects(record, dctModified) {
			at, err := time.Parse(time.RFC3339, o.Value)
			if err != nil {
				return false
			}
			if at.After(last) {
				last = at
			}
		}
	}
	return !last.IsZero() && last.Before(since)
}

// segment is the identifier in a resource's IRI: the hub builds IRIs from its base, the kind and the
// identifier, which holds no slash.
func segment(iri string) string {
	s := iri[strings.LastIndexByte(iri, '/')+1:]
	if plain, err := url.PathUnescape(s); err == nil && !strings.Contains(plain, "/") {
		return url.PathEscape(plain)
	}
	return url.PathEscape(s)
}
