package exchange

import (
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// datasetResponse applies the centre's business response to a dataset message.
func datasetResponse(router *Router) Handler {
	return func(h *Handling) []ehds.Finding {
		var body ehds.ResponseBody
		if f := h.Body(&body); f != nil {
			return f
		}
		var p catalogue.Publication
		if h.Doc == nil || json.Unmarshal(h.Doc, &p) != nil {
			return violation("/case", "unknown-case", "nothing was published under this case")
		}
		p = p.Answered(h.Env.Ref, body, h.Now)
		router.Learn(p)
		h.Doc = mustJSON(p)
		return nil
	}
}
