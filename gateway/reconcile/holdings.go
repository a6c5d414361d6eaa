package reconcile

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// pageSize is how many descriptions are read at a time.
const pageSize = 2000

// holds reads what the nation holds: the tree over every current description. Their content is not
// read, the record keeps the digests.
func (r *Reconciler) holds(ctx context.Context) (*digest.Tree, error) {
	var entries []digest.Entry
	prefix, after := string(ehds.CaseDataset)+":"+r.Country+":", ""
	for {
		page, err := r.Record.DescriptionHeads(ctx, prefix, after, pageSize)
		if err != nil {
			return nil, fmt.Errorf("reading the descriptions: %w", err)
		}
		for _, d := range page {
			after = d.Case
			e, err := entryOf(d.Case, d.Exchange)
			if err != nil {
				return nil, fmt.Errorf("case %s: %w", d.Case, err)
			}
			entries = append(entries, e)
		}
		if len(page) < pageSize {
			return digest.NewTree(entries)
		}
	}
}

func entryOf(caseID, exchangeDigest string) (digest.Entry, error) {
	id, err := ehds.ParseCaseID(caseID)
	if err != nil {
		return digest.Entry{}, err
	}
	identifier, err := id.Identifier()
	if err != nil {
		return digest.Entry{}, err
	}
	sum, err := digest.ParseSum(exchangeDigest)
	return digest.Entry{Identifier: identifier, Digest: sum}, err
}

// publication is what we told the centre about a dataset; nil when we never did.
func (r *Reconciler) publication(ctx context.Context, identifier string) (*catalogue.Publication, error) {
	c, ok, err := r.Record.Case(ctx, ehds.DatasetCase(r.Country, identifier).String())
	if err != nil || !ok {
		return nil, err
	}
	var p catalogue.Publication
	if err := json.Unmarshal(c.Doc, &p); err != nil {
		return nil, fmt.Errorf("publication %s: %w", c.ID, err)
	}
	return &p, nil
}
