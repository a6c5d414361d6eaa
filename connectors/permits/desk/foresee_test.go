package desk_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Whatever staff do that the case in the gateway would refuse is refused at the desk, with the case's own
// fault, and the desk is as it was.
func TestWhatTheCaseRefusesIsNotDone(t *testing.T) {
	t.Parallel()
	for _, four := range []bool{false, true} {
		host := connectortest.Host()
		var asked []string
		var refusal error
		host.Foresee = func(_ context.Context, list []connectors.PermitEvent) error {
			asked = nil
			for _, e := range list {
				asked = append(asked, string(e.Kind))
			}
			return refusal
		}
		d, err := desk.New(host, desk.Options{Rules: []byte(manual), FourEyes: four})
		if err != nil {
			t.Fatal(err)
		}
		c := &counter{Desk: d, t: t, s: submission(1)}
		c.ok(d.Submit(t.Context(), c.s))
		ctx, id, track := t.Context(), c.s.Case, c.s.Track
		c.told()
		act := func(a desk.Act) error {
			if four {
				return c.Propose(ctx, id, track, a)
			}
			return c.do(a)
		}
		refused := func(what string, do func() error) {
			t.Helper()
			before := c.show()
			refusal = fault.New(fault.Conflict, "illegal-transition", "the permit is EXPIRED")
			c.refused("illegal-transition", do())
			if diff := cmp.Diff(before, c.show()); diff != "" || c.kinds() != "" {
				t.Errorf("%s was refused and changed the desk:\n%s", what, diff)
			}
			refusal = nil
		}
		refused("a decision", func() error { return act(granting()) })
		refused("a question", func() error {
			return c.Ask(ctx, id, track, "staff-7", []ehds.InfoSection{{Number: 2, Fields: map[string]string{"a": "b"}}})
		})
		refused("an extension", func() error { return c.Extend(ctx, id, track, "staff-7", "complex") })
		c.ok(act(granting()))
		if four {
			refused("a confirmation", func() error { return c.Confirm(ctx, id, track, "staff-9") })
			c.ok(c.Confirm(ctx, id, track, "staff-9"))
		}
		c.answer(ehds.AnswerAccept)
		c.told()
		restore := desk.Act{Actor: "court-1", Permit: &desk.PermitAct{Event: ehds.PermitEventAppealApproved}}
		refused("a permit restored", func() error { return act(restore) })
		if diff := cmp.Diff([]string{"permit", "permit"}, asked); diff != "" {
			t.Errorf("asked and approved are judged together: %s", diff)
		}
		c.ok(c.Note(ctx, id, track, "staff-7", "not told to anybody, so not judged"))
	}
}
