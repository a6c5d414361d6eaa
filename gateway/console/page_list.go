package console

import (
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// listView is a list as HTML.
type listView struct {
	Total          int
	Page, Pages    int
	Hits           []hitView
	Facets         []facetView
	First          string // the list without what narrows it
	Prev, Next     string
	Hidden         []link // parameters that a new search keeps
	Narrowed, Deep bool
}

// hitView is one description in a list.
type hitView struct {
	link
	Description, DescriptionLang string
	Country, Access, Publisher   string
	Categories                   []string
	Origin                       string
}

// facetView is one facet with the values that occur.
type facetView struct {
	Name   string
	Values []link
}

// facetNames are the headings of the facets.
var facetNames = map[search.Facet]string{
	search.ByCountry: "Country", search.ByCategory: "Category of health data", search.ByTheme: "Theme", search.ByAccess: "Access", search.ByOrigin: "Published by",
}

// maxShownValues bounds the values of a facet on a page.
const maxShownValues = 25

func (p *pages) list(a *answer, c *Catalogue, asked ask, r search.Result) error {
	f := p.frame(a, c)
	f.Title, f.Question = f.House, asked.q.Text
	if asked.q.Text != "" {
		f.Title = "Search: " + asked.q.Text
	}
	v := &listView{Total: r.Total, Page: asked.page, Pages: asked.pages(r.Total), First: p.root, Deep: r.Total > search.MaxDepth}
	to := func(page int) string { return p.path(asked.values(page)) }
	if asked.page > 1 {
		v.Prev = to(asked.page - 1)
	}
	if asked.page < v.Pages {
		v.Next = to(asked.page + 1)
	}
	for _, d := range r.Hits {
		v.Hits = append(v.Hits, p.hit(d, a.languages))
	}
	for _, facet := range search.Facets() {
		if fv := p.facet(asked, facet, r.Count[facet]); len(fv.Values) > 0 {
			v.Facets = append(v.Facets, fv)
		}
		for _, value := range asked.q.Filter[facet] {
			v.Hidden = append(v.Hidden, link{Text: string(facet), Href: value})
			v.Narrowed = true
		}
	}
	f.List, f.Forms = v, otherForms(p.root, asked.values(asked.page))
	return p.send(a, f)
}

// path is the list for parameters.
func (p *pages) path(v url.Values) string {
	if len(v) == 0 {
		return p.root
	}
	return p.root + "?" + v.Encode()
}

func (p *pages) hit(d search.Document, reader []string) hitView {
	h := hitView{Country: countryName(d.Country), Access: accessName(d.Access), Publisher: d.Publisher, Origin: originName(d.Origin)}
	h.Text, h.Lang = titleOf(d, reader)
	h.Href = strings.TrimSuffix(p.root, "/catalogue") + datasetPath(d.Key)
	h.Description, h.DescriptionLang = inLanguage(d.Description, reader)
	h.Description = shortened(h.Description)
	for _, code := range d.Categories {
		h.Categories = append(h.Categories, categoryName(code))
	}
	return h
}

// facet lists the values chosen and those found, the chosen first.
func (p *pages) facet(a ask, f search.Facet, counts []search.Count) facetView {
	out := facetView{Name: facetNames[f]}
	chosen := map[string]bool{}
	for _, v := range a.q.Filter[f] {
		chosen[v] = true
	}
	for _, on := range []bool{true, false} {
		for _, c := range counts {
			if chosen[c.Value] == on && len(out.Values) < maxShownValues {
				out.Values = append(out.Values, link{Text: valueName(f, c.Value), Href: p.path(a.with(f, c.Value, !on)), Count: c.Count, On: on})
			}
		}
	}
	return out
}
