// Package ckan is the catalogue connector for CKAN portals, in two views: the catalogue pages of
// ckanext-dcat (RDF, written by the profile euro_health_dcat_ap), and CKAN's own action API, whose JSON
// the driver maps to HealthDCAT-AP, for portals without the extension.
//
// It is a driver behind connectors.Catalogue. One page of the first is one item, named by the
// catalogue's address and "#page=N"; the pages are followed by their links (Hydra, in both of its
// vocabularies, as IRIs or as text). One package of the second is one item, named by the address of the
// search and "#dataset=ID"; its pages are followed by counting.
//
// Guarantees: only the portal's own origin is asked, one request at a time. Pages that lead in a circle
// or elsewhere, more pages than allowed, and a page that is no catalogue are errors of List, so nothing
// is taken for deleted because of them. A malformed page is an item with an error and the next one is
// read by its number. CKAN sorts by the time of change, so a listing moves while it is read: a dataset
// that comes again, a total that changes and a listing that ends early become items with errors, which
// keep what may have been missed from being deleted. A dataset that comes again is left out. One page
// is in memory at a time, beside the names of the datasets met.
//
// CKAN reports no deletions: absence from a complete pass means deleted.
package ckan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// View is the face of a portal that is read.
type View string

// The views.
const (
	DCAT   View = "dcat"   // catalogue pages of ckanext-dcat
	Action View = "action" // CKAN's action API, version 3
)

// Bounds and names that zero Options stand for.
const (
	DefaultMaxBytes    int64 = 64 << 20
	DefaultMaxPages          = 10_000
	DefaultMaxDatasets       = 500_000
	DefaultRows              = 100
	DefaultTimeout           = 2 * time.Minute // the portal makes a page while we wait
	DefaultProfile           = "euro_health_dcat_ap"
)

// Errors of New, of List and of items.
var (
	// ErrView is returned for a view there is not.
	ErrView = errors.New("ckan: there is no such view")
	// ErrFormat is returned for a form of RDF that ckanext-dcat does not write.
	ErrFormat = errors.New("ckan: the format is none of turtle, rdfxml and jsonld")
	// ErrUnused is returned for what the action view has no use for.
	ErrUnused = errors.New("ckan: the view action has no use for format, contexts and dcat_profile")
	// ErrNotCatalogue is returned for an answer that is no page of a catalogue.
	ErrNotCatalogue = errors.New("ckan: the answer is not a page of a catalogue")
	// ErrCursor is returned for a cursor that is none of this driver's.
	ErrCursor = errors.New("ckan: not a cursor of this driver")
	// ErrLoop is returned when the pages lead in a circle or repeat each other.
	ErrLoop = errors.New("ckan: the pages run in a circle")
	// ErrTooMany is returned for more pages or datasets than allowed.
	ErrTooMany = errors.New("ckan: more pages or datasets than allowed")
	// ErrMoved is the error of an item that stands for what may have been missed.
	ErrMoved = fmt.Errorf("ckan: the listing changed while it was read: %w", connectors.ErrUnsettled)
	// ErrShort is the error of an item that stands for datasets the portal counts and did not give.
	ErrShort = fmt.Errorf("ckan: the portal counts more datasets than it gave: %w", connectors.ErrUnsettled)
	// ErrUnfit is the error of an item whose JSON is not a package of CKAN. A *rdf.SyntaxError says why.
	ErrUnfit = errors.New("ckan: not a package of CKAN")
)

// Options of the driver.
type Options struct {
	Location    string             // https URL of the portal, or of its catalogue page
	HTTP        *http.Client       // guarded
	Credentials origin.Credentials // nil for what is public
	View        View               // empty means DCAT
	Profile     string             // ckanext-dcat writes by; empty means DefaultProfile
	Format      rdf.Format         // of the pages; empty means Turtle, or as the location ends
	Contexts    map[string][]byte  // JSON-LD contexts by their IRI

	MaxBytes int64 // of a page; 0 means DefaultMaxBytes
	MaxPages int   // of a pass; 0 means DefaultMaxPages
	// MaxDatasets bounds the datasets of a pass, whose names are in memory; 0 means DefaultMaxDatasets.
	MaxDatasets int
	Rows        int                                        // packages a page of the action view; 0 means DefaultRows
	Timeout     time.Duration                              // of one request; 0 means DefaultTimeout
	Sleep       func(context.Context, time.Duration) error // see origin.Options
}

