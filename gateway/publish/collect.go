package publish

import (
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// maxPages bounds one pass: a source that pages for ever is broken.
const maxPages = 100_000

// collect reads a source to its end. An error means the pass is incomplete.
func collect(ctx context.Context, d connectors.Catalogue) ([]connectors.CatalogueItem, error) {
	var docs []connectors.CatalogueItem
	seen := map[string]bool{}
	cursor := ""
	for range maxPages {
		page, err := d.List(ctx, time.Time{}, cursor)
		if err != nil {
			return nil, err
		}
		docs = append(docs, page.Items...)
		if page.Next == "" {
			return docs, nil
		}
		if seen[page.Next] {
			return nil, errors.New("the source's pages run in a circle")
		}
		seen[page.Next] = true
		cursor = page.Next
	}
	return nil, errors.New("the source has more pages than allowed")
}
