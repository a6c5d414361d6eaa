package console

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

//go:embed pages/*.html
var templates embed.FS

// pages are the templates, for a root path.
type pages struct {
	root string
	all  *template.Template
}

func newPages(root string) (*pages, error) {
	t, err := template.ParseFS(templates, "pages/*.html")
	return &pages{root, t}, err
}

// frame is what every page has.
type frame struct {
	Root     string
	Title    string // of the page
	House    string // of the catalogue
	Lang     string // of the house's name
	Forms    []link // the same in other forms
	Problem  *refusal
	List     *listView
	Dataset  *datasetView
	Question string
}

// link is an address with its text. Lang is that of the text; empty is that of the page.
type link struct {
	Text, Lang, Href string
	Count            int
	On               bool
}

func (p *pages) frame(a *answer, c *Catalogue) frame {
	f := frame{Root: p.root}
	f.House, f.Lang = inLanguage(c.Title, a.languages)
	if f.House == "" {
		f.House, f.Lang = "Dataset catalogue", "en"
	}
	return f
}

// send renders a page and answers with it.
func (p *pages) send(a *answer, f frame) error {
	var out bytes.Buffer
	if err := p.all.ExecuteTemplate(&out, "page.html", f); err != nil {
		return err
	}
	if f.Problem != nil {
		a.refuseWith(f.Problem.status, formHTML.contentType(), out.Bytes())
		return nil
	}
	a.send(formHTML.contentType(), out.Bytes(), fresh)
	return nil
}

// problem is a refusal as a page.
func (p *pages) problem(a *answer, c *Catalogue, r refusal) error {
	f := p.frame(a, c)
	f.Problem, f.Title = &r, http.StatusText(r.status)
	return p.send(a, f)
}

// Detail says what is wrong, for the page.
func (r refusal) Detail() string { return r.detail }

// otherForms links to the same resource in the forms for programs.
func otherForms(path string, v url.Values) (out []link) {
	for _, f := range forms() {
		if f.name == formHTML.name {
			continue
		}
		v.Set("format", f.name)
		out = append(out, link{Text: f.media, Href: path + "?" + v.Encode()})
	}
	return out
}

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

// datasetView is one description as HTML.
type datasetView struct {
	hitView
	IRI, Identifier, CentralID, HDAB string
	Descriptions                     []link
	Keywords                         []link
	Themes                           []string
	Modified                         string
	Properties                       []property
	More                             bool // not all statements are shown
}

func (p *pages) dataset(a *answer, c *Catalogue, d search.Document, g *rdf.Graph, subject rdf.Term) error {
	f := p.frame(a, c)
	v := &datasetView{hitView: p.hit(d, a.languages), IRI: d.IRI, Identifier: d.Identifier, CentralID: d.CentralID, HDAB: d.HDAB, Themes: d.Themes}
	v.Description, v.DescriptionLang = inLanguage(d.Description, a.languages)
	if !d.Modified.IsZero() {
		v.Modified = d.Modified.UTC().Format("2 January 2006")
	}
	t := tree{g: g, left: maxStatements}
	v.Properties = t.of(subject, 0)
	v.More = t.more
	f.Title, f.Dataset = v.Text, v
	f.Forms = otherForms(v.Href, url.Values{})
	return p.send(a, f)
}

// titleOf is a description's title in the reader's language, else its identifier or address.
func titleOf(d search.Document, reader []string) (text, lang string) {
	if text, lang = inLanguage(d.Title, reader); strings.TrimSpace(text) != "" {
		return text, lang
	}
	for _, name := range []string{d.Identifier, d.CentralID, d.IRI, d.Key} {
		if name != "" {
			return name, ""
		}
	}
	return "", ""
}

// shortened is the beginning of a text, for a list.
func shortened(s string) string {
	const most = 280
	n := 0
	for i := range s {
		if n++; n > most {
			if cut := strings.LastIndexByte(s[:i], ' '); cut > i/2 {
				i = cut
			}
			return s[:i] + " …"
		}
	}
	return s
}

func categoryName(code string) string {
	if c, ok := ehds.Category(code); ok && c.Code == code && c.Name != "" {
		return c.Name
	}
	return code
}
