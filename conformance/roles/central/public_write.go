package central

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// writeQuads answers with a page in which each description is a graph of its own, named by its record:
// what two datasets say of one agent stays apart.
func (c *Central) writeQuads(w http.ResponseWriter, r *http.Request, page *rdf.Graph, shown []dataset) {
	var quads []rdf.Quad
	for i, d := range shown {
		g := rdf.NewGraph()
		if err := c.list(r.Context(), page, g, d, "d"+strconv.Itoa(i)+"x"); err != nil {
			c.write(w, r, rdf.NQuads, nil, err)
			return
		}
		for t := range g.All() {
			quads = append(quads, rdf.Quad{Triple: t, G: rdf.NewIRI(c.recordURL(d.CentralID))})
		}
	}
	var text bytes.Buffer
	err := rdf.WriteNQuads(&text, page.Quads())
	if err == nil {
		err = rdf.WriteNQuads(&text, slices.Values(quads))
	}
	c.write(w, r, rdf.NQuads, text.Bytes(), err)
}

// writeTurtle answers with a graph.
func (c *Central) writeTurtle(w http.ResponseWriter, r *http.Request, g *rdf.Graph, err error) {
	var text bytes.Buffer
	if err == nil {
		prefixes := rdf.Prefixes()
		prefixes["hydra"] = nsHydra
		err = rdf.WriteTurtle(&text, g, prefixes)
	}
	c.write(w, r, rdf.Turtle, text.Bytes(), err)
}

// write answers with a document, or says that the client has it.
func (c *Central) write(w http.ResponseWriter, r *http.Request, form rdf.Format, text []byte, err error) {
	if err != nil {
		c.o.Logger.Error("the catalogue cannot be shown", "error", err)
		roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "try-later", ""))
		return
	}
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", form.MediaType()+";charset=utf-8")
	_, _ = w.Write(text) // the client is gone: nothing to mend
}
