package dispatcher

import (
	"bytes"
	"net/http"
	"regexp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// recordResults tells what a permit led to (Art. 61(4)).
func (c *call) recordResults() error {
	id := c.r.PathValue("id")
	var body struct {
		common
		ehds.ResultsBody
	}
	if err := c.hear(&body, &body.common, func(f *findings) {
		about(f, id, body.ApplicationID)
		f.wants(body.Title != "", "/title", "a title is wanted")
		f.wants(body.Summary != "", "/summary", "a summary is wanted")
		f.wants(fullDate(body.Published), "/published", "an RFC 3339 full-date is wanted")
	}); err != nil {
		return err
	}
	return c.alone(id, func(t *tx, tr *track) error {
		body.ResultsBody.ApplicationID = tr.number()
		if _, ok := tr.permit(body.PermitID); body.PermitID != "" && !ok {
			return findings{{"/permit_id", "unknown-permit", "61(4)", "there is no such permit of this application"}}.err()
		}
		t.event(tr, connectors.PermitEvent{Kind: connectors.EventResults, At: body.Date, Results: &body.ResultsBody,
			Files: t.keep(tr.Case, c.in.Documents)})
		return nil
	})
}

var recordForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// recordedPrefix is where the cases of measures and reports are marked as told, with who told them.
const recordedPrefix = "recorded/"

// recorded answers what belongs to no application.
type recorded struct {
	Case string `json:"case"`
}

// recordEnforcement tells a measure of the nation (Art. 63, 64). One of a system limited to some bodies is
// about a permit of theirs.
func (c *call) recordEnforcement() error {
	var body struct {
		common
		ehds.EnforcementBody
	}
	m := &body.EnforcementBody
	if err := c.hear(&body, &body.common, func(f *findings) {
		f.wants(recordForm.MatchString(m.ID), "/id", "an id of at most 128 letters, digits and ._- is wanted")
		oneOf(f, "/measure", m.Measure, ehds.MeasurePermitRevocation, ehds.MeasureProcessingStop, ehds.MeasureExclusionUser,
			ehds.MeasurePeriodicPenalty, ehds.MeasureExclusionHolder, ehds.MeasureFine)
		oneOf(f, "/against", m.Against, "USER", "HOLDER")
		f.wants(m.Subject != "", "/subject", "whom it is against is wanted")
		f.wants(m.Reasons != "", "/reasons", "the reasons are wanted")
		f.wants(fullDate(m.From), "/from", "an RFC 3339 full-date is wanted")
		f.wants(m.To == "" || fullDate(m.To) && m.To >= m.From, "/to", "an RFC 3339 full-date is wanted, not before the first")
	}); err != nil {
		return err
	}
	if err := c.ofItsBodies(m.PermitID); err != nil {
		return err
	}
	id := ehds.MeasureCase(c.d.o.Country, m.ID).String()
	return c.record(id, connectors.PermitEvent{Kind: connectors.EventEnforcement, Enforcement: m})
}

// submitBiennialReport hands over the report of Art. 59(1), with its document. It speaks for every body of
// the nation, so a system limited to some may not.
func (c *call) submitBiennialReport() error {
	if c.s.limited() {
		return notOfThisBody()
	}
	var body struct {
		common
		ehds.ReportBody
	}
	r := &body.ReportBody
	if err := c.hear(&body, &body.common, func(f *findings) {
		f.wants(fullDate(r.PeriodFrom), "/period_from", "an RFC 3339 full-date is wanted")
		f.wants(fullDate(r.PeriodTo) && r.PeriodTo > r.PeriodFrom, "/period_to", "an RFC 3339 full-date after the first is wanted")
		f.wants(r.Title != "", "/title", "a title is wanted")
		f.wants(languageForm.MatchString(r.Language), "/language", "a language tag is wanted")
		f.wants(r.URL != "" || len(c.in.Documents) == 1, "/url", "the report itself is wanted: one document, or a URL")
	}); err != nil {
		return err
	}
	id := ehds.PeriodCase(c.d.o.Country, r.PeriodFrom, r.PeriodTo).String()
	return c.record(id, connectors.PermitEvent{Kind: connectors.EventReport, Report: r})
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// record tells something that belongs to no application, once for its case. Only a system that sees every
// body learns that another recorded it.
func (c *call) record(caseID string, e connectors.PermitEvent) error {
	return c.tell(func(t *tx) (told, error) {
		key, by := recordedPrefix+connectors.Digest(caseID), raw(c.s.Name)
		before, known, err := c.d.host.Mailbox.Get(c.ctx, key)
		switch {
		case err != nil:
			return told{}, err
		case known && c.s.limited() && !bytes.Equal(before, by):
			return told{}, notOfThisBody()
		case known:
			return told{}, fault.New(fault.Conflict, "recorded-already", "this is recorded; a correction has an id or a period of its own")
		}
		t.put(key, "", by)
		e.Case, e.At, e.Files = caseID, c.by.Date, t.keep(caseID, c.in.Documents)
		t.event(nil, e)
		return told{caseID, http.StatusCreated, recorded{caseID}}, nil
	})
}

// ofItsBodies refuses a measure of a limited system that is not about a permit of its bodies.
func (c *call) ofItsBodies(permitID string) error {
	if !c.s.limited() {
		return nil
	}
	apps, err := c.d.applications(c.ctx, c.s)
	if err != nil {
		return err
	}
	for _, a := range apps {
		for _, t := range a.tracks {
			if _, ok := t.permit(permitID); ok {
				return nil
			}
		}
	}
	return notOfThisBody()
}

func notOfThisBody() error {
	return fault.New(fault.Forbidden, "not-of-this-body", "a system limited to some bodies records measures about their permits, each under an id of its own; a biennial report is the nation's")
}
