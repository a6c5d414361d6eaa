package connectortest

import (
	"context"
	"fmt"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// toldOnce: an appeal and a change asked for reach the system once, with errors that pass and crashes. The
// case is decided and answered first, as the law has it.
func toldOnce(ctx context.Context, r *permitsRun) error {
	for _, outcome := range []ehds.Outcome{ehds.Negative, ehds.Positive} {
		for seed := range uint64(4) {
			again := r.again()
			again.seed = r.seed + seed
			if err := again.toldOf(ctx, outcome); err != nil {
				return fmt.Errorf("after a %s decision: %w", outcome, err)
			}
		}
	}
	return nil
}

// toldOf hands over what follows a decision and counts what the system has of it.
func (r *permitsRun) toldOf(ctx context.Context, outcome ehds.Outcome) error {
	s := r.submission(1)
	key := held{s.Case, s.Track}
	o := &outbox{permitsRun: r, dice: newDice(r.seed)}
	if err := o.deliver(ctx, []queue{{key, []task{submitTask(s)}}}); err != nil {
		return err
	}
	r.Decide(r.t, r.p, s, outcome)
	in := &eventReader{permitsRun: r, byID: map[string]connectors.PermitEvent{}}
	if err := in.drain(ctx); err != nil {
		return err
	}
	decision := ""
	for _, e := range in.applied {
		if e.Decision != nil {
			decision = e.Decision.DecisionID
		}
	}
	answer, tasks := ehds.AnswerAccept, []task{}
	x := connectors.GuardExtras(r.p, r.host, connectors.Deadlines{})
	switch {
	case outcome == ehds.Negative && x.Appeals != nil:
		answer = ehds.AnswerAppeal
		n := connectors.AppealNotice{Ref: "appeal", Case: s.Case, Track: s.Track,
			Body: ehds.AppealBody{ApplicationID: s.Application.ApplicationID, DecisionID: decision, AppealID: "A-1", Text: canaryField}}
		tasks = append(tasks, task{what: "an appeal", call: func(ctx context.Context, p connectors.Permits) error {
			return connectors.GuardExtras(p, r.host, connectors.Deadlines{}).Appeals.Appeal(ctx, n)
		}})
	case outcome == ehds.Positive && x.ChangeRequests != nil:
		n := connectors.ChangeRequest{Ref: "change", Case: s.Case, Track: s.Track, Body: ehds.PermitChangeRequestBody{
			ApplicationID: s.Application.ApplicationID, RequestID: "C-1", PermitID: "DP-NL-2026-0001-v1", Kind: ehds.ChangeAmendment, Text: canaryField}}
		tasks = append(tasks, task{what: "a change", call: func(ctx context.Context, p connectors.Permits) error {
			return connectors.GuardExtras(p, r.host, connectors.Deadlines{}).ChangeRequests.ChangeRequest(ctx, n)
		}})
	default:
		return nil // it takes none
	}
	answered := connectors.DecisionAnswer{Ref: "answer", Case: s.Case, Track: s.Track, Body: ehds.DecisionAnswerBody{
		ApplicationID: s.Application.ApplicationID, DecisionID: decision, Answer: answer, RespondedAt: "2026-11-05T08:00:00Z"}}
	tasks = append([]task{{what: "an answer", call: func(ctx context.Context, p connectors.Permits) error { return p.Answer(ctx, answered) }}}, tasks...)
	o.crashes = true
	r.storm(o.dice)
	if err := o.deliver(ctx, []queue{{key, tasks}}); err != nil {
		return err
	}
	r.calm()
	if n := r.Told(r.t, r.p, s); n != 1 {
		return fmt.Errorf("the system was told %d times", n)
	}
	return r.kept()
}
