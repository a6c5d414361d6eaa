package rems

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

var _ connectors.Prober = (*Driver)(nil)

// Probe asks REMS whether the key stands for both users, and whether what the mapping names is there. It
// reads only; that users can be made shows with the first application.
func (d *Driver) Probe(ctx context.Context) ([]connectors.Probed, error) {
	var out []connectors.Probed
	note := func(what string, err error, detail string) {
		if err != nil {
			detail = fault.From(known(err)).Detail
		}
		out = append(out, connectors.Probed{What: what, OK: err == nil, Detail: detail})
	}
	seen, err := d.rems.list(ctx, d.o.Handler, "/api/applications")
	note("the handler sees applications", err, fmt.Sprintf("%d now", len(seen)))
	_, err = d.rems.list(ctx, d.o.Owner, "/api/my-applications")
	note("the key stands for the owner", err, "")
	var items []item
	err = d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/catalogue", nil, &items)
	note("the catalogue is read", err, fmt.Sprintf("%d items", len(items)))
	if err == nil {
		out = append(out, d.probeItems(items)...)
	}
	out = append(out, d.probeForms(ctx)...)
	var list []entitlement
	err = d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/entitlements?"+url.Values{"user": {d.o.Owner}}.Encode(), nil, &list)
	note("entitlements are read", err, "")
	if d.o.Visa != nil {
		var p struct {
			Visas *[]string `json:"ga4gh_passport_v1"`
		}
		if err = d.rems.call(ctx, d.o.Handler, http.MethodGet, "/api/permissions/"+url.PathEscape(d.o.Owner), nil, &p); err == nil && p.Visas == nil {
			err = notAnAnswer(nil)
		}
		note("visas are read", err, "")
	}
	return out, ctx.Err()
}

// probeItems looks for the catalogue items of the mapping.
func (d *Driver) probeItems(items []item) []connectors.Probed {
	var out []connectors.Probed
	for _, dataset := range slices.Sorted(maps.Keys(d.o.Mapping.Items)) {
		id := d.o.Mapping.Items[dataset]
		ok := slices.ContainsFunc(items, func(i item) bool { return i.ID == id && i.Enabled })
		p := connectors.Probed{What: fmt.Sprintf("catalogue item %d of %s", id, dataset), OK: ok}
		if !ok {
			p.Detail = "REMS offers no such item; see items in the mapping"
		}
		out = append(out, p)
	}
	return out
}

// formField is a field of a form of REMS.
type formField struct {
	ID string `json:"field/id"`
}

// probeForms looks for the fields of the mapping.
func (d *Driver) probeForms(ctx context.Context) []connectors.Probed {
	places := map[int][]string{}
	for _, f := range d.o.Mapping.Fields {
		places[f.Form] = append(places[f.Form], f.Place.Field)
	}
	if a := d.o.Mapping.Attachments; a != nil {
		places[a.Form] = append(places[a.Form], a.Field)
	}
	var out []connectors.Probed
	for _, id := range slices.Sorted(maps.Keys(places)) {
		var form struct {
			Fields []formField `json:"form/fields"`
		}
		what := fmt.Sprintf("form %d", id)
		err := d.rems.call(ctx, d.o.Owner, http.MethodGet, fmt.Sprintf("/api/forms/%d", id), nil, &form)
		if errors.Is(err, errAbsent) {
			out = append(out, connectors.Probed{What: what, Detail: "REMS has no such form; see fields in the mapping"})
			continue
		}
		if err != nil {
			out = append(out, connectors.Probed{What: what, Detail: fault.From(err).Detail})
			continue
		}
		missing := 0
		for _, field := range places[id] {
			if !slices.ContainsFunc(form.Fields, func(f formField) bool { return f.ID == field }) {
				missing++
				out = append(out, connectors.Probed{What: what + ", field " + field, Detail: "the form has no such field; see fields in the mapping"})
			}
		}
		if missing == 0 {
			out = append(out, connectors.Probed{What: what, OK: true, Detail: fmt.Sprintf("%d fields", len(places[id]))})
		}
	}
	return out
}
