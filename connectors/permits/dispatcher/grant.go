package dispatcher

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// grant is what a positive decision grants: what the system says, and for what it leaves out the form, the
// published record and the configuration. A system written for the Commission's dispatcher sends a card
// and a PDF: the points of Art. 68(10) must come from somewhere. A gap is refused with every article.
func (d *Driver) grant(ctx context.Context, t track, card decisionCard, at string) (*ehds.PermitDetail, error) {
	f, err := d.filing(ctx, application{t.ApplicationID, []track{t}}, "")
	if err != nil {
		return nil, err
	}
	var g ehds.PermitDetail
	if card.Permit != nil {
		g = *card.Permit
	}
	g.Kind, g.ApplicationID, g.DecisionID, g.Version = cmp.Or(g.Kind, ehds.KindDataPermit), t.number(), card.DecisionID, 1
	d.fromForm(&g, gate.Read(f.Application), at)
	left := slices.DeleteFunc(slices.Clone(f.Application.Datasets), func(s ehds.ApplicationDataset) bool {
		return slices.ContainsFunc(card.RefusedDatasets, func(r ehds.RefusedDataset) bool { return r.DatasetID == s.DatasetID })
	})
	fromRecord(&g, left, f.Published, t.Key)
	g.Fees = cmp.Or(g.Fees, card.Fees, d.o.Fees)
	if g.Conditions == nil {
		g.Conditions = append([]string{}, card.Conditions...)
	}
	if found := gapsOf(g); len(found) > 0 {
		return nil, invalidError{fault.New(fault.Invalid, "grant-incomplete", "the decision grants a permit that does not say all of Art. 68(10); the findings name points and places").At(found[0].Pointer), found}
	}
	return &g, nil
}

// fromForm takes from the form what the system did not say.
func (d *Driver) fromForm(g *ehds.PermitDetail, f gate.Form, at string) {
	if len(g.Purposes) == 0 {
		g.Purposes = f.Purposes()
	}
	if len(g.Persons) == 0 {
		g.Persons = f.People()
	}
	g.Investigator = cmp.Or(g.Investigator, strings.TrimSpace(f.Text(2, "projectLeader")))
	g.Data.Format = cmp.Or(g.Data.Format, f.Format())
	if applied, reason := f.OptOutException(); !g.OptOut.Applied && applied {
		g.OptOut = ehds.PermitOptOut{Applied: true, Reason: reason}
	}
	g.SPE.Operator = cmp.Or(g.SPE.Operator, strings.TrimSpace(f.Text(8, "nameWebsiteAddressForEnvironment")), d.o.SPEOperator)
	if g.SPE.Tools == nil {
		g.SPE.Tools = d.o.SPETools
		if tools := strings.TrimSpace(f.Text(8, "technicalRequirementsForEnvironment")); tools != "" {
			g.SPE.Tools = []string{tools}
		}
	}
	if from, to, ok := f.Period(); ok && g.Duration == (ehds.PermitDuration{}) {
		decided, err := time.Parse(time.RFC3339, at)
		if err == nil && from.Before(decided) { // a permit does not begin before its decision
			from = decided.UTC().Truncate(24 * time.Hour)
		}
		g.Duration = ehds.PermitDuration{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
	}
}

// fromRecord grants the datasets of the track where the system named none, with what the nation published
// of them: holders and categories. One dataset whose category nobody knows leaves the categories to the
// system.
func fromRecord(g *ehds.PermitDetail, asked []ehds.ApplicationDataset, published map[string]connectors.DatasetFacts, key ehds.Track) {
	if len(g.Granted) == 0 {
		for _, s := range asked {
			if _, ours := published[s.DatasetID]; ours || published == nil && s.CatalogID == key.CatalogID {
				g.Granted = append(g.Granted, ehds.GrantedDataset{Holder: cmp.Or(published[s.DatasetID].Holder, s.Publisher),
					DatasetID: s.DatasetID, CatalogID: s.CatalogID, CentralID: published[s.DatasetID].CentralID})
			}
		}
	}
	var categories, sources []string
	known := true
	for _, s := range g.Granted {
		known = known && len(published[s.DatasetID].Categories) > 0
		for _, k := range published[s.DatasetID].Categories {
			categories = with(categories, k)
		}
		sources = with(sources, s.Holder)
	}
	if len(g.Data.Categories) == 0 && known {
		g.Data.Categories = categories
	}
	if len(g.Data.Sources) == 0 {
		g.Data.Sources = sources
	}
}

func with(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// gapsOf says which points of Art. 68(10) a grant does not state.
func gapsOf(g ehds.PermitDetail) (out findings) {
	for _, gap := range gate.GrantGaps(g) {
		out = append(out, finding{gap.Pointer, gap.Code, gap.Article, gap.Message})
	}
	return out
}
