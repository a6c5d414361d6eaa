package desk

import (
	"context"
	"slices"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Recognise takes the judgement on a permit of another nation's body (Art. 68(5)). Its reasons are a note on
// the case. An approval goes the way of every decision, once: at once where the policy approves, and as a
// proposal where staff are to confirm it, where two persons are needed, or where information came since the
// application was judged. What the case does not allow any more is added to the note, and staff decide.
func (d *Desk) Recognise(ctx context.Context, n connectors.RecognitionNotice) error {
	return d.change(ctx, n.Ref, n.Case, n.Track, func(tx *tx) error {
		c, err := tx.must(n.Case, n.Track)
		if err != nil {
			return err
		}
		if !n.Approve && !n.Propose {
			return tx.noted(&c, n.Reasons)
		}
		act := Act{Actor: actorRecognition, Decision: &Decision{Outcome: ehds.Positive, Actor: actorRecognition,
			Terms: Terms{Reasons: n.Reasons, Conditions: d.conditions(&c, n.Conditions)}}}
		if why := d.hinders(tx, &c, n, act); why != "" {
			return tx.noted(&c, n.Reasons+"\nnot followed: "+why)
		}
		if n.Approve && !d.two && !slices.ContainsFunc(c.Information, func(i information) bool { return i.Body.Version >= n.Version }) {
			c.log(tx, actorRecognition, act.what(), "")
			return d.perform(tx, &c, act, actorRecognition)
		}
		c.Proposal = &Proposal{At: tx.stamp(), Actor: actorRecognition, Act: act}
		c.log(tx, actorRecognition, "proposed", act.what())
		return tx.noted(&c, n.Reasons)
	})
}

// noted keeps a note of ours with the case.
func (t *tx) noted(c *caseDoc, text string) error {
	c.Notes = append(c.Notes, Note{At: t.stamp(), Actor: actorRecognition, Text: text[:min(len(text), maxNote)]})
	return t.save(*c)
}

// conditions are those of our own rules and those of the permit, each once.
func (d *Desk) conditions(c *caseDoc, foreign []string) []string {
	_, then := d.rules.match(c, readForm(c.completed()))
	out := slices.Clone(then.Conditions)
	for _, text := range foreign {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// hinders says why an approval cannot be taken or proposed now; empty when nothing does.
func (d *Desk) hinders(tx *tx, c *caseDoc, n connectors.RecognitionNotice, act Act) string {
	var q QueueItem
	q.count(d.examine(*c))
	switch err := d.try(tx, c, act); {
	case c.Application.Version != n.Version:
		return "another version of the application is at hand"
	case c.Proposal != nil:
		return "another proposal waits"
	case q.Missing > 0:
		return "the application is not complete"
	case err != nil:
		return fault.From(err).Detail
	}
	return ""
}
