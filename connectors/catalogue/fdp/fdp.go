// Package fdp is the catalogue connector for FAIR Data Points (FDP specification 1.2; the reference
// server is FAIRDataTeam/FAIRDataPoint).
//
// It is a driver behind connectors.Catalogue. A FAIR Data Point is a tree of linked documents: the
// point, its catalogues, their datasets, their distributions. The driver walks the containers first
// (Linked Data Platform 1.0, ldp:DirectContainer, and the DCAT links), which gives the list of
// datasets, and then reads the datasets page by page in the order of their IRIs. One dataset is one
// item: its document joined with those of its distributions, without what else the documents describe
// (catalogues, other datasets, containers) and without the statements the server adds to everything.
//
// Guarantees: a container that cannot be read is an error of List, so nothing is taken for deleted
// because of it; a dataset that cannot be read is an item with an error, under the same name as ever.
// A link to another origin is not followed and becomes an item with an error; one to the same host by
// http is read by https. Documents, containers, datasets, pages and depth are bounded; a container met
// twice is read once, a circle of page links is an error. One page of graphs is in memory at a time,
// beside the IRIs of the datasets. A cursor outlives the driver: a new one walks the containers again
// and goes on after it.
//
// Drafts are left out, whether or not the point shows them to us.
//
// It asks one thing at a time, writes nothing, remembers nothing between passes but its token, and
// does not use /expanded, which repeats the document and adds its parents. The protocol has neither a
// filter by time nor tombstones.
package fdp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

// Bounds that zero Options stand for.
const (
	DefaultMaxDatasets   = 100_000
	DefaultMaxContainers = 10_000
	DefaultMaxDepth      = 8
	DefaultPageDatasets  = 32
)

// Errors of New, of List and of items, beside those of package origin.
var (
	// ErrCredentials is returned for a login that is incomplete, or beside a token.
	ErrCredentials = errors.New("fdp: give an e-mail address with a password, or a token, not both")
	// ErrLogin is returned when the point gives no token for the login.
	ErrLogin = errors.New("fdp: the login was refused")
	// ErrNotContainer is returned when the document of a container speaks of others.
	ErrNotContainer = errors.New("fdp: the document does not describe the container it is linked as")
	// ErrNotDataset is the error of an item whose document speaks of others.
	ErrNotDataset = errors.New("fdp: the document does not describe the dataset it is linked as")
	// ErrNotDescribed is the error of an item with a distribution whose document speaks of others.
	ErrNotDescribed = errors.New("fdp: the document does not describe the distribution it is linked as")
	// ErrTooLarge is the error of an item whose documents together exceed what one dataset may have.
	ErrTooLarge = errors.New("fdp: the dataset's documents are too large together")
	// ErrTooMany is returned when containers, pages, depth or datasets exceed the bounds.
	ErrTooMany = errors.New("fdp: more than the bounds allow")
	// ErrShort is returned when the pages of a container hold fewer parts than they say there are: the
	// reference server leaves out what it fails to read.
	ErrShort = errors.New("fdp: the pages leave parts out")
	// ErrLoop is returned when the pages of a container lead in a circle.
	ErrLoop = errors.New("fdp: the pages run in a circle")
)

// Options of the driver.
type Options struct {
	Location string       // https URL of the FAIR Data Point itself
	HTTP     *http.Client // guarded
	Login    Login        // for points that are not public; zero without
	Token    string       // API key, instead of a login; empty without

	MaxBytes      int64         // per document; 0 means origin.DefaultMaxBytes
	MaxDatasets   int           // links to datasets; 0 means DefaultMaxDatasets
	MaxContainers int           // documents of containers; 0 means DefaultMaxContainers
	MaxDepth      int           // containers below containers; 0 means DefaultMaxDepth
	PageDatasets  int           // datasets a page; 0 means DefaultPageDatasets
	Timeout       time.Duration // of one request; 0 means origin.DefaultTimeout
}

func (o Options) withDefaults() Options {
	for _, n := range []struct {
		value *int
		zero  int
	}{
		{&o.MaxDatasets, DefaultMaxDatasets}, {&o.MaxContainers, DefaultMaxContainers},
		{&o.MaxDepth, DefaultMaxDepth}, {&o.PageDatasets, DefaultPageDatasets},
	} {
		if *n.value <= 0 {
			*n.value = n.zero
		}
	}
	return o
}

// Driver reads one FAIR Data Point.
type Driver struct {
	o     Options
	wire  *wire
	known bool   // to the point: it shows us drafts
	plan  []link // of the pass that is under way; nil between passes
}

var _ connectors.Catalogue = (*Driver)(nil)

// New makes the driver. It asks nothing yet.
func New(o Options) (*Driver, error) {
	o = o.withDefaults()
	if (o.Login.Email == "") != (o.Login.Password == "") || (o.Login.Email != "" && o.Token != "") {
		return nil, ErrCredentials
	}
	settings := origin.Options{Location: o.Location, HTTP: o.HTTP, MaxBytes: o.MaxBytes, Timeout: o.Timeout}
	s := &session{login: o.Login}
	switch {
	case o.Token != "":
		settings.Credentials = origin.Static{Name: "Authorization", Value: "Bearer " + o.Token}
	case o.Login != Login{}:
		settings.Credentials = s
	}
	point, err := origin.New(settings)
	if err != nil {
		return nil, fmt.Errorf("fdp: %w", err)
	}
	s.point = point
	return &Driver{o: o, wire: &wire{Reader: point}, known: settings.Credentials != nil}, nil
}

// Capabilities: every pass is complete, absence means deleted.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Paged: true}
}

// List reads the next datasets. since is not honoured. The cursor is the IRI of the last link of the
// page before; the first page walks the containers, and so does any other for which that was not done.
func (d *Driver) List(ctx context.Context, _ time.Time, cursor string) (connectors.CataloguePage, error) {
	if cursor == "" || d.plan == nil {
		plan, err := d.walk(ctx)
		if err != nil {
			d.plan = nil
			return connectors.CataloguePage{}, err
		}
		d.plan = plan
	}
	from, found := slices.BinarySearchFunc(d.plan, cursor, func(l link, iri string) int { return strings.Compare(l.iri, iri) })
	if found {
		from++
	}
	links := d.plan[from:]
	var page connectors.CataloguePage
	if len(links) > d.o.PageDatasets {
		links = links[:d.o.PageDatasets]
		page.Next = links[len(links)-1].iri
	}
	for _, l := range links {
		items, err := d.dataset(ctx, l)
		if err != nil {
			return connectors.CataloguePage{}, err
		}
		page.Items = append(page.Items, items...)
	}
	if page.Next == "" {
		d.plan = nil
	}
	return page, nil
}
