package dispatcher

import (
	"github.com/ehdsgw/ehdsgw/connectors"
)

// recordStep tells a step of a side machine: delivery by a holder, fee estimate, completeness, trusted data
// holder, secure processing environment. The gateway knows its machines and judges.
func (c *call) recordStep() error {
	id := c.r.PathValue("id")
	in, err := c.read()
	if err != nil {
		return err
	}
	var body struct {
		common
		Machine string `json:"machine"`
		Subject string `json:"subject"`
		Event   string `json:"event"`
		Reason  string `json:"reason"`
	}
	if err := in.into(&body); err != nil {
		return err
	}
	var f findings
	body.check(&f, c.d.host.Clock())
	f.wants(clockForm.MatchString(body.Machine), "/machine", "the name of a side machine is wanted")
	f.wants(clockForm.MatchString(body.Event), "/event", "the name of an event is wanted")
	f.wants(len(body.Subject) <= 256, "/subject", "at most 256 bytes are wanted")
	if err := f.err(); err != nil {
		return err
	}
	return c.alone(in, body.common, id, func(t *tx, tr *track) error {
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventSide, At: body.Date, Reason: body.Reason,
			Side: &connectors.SideStep{Machine: body.Machine, Subject: body.Subject, Event: body.Event}})
		return nil
	})
}
