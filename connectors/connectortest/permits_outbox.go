package connectortest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// maxTries ends the patience with one call, and is far more than the errors that are made.
const maxTries = 400

// task is one call the suite's outbox has to bring to its end.
type task struct {
	what   string
	call   func(context.Context, connectors.Permits) error
	barred bool        // it must be refused for good
	effect func(*Held) // on what the system has; nil for none
}

// queue holds the tasks of one track, in their order.
type queue struct {
	key   held
	tasks []task
}

// held names a track of a case.
type held struct {
	id    string
	track ehds.Track
}

// dice are thrown by several at once. The same seed gives the same throws.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, 27))} }

// one says yes once in n times.
func (d *dice) one(n int) bool { return d.upTo(n) == 0 }

func (d *dice) upTo(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// outbox brings queues to their end as the gateway would: one call of a track at a time, a call that
// may pass again, a call refused for good never again. It crashes at times, before and after a call is
// settled, and opens the driver again.
type outbox struct {
	*permitsRun
	dice    *dice
	crashes bool
	account map[held]*Held
	tries   int
}

func (o *outbox) deliver(ctx context.Context, queues []queue) error {
	if o.account == nil {
		o.account = map[held]*Held{}
	}
	tries := map[held]int{}
	for {
		queues = slices.DeleteFunc(queues, func(q queue) bool { return len(q.tasks) == 0 })
		if len(queues) == 0 {
			return nil
		}
		q := &queues[o.dice.upTo(len(queues))]
		if o.crashes && o.dice.one(5) {
			o.restart()
		}
		if o.tries, tries[q.key] = o.tries+1, tries[q.key]+1; tries[q.key] > maxTries {
			return fmt.Errorf("%s: not done after %d tries; the last error: %s", q.tasks[0].what, maxTries, o.last())
		}
		over, err := o.settle(ctx, q.key, q.tasks[0])
		if err != nil {
			return err
		}
		if over {
			q.tasks, tries[q.key] = q.tasks[1:], 0
		}
	}
}

// settle makes one call and says whether it is over.
func (o *outbox) settle(ctx context.Context, key held, t task) (bool, error) {
	err := o.heard(t.call(ctx, o.p))
	switch {
	case err == nil && t.barred:
		return true, fmt.Errorf("%s is taken", t.what)
	case err == nil && o.crashes && o.dice.one(4):
		return false, nil // it crashed before it could write down that this is done
	case err == nil:
		if t.effect != nil {
			if o.account[key] == nil {
				o.account[key] = &Held{Case: key.id, Track: key.track}
			}
			t.effect(o.account[key])
		}
		return true, nil
	case permanent(err) && !t.barred:
		return true, fmt.Errorf("%s is given up: %w", t.what, err)
	case permanent(err):
		return true, nil
	case t.barred && !o.crashes:
		return true, fmt.Errorf("%s fails as if it could pass: %w", t.what, err)
	}
	return false, nil
}

func (o *outbox) last() string {
	if len(o.said) == 0 {
		return "none"
	}
	return o.said[len(o.said)-1]
}

// permanent says whether a caller gives up, as the gateway's outbox does.
func permanent(err error) bool {
	switch fault.From(err).Kind {
	case fault.Malformed, fault.Conflict, fault.Invalid, fault.NotFound, fault.TooLarge, fault.UnsupportedMedia:
		return true
	}
	return false
}

// balanced compares what the system has with the account.
func (o *outbox) balanced() error {
	o.calm()
	got := o.Held(o.t, o.p)
	var want []Held
	for _, h := range o.account {
		want = append(want, *h)
	}
	order := func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Track.CatalogID, b.Track.CatalogID), cmp.Compare(a.Track.HDAB, b.Track.HDAB))
	}
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if d := gocmp.Diff(want, got); d != "" {
		return fmt.Errorf("what the system has (-handed over +held):\n%s", d)
	}
	return nil
}

// submitTask hands a submission over.
func submitTask(s connectors.Submission) task {
	return task{
		what: fmt.Sprintf("version %d of %s", s.Application.Version, s.Case),
		call: func(ctx context.Context, p connectors.Permits) error { return p.Submit(ctx, s) },
		effect: func(h *Held) {
			h.Version, h.Attachments = s.Application.Version, len(s.Attachments)
		},
	}
}

// infoTask completes an application for the n-th time.
func infoTask(s connectors.Submission, n int) task {
	i := informationFor(s, n)
	i.Ref += "-" + s.Ref
	i.Body.Sections[0].Fields["projectLeader"] = canaryField
	return task{
		what:   fmt.Sprintf("information %d for %s", n, s.Case),
		call:   func(ctx context.Context, p connectors.Permits) error { return p.Info(ctx, i) },
		effect: func(h *Held) { h.Information++ },
	}
}

func withdrawTask(s connectors.Submission) task {
	w := connectors.Withdrawal{Ref: "withdrawal-" + s.Ref, Case: s.Case, Track: s.Track,
		Body: ehds.WithdrawBody{ApplicationID: s.Application.ApplicationID, Date: "2026-11-04T08:00:00Z"}}
	return task{
		what:   "withdrawal of " + s.Case,
		call:   func(ctx context.Context, p connectors.Permits) error { return p.Withdraw(ctx, w) },
		effect: func(h *Held) { h.Withdrawn = true },
	}
}

// newVersion is the same application once more, amended.
func newVersion(s connectors.Submission, n int) connectors.Submission {
	s.Application.Version = n
	s.Ref = fmt.Sprintf("%s-v%d", s.Ref, n)
	return s
}
