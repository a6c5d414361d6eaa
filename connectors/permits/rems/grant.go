package rems

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// grant fills Art. 68(10) as far as it is known: persons, purposes, format and period from the form,
// datasets, holders and categories from the published record, the end REMS set, and for what is left the
// mapping. What nobody says stays empty.
func (d *Driver) grant(t *track, card *ehds.DecisionBody, ev event) ehds.PermitDetail {
	f, m := gate.Read(t.App), d.o.Mapping.Grant
	g := ehds.PermitDetail{Kind: ehds.KindDataPermit, ApplicationID: t.App.ApplicationID, DecisionID: card.DecisionID, Version: 1,
		Purposes: f.Purposes(), Persons: f.People(), Investigator: strings.TrimSpace(f.Text(2, "projectLeader")),
		Fees: m.Fees, Conditions: append([]string{}, m.Conditions...)}
	g.Data.Format = f.Format()
	if applied, reason := f.OptOutException(); applied {
		g.OptOut = ehds.PermitOptOut{Applied: true, Reason: reason}
	}
	g.SPE.Operator = cmp.Or(strings.TrimSpace(f.Text(8, "nameWebsiteAddressForEnvironment")), m.SPE)
	if g.SPE.Tools = m.Tools; len(m.Tools) == 0 {
		if tools := strings.TrimSpace(f.Text(8, "technicalRequirementsForEnvironment")); tools != "" {
			g.SPE.Tools = []string{tools}
		}
	}
	d.fromRecord(t, &g)
	g.Duration = duration(f, m, ev)
	return g
}

func (d *Driver) fromRecord(t *track, g *ehds.PermitDetail) {
	known := true
	for _, s := range d.o.Mapping.datasetsOf(t.App, t.Published, t.Track) {
		p := t.Published[s.DatasetID]
		holder := cmp.Or(p.Holder, s.Publisher)
		g.Granted = append(g.Granted, ehds.GrantedDataset{Holder: holder, DatasetID: s.DatasetID, CatalogID: s.CatalogID, CentralID: p.CentralID})
		categories := p.Categories
		if len(categories) == 0 {
			categories = d.o.Mapping.Grant.Categories
		}
		known = known && len(categories) > 0
		for _, c := range categories {
			g.Data.Categories = with(g.Data.Categories, c)
		}
		g.Data.Sources = with(g.Data.Sources, holder)
	}
	if !known {
		g.Data.Categories = nil // one dataset whose category nobody knows leaves them open
	}
}

func with(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// duration is the period asked for, no earlier than the decision, cut to what the mapping allows and to the
// end REMS gave the entitlement. A period that is none stays empty.
func duration(f gate.Form, m Grant, ev event) ehds.PermitDuration {
	from, to, ok := f.Period()
	decided, err := time.Parse(time.RFC3339, ev.Time)
	if !ok || err != nil {
		return ehds.PermitDuration{}
	}
	if day := decided.UTC().Truncate(24 * time.Hour); from.Before(day) {
		from = day
	}
	if m.DurationMonths > 0 {
		first := time.Date(from.Year(), from.Month()+time.Month(m.DurationMonths), 1, 0, 0, 0, 0, time.UTC)
		most := first.AddDate(0, 0, min(from.Day(), first.AddDate(0, 1, -1).Day())-1)
		to = earlier(to, most)
	}
	if end, err := time.Parse(time.RFC3339, ev.End); err == nil {
		to = earlier(to, end.UTC().Truncate(24*time.Hour))
	}
	if !to.After(from) {
		return ehds.PermitDuration{}
	}
	return ehds.PermitDuration{From: from.Format(time.DateOnly), To: to.Format(time.DateOnly)}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// compare looks whether REMS entitles the user to what is granted, and whether its visas say the same. It
// changes nothing: what differs is told to staff, in the log, without names. Visas stay in REMS.
func (d *Driver) compare(ctx context.Context, t *track) error {
	user := d.user(t.Case, t.Track)
	var list []entitlement
	q := url.Values{"user": {user}}
	if err := d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/entitlements?"+q.Encode(), nil, &list); err != nil {
		return known(err)
	}
	entitled := map[string]bool{}
	for _, e := range list {
		if e.App == t.REMS {
			entitled[e.Resource] = true
		}
	}
	missing := 0
	for _, s := range d.o.Mapping.datasetsOf(t.App, t.Published, t.Track) {
		if _, mapped := d.o.Mapping.Items[s.DatasetID]; !mapped && !entitled[s.DatasetID] {
			missing++
		}
	}
	if missing > 0 || len(entitled) == 0 {
		d.host.Logger.WarnContext(ctx, "REMS entitles to something else than it approved", "application", t.REMS, "missing", missing, "entitled", len(entitled))
	}
	if d.o.Visa == nil {
		return nil
	}
	return d.visas(ctx, t, user, entitled)
}

// visas verifies the visas of a user (GA4GH) and compares them with what it is entitled to.
func (d *Driver) visas(ctx context.Context, t *track, user string, entitled map[string]bool) error {
	var p struct {
		Visas []string `json:"ga4gh_passport_v1"`
	}
	if err := d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/permissions/"+url.PathEscape(user), nil, &p); err != nil {
		return known(err)
	}
	bad, seen := 0, map[string]bool{}
	for _, raw := range p.Visas {
		subject, resource, err := d.o.Visa(raw)
		if err != nil || subject != user || !entitled[resource] {
			bad++
			continue
		}
		seen[resource] = true
	}
	if bad > 0 || len(seen) != len(entitled) {
		d.host.Logger.WarnContext(ctx, "visas of REMS do not say what it entitles to", "application", t.REMS, "refused", bad, "good", len(seen), "entitled", len(entitled))
	}
	return nil
}
