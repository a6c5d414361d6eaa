package dispatcher

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// recordResults tells what a permit led to (Art. 61(4)).
func (c *call) recordResults() error {
	id := c.r.PathValue("id")
	in, err := c.read()
	if err != nil {
		return err
	}
	var body struct {
		common
		ehds.ResultsBody
	}
	if err := in.into(&body); err != nil {
		return err
	}
	var f findings
	about(&f, id, body.ApplicationID)
	body.check(&f, c.d.host.Clock())
	f.wants(body.Title != "", "/title", "a title is wanted")
	f.wants(body.Summary != "", "/summary", "a summary is wanted")
	f.wants(fullDate(body.Published), "/published", "an RFC 3339 full-date is wanted")
	if err := f.err(); err != nil {
		return err
	}
	return c.alone(in, body.common, id, func(t *tx, tr *track) error {
		body.ResultsBody.ApplicationID = tr.number()
		if _, ok := tr.permit(body.PermitID); body.PermitID != "" && !ok {
			return findings{{"/permit_id", "unknown-permit", "61(4)", "there is no such permit of this application"}}.err()
		}
		e := connectors.PermitEvent{Kind: connectors.EventResults, At: body.Date, Results: &body.ResultsBody}
		for _, u := range in.Documents {
			e.Files = append(e.Files, t.keep(tr.Case, u))
		}
		t.event(tr, e)
		return nil
	})
}

var recordForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// recorded answers what belongs to no application.
type recorded struct {
	Case string `json:"case"`
}

// recordEnforcement tells a measure of the nation (Art. 63, 64).
func (c *call) recordEnforcement() error {
	in, err := c.read()
	if err != nil {
		return err
	}
	var body struct {
		common
		ehds.EnforcementBody
	}
	if err := in.into(&body); err != nil {
		return err
	}
	m := body.EnforcementBody
	var f findings
	body.check(&f, c.d.host.Clock())
	f.wants(recordForm.MatchString(m.ID), "/id", "an id of at most 128 letters, digits and ._- is wanted")
	oneOf(&f, "/measure", m.Measure, ehds.MeasurePermitRevocation, ehds.MeasureProcessingStop, ehds.MeasureExclusionUser,
		ehds.MeasurePeriodicPenalty, ehds.MeasureExclusionHolder, ehds.MeasureFine)
	oneOf(&f, "/against", m.Against, "USER", "HOLDER")
	f.wants(m.Subject != "", "/subject", "whom it is against is wanted")
	f.wants(m.Reasons != "", "/reasons", "the reasons are wanted")
	f.wants(fullDate(m.From), "/from", "an RFC 3339 full-date is wanted")
	f.wants(m.To == "" || fullDate(m.To) && m.To >= m.From, "/to", "an RFC 3339 full-date is wanted, not before the first")
	if err := f.err(); err != nil {
		return err
	}
	id := ehds.CaseID{Kind: ehds.CaseEnforcement, Country: c.d.o.Country, ID: m.ID}.String()
	return c.record(in, body.common, id, connectors.PermitEvent{Kind: connectors.EventEnforcement, At: body.Date, Enforcement: &m})
}

// submitBiennialReport hands over the report of Art. 59(1), with its document.
func (c *call) submitBiennialReport() error {
	in, err := c.read()
	if err != nil {
		return err
	}
	var body struct {
		common
		ehds.ReportBody
	}
	if err := in.into(&body); err != nil {
		return err
	}
	r := body.ReportBody
	var f findings
	body.check(&f, c.d.host.Clock())
	f.wants(fullDate(r.PeriodFrom), "/period_from", "an RFC 3339 full-date is wanted")
	f.wants(fullDate(r.PeriodTo) && r.PeriodTo > r.PeriodFrom, "/period_to", "an RFC 3339 full-date after the first is wanted")
	f.wants(r.Title != "", "/title", "a title is wanted")
	f.wants(languageForm.MatchString(r.Language), "/language", "a language tag is wanted")
	f.wants(r.URL != "" || len(in.Documents) == 1, "/url", "the report itself is wanted: one document, or a URL")
	if err := f.err(); err != nil {
		return err
	}
	id := ehds.CaseID{Kind: ehds.CaseReport, Country: c.d.o.Country, ID: r.PeriodFrom + "--" + r.PeriodTo}.String()
	return c.record(in, body.common, id, connectors.PermitEvent{Kind: connectors.EventReport, At: body.Date, Report: &r})
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// record tells something that belongs to no application, once for its case.
func (c *call) record(in input, by common, caseID string, e connectors.PermitEvent) error {
	return c.tell(in, by, func(t *tx) (told, error) {
		key := "recorded/" + digest(caseID)
		if _, known, err := c.d.host.Mailbox.Get(c.ctx, key); err != nil {
			return told{}, err
		} else if known {
			return told{}, fault.New(fault.Conflict, "recorded-already", "this is recorded; a correction has an id or a period of its own")
		}
		t.put(key, "", 1)
		e.Case = caseID
		for _, u := range in.Documents {
			e.Files = append(slices.Clip(e.Files), t.keep(caseID, u))
		}
		t.event(nil, e)
		return told{caseID, http.StatusCreated, recorded{caseID}}, nil
	})
}
