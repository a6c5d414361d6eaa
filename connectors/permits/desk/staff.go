package desk

import (
	"context"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Awaits says whom a case waits for.
type Awaits string

// Whom a case may wait for.
const (
	WaitsApplicant Awaits = "APPLICANT"     // information was asked for
	WaitsSecond    Awaits = "SECOND_PERSON" // a proposal is to be confirmed
	WaitsAppeal    Awaits = "APPEAL"        // an appeal is to be decided
	WaitsChange    Awaits = "CHANGE"        // the permit holder asked for a change
)

func (c caseDoc) awaits() Awaits {
	switch {
	case c.Withdrawn != nil:
		return ""
	case c.Asked != nil:
		return WaitsApplicant
	case c.Proposal != nil:
		return WaitsSecond
	case c.Appeal != nil && c.Appeal.Decided == "", c.Appeal == nil && c.Answer != nil && c.Answer.Answer == ehds.AnswerAppeal:
		return WaitsAppeal
	case c.openChange() != nil:
		return WaitsChange
	}
	return ""
}

// Note is what a member of staff wrote down for the others. It is never sent.
type Note struct {
	At    string `json:"at"`
	Actor string `json:"actor"`
	Text  string `json:"text"`
}

// maxNote bounds a note, in bytes.
const maxNote = 20000

// Note keeps a note with a case, in every state of it.
func (d *Desk) Note(ctx context.Context, caseID string, track ehds.Track, actor, text string) error {
	if text = strings.TrimSpace(text); text == "" || len(text) > maxNote {
		return fault.New(fault.Invalid, "note-length", "a note has 1 to 20000 bytes")
	}
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		c.Notes = append(c.Notes, Note{At: tx.stamp(), Actor: actor, Text: text})
		return tx.save(*c)
	})
}

// Assign gives a case to a member of staff; an empty reference gives it back to all. It binds nobody.
func (d *Desk) Assign(ctx context.Context, caseID string, track ehds.Track, actor, to string) error {
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		c.Assigned = to
		c.log(tx, actor, "assigned", to)
		return tx.save(*c)
	})
}

// Detail is one case as staff see it. It holds what the applicant wrote: for people's eyes.
type Detail struct {
	QueueItem
	Application ehds.ApplicationBody `json:"application"`
	Files       []ehds.Attachment    `json:"files,omitempty"`
	Status      string               `json:"status"` // last one told
	Decision    *ehds.DecisionBody   `json:"decision,omitempty"`
	Grant       *ehds.PermitDetail   `json:"grant,omitempty"`
	Asked       *Asked               `json:"asked,omitempty"`
	Brought     []ehds.InfoBody      `json:"brought,omitempty"`
	// Findings is what the law asks of the application as it stands, completed by what was brought;
	// Suggested would ask for what is missing.
	Findings  []gate.Finding     `json:"findings,omitempty"`
	Suggested []ehds.InfoSection `json:"suggested,omitempty"`
	Proposal  *Proposal          `json:"proposal,omitempty"`
	Appeal    *Appeal            `json:"appeal,omitempty"`
	Appealed  []Appeal           `json:"appealed,omitempty"` // against decisions set aside
	Changes   []Change           `json:"changes,omitempty"`
	Notes     []Note             `json:"notes,omitempty"`
	Log       []Entry            `json:"log,omitempty"`
}

// Show gives one case. An unknown one is NotFound.
func (d *Desk) Show(ctx context.Context, caseID string, track ehds.Track) (Detail, error) {
	tx := &tx{ctx: ctx, desk: d}
	c, err := tx.must(caseID, track)
	if err != nil {
		return Detail{}, err
	}
	out := Detail{QueueItem: c.item(), Application: c.Application, Files: c.Attachments, Status: string(c.Status), Decision: c.Decision,
		Grant: c.Grant, Asked: c.Asked, Proposal: c.Proposal, Appeal: c.Appeal, Appealed: c.Appealed, Changes: c.Changes, Notes: c.Notes, Log: c.Log}
	for _, i := range c.Information {
		out.Brought = append(out.Brought, i.Body)
	}
	out.Findings = d.examine(c)
	out.Suggested = gate.Ask(out.Findings)
	out.count(out.Findings)
	return out, nil
}
