package desk

import (
	"context"
	"strings"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Appeal is an appeal against a negative decision, kept with the application (R10.0.5).
type Appeal struct {
	At      string            `json:"at"` // when it came to the desk
	Body    ehds.AppealBody   `json:"body,omitzero"`
	Files   []ehds.Attachment `json:"files,omitempty"`
	Decided string            `json:"decided,omitempty"` // APPEAL_APPROVED | APPEAL_REJECTED
	Reasons string            `json:"reasons,omitempty"`
}

// AppealDecision decides an appeal.
type AppealDecision struct {
	Approved bool   `json:"approved"`
	Reasons  string `json:"reasons"`
}

var _ connectors.Appeals = (*Desk)(nil)

// Appeal keeps the text of an appeal with its case. An appeal against another decision than the one in
// force, or against a positive one, is refused.
func (d *Desk) Appeal(ctx context.Context, a connectors.AppealNotice) error {
	return d.change(ctx, a.Ref, a.Case, a.Track, func(tx *tx) error {
		c, err := tx.must(a.Case, a.Track)
		if err != nil {
			return err
		}
		if err := c.appealable(a.Body.DecisionID); err != nil {
			return err
		}
		if c.Appeal == nil {
			c.Appeal = &Appeal{At: tx.stamp()}
		}
		c.Appeal.Body, c.Appeal.Files = a.Body, filesOf(a.Attachments)
		return tx.save(c)
	})
}

func (c *caseDoc) appealable(decision string) error {
	switch {
	case c.Appeal != nil && c.Replaces != "" && c.Replaces == decision:
		return nil // the answer came first and was decided; this is its text
	case c.Decision == nil || c.Decision.DecisionID != decision:
		return fault.New(fault.Conflict, "decision-does-not-match", "this is not the decision in force")
	case c.Decision.Outcome != ehds.Negative:
		return fault.New(fault.Invalid, "answer-does-not-fit", "the answer does not fit the outcome of the decision")
	}
	return nil
}

// decideAppeal tells the outcome of an appeal. An approved one opens the case for a new decision, which
// refers to the one set aside.
func (d *Desk) decideAppeal(tx *tx, c *caseDoc, a AppealDecision, actor string) error {
	if strings.TrimSpace(a.Reasons) == "" {
		return fault.New(fault.Invalid, "reasons-missing", "the decision of an appeal needs reasons")
	}
	answered := c.Answer != nil && c.Answer.Answer == ehds.AnswerAppeal
	if c.Appeal == nil && answered {
		c.Appeal = &Appeal{At: tx.stamp()} // the answer came before the text
	}
	if c.Appeal == nil || c.Appeal.Decided != "" || c.Decision == nil {
		return fault.New(fault.Conflict, "no-appeal", "no appeal waits for a decision")
	}
	c.Appeal.Decided, c.Appeal.Reasons = string(ehds.DecisionAppealRejected), a.Reasons
	if a.Approved {
		c.Appeal.Decided = string(ehds.DecisionAppealApproved)
		c.Replaces, c.Decision, c.Grant, c.Answer = c.Decision.DecisionID, nil, nil, nil
	}
	tx.event(connectors.PermitEvent{Kind: connectors.EventAppealDecided, Case: c.Case, Track: c.Track, Actor: actor,
		Approved: a.Approved, Reason: a.Reasons})
	return tx.save(*c)
}
