package connectortest

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
)

// mostPoints bounds the points at which one run may be cut.
const mostPoints = 150

// cutAnywhere hands one application over, completes and withdraws it, once for every request and every
// operation of the mailbox that this takes: that one is done but its answer lost, and the driver starts
// anew. A mailbox may also fail before.
func cutAnywhere(ctx context.Context, r *permitsRun) error {
	cuts := map[string]func(*permitsRun, int) func() bool{
		"an operation of the mailbox that fails":         func(r *permitsRun, k int) func() bool { return r.cutMail(k, MailFailed) },
		"an operation of the mailbox whose answer fails": func(r *permitsRun, k int) func() bool { return r.cutMail(k, MailLost) },
	}
	if r.Wire != nil {
		cuts["a request whose answer is lost"] = func(r *permitsRun, k int) func() bool { return r.cutWire(k, Lost()) }
		cuts["a request that is dropped"] = func(r *permitsRun, k int) func() bool { return r.cutWire(k, Dropped()) }
	}
	for name, cut := range cuts {
		for k := 0; ; k++ {
			if k == mostPoints {
				return fmt.Errorf("%s: more than %d of them for one application", name, mostPoints)
			}
			again := r.again()
			met := cut(again, k)
			if err := again.handOneOver(ctx); err != nil {
				return fmt.Errorf("%s, at %d: %w", name, k, err)
			}
			if !met() {
				break
			}
		}
	}
	return nil
}

// handOneOver brings one application through, opening the driver anew after every error.
func (r *permitsRun) handOneOver(ctx context.Context) error {
	s := r.submission(1)
	o := &outbox{permitsRun: r, account: map[held]*Held{}}
	key := held{s.Case, s.Track}
	o.account[key] = &Held{Case: s.Case, Track: s.Track}
	for _, t := range []task{submitTask(s), infoTask(s, 1), withdrawTask(s)} {
		for n := 0; ; n++ {
			err := o.heard(t.call(ctx, o.p))
			if err == nil {
				break
			}
			if permanent(err) {
				return fmt.Errorf("%s is given up: %w", t.what, err)
			}
			if n > 2 {
				return fmt.Errorf("%s fails again: %w", t.what, err)
			}
			o.restart()
		}
		t.effect(o.account[key])
	}
	return o.balanced()
}

// cutMail makes the k-th operation of the mailbox fail, and returns whether there was one.
func (r *permitsRun) cutMail(k int, f MailFault) func() bool {
	var met atomic.Bool
	r.mail.Misbehave(func(n int, op string) MailFault {
		if n != k {
			return MailFine
		}
		met.Store(true)
		if op != "batch" {
			return MailFailed
		}
		return f
	})
	return met.Load
}

// cutWire makes the k-th request fail, and returns whether there was one.
func (r *permitsRun) cutWire(k int, f Fault) func() bool {
	var met atomic.Bool
	r.Wire.Misbehave(f, func(n int, _ *http.Request) bool {
		if n == k {
			met.Store(true)
		}
		return n == k
	})
	return met.Load
}
