package publish

import (
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// maxPages bounds one pass: a source that pages for ever is broken.
const maxPages = 100_000

// collect reads a source to its end, a page at a time, and hands on its documents in order. An error
// means the pass is incomplete.
func collect(ctx context.Context, d connectors.Catalogue, hand func(connectors.CatalogueItem) error) error {
	seen := map[string]bool{}
	cursor := ""
	for range maxPages {
		page, err := d.List(ctx, time.Time{}, cursor)
		if err != nil {
			return err
		}
		for _, doc := range page.Items {
			if err := hand(doc); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		if seen[page.Next] {
			return errors.New("the source's pages run in a circle")
		}
		seen[page.Next] = true
		cursor = page.Next
	}
	return errors.New("the source has more pages than allowed")
}
