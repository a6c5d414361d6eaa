package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// Found is a page of what a search found.
type Found = search.Result

// DescriptionRow is one description as it is found, with its content.
type DescriptionRow struct {
	search.Document
	NQuads string `json:"n_quads"`
}

// operatorSearch asks the index: q, limit, and one or more of each facet.
func (g *Gateway) operatorSearch(ctx context.Context, q httpapi.Query) (Found, error) {
	asked := search.Query{Text: q.Get("q"), Filter: map[search.Facet][]string{}}
	if text := q.Get("limit"); text != "" {
		var err error
		if asked.Limit, err = strconv.Atoi(text); err != nil || asked.Limit < 1 {
			return Found{}, fault.New(fault.Invalid, "limit-range", "a page has 1 to 100 descriptions").At("/limit")
		}
	}
	for _, f := range search.Facets() {
		asked.Filter[f] = q.Values[string(f)]
	}
	found, err := g.shelf.Search(ctx, asked)
	return found, searchFault(err)
}

func searchFault(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, search.ErrQuery):
		return fault.Wrap(err, fault.Invalid, "search-query", "the search is too long, has too many words or values, or asks for too many at once")
	case errors.Is(err, search.ErrDamaged), errors.Is(err, search.ErrClosed):
		return fault.Wrap(err, fault.Unavailable, "search-unavailable", "the search index is being made anew").After(10 * time.Second)
	}
	return err
}

// operatorDescription reads one description by its key, our own identifier, or the centre's.
func (g *Gateway) operatorDescription(ctx context.Context, q httpapi.Query) (DescriptionRow, error) {
	id := q.Get("id")
	for _, key := range []string{id, search.OwnKey(ehds.DatasetCase(g.cfg.Country, id).String()), search.EUKey(id)} {
		d, ok, err := g.shelf.Read(ctx, key)
		if err != nil {
			return DescriptionRow{}, searchFault(err)
		}
		if ok {
			return DescriptionRow{d, string(d.Content)}, nil
		}
	}
	return DescriptionRow{}, fault.New(fault.NotFound, "no-such-description", "no description has this key or identifier")
}
