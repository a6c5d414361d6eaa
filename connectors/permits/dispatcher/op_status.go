package dispatcher

import (
	"net/http"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// about checks that a body which names an application names the one of the path.
func about(f *findings, path, body string) {
	f.wants(body == "" || body == path, "/application_id", "the application of the path is wanted")
}

// getTracks says where an application stands on each of its tracks.
func (c *call) getTracks() error {
	list, err := c.selected(c.ctx, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, stateOf(c.r.PathValue("id"), list))
}

// changeStatus moves an application. The status it has already changes nothing.
func (c *call) changeStatus() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		ApplicationID string                `json:"application_id"`
		Status        ehds.ApplicationState `json:"status"`
		Reason        string                `json:"reason"`
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		about(f, id, body.ApplicationID)
		oneOf(f, "/status", body.Status, ehds.ApplicationStates()...)
	}); err != nil {
		return err
	}
	return c.each(id, func(t *tx, tr *track) error {
		if tr.Status == body.Status {
			return nil
		}
		if err := tr.moveTo(body.Status); err != nil {
			return err
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventStatus, At: body.Date, Status: string(body.Status), Reason: body.Reason})
		return nil
	})
}

// moveTo takes the edge to a status a system can set by itself. DECISION_ISSUED follows from a decision.
func (t *track) moveTo(s ehds.ApplicationState) error {
	switch s {
	case ehds.StatePreScreening:
		return t.move(ehds.EventScreeningStarted)
	case ehds.StateProcessing:
		return t.move(ehds.EventProcessingStarted)
	case ehds.StateAwaitingInformation:
		return t.move(ehds.EventInfoRequested)
	case ehds.StateWithdrawn:
		return t.move(ehds.EventWithdrawn)
	}
	return illegal(ehds.AxisApplication, t.Status)
}

// infoSection is a section with fields marked for completion; the country as a code or by the form's name.
type infoSection struct {
	Number  int               `json:"number"`
	Country string            `json:"country"`
	Fields  map[string]string `json:"fields"`
}

// requestInfo asks the applicant to complete an application (Art. 68(4)).
func (c *call) requestInfo() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		ApplicationID string        `json:"application_id"`
		Sections      []infoSection `json:"sections"`
		Reason        string        `json:"reason"`
	}
	var sections []ehds.InfoSection
	if err := c.hear(&body, &body.common, func(f *findings) {
		about(f, id, body.ApplicationID)
		sections = checkSections(f, body.Sections)
	}); err != nil {
		return err
	}
	return c.each(id, func(t *tx, tr *track) error {
		if err := tr.move(ehds.EventInfoRequested); err != nil {
			return err
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventInfoRequest, At: body.Date, Sections: sections, Reason: body.Reason})
		return nil
	})
}

func checkSections(f *findings, list []infoSection) []ehds.InfoSection {
	f.wants(len(list) > 0, "/sections", "at least one section with marked fields is wanted")
	out := make([]ehds.InfoSection, 0, len(list))
	for i, s := range list {
		at := "/sections/" + strconv.Itoa(i)
		f.wants(s.Number >= 1 && s.Number <= 10, at+"/number", "1 to 10 is wanted")
		f.wants(len(s.Fields) > 0, at+"/fields", "at least one field with a comment is wanted")
		country := s.Country
		if country != "" {
			if c, ok := ehds.CountryByName(country); ok {
				country = c.Code
			}
			_, known := ehds.CountryByCode(country)
			f.wants(known, at+"/country", "a country of the EU or EEA is wanted, by code or by its upper-case English name")
		}
		out = append(out, ehds.InfoSection{Number: s.Number, Country: country, Fields: s.Fields})
	}
	return out
}
