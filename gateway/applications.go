package gateway

import (
	"context"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

// applications walks over every application on record: those the centre brought, then those that other hubs
// filed here, in the order of case ids.
func (g *Gateway) applications(ctx context.Context, see func(caseID string, doc exchange.ApplicationDoc)) error {
	for _, kind := range []ehds.CaseKind{ehds.CaseApplication, ehds.CaseNational} {
		if err := g.applicationsOf(ctx, kind, see); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gateway) applicationsOf(ctx context.Context, kind ehds.CaseKind, see func(caseID string, doc exchange.ApplicationDoc)) error {
	for after := ""; ; {
		page, err := g.record.Cases(ctx, string(kind)+":", after, maxCases)
		if err != nil {
			return err
		}
		for _, c := range page {
			after = c.ID
			if doc, ok := exchange.ReadApplicationDoc(c.ID, c.Doc); ok {
				see(c.ID, doc)
			}
		}
		if len(page) < maxCases {
			return nil
		}
	}
}
