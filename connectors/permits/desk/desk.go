package desk

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Options configure a desk.
type Options struct {
	Rules []byte // the rules file, JSON; see Rules
	// FourEyes asks for two persons: what one decides is a proposal until another confirms it. What a
	// rule decides is a proposal too.
	FourEyes bool
	// Gate is what national law adds to the rules an application is examined by.
	Gate gate.Options
}

// Desk is the permit system. It is safe for concurrent use.
type Desk struct {
	host  connectors.Host
	rules Rules
	two   bool // persons are needed
	gate  gate.Options
	mu    sync.Mutex // one change at a time: numbers of events and decisions are read, then written
}

var _ connectors.Permits = (*Desk)(nil)

// New opens a desk. The error of a bad rules file is a *RulesError with every finding.
func New(host connectors.Host, o Options) (*Desk, error) {
	if host.Mailbox == nil || host.Clock == nil {
		return nil, errors.New("desk: the host lends no mailbox or clock")
	}
	rules, err := ParseRules(o.Rules)
	if err != nil {
		return nil, err
	}
	if host.Logger == nil {
		host.Logger = slog.New(slog.DiscardHandler)
	}
	return &Desk{host: host, rules: rules, two: o.FourEyes, gate: o.Gate}, nil
}

// Submit queues a track of an application and tells PRE_SCREENING. A rule may decide it at once. A
// second submission for the case is a new version and must have a higher number. Errors are
// *fault.Error: Invalid for a submission that is not one, Conflict for a version that is not newer or
// a case that is closed.
func (d *Desk) Submit(ctx context.Context, s connectors.Submission) error {
	if err := s.Check(); err != nil {
		return err
	}
	return d.change(ctx, s.Ref, s.Case, s.Track, func(tx *tx) error {
		c, known, err := tx.load(s.Case, s.Track)
		if err != nil {
			return err
		}
		switch {
		case known && c.Application.Version >= s.Application.Version:
			return fault.New(fault.Conflict, "version-not-newer", "this or a newer version is queued already")
		case known && (c.state() != Queued || c.Replaces != ""):
			return fault.New(fault.Conflict, "case-closed", "the case is decided or withdrawn")
		case !known:
			c = caseDoc{Case: s.Case, Track: s.Track}
			tx.status(&c, ehds.StatePreScreening, actorRules)
		}
		c.Application, c.ReceivedAt = s.Application, s.ReceivedAt
		c.Published = s.Datasets
		c.Attachments = filesOf(s.Attachments)
		c.Rule, c.Note = "", ""
		c.Asked, c.Proposal = nil, nil // a new version is the completion, and was not what was proposed on
		return d.tryRules(tx, &c)
	})
}

// filesOf are attachments as staff see them, without what opens them.
func filesOf(list []connectors.SubmittedAttachment) (out []ehds.Attachment) {
	for _, a := range list {
		out = append(out, a.Attachment)
	}
	return out
}

// tryRules lets the first rule that matches decide, or leaves the case to staff with a note.
func (d *Desk) tryRules(tx *tx, c *caseDoc) error {
	f := readForm(c.completed())
	name, then := d.rules.match(c, f)
	c.Rule = name
	if then.Decide != decideManual {
		v := verdict{Outcome: ehds.Outcome(then.Decide), Terms: then.Terms, Actor: actorRules}
		if d.two {
			c.Proposal = &Proposal{At: tx.stamp(), Actor: actorRules, Act: Act{Decision: &Decision{Outcome: v.Outcome, Actor: actorRules, Terms: v.Terms}}}
			return tx.save(*c)
		}
		note, err := d.decide(tx, c, f, v)
		if err != nil || note == "" {
			return err
		}
		c.Note = note
	}
	return tx.save(*c)
}

// Info keeps what completes an application with its case: no rule decides by it and no status follows, but
// what staff decide reads the form with it. It is taken in every state of the case, so that nothing an applicant sent is lost.
func (d *Desk) Info(ctx context.Context, i connectors.Information) error {
	return d.change(ctx, i.Ref, i.Case, i.Track, func(tx *tx) error {
		c, err := tx.must(i.Case, i.Track)
		if err != nil {
			return err
		}
		c.Information = append(c.Information, information{Ref: i.Ref, At: tx.stamp(), Body: i.Body, Attachments: filesOf(i.Attachments)})
		c.Asked = nil
		return tx.save(c)
	})
}

// Withdraw records that the applicant withdrew; the case can no longer be decided.
func (d *Desk) Withdraw(ctx context.Context, w connectors.Withdrawal) error {
	return d.change(ctx, w.Ref, w.Case, w.Track, func(tx *tx) error {
		c, err := tx.must(w.Case, w.Track)
		if err != nil {
			return err
		}
		c.Withdrawn = &withdrawal{Date: w.Body.Date, Reason: w.Body.Reason}
		c.Asked, c.Proposal = nil, nil
		return tx.save(c)
	})
}

// Answer records the applicant's answer to a decision. Unknown cases are NotFound; an answer to
// another decision, or to none, is a Conflict.
func (d *Desk) Answer(ctx context.Context, a connectors.DecisionAnswer) error {
	return d.change(ctx, a.Ref, a.Case, a.Track, func(tx *tx) error {
		c, err := tx.must(a.Case, a.Track)
		if err != nil {
			return err
		}
		if c.Decision == nil || c.Decision.DecisionID != a.Body.DecisionID {
			return fault.New(fault.Conflict, "decision-does-not-match", "this is not the decision in force")
		}
		if !ehds.AnswerFits(c.Decision.Outcome, a.Body.Answer) {
			return fault.New(fault.Invalid, "answer-does-not-fit", "the answer does not fit the outcome of the decision")
		}
		c.Answer = &a.Body
		return tx.save(c)
	})
}

// change runs one change in one atomic batch, once per reference and track.
func (d *Desk) change(ctx context.Context, ref, caseID string, track ehds.Track, fn func(*tx) error) error {
	if ref == "" {
		return fault.New(fault.Invalid, "reference-missing", "a change needs a reference")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	key := connectors.RefKey(ref, caseID, track)
	if _, done, err := d.host.Mailbox.Get(ctx, key); err != nil || done {
		return err
	}
	t, err := d.begin(ctx)
	if err != nil {
		return err
	}
	if err := fn(t); err != nil {
		return err
	}
	t.put(connectors.Mail{Key: key, Value: []byte("1")})
	return t.commit()
}
