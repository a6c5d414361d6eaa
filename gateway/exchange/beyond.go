package exchange

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// beyond flags a permit that gives more than the newest version of its application asks for (Art. 66). It
// refuses nothing: the body decides, and answers to an information request may have asked for it. What
// cannot be read any more is not compared.
func (w *Issuer) beyond(ctx context.Context, caseID string, g ehds.PermitDetail, now time.Time) []Flag {
	c, ok, err := w.Record.Case(ctx, caseID)
	if err != nil || !ok {
		return nil
	}
	doc, err := readApplication(c.Doc)
	if err != nil {
		return nil
	}
	b, err := ReadFiling(ctx, w.Record, doc.Filing)
	if err != nil || b == nil {
		return nil
	}
	var places []string
	for _, f := range gate.Beyond(*b, g) {
		places = append(places, f.Pointer+" ("+f.Article+")")
	}
	return flagFor(now, "permit-beyond-application", places)
}
