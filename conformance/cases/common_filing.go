package cases

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	c "github.com/ehdsgw/ehdsgw/conformance"
	"github.com/ehdsgw/ehdsgw/conformance/roles/peer"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// drafted is a fresh application of the centre, not sent yet.
func drafted(t *c.T, change func(*ehds.ApplicationBody)) ehds.Envelope {
	body := t.Application(change)
	return t.Draft(t.Centre, ehds.ApplicationSubmit, ehds.ApplicationCase(body.ApplicationID).String(), body)
}

// filed is a fresh application that the target has acknowledged.
func filed(ctx context.Context, t *c.T, change func(*ehds.ApplicationBody)) (ehds.Envelope, peer.Sent) {
	env := drafted(t, change)
	s := t.Send(ctx, t.Centre, env)
	t.Require("wire §4", "the application is received", s.Received() && s.Fault == nil, ehds.Received, s.Code())
	return env, s
}

// marshalled is v as JSON.
func marshalled(t *c.T, v any) json.RawMessage {
	raw, err := json.Marshal(v)
	t.Trouble(err)
	return raw
}

// answers says whether a delivery is the business response to env.
func answers(env ehds.Envelope) func(peer.Received) bool {
	return func(r peer.Received) bool { return r.Env.Ref == env.Jti && r.Env.Type.IsResponse() }
}

// acknowledges says whether a delivery is the acknowledgement of env's application.
func acknowledges(env ehds.Envelope) func(peer.Received) bool {
	return func(r peer.Received) bool { return r.Env.Type == ehds.ApplicationAck && r.Env.Case == env.Case }
}

// settled waits for all that a filed application is owed: response and acknowledgement.
func settled(ctx context.Context, t *c.T, env ehds.Envelope) {
	t.Await(ctx, t.Centre, "wire §4", "the business response to the application", answers(env))
	t.Await(ctx, t.Centre, "D7.3 §5.2 use case 4", "the acknowledgement of the application", acknowledges(env))
}

// inOrder checks that what a hub kept of a case is there once each and numbered without a gap, in the order of
// the numbers.
func inOrder(t *c.T, at *peer.Hub, caseID string) {
	first := map[string]peer.Received{}
	var numbers []int64
	for _, r := range at.Heard(func(r peer.Received) bool { return r.Env.Case == caseID && r.Env.Iss == t.Entity() }) {
		if f, again := first[r.Env.Jti]; again {
			t.Check("wire §3", "a message that comes again says the same", f.Digest == r.Digest, f.Digest, r.Digest)
			continue
		}
		first[r.Env.Jti] = r
		numbers = append(numbers, r.Env.Seq)
	}
	want := make([]int64, len(numbers))
	for i := range want {
		want[i] = int64(i + 1)
	}
	t.Check("wire §3", "every message of the case comes once and in its order", slices.Equal(numbers, want), want, numbers)
}

// attempt is one delivery that a hub saw, kept or not.
type attempt struct {
	at  time.Time
	env ehds.Envelope
}

// attempts collects deliveries of some cases as a rule of peer.Hub sees them. It is safe for concurrent use.
type attempts struct {
	mu   sync.Mutex
	seen []attempt
}

func (a *attempts) add(t *c.T, r peer.Received) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen = append(a.seen, attempt{t.Now(), r.Env})
	n := 0
	for _, s := range a.seen {
		if s.env.Jti == r.Env.Jti {
			n++
		}
	}
	return n
}

// of lists the attempts at a case, all when it is empty.
func (a *attempts) of(caseID string) []attempt {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []attempt
	for _, s := range a.seen {
		if caseID == "" || s.env.Case == caseID {
			out = append(out, s)
		}
	}
	return out
}

// until asks again and again whether something holds, and says whether it did in time.
func until(ctx context.Context, wait time.Duration, holds func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			return holds()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

// elapse lets time pass; nothing is judged by it alone.
func elapse(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// powerCut kills the target and starts it again on its state.
func powerCut(ctx context.Context, t *c.T) {
	t.Trouble(t.Target.Kill(ctx))
	restarted(ctx, t)
}

// restarted starts an ended target again.
func restarted(ctx context.Context, t *c.T) {
	t.HTTP.CloseIdleConnections()
	t.Trouble(t.Restart(ctx))
}

// resend sends a message again; a target that has just started may ask to come back (503).
func resend(ctx context.Context, t *c.T, env ehds.Envelope) peer.Sent {
	t.Allow(http.StatusServiceUnavailable)
	var s peer.Sent
	until(ctx, t.Patience(c.Wait), func() bool {
		s = t.Send(ctx, t.Centre, env)
		return s.Answer.Status != http.StatusServiceUnavailable
	})
	return s
}

// group makes cases of one shape from what differs between them.
func group(common c.Case, rows ...c.Case) []c.Case {
	for i := range rows {
		r := &rows[i]
		if r.Level == "" {
			r.Level = common.Level
		}
		if len(r.Profiles) == 0 {
			r.Profiles = common.Profiles
		}
		if r.Mend == "" {
			r.Mend = common.Mend
		}
	}
	return rows
}
