package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// regime hands a day's work over, with errors that pass, with calls that must be refused, with both, or
// with neither, and balances the account.
func regime(transient, barred bool) func(context.Context, *permitsRun) error {
	return func(ctx context.Context, r *permitsRun) error {
		o := &outbox{permitsRun: r, dice: newDice(r.seed), crashes: transient}
		work := r.work()
		if barred {
			work = append(work, r.barredWork()...)
		}
		if err := o.prepare(work); err != nil {
			return err
		}
		if transient {
			r.storm(o.dice)
		}
		if err := o.deliver(ctx, work); err != nil {
			return err
		}
		if err := o.balanced(); err != nil {
			return err
		}
		if transient && len(r.said) == 0 {
			return errors.New("no error was made: the driver reaches neither the system nor its mailbox")
		}
		return nil
	}
}

// work is what must be taken: applications of one and of two tracks, with attachments and without,
// completed, amended, withdrawn.
func (r *permitsRun) work() []queue {
	var out []queue
	for n := 1; n <= 6; n++ {
		s := r.submission(n)
		q := queue{key: held{s.Case, s.Track}, tasks: []task{submitTask(s)}}
		if n%2 == 0 {
			q.tasks = append(q.tasks, infoTask(s, 1), infoTask(s, 2))
		}
		if n%3 == 0 {
			q.tasks = append(q.tasks, submitTask(newVersion(s, 2)))
		}
		if n > 4 {
			q.tasks = append(q.tasks, withdrawTask(s))
		}
		out = append(out, q)
	}
	s := r.submission(1)
	s.Track.HDAB += "/other"
	return append(out, queue{key: held{s.Case, s.Track}, tasks: []task{submitTask(s), infoTask(s, 1)}})
}

// barredWork is what must be refused for good and leave nothing. The first queue's submission is taken.
func (r *permitsRun) barredWork() []queue {
	bar := func(t task, what string) task {
		t.what, t.barred, t.effect = t.what+", "+what, true, nil
		return t
	}
	known := r.submission(11)
	stale := known
	stale.Ref += "-again"
	stranger := known
	stranger.Track.HDAB += "/unknown"
	list := []queue{{key: held{known.Case, known.Track}, tasks: []task{
		submitTask(known), bar(submitTask(stale), "a second time as another message"),
		bar(infoTask(stranger, 1), "for another track"), bar(withdrawTask(stranger), "for another track"), infoTask(known, 1)}}}
	for n, spoil := range []func(*connectors.Submission){
		func(s *connectors.Submission) { s.Ref = "" },
		func(s *connectors.Submission) { s.Application.Version = 0 },
		func(s *connectors.Submission) { s.Application.Kind = "OTHER" },
	} {
		s := r.submission(21 + n)
		spoil(&s)
		list = append(list, queue{key: held{s.Case, s.Track}, tasks: []task{bar(submitTask(s), "malformed")}})
	}
	if r.Refuse != nil {
		for n := 31; n < 34; n++ {
			s := r.submission(n)
			list = append(list, queue{key: held{s.Case, s.Track}, tasks: []task{bar(submitTask(s), "refused by the system")}})
		}
	}
	return list
}

// prepare makes the system refuse what it has to.
func (o *outbox) prepare(work []queue) error {
	if o.Held(o.t, o.p) != nil {
		return errors.New("the system is not empty")
	}
	for _, q := range work {
		if o.Refuse != nil && q.tasks[0].barred {
			if q.key.id == "" {
				return fmt.Errorf("%s has no case", q.tasks[0].what)
			}
			o.Refuse(o.t, q.key.id)
		}
	}
	return nil
}

// storm makes about one request in five fail in a way that passes, and one operation of the mailbox in
// ten.
func (r *permitsRun) storm(d *dice) {
	r.mail.Misbehave(func(_ int, op string) MailFault {
		switch d.upTo(20) {
		case 0:
			return MailFailed
		case 1:
			if op == "batch" {
				return MailLost
			}
			return MailFailed
		}
		return MailFine
	})
	if r.Wire == nil {
		return
	}
	faults := passing()
	r.Wire.Misbehave(func(w http.ResponseWriter, req *http.Request, honest http.Handler) {
		faults[d.upTo(len(faults))](w, req, honest)
	}, func(int, *http.Request) bool { return d.one(5) })
}

// passing are errors of a system and of what stands before it that pass.
func passing() []Fault {
	return []Fault{
		Status(http.StatusInternalServerError), Status(http.StatusBadGateway), Later(http.StatusServiceUnavailable, 1),
		Status(http.StatusGatewayTimeout), Later(http.StatusTooManyRequests, 1), Dropped(), Lost(), CutBody(true),
	}
}
