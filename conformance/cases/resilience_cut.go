package cases

import (
	"context"
	"fmt"
	"sync"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func cutAfterReceipt(ctx context.Context, t *c.T) {
	for round := range 3 {
		env, s := filed(ctx, t, nil)
		powerCut(ctx, t)
		again := resend(ctx, t, env)
		t.Require("wire §3", fmt.Sprintf("the message of round %d is known after the power cut", round+1),
			again.Outer != nil && again.Outer.Status == ehds.Duplicate, ehds.Duplicate, answered(again))
		t.Check("wire §4", "the receipt repeated is the first one", again.Outer.Original == s.Answer.Receipt, "the first receipt, verbatim", again.Outer.Original)
		settled(ctx, t, env)
		t.Trouble(t.Alive(ctx))
		responses := jtis(t.Centre.Heard(answers(env)))
		t.Check("wire §4", "the message had one effect", len(responses) == 1, "one response", responses)
		inOrder(t, t.Centre, env.Case)
	}
}

// answered is what was said to a message, in few words.
func answered(s peer.Sent) string {
	if s.Outer != nil {
		return fmt.Sprintf("%d %s %s", s.Answer.Status, s.Outer.Status, s.Code())
	}
	return fmt.Sprintf("%d %s", s.Answer.Status, s.Code())
}

// jtis are the different messages among deliveries.
func jtis(all []peer.Received) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range all {
		if !seen[r.Env.Jti] {
			seen[r.Env.Jti] = true
			out = append(out, r.Env.Jti)
		}
	}
	return out
}

func cutWhileWaiting(ctx context.Context, t *c.T) {
	mine, tried := map[string]bool{}, &attempts{}
	envs := []ehds.Envelope{drafted(t, nil), drafted(t, nil), drafted(t, nil)}
	for _, env := range envs {
		mine[env.Case] = true
	}
	back := t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if !mine[r.Env.Case] {
			return nil
		}
		tried.add(t, r)
		return &peer.Behaviour{Reset: true}
	})
	defer back()
	for _, env := range envs {
		s := t.Send(ctx, t.Centre, env)
		t.Require("wire §4", "an application is received while the centre cannot be reached", s.Received(), ehds.Received, answered(s))
	}
	t.Require("wire §4", "what is owed is tried", until(ctx, t.Patience(c.Wait), func() bool { return len(tried.of("")) > 0 }), "an attempt", "none")
	t.Trouble(t.Target.Kill(ctx))
	before := tried.of("")
	restarted(ctx, t)
	back()
	for _, env := range envs {
		settled(ctx, t, env)
	}
	t.Trouble(t.Alive(ctx))
	for _, env := range envs {
		inOrder(t, t.Centre, env.Case)
	}
	for _, b := range before {
		same := t.Centre.Heard(func(r peer.Received) bool { return r.Env.Jti == b.env.Jti })
		t.Check("wire §3", "a message tried before the power cut keeps its jti after it", len(same) > 0, b.env.Jti, jtis(t.Centre.Heard(func(r peer.Received) bool { return r.Env.Case == b.env.Case })))
	}
}

// underLoad is how long the target works before it is told to stop, and senders how many send meanwhile.
const (
	underLoad = 500 * time.Millisecond
	senders   = 8
)

func stoppedUnderLoad(ctx context.Context, t *c.T) {
	var (
		mu   sync.Mutex
		kept []ehds.Envelope
		wg   sync.WaitGroup
		over = make(chan struct{})
	)
	for range senders {
		wg.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				env, err := draftApplication(t)
				if err != nil {
					return
				}
				if s, err := t.Centre.Send(ctx, env); err == nil && s.Received() && s.Fault == nil {
					mu.Lock()
					kept = append(kept, env)
					mu.Unlock()
				} else if err != nil {
					return // it has stopped listening
				}
			}
		})
	}
	elapse(ctx, underLoad)
	stopped := t.Target.Stop(ctx)
	close(over)
	wg.Wait()
	t.Check("wire §4", "it ends in good time and with exit code 0", stopped == nil, "exit code 0", stopped)
	t.Require("wire §4", "it acknowledged something under load", len(kept) > 0, "above zero", len(kept))
	t.Note("%d applications were acknowledged before the stop", len(kept))
	restarted(ctx, t)
	last := kept[max(0, len(kept)-64):] // those nearest to the stop
	for _, env := range last {
		s := resend(ctx, t, env)
		t.Check("wire §4", "what was acknowledged before the stop is known after it", s.Outer != nil && s.Outer.Status == ehds.Duplicate && s.Received(), ehds.Duplicate, answered(s))
	}
	for _, env := range last {
		settled(ctx, t, env)
		inOrder(t, t.Centre, env.Case)
	}
}

// draftApplication is drafted for goroutines beside the case's own, which must not end it.
func draftApplication(t *c.T) (ehds.Envelope, error) {
	body := t.Application(nil)
	return t.Centre.Draft(t.Entity(), ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), body)
}
