package desk

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Act is something that takes effect towards the applicant and that two persons take where four eyes
// are asked for: a decision, the decision of an appeal, or an event of a permit. Exactly one is set.
type Act struct {
	Actor    string          `json:"actor"` // opaque staff reference
	Decision *Decision       `json:"decision,omitempty"`
	Appeal   *AppealDecision `json:"appeal,omitempty"`
	Permit   *PermitAct      `json:"permit,omitempty"`
}

// Proposal is an act that one person proposed and another has to confirm.
type Proposal struct {
	At    string `json:"at"`
	Actor string `json:"actor"` // staff reference, "rules" or "recognition"
	Act   Act    `json:"act"`
}

// Entry is a line of what staff did with a case.
type Entry struct {
	At    string `json:"at"`
	Actor string `json:"actor"`
	What  string `json:"what"` // proposed, confirmed, dismissed, asked, extended, decided, appeal, permit, assigned
	Text  string `json:"text,omitempty"`
}

// Do takes an act at once. Where two persons are needed it is refused with "second-person-needed".
func (d *Desk) Do(ctx context.Context, caseID string, track ehds.Track, a Act) error {
	if d.two {
		return fault.New(fault.Forbidden, "second-person-needed", "four eyes are asked for here: propose it, and let another person confirm it")
	}
	return d.staff(ctx, caseID, track, a.Actor, func(tx *tx, c *caseDoc) error {
		c.log(tx, a.Actor, a.what(), "")
		c.Proposal = nil // what was proposed is overtaken
		return d.perform(tx, c, a, a.Actor)
	})
}

// Propose puts an act before a second person. It is tried without effect, so that what cannot be
// confirmed is not proposed. A proposal that waits is not replaced: "proposal-waits".
func (d *Desk) Propose(ctx context.Context, caseID string, track ehds.Track, a Act) error {
	return d.staff(ctx, caseID, track, a.Actor, func(t *tx, c *caseDoc) error {
		if c.Proposal != nil {
			return fault.New(fault.Conflict, "proposal-waits", "a proposal waits already; confirm or dismiss it first")
		}
		if err := d.try(t, c, a); err != nil {
			return err
		}
		c.Proposal = &Proposal{At: t.stamp(), Actor: a.Actor, Act: a}
		c.log(t, a.Actor, "proposed", a.what())
		return t.save(*c)
	})
}

// try performs an act on a copy, whose changes are written nowhere.
func (d *Desk) try(t *tx, c *caseDoc, a Act) error {
	trial := *t
	trial.puts, trial.told = nil, nil
	b, err := json.Marshal(c)
	var tried caseDoc
	if err == nil {
		err = json.Unmarshal(b, &tried)
	}
	if err != nil {
		return fault.Wrap(err, fault.Internal, "desk-state", "the desk's state cannot be read")
	}
	if err := d.perform(&trial, &tried, a, a.Actor); err != nil {
		return err
	}
	return trial.foresee()
}

// Confirm takes the act that waits. Whoever proposed it is refused with "same-person". The act is told
// as that of both.
func (d *Desk) Confirm(ctx context.Context, caseID string, track ehds.Track, actor string) error {
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		p, err := c.waiting()
		if err != nil {
			return err
		}
		if p.Actor == actor {
			return fault.New(fault.Forbidden, "same-person", "who proposed it does not confirm it")
		}
		c.Proposal = nil
		c.log(tx, actor, "confirmed", p.Act.what())
		return d.perform(tx, c, p.Act, p.Actor+"+"+actor)
	})
}

// Dismiss takes a proposal off the desk. Whoever proposed it may do so too.
func (d *Desk) Dismiss(ctx context.Context, caseID string, track ehds.Track, actor, reasons string) error {
	return d.staff(ctx, caseID, track, actor, func(tx *tx, c *caseDoc) error {
		p, err := c.waiting()
		if err != nil {
			return err
		}
		c.Proposal = nil
		c.log(tx, actor, "dismissed", strings.TrimSpace(p.Act.what()+" "+reasons))
		return tx.save(*c)
	})
}

func (c *caseDoc) waiting() (*Proposal, error) {
	if c.Proposal == nil {
		return nil, fault.New(fault.Conflict, "no-proposal", "nothing waits for a second person")
	}
	return c.Proposal, nil
}

// perform writes an act and the case.
func (d *Desk) perform(tx *tx, c *caseDoc, a Act, actor string) error {
	switch {
	case a.Decision != nil && a.Appeal == nil && a.Permit == nil:
		return d.verdictOf(tx, c, *a.Decision, actor)
	case a.Decision == nil && a.Appeal != nil && a.Permit == nil:
		return d.decideAppeal(tx, c, *a.Appeal, actor)
	case a.Decision == nil && a.Appeal == nil && a.Permit != nil:
		return d.movePermit(tx, c, *a.Permit, actor)
	}
	return fault.New(fault.Invalid, "act-malformed", "an act is a decision, the decision of an appeal, or an event of a permit")
}

func (a Act) what() string {
	switch {
	case a.Decision != nil:
		return "decision " + string(a.Decision.Outcome)
	case a.Appeal != nil && a.Appeal.Approved:
		return "appeal approved"
	case a.Appeal != nil:
		return "appeal rejected"
	case a.Permit != nil:
		return "permit " + string(a.Permit.Event)
	}
	return ""
}

// staff runs one change by a person in one atomic batch. fn saves the case. What the case in the gateway
// would refuse is refused with its fault, and changes nothing here.
func (d *Desk) staff(ctx context.Context, caseID string, track ehds.Track, actor string, fn func(*tx, *caseDoc) error) error {
	if strings.TrimSpace(actor) == "" || actor == actorRules || actor == actorRecognition {
		return fault.New(fault.Invalid, "actor-missing", "an opaque reference of who does it is wanted")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := d.begin(ctx)
	if err != nil {
		return err
	}
	c, err := tx.must(caseID, track)
	if err != nil {
		return err
	}
	if err := fn(tx, &c); err != nil {
		return err
	}
	if err := tx.foresee(); err != nil {
		return err
	}
	return tx.commit()
}

func (c *caseDoc) log(tx *tx, actor, what, text string) {
	c.Log = append(c.Log, Entry{At: tx.stamp(), Actor: actor, What: what, Text: text})
}
