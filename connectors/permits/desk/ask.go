package desk

import (
	"context"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Asked is what the applicant was asked for to complete an application (Art. 68(4)).
type Asked struct {
	At       string             `json:"at"`
	Actor    string             `json:"actor"`
	Sections []ehds.InfoSection `json:"sections"`
}

// sections of a form, and the one that is filled once for each country.
const (
	sections       = 10
	countrySection = 6
)

// Ask requests information by field of the form. The case waits for the applicant until information
// or a new version comes. A case that waits, is decided or withdrawn is refused in the state it is in.
func (d *Desk) Ask(ctx context.Context, caseID string, track ehds.Track, actor string, list []ehds.InfoSection) error {
	if err := checkSections(list); err != nil {
		return err
	}
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		if err := c.assessable(); err != nil {
			return err
		}
		c.Asked = &Asked{At: tx.stamp(), Actor: actor, Sections: list}
		c.Proposal = nil
		c.log(tx, actor, "asked", "")
		tx.event(connectors.PermitEvent{Kind: connectors.EventInfoRequest, Case: c.Case, Track: c.Track, Actor: actor, Sections: list})
		return tx.save(*c)
	})
}

func checkSections(list []ehds.InfoSection) error {
	malformed := func(detail string) error { return fault.New(fault.Invalid, "fields-malformed", detail) }
	if len(list) == 0 {
		return malformed("a request marks at least one field")
	}
	for _, s := range list {
		_, known := ehds.CountryByCode(s.Country)
		switch {
		case s.Number < 1 || s.Number > sections:
			return malformed("the form has sections 1 to 10")
		case s.Number == countrySection && !known:
			return malformed("section 6 is filled by country: the request names one")
		case s.Number != countrySection && s.Country != "":
			return malformed("only section 6 is filled by country")
		case len(s.Fields) == 0:
			return malformed("a section without marked fields")
		}
		for field, comment := range s.Fields {
			if field == "" || strings.TrimSpace(comment) == "" {
				return malformed("a marked field needs its name and a comment that says what is missing")
			}
		}
	}
	return nil
}

// Extend takes the longer time for the decision, with written reasons (Art. 68(4)). How long it is, and
// whether it is the first, is for the gateway's clocks.
func (d *Desk) Extend(ctx context.Context, caseID string, track ehds.Track, actor, reasons string) error {
	if strings.TrimSpace(reasons) == "" {
		return fault.New(fault.Invalid, "reasons-missing", "an extension needs written reasons")
	}
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		if err := c.open(); err != nil {
			return err
		}
		c.log(tx, actor, "extended", reasons)
		tx.event(connectors.PermitEvent{Kind: connectors.EventExtension, Case: c.Case, Track: c.Track, Actor: actor, Reason: reasons})
		return tx.save(*c)
	})
}

// assessable refuses a case that is decided or withdrawn, or waits for the applicant.
func (c *caseDoc) assessable() error {
	if err := c.open(); err != nil {
		return err
	}
	if c.Asked != nil {
		return fault.New(fault.Conflict, "information-awaited", "the case is AWAITING_ADDITIONAL_INFORMATION: the applicant has been asked and has not answered")
	}
	return nil
}

// open refuses a case that is decided or withdrawn.
func (c *caseDoc) open() error {
	switch c.state() {
	case Decided:
		return fault.New(fault.Conflict, "already-decided", "the case is decided")
	case Withdrawn:
		return fault.New(fault.Conflict, "case-withdrawn", "the case was withdrawn")
	}
	return nil
}
