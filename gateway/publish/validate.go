package publish

import (
	"context"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// validate takes the documents of a source apart, checks each record, and keeps the good ones. What
// is wrong is quarantined, each with its findings; the rest goes on.
func validate(ctx context.Context, s Source, docs []connectors.CatalogueItem) (catalogue.Pass, []Item, error) {
	pass := catalogue.Pass{Source: s.Name}
	var all []catalogue.Record
	var quarantined []Item
	for _, d := range docs {
		g, err := d.Open(ctx)
		if ctx.Err() != nil {
			return pass, nil, ctx.Err()
		}
		if err != nil || g == nil {
			pass.Findings = append(pass.Findings, unreadable(d.File, err))
			quarantined = append(quarantined, Item{Place: d.File})
			continue
		}
		records, findings, err := catalogue.Records(ctx, g, d.File)
		if err != nil {
			return pass, nil, err
		}
		pass.Findings = append(pass.Findings, findings...)
		for _, f := range findings {
			if f.Severity == catalogue.Violation {
				quarantined = append(quarantined, Item{
					Identifier: f.Identifier, IRI: f.Subject, Place: catalogue.Source{File: f.File, Line: f.Line}.String(),
				})
			}
		}
		all = append(all, records...)
	}
	unique, repeated := catalogue.Unique(all)
	pass.Findings = append(pass.Findings, repeated...)
	for _, f := range repeated {
		quarantined = append(quarantined, Item{
			Identifier: f.Identifier, IRI: f.Subject, Place: catalogue.Source{File: f.File, Line: f.Line}.String(),
		})
	}
	for _, r := range unique {
		findings := s.Validate(r)
		pass.Findings = append(pass.Findings, findings...)
		if catalogue.Blocks(findings) {
			quarantined = append(quarantined, itemOf(r))
			continue
		}
		pass.Records = append(pass.Records, r)
	}
	catalogue.SortFindings(pass.Findings)
	return pass, quarantined, ctx.Err()
}
