package dispatcher

import (
	"net/http"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// problemRow is something the gateway refused of what a system told.
type problemRow struct {
	Event     string                     `json:"event"`
	Kind      connectors.PermitEventKind `json:"kind"`
	RefusedAt string                     `json:"refused_at"`
	Code      string                     `json:"code"`
	Detail    string                     `json:"detail,omitempty"`
	Status    ehds.ApplicationState      `json:"status,omitempty"` // of the track then
}

// getProblems lists what the gateway refused of what was told about an application.
func (c *call) getProblems() error {
	list, err := c.selected(c.ctx, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	out := []problemRow{}
	for _, t := range list {
		refused, err := c.d.refused(c.ctx, t.Case, t.Key)
		if err != nil {
			return err
		}
		for _, r := range refused {
			out = append(out, problemRow{r.Event, r.Kind, r.At, r.Code, r.Detail, r.Status})
		}
	}
	return c.answer(http.StatusOK, out)
}
