package ckan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// search is an answer of package_search.
type search struct {
	Success bool `json:"success"`
	Result  *struct {
		Count   int               `json:"count"`
		Results []json.RawMessage `json:"results"`
	} `json:"result"`
}

// query asks for packages from a number on. They come in the order of their ids, which no change of a
// package moves; harvest sources and showcases, which are packages too, stay out.
func (d *Driver) query(start int, since time.Time) url.Values {
	fq := "-dataset_type:harvest -dataset_type:showcase"
	if !since.IsZero() {
		fq += " +metadata_modified:[" + sinceText(since) + "Z TO *]"
	}
	return url.Values{"q": {"*:*"}, "fq": {fq}, "sort": {"id asc"}, "rows": {strconv.Itoa(d.o.Rows)}, "start": {strconv.Itoa(start)}}
}

// actionPage reads one page of the action API.
func (d *Driver) actionPage(ctx context.Context, at position) (connectors.CataloguePage, error) {
	address, err := d.address(at)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	var answer search
	if err := d.portal.JSON(ctx, address, &answer); err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("ckan: page %d: %w", at.n, err)
	}
	r := answer.Result
	if !answer.Success || r == nil || r.Count < 0 || r.Results == nil {
		return connectors.CataloguePage{}, fmt.Errorf("page %d: %w", at.n, ErrNotCatalogue)
	}
	page := told{total: r.Count}
	if page.next, err = d.following(at, len(r.Results), r.Count); err != nil {
		return connectors.CataloguePage{}, err
	}
	var results []json.RawMessage
	results, page.moved = d.pass.joined(at, r.Results)
	items := make(map[string]connectors.CatalogueItem, len(results))
	for n, raw := range results {
		name, item := d.pack(at.n, n, raw)
		if _, twice := items[name]; !twice {
			page.names = append(page.names, name)
		}
		items[name] = item
	}
	again, beside, cursor, err := d.advance(at, page)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	for _, name := range again {
		delete(items, name)
	}
	out := connectors.CataloguePage{Next: cursor}
	for _, name := range page.names {
		if item, ok := items[name]; ok {
			out.Items = append(out.Items, item)
		}
	}
	out.Items = append(out.Items, beside...)
	return out, nil
}

// following is the path and query of the page after one with so many of all packages; empty after the
// last. A page begins with the last package of the one before: when one goes and another comes, the total
// is the same, and only this tells that the packages between have moved up.
func (d *Driver) following(at position, given, total int) (string, error) {
	u, err := url.ParseRequestURI(at.uri)
	if err != nil {
		return "", ErrCursor
	}
	q := u.Query()
	start, err := strconv.Atoi(q.Get("start"))
	if err != nil || start < 0 {
		return "", ErrCursor
	}
	if given == 0 || at.n > 1 && given == 1 || start+given >= total {
		return "", nil
	}
	q.Set("start", strconv.Itoa(start+given-1))
	q.Set("rows", strconv.Itoa(d.o.Rows+1))
	u.RawQuery = q.Encode()
	return u.RequestURI(), nil
}

// joined leaves out what a page has from the one before. moved says that the two do not join. Who does not
// know the page before takes it that they do.
func (p *pass) joined(at position, results []json.RawMessage) (_ []json.RawMessage, moved bool) {
	if len(results) == 0 {
		return results, at.n > 1
	}
	before := p.last
	p.last = idOf(results[len(results)-1])
	switch {
	case at.n == 1:
		return results, false
	case before == "" || idOf(results[0]) == before:
		return results[1:], false
	}
	return results, true
}

// idOf is the id of a package; empty when it has none.
func idOf(raw json.RawMessage) string {
	var pkg struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(raw, &pkg) != nil {
		return ""
	}
	return pkg.ID
}

// pack makes the item of one package, and names it by its id.
func (d *Driver) pack(page, n int, raw json.RawMessage) (string, connectors.CatalogueItem) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // what is a number here is written as it came
	var pkg map[string]any
	name := fmt.Sprintf("%d.%d", page, n)
	item := connectors.CatalogueItem{File: d.place(page)}
	err := dec.Decode(&pkg)
	if err != nil || pkg == nil {
		item.Err = d.unfit(item.File, fmt.Errorf("package %d of the page is not an object", n+1))
		return name, item
	}
	if id, _ := pkg["id"].(string); id != "" {
		name, item.File = id, origin.Place(d.listing)+"#dataset="+url.QueryEscape(id)
	}
	g, err := describe(pkg, d.portal.Root())
	if err != nil {
		item.Err = d.unfit(item.File, err)
		return name, item
	}
	item.Graph = g
	return name, item
}

// unfit is the error of a package that means nothing, with what is wrong in it for its holder.
func (d *Driver) unfit(file string, err error) error {
	return fmt.Errorf("%w: %w", ErrUnfit, &rdf.SyntaxError{File: file, Code: catalogue.CodeUnreadable, Msg: "the package cannot be mapped: " + err.Error()})
}
