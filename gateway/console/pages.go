package console

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"

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
	return a.sendPage(p.all, f, f.Problem)
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