// Driver reads one portal.
type Driver struct {
	o       Options
	portal  *origin.Reader
	listing *url.URL // address of the first page, without query
	pass    *pass    // the one under way, nil between passes
}

var _ connectors.Catalogue = (*Driver)(nil)

// extensions are how ckanext-dcat spells the forms of RDF it writes.
var extensions = map[rdf.Format]string{rdf.Turtle: "ttl", rdf.RDFXML: "rdf", rdf.JSONLD: "jsonld"}

// New makes the driver. It asks nothing yet.
func New(o Options) (*Driver, error) {
	profile := o.Profile
	o = o.withDefaults()
	portal, err := origin.New(origin.Options{
		Location: o.Location, HTTP: o.HTTP, Credentials: o.Credentials, MaxBytes: o.MaxBytes, Timeout: o.Timeout, Sleep: o.Sleep,
	})
	if err != nil {
		return nil, fmt.Errorf("ckan: %w", err)
	}
	d := &Driver{o: o, portal: portal}
	switch o.View {
	case Action:
		if o.Format != "" || len(o.Contexts) > 0 || profile != "" {
			return nil, ErrUnused
		}
		d.listing = below(portal.Root(), "/api/3/action/package_search")
	case DCAT:
		if d.listing, err = firstPage(portal.Root(), o.Format); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("%w: %q", ErrView, o.View)
	}
	return d, nil
}

// firstPage is the address of the first page: the location itself when its name is that of a document.
func firstPage(root *url.URL, f rdf.Format) (*url.URL, error) {
	named, isPage := rdf.FormatOfName(root.Path)
	if f == "" {
		f = rdf.Turtle
		if isPage {
			f = named
		}
	}
	ext, ok := extensions[f]
	switch {
	case !ok || !f.Known():
		return nil, fmt.Errorf("%w: %q", ErrFormat, f)
	case isPage:
		return root, nil
	}
	return below(root, "/catalog."+ext), nil
}

// below is an address below another.
func below(root *url.URL, path string) *url.URL {
	u := *root
	u.Path += path
	if u.RawPath != "" {
		u.RawPath += path
	}
	return &u
}

func (o Options) withDefaults() Options {
	if o.View == "" {
		o.View = DCAT
	}
	if o.Profile == "" {
		o.Profile = DefaultProfile
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxPages <= 0 {
		o.MaxPages = DefaultMaxPages
	}
	if o.Rows <= 0 {
		o.Rows = DefaultRows
	}
	if o.MaxDatasets <= 0 {
		o.MaxDatasets = DefaultMaxDatasets
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return o
}

// Capabilities: changes since a time can be asked for; absence from a complete pass means deleted.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Since: true, Paged: true}
}

// List reads the next page.
func (d *Driver) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	at, err := d.begin(since, cursor)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	read := d.dcatPage
	if d.o.View == Action {
		read = d.actionPage
	}
	page, err := read(ctx, at)
	if err != nil {
		d.pass = nil
		return connectors.CataloguePage{}, err
	}
	if page.Next == "" {
		d.pass = nil
	}
	return page, nil
}

// place names a page in findings, the catalogue as a whole with 0.
func (d *Driver) place(n int) string {
	if n == 0 {
		return origin.Place(d.listing)
	}
	return fmt.Sprintf("%s#page=%d", origin.Place(d.listing), n)
}

// sinceText writes a time as CKAN compares it with its own: UTC, and without saying so, because
// ckanext-dcat adds the zone itself.
func sinceText(t time.Time) string { return strings.TrimSuffix(t.UTC().Format(time.RFC3339), "Z") }
