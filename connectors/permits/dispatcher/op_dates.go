package dispatcher

import (
	"regexp"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

var clockForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// setDueDates tells dates the national side set. They never move what the law says.
func (c *call) setDueDates() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		ApplicationID string `json:"application_id"`
		DueDates      []struct {
			Clock  string `json:"clock"`
			Date   string `json:"date"`
			Reason string `json:"reason"`
		} `json:"due_dates"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		about(f, id, body.ApplicationID)
		f.wants(len(body.DueDates) > 0 && len(body.DueDates) <= 32, "/due_dates", "1 to 32 dates are wanted")
		for i, d := range body.DueDates {
			at := "/due_dates/" + strconv.Itoa(i)
			f.wants(clockForm.MatchString(d.Clock), at+"/clock", "the name of a clock is wanted, such as decision")
			f.wants(fullDate(d.Date), at+"/date", "an RFC 3339 full-date is wanted")
		}
	}); err != nil {
		return err
	}
	return c.each(id, func(t *tx, tr *track) error {
		if tr.Status.Terminal() {
			return illegal(ehds.AxisApplication, tr.Status)
		}
		for _, d := range body.DueDates {
			t.event(tr, connectors.PermitEvent{Kind: connectors.EventDue, At: body.Date, Reason: d.Reason,
				Due: &connectors.DueDate{Clock: d.Clock, Date: d.Date}})
		}
		return nil
	})
}

func fullDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// extendDeadline tells a longer time for the decision, with the written reasons (Art. 68(4)).
func (c *call) extendDeadline() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		Reasons string `json:"reasons"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		if body.Reasons == "" {
			*f = append(*f, finding{"/reasons", "value", "68(4)", "an extension needs its written reasons"})
		}
	}); err != nil {
		return err
	}
	return c.each(id, func(t *tx, tr *track) error {
		if tr.Status.Terminal() {
			return illegal(ehds.AxisApplication, tr.Status)
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventExtension, At: body.Date, Reason: body.Reasons})
		return nil
	})
}

// changeProcedure re-routes a track (Art. 68(4), 68(6), 72).
func (c *call) changeProcedure() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		Procedure ehds.Procedure `json:"procedure"`
		Reason    string         `json:"reason"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		oneOf(f, "/procedure", body.Procedure, ehds.ProcedureStandard, ehds.ProcedureAccelerated, ehds.ProcedureTrustedHolder)
	}); err != nil {
		return err
	}
	return c.each(id, func(t *tx, tr *track) error {
		if tr.Status.Terminal() {
			return illegal(ehds.AxisApplication, tr.Status)
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventProcedure, At: body.Date, Procedure: body.Procedure, Reason: body.Reason})
		return nil
	})
}
