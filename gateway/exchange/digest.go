package exchange

import (
	"encoding/json"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// DigestDoc is the case document of one comparison with what the centre shows (case cat:<country>:<id>,
// profile ext-1). The comparison itself is led by package reconcile; here its answers arrive.
type DigestDoc struct {
	Waiting string                        `json:"waiting,omitempty"` // id of the question whose answer is due
	Answer  *ehds.CatalogueDigestResponse `json:"answer,omitempty"`  // to the last question
	Result  json.RawMessage               `json:"result,omitempty"`  // once it has ended
}

// digestResponse keeps the centre's answer to the question that waits. An answer to an older question
// changes nothing.
func digestResponse(h *Handling) []ehds.Finding {
	var body ehds.CatalogueDigestResponse
	if f := h.Body(&body); f != nil {
		return f
	}
	var doc DigestDoc
	if h.Doc == nil || json.Unmarshal(h.Doc, &doc) != nil {
		return violation("/case", "unknown-case", "nothing was compared under this case")
	}
	if doc.Waiting != h.Env.Ref {
		return nil
	}
	doc.Waiting, doc.Answer = "", &body
	h.Doc = mustJSON(doc)
	return nil
}
