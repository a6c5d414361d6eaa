package piveau

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Terms of the documents.
var (
	rdfType          = rdf.NewIRI(rdf.RDFType)
	classDataset     = rdf.NewIRI(rdf.NSDCAT + "Dataset")
	classCatalog     = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	dcatDataset      = rdf.NewIRI(rdf.NSDCAT + "dataset")
	dctModified      = rdf.NewIRI(rdf.NSDCT + "modified")
	foafPrimaryTopic = rdf.NewIRI(rdf.NSFOAF + "primaryTopic")
)

const (
	maxEntry = 1024 // bytes of one entry of a list
	tries    = 3    // of a list that moves
)

// datasets lists the IRIs of all datasets to be read, sorted, each once.
func (d *Driver) datasets(ctx context.Context) ([]string, error) {
	catalogues := []string{d.catalogue}
	if d.catalogue == "" {
		var err error
		if catalogues, err = d.list(ctx, d.base.JoinPath("catalogues"), "identifiers", isIdentifier, maxCatalogues); err != nil {
			return nil, fmt.Errorf("catalogues: %w", err)
		}
	}
	var all []string
	for _, id := range catalogues {
		at := d.base.JoinPath("catalogues", url.PathEscape(id))
		iris, err := d.list(ctx, at.JoinPath("datasets"), "uriRefs", isIRI, d.o.MaxDatasets)
		if err == nil && len(iris) == 0 {
			err = d.empty(ctx, at)
		}
		if err != nil {
			return nil, fmt.Errorf("datasets of catalogue %q: %w", id, err)
		}
		if all = append(all, iris...); len(all) > d.o.MaxDatasets {
			return nil, fmt.Errorf("%w: over %d datasets", ErrTooMany, d.o.MaxDatasets)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// empty asks a catalogue's document whether the catalogue is empty indeed.
func (d *Driver) empty(ctx context.Context, at *url.URL) error {
	g, _, err := d.hub.Graph(ctx, at.String(), rdf.ReadOptions{})
	if err != nil {
		return err
	}
	if !g.Has(rdf.Term{}, rdfType, classCatalog) || g.Has(rdf.Term{}, dcatDataset, rdf.Term{}) {
		return fmt.Errorf("%w: it is empty, and the catalogue is not", ErrList)
	}
	return nil
}

// list reads a list to its end, again when it moved.
func (d *Driver) list(ctx context.Context, at *url.URL, valueType string, fits func(string) bool, most int) (out []string, err error) {
	for range tries {
		if out, err = d.listOnce(ctx, at, valueType, fits, most); !errors.Is(err, ErrMoved) {
			return out, err
		}
	}
	return nil, err
}

// listOnce reads a list to its end. Each request but the first begins with the last entry known.
func (d *Driver) listOnce(ctx context.Context, at *url.URL, valueType string, fits func(string) bool, most int) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for {
		u := *at
		u.RawQuery = url.Values{"valueType": {valueType}, "offset": {strconv.Itoa(max(0, len(out)-1))}, "limit": {strconv.Itoa(d.o.ListLimit)}}.Encode()
		var page []string
		if err := d.hub.JSON(ctx, u.String(), &page); err != nil {
			return nil, err
		}
		if len(out) > 0 {
			if len(page) == 0 || page[0] != out[len(out)-1] {
				return nil, ErrMoved
			}
			page = page[1:]
		}
		if len(page) == 0 {
			return out, nil
		}
		for _, entry := range page {
			switch {
			case !fits(entry):
				return nil, fmt.Errorf("%w: it holds something else than %s", ErrList, valueType)
			case seen[entry]:
				return nil, ErrMoved
			case len(out) >= most:
				return nil, fmt.Errorf("%w: over %d entries", ErrTooMany, most)
			}
			seen[entry] = true
			out = append(out, entry)
		}
	}
}

// isIdentifier says whether an entry can be a path segment that the hub knows something by.
func isIdentifier(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= maxEntry && !strings.ContainsAny(s, "/:\x00")
}

// isIRI says whether an entry is an absolute IRI that ends in an identifier.
func isIRI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !u.IsAbs() || u.User != nil || len(s) > maxEntry {
		return false
	}
	plain, err := url.PathUnescape(segment(s))
	return err == nil && isIdentifier(strings.ReplaceAll(plain, ":", ""))
}
