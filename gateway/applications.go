package gateway

import (
	"context"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// applications walks over every application on record: those the centre brought, then those that other hubs
// filed here, in the order of case ids.
func (g *Gateway) applications(ctx context.Context, see func(caseID string, doc exchange.ApplicationDoc)) error {
	for _, kind := range []ehds.CaseKind{ehds.CaseApplication, ehds.CaseNational} {
		err := store.EachCase(ctx, g.record, string(kind)+":", "", func(c store.Case) error {
			if doc, ok := exchange.ReadApplicationDoc(c.ID, c.Doc); ok {
				see(c.ID, doc)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
