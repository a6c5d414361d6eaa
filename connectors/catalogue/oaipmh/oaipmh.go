// Package oaipmh is the catalogue connector for repositories that speak the Open Archives Initiative's
// Protocol for Metadata Harvesting, version 2.0, and give their records as RDF/XML.
//
// It is a driver behind connectors.Catalogue. Location is the base URL with the arguments of a harvest:
// metadataPrefix, and a set where only a part is wanted. Each ListRecords response is a page; each record
// that is not deleted is an item, named by its OAI identifier.
//
// Guarantees: a response that is no complete OAI-PMH answer, an error of the protocol but
// noRecordsMatch, or a list that is shorter than its last response says is an error of List; a record whose
// metadata is malformed is an item with an error. A resumption token that leads to itself, or a record
// that comes twice, is an error. Sizes and numbers are bounded; a document type declaration is refused, and no
// entity is ever resolved. One page is in memory at a time.
//
// since is honoured (from, in the repository's granularity). Deleted records have an OAI identifier and
// nothing else, by which nobody knows a dataset: they are left out, and absence from a complete pass means
// deleted.
package oaipmh

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
)

// Bounds that zero Options stand for.
const (
	DefaultMaxBytes   int64 = 32 << 20 // repositories choose the size of their pages
	DefaultMaxRecords       = 500_000
)

// Errors of New and List, beside those of package origin.
var (
	// ErrLocation is returned for a location without metadataPrefix, or with other arguments than it and set.
	ErrLocation = errors.New("oaipmh: the location is an https URL with metadataPrefix, and maybe set")
	// ErrResponse is returned for an answer that is not OAI-PMH, or not all of it.
	ErrResponse = errors.New("oaipmh: the answer is not a complete OAI-PMH response")
	// ErrProtocol is returned for an error the repository reports.
	ErrProtocol = errors.New("oaipmh: the repository reports an error")
	// ErrShort is returned when a list is shorter than its last response says.
	ErrShort = errors.New("oaipmh: the list is shorter than its last response says")
	// ErrLoop is returned when resumption tokens lead in a circle or records repeat.
	ErrLoop = errors.New("oaipmh: the list runs in a circle")
	// ErrTooMany is returned for a list over MaxRecords.
	ErrTooMany = errors.New("oaipmh: more records than allowed")
	// ErrCursor is returned for a cursor that is none of this driver.
	ErrCursor = errors.New("oaipmh: the cursor is none of this driver")
	// ErrTooLarge is the error of an item that is larger than a document may be.
	ErrTooLarge = errors.New("oaipmh: the record is too large")
)

// Options of the driver.
type Options struct {
	Location string       // base URL with metadataPrefix, and maybe set
	HTTP     *http.Client // guarded
	Token    string       // sent as bearer token; empty without

	MaxBytes   int64         // of one response; 0 means DefaultMaxBytes
	MaxRecords int           // of a list; 0 means DefaultMaxRecords
	Timeout    time.Duration // of one request; 0 means origin.DefaultTimeout
}

// Driver harvests one repository.
type Driver struct {
	o          Options
	repository *origin.Reader
	arguments  url.Values // of a new list
}

var _ connectors.Catalogue = (*Driver)(nil)

// New makes the driver. It asks nothing yet.
func New(o Options) (*Driver, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxRecords <= 0 {
		o.MaxRecords = DefaultMaxRecords
	}
	u, err := url.Parse(o.Location)
	if err != nil {
		return nil, ErrLocation
	}
	arguments, err := url.ParseQuery(u.RawQuery)
	if err != nil || arguments.Get("metadataPrefix") == "" {
		return nil, ErrLocation
	}
	for name, values := range arguments {
		if name != "metadataPrefix" && name != "set" || len(values) != 1 {
			return nil, ErrLocation
		}
	}
	u.RawQuery = ""
	settings := origin.Options{Location: u.String(), HTTP: o.HTTP, MaxBytes: o.MaxBytes, Timeout: o.Timeout}
	if o.Token != "" {
		settings.Credentials = origin.Static{Name: "Authorization", Value: "Bearer " + o.Token}
	}
	d := &Driver{o: o, arguments: arguments}
	if d.repository, err = origin.New(settings); err != nil {
		return nil, fmt.Errorf("oaipmh: %w", err)
	}
	return d, nil
}

