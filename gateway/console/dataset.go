package console

import (
	"net/http"
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// datasetPath is the path of one description below the entity.
func datasetPath(key string) string { return "/catalogue/datasets/" + url.PathEscape(key) }

// dataset answers GET /catalogue/datasets/{key}.
func (c *Catalogue) dataset(a *answer, p *pages) error {
	d, ok, err := c.Shelf.Read(a.r.Context(), a.r.PathValue("key"))
	if err != nil {
		return err
	}
	if !ok {
		return refusal{http.StatusNotFound, CodeNotFound, "there is no such dataset description here"}
	}
	if a.form.name == formJSON.name {
		return a.sendJSON(d)
	}
	g := rdf.NewGraph()
	subject, err := describe(a.r.Context(), g, d.Content, "")
	if err != nil {
		return err
	}
	if a.form.name == formHTML.name {
		return p.dataset(a, c, d, g, subject)
	}
	return a.sendGraph(g)
}
