package dispatcher

import (
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// recordStep tells a step of a side machine: delivery by a holder, fee estimate, completeness, trusted data
// holder, secure processing environment. The gateway knows its machines and judges.
func (c *call) recordStep() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		Machine ehds.SideMachine `json:"machine"`
		Subject string           `json:"subject"`
		Event   ehds.SideEvent   `json:"event"`
		Reason  string           `json:"reason"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		oneOf(f, "/machine", body.Machine, ehds.SideMachines()...)
		oneOf(f, "/event", body.Event, ehds.SideEvents(body.Machine)...)
		f.wants(body.Reason != "" || !body.Event.NeedsReasons(), "/reason", "the event needs its written reasons")
		f.wants(len(body.Subject) <= 256, "/subject", "at most 256 bytes are wanted")
	}); err != nil {
		return err
	}
	return c.alone(id, func(t *tx, tr *track) error {
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventSide, At: body.Date, Reason: body.Reason,
			Side: &connectors.SideStep{Machine: string(body.Machine), Subject: body.Subject, Event: string(body.Event)}})
		return nil
	})
}
