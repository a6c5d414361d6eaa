package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// strangersRefused: what concerns a case or a track nobody handed over is NotFound and leaves nothing.
func strangersRefused(ctx context.Context, r *permitsRun) error {
	s := r.submission(1)
	o := &outbox{permitsRun: r, dice: newDice(1)}
	if err := o.deliver(ctx, []queue{{held{s.Case, s.Track}, []task{submitTask(s)}}}); err != nil {
		return err
	}
	x := connectors.GuardExtras(r.p, r.host, connectors.Deadlines{})
	other := s.Track
	other.HDAB += "/unknown"
	for _, where := range []held{{s.Case + "0", s.Track}, {s.Case, other}} {
		calls := map[string]error{
			"Info":     r.p.Info(ctx, connectors.Information{Ref: "i", Case: where.id, Track: where.track}),
			"Withdraw": r.p.Withdraw(ctx, connectors.Withdrawal{Ref: "w", Case: where.id, Track: where.track}),
			"Answer": r.p.Answer(ctx, connectors.DecisionAnswer{Ref: "a", Case: where.id, Track: where.track,
				Body: ehds.DecisionAnswerBody{DecisionID: "D", Answer: ehds.AnswerAccept}}),
		}
		if x.Appeals != nil {
			calls["Appeal"] = x.Appeals.Appeal(ctx, connectors.AppealNotice{Ref: "p", Case: where.id, Track: where.track})
		}
		if x.ChangeRequests != nil {
			calls["ChangeRequest"] = x.ChangeRequests.ChangeRequest(ctx, connectors.ChangeRequest{Ref: "c", Case: where.id, Track: where.track})
		}
		for name, err := range calls {
			if f := fault.From(r.heard(err)); f == nil || f.Kind != fault.NotFound {
				return fmt.Errorf("%s of a stranger: %w", name, errors.Join(errWanted(fault.NotFound), err))
			}
		}
	}
	return o.balanced()
}

func errWanted(k fault.Kind) error { return fmt.Errorf("%s is wanted", k) }

// hangLeft: a system that takes a request and never answers holds nobody longer than the context.
func hangLeft(ctx context.Context, r *permitsRun) error {
	s := r.submission(1)
	for name, call := range map[string]func(context.Context) error{
		"Submit": func(ctx context.Context) error { return r.p.Submit(ctx, s) },
		"Events": func(ctx context.Context) error { _, err := r.p.Events(ctx, ""); return err },
	} {
		hung, cancel := context.WithCancel(ctx)
		var asked atomic.Bool
		r.Wire.Misbehave(Hang(func() { asked.Store(true); cancel() }), nil)
		err := r.heard(call(hung))
		cancel()
		r.Wire.Behave()
		switch {
		case name == "Events" && err == nil && !asked.Load():
			// It tells what it has been told, and asks nobody.
		case err == nil:
			return fmt.Errorf("%s ends without an error", name)
		case !errors.Is(err, context.Canceled):
			return fmt.Errorf("%s does not say that it was stopped: %w", name, err)
		case permanent(err):
			return fmt.Errorf("%s is given up: %w", name, err)
		}
	}
	o := &outbox{permitsRun: r, dice: newDice(1)}
	if err := o.deliver(ctx, []queue{{held{s.Case, s.Track}, []task{submitTask(s)}}}); err != nil {
		return fmt.Errorf("afterwards: %w", err)
	}
	return o.balanced()
}

// garbage is what comes instead of an answer.
func garbage() map[string]Fault {
	return map[string]Fault{
		"a page for people":            Status(http.StatusOK),
		"an empty object":              Garbled("{}"),
		"null":                         Garbled("null"),
		"another type":                 Garbled(`{"success": "perhaps", "id": [1], "application-id": {}}`),
		"half a document":              Garbled(`{"success": true, "id`),
		"too deep":                     Garbled(strings.Repeat("[", 20000)),
		"half a body":                  CutBody(true),
		"an endless body":              EndlessBody(),
		"a gzip bomb":                  GzipBomb(),
		"a redirect to another origin": RedirectElsewhere("https://elsewhere.example"),
		"a circle":                     RedirectLoop(),
	}
}

// garbageRefused: whatever comes instead of an answer is an error that passes, is read no further than
// the driver says, and does not upset the account.
func garbageRefused(ctx context.Context, r *permitsRun) error {
	for name, f := range garbage() {
		again := r.again()
		again.Wire.Misbehave(f, nil)
		again.Wire.Written()
		again.Wire.Requests()
		s := again.submission(1)
		if err := again.heard(again.p.Submit(ctx, s)); err == nil || permanent(err) {
			return fmt.Errorf("%s: %w", name, errors.Join(errors.New("an error that passes is wanted"), err))
		}
		if page, err := again.p.Events(ctx, ""); again.heard(err) == nil && len(page.Events) > 0 {
			return fmt.Errorf("%s gives %d events", name, len(page.Events))
		}
		// The buffers of a connection take some MiB more than is read.
		if n, most := again.Wire.Written(), int64(len(again.Wire.Requests()))*(again.MaxBody+12<<20); again.MaxBody > 0 && n > most {
			return fmt.Errorf("%s: %d bytes are given out, %d are let", name, n, most)
		}
		again.calm()
		again.restart()
		o := &outbox{permitsRun: again, dice: newDice(1)}
		err := o.deliver(ctx, []queue{{held{s.Case, s.Track}, []task{submitTask(s)}}})
		if err == nil {
			err = o.balanced()
		}
		if err != nil {
			return fmt.Errorf("after %s: %w", name, err)
		}
	}
	return nil
}

// keyRefused: a system that refuses our credentials waits for an operator, it decides no application.
func keyRefused(ctx context.Context, r *permitsRun) error {
	for _, code := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired} {
		r.Wire.Misbehave(Status(code), nil)
		if err := r.heard(r.p.Submit(ctx, r.submission(1))); err == nil || permanent(err) {
			return fmt.Errorf("status %d: %w", code, errors.Join(errors.New("an error that passes is wanted"), err))
		}
	}
	return nil
}

// discreet: whatever fails, its errors and the logs hold no secret and nothing of an application.
func discreet(ctx context.Context, r *permitsRun) error {
	for _, rule := range []func(context.Context, *permitsRun) error{regime(true, true), strangersRefused} {
		again := r.again()
		if err := rule(ctx, again); err != nil {
			return err
		}
		if err := again.kept(); err != nil {
			return err
		}
	}
	if r.Wire == nil {
		return nil
	}
	all := garbage()
	delete(all, "an endless body") // dear, and they say no more
	delete(all, "a gzip bomb")
	for name, f := range all {
		r.Wire.Misbehave(f, nil)
		if r.heard(r.p.Submit(ctx, r.submission(1))) == nil {
			return fmt.Errorf("%s is no error", name)
		}
		_, err := r.p.Events(ctx, "")
		_ = r.heard(err) // kept for what it says
	}
	return r.kept()
}

// kept says whether errors and logs kept to themselves what is nobody's business.
func (r *permitsRun) kept() error {
	hidden := append([]string{canaryTitle, canaryUser, canaryField, canaryName}, r.Secrets...)
	for _, text := range append(r.said, r.logs.text()) {
		if s, ok := carries(text, hidden); ok {
			return fmt.Errorf("%q shows in %q", s, text)
		}
	}
	return nil
}