// Capabilities: since is honoured, a pass without it is complete.
func (d *Driver) Capabilities() connectors.CatalogueCapabilities {
	return connectors.CatalogueCapabilities{Since: true, Paged: true}
}

// place is where a list stands. It travels as the cursor.
type place struct {
	Token string `json:"t"`
	Read  int    `json:"n"` // records so far, the deleted included
}

func (p place) cursor() string {
	raw, err := json.Marshal(p)
	if err != nil {
		return "" // a string and a number can be written
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func placeOf(cursor string) (p place, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Token == "" || p.Read < 0 {
		return place{}, ErrCursor
	}
	return p, nil
}

// List reads the next response of a list.
func (d *Driver) List(ctx context.Context, since time.Time, cursor string) (connectors.CataloguePage, error) {
	var at place
	arguments := url.Values{}
	switch {
	case cursor != "":
		var err error
		if at, err = placeOf(cursor); err != nil {
			return connectors.CataloguePage{}, err
		}
		arguments.Set("resumptionToken", at.Token) // exclusive: nothing beside it (§3.5)
	default:
		for name, values := range d.arguments {
			arguments[name] = values
		}
		if !since.IsZero() {
			from, err := d.from(ctx, since)
			if err != nil {
				return connectors.CataloguePage{}, err
			}
			arguments.Set("from", from)
		}
	}
	r, err := d.ask(ctx, "ListRecords", arguments)
	switch {
	case err != nil:
		return connectors.CataloguePage{}, err
	case r.noRecords && cursor == "":
		return connectors.CataloguePage{}, nil
	case r.noRecords:
		return connectors.CataloguePage{}, ErrShort
	}
	return d.page(r, at)
}

// page turns a response into a page, and judges where it leaves the list.
func (d *Driver) page(r *response, at place) (connectors.CataloguePage, error) {
	page := connectors.CataloguePage{Items: r.items}
	next := place{Token: r.token, Read: at.Read + r.records}
	switch {
	case !r.listed:
		return connectors.CataloguePage{}, ErrResponse
	case next.Read > d.o.MaxRecords:
		return connectors.CataloguePage{}, ErrTooMany
	case r.token != "" && (r.token == at.Token || r.records == 0):
		return connectors.CataloguePage{}, ErrLoop
	case r.token == "" && next.Read < r.size: // before the end completeListSize may be an estimate (§3.5.1)
		return connectors.CataloguePage{}, fmt.Errorf("%w: %d of %d records", ErrShort, next.Read, r.size)
	case r.token != "":
		page.Next = next.cursor()
	}
	return page, nil
}

// from is since in the repository's granularity (§3.3), which Identify tells.
func (d *Driver) from(ctx context.Context, since time.Time) (string, error) {
	r, err := d.ask(ctx, "Identify", url.Values{})
	switch {
	case err != nil:
		return "", err
	case r.granularity == "YYYY-MM-DD":
		return since.UTC().Format(time.DateOnly), nil
	case r.granularity == "YYYY-MM-DDThh:mm:ssZ":
		return since.UTC().Format("2006-01-02T15:04:05Z"), nil
	}
	return "", fmt.Errorf("%w: no granularity", ErrResponse)
}

// ask makes one request of the protocol.
func (d *Driver) ask(ctx context.Context, verb string, arguments url.Values) (*response, error) {
	u := *d.repository.Root()
	arguments.Set("verb", verb)
	u.RawQuery = arguments.Encode()
	var r *response
	err := d.repository.Get(ctx, u.String(), "text/xml, application/xml", func(a origin.Answer) error {
		if !isXML(a.Header.Get("Content-Type")) {
			return fmt.Errorf("%w: %w", origin.ErrFetch, origin.ErrMediaType)
		}
		var err error
		r, err = readResponse(a.Body, d.repository.Root().String(), d.o.MaxRecords)
		return err
	})
	if err == nil && (r.verb != "" && r.verb != verb || r.asked != "" && r.asked != arguments.Get("resumptionToken")) {
		return nil, fmt.Errorf("%w: it answers another question", ErrResponse)
	}
	return r, err
}
