package publish

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// pageSize is how many publications are read at a time.
const pageSize = 2000

// published reads what stands in the record: every dataset the centre was told of and was not told
// to delete.
func (p *Publisher) published(ctx context.Context) (map[catalogue.Key]catalogue.Publication, error) {
	out := map[catalogue.Key]catalogue.Publication{}
	prefix, after := string(ehds.CaseDataset)+":"+p.Country+":", ""
	for {
		page, err := p.Record.Cases(ctx, prefix, after, pageSize)
		if err != nil {
			return nil, fmt.Errorf("reading what is published: %w", err)
		}
		for _, c := range page {
			after = c.ID
			var pub catalogue.Publication
			if err := json.Unmarshal(c.Doc, &pub); err != nil {
				return nil, fmt.Errorf("publication %s: %w", c.ID, err)
			}
			if pub.State != catalogue.Deleting && pub.State != catalogue.Deleted && !removalRefused(pub) {
				out[catalogue.Key{Source: pub.Source, Identifier: pub.Identifier}] = pub
			}
		}
		if len(page) < pageSize {
			return out, nil
		}
	}
}

// removalRefused says whether the centre refused to remove a description: asking again on every pass
// would not help, staff must look. It is told again when the description comes back.
func removalRefused(pub catalogue.Publication) bool {
	n := len(pub.History)
	return pub.State == catalogue.Rejected && n >= 2 && pub.History[n-2].What == "delete queued"
}

func haves(published map[catalogue.Key]catalogue.Publication) map[catalogue.Key]catalogue.Have {
	out := make(map[catalogue.Key]catalogue.Have, len(published))
	for k, pub := range published {
		out[k] = catalogue.Have{Digest: pub.Digest, IRI: pub.IRI, File: pub.File}
	}
	return out
}
