package cases

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/conformance/roles/national"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// outage is how long the centre is away, and fewEnough how often one message may be tried meanwhile.
const (
	outage    = 2 * time.Second
	fewEnough = 40
)

func centreAway(ctx context.Context, t *c.T) {
	var away atomic.Bool
	tried := &attempts{}
	away.Store(true)
	t.Cleanup(t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if !away.Load() {
			return nil
		}
		tried.add(t, r)
		return &peer.Behaviour{Reset: true}
	}))
	var envs, withdrawals []ehds.Envelope
	for range 3 {
		env, _ := filed(ctx, t, nil)
		envs = append(envs, env)
	}
	t.Require("wire §4", "what is owed is tried", until(ctx, t.Patience(c.Wait), func() bool { return len(tried.of("")) > 0 }), "an attempt", "none")
	for _, env := range envs {
		id := strings.TrimPrefix(env.Case, "app:")
		w := t.Draft(t.Centre, ehds.ApplicationWithdraw, env.Case, ehds.WithdrawBody{ApplicationID: id, Date: c.Stamp(t.Now())})
		s := t.Send(ctx, t.Centre, w)
		t.Require("wire §4", "a withdrawal is received while answers cannot be delivered", s.Received(), ehds.Received, answered(s))
		withdrawals = append(withdrawals, w)
	}
	elapse(ctx, outage)
	away.Store(false)
	for i, env := range envs {
		settled(ctx, t, env)
		t.Await(ctx, t.Centre, "wire §4", "the business response to the withdrawal", answers(withdrawals[i]))
		inOrder(t, t.Centre, env.Case)
		most := map[string]int{}
		for _, a := range tried.of(env.Case) {
			most[a.env.Jti]++
		}
		for _, n := range most {
			t.Warn("wire §4", "a centre that is away is not asked without pause", n <= fewEnough, fewEnough, n)
		}
	}
}

// told is the pause asked for; slack is for clocks that cut a second.
const (
	told  = time.Second // no longer than the longest pause the bootstrap sets
	slack = 50 * time.Millisecond
)

func retryAfter(ctx context.Context, t *c.T) {
	env := drafted(t, nil)
	tried := &attempts{}
	t.Cleanup(t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if r.Env.Case != env.Case {
			return nil
		}
		if tried.add(t, r) == 1 {
			return &peer.Behaviour{Status: http.StatusServiceUnavailable, RetryAfter: told}
		}
		return nil
	}))
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the application is received", s.Received(), ehds.Received, answered(s))
	settled(ctx, t, env)
	inOrder(t, t.Centre, env.Case)
	byJTI := map[string][]time.Time{}
	for _, a := range tried.of(env.Case) {
		byJTI[a.env.Jti] = append(byJTI[a.env.Jti], a.at)
	}
	for jti, at := range byJTI {
		t.Control("the message "+jti+" was taken when it came again", len(at) == 2, len(at))
		pause := at[1].Sub(at[0])
		t.Check("RFC 9110 §10.2.3", "the second attempt waits as it was told", pause >= told-slack, told, pause)
	}
}

// soon is within which a target may give up what hangs, so that nothing behind it waits for long.
const soon = 2 * time.Second

func centreHangs(ctx context.Context, t *c.T) {
	release, released := make(chan struct{}), sync.Once{}
	let := func() { released.Do(func() { close(release) }) }
	t.Cleanup(let)
	env := drafted(t, nil)
	var began, gaveUp atomic.Int64 // in nanoseconds
	undo := t.Centre.Behave(func(r peer.Received) *peer.Behaviour {
		if r.Env.Case != env.Case {
			return nil
		}
		began.CompareAndSwap(0, t.Now().UnixNano())
		return &peer.Behaviour{Answer: func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
				gaveUp.CompareAndSwap(0, t.Now().UnixNano())
			}
			panic(http.ErrAbortHandler) // it never answers
		}}
	})
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the application is received", s.Received(), ehds.Received, answered(s))
	t.Control("the target waits for an answer that does not come", until(ctx, t.Patience(c.Wait), func() bool { return began.Load() > 0 }), began.Load())
	for range 3 {
		other, _ := filed(ctx, t, nil)
		settled(ctx, t, other)
	}
	hung := time.Duration(gaveUp.Load() - began.Load())
	t.Check("wire §4", "other messages do not wait for the one that hangs", gaveUp.Load() == 0 || hung < t.Patience(soon), "all of them while it hangs", "only after "+hung.String())
	undo()
	let()
	settled(ctx, t, env)
	inOrder(t, t.Centre, env.Case)
}

func catalogueAway(ctx context.Context, t *c.T) {
	for _, broken := range []func(on bool){
		func(on bool) { t.National.Fail(map[bool]int{true: http.StatusServiceUnavailable}[on]) },
		func(on bool) {
			t.National.ServeRaw(map[bool]string{true: "<html>the catalogue is being repaired</html>"}[on])
		},
	} {
		broken(true)
		reads := t.National.Reads()
		// Two more readings: whatever the first made of the outage has been decided when the second begins.
		t.Require("D7.3 §5.2 use case 3", "the source is read again", until(ctx, t.Patience(c.Wait), func() bool { return t.National.Reads() >= reads+2 }), "two more readings", t.National.Reads()-reads)
		env, _ := filed(ctx, t, nil)
		settled(ctx, t, env)
		broken(false)
	}
	// The control: with the source back, what appears is published and what is gone is taken out.
	identifier := "resilience-011-" + t.RunID
	caseID := ehds.DatasetCase(lab.Country, identifier).String()
	t.National.Put(national.Dataset{Identifier: identifier, Title: "Register of an outage", Body: national.FirstBody, Rights: ehds.AccessNonPublic})
	t.Await(ctx, t.Centre, "D7.3 §5.2 use case 1", "a new dataset when the source is back", func(r peer.Received) bool {
		return r.Env.Type == ehds.DatasetCreate && r.Env.Case == caseID
	})
	t.National.Remove(identifier)
	_, gone := t.AwaitFor(ctx, t.Centre, t.Patience(c.Wait), func(r peer.Received) bool { return r.Env.Type == ehds.DatasetDelete && r.Env.Case == caseID })
	t.Control("a dataset that is gone from a source that answers is taken out", gone, gone)
	for _, id := range []string{c.BaseDatasetA, c.BaseDatasetB} {
		base := ehds.DatasetCase(lab.Country, id).String()
		deleted := t.Centre.Heard(func(r peer.Received) bool { return r.Env.Type == ehds.DatasetDelete && r.Env.Case == base })
		t.Check("D7.3 §5.2 use case 3", "an outage takes out nothing", len(deleted) == 0, "no dataset.delete", jtis(deleted))
	}
}

func anchorAway(ctx context.Context, t *c.T) {
	env, _ := filed(ctx, t, nil) // known by now
	settled(ctx, t, env)
	anchor := t.Anchor.Handler()
	back := func() { t.Serve("anchor", anchor) }
	t.Cleanup(back)
	var asked atomic.Int64
	t.Serve("anchor", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
	}))
	// Until it has asked in vain: only then does it live on what it knows. A target that keeps its own, longer,
	// interval does not ask now, and the case shows less.
	refresh := time.Duration(t.Bootstrap().Timing.MarkRefreshMilliseconds) * time.Millisecond
	for range 4 {
		elapse(ctx, refresh/2)
		env, _ := filed(ctx, t, nil)
		settled(ctx, t, env)
		inOrder(t, t.Centre, env.Case)
	}
	t.Note("the anchor was asked in vain %d times", asked.Load())
	back()
	env, _ = filed(ctx, t, nil)
	settled(ctx, t, env)
}
