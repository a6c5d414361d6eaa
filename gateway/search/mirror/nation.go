package mirror

import (
	"context"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Nation reads the whole catalogue as it is shown now and hands on every description of one country,
// with the identifiers it says it has at origin. Nothing is kept. unread counts descriptions, of
// whatever country, that are shown and cannot be read. Errors are those of Run.
func (m *Mirror) Nation(ctx context.Context, of string, see func(r catalogue.Record, origins []string) error) (pages, unread int, err error) {
	p := &pass{m: m, seen: map[string]bool{}, total: -1}
	p.each = func(_ context.Context, said []*rdf.Graph, r catalogue.Record) error {
		if country(said, r.Subject) != of {
			return nil
		}
		return see(r, catalogue.Summarise(r.Graph, r.Subject).Origins)
	}
	err = p.read(ctx)
	return p.report.Pages, p.report.Unfit, err
}
