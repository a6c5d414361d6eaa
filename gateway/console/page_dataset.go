package console

import (
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

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
