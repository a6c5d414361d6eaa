package programs

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// caseFile is one case the load made: its messages by number.
type caseFile struct {
	id       string
	messages []*message
}

// load sends cases from several workers until it is stopped. Every message is sent again until it is
// acknowledged.
type load struct {
	c       *centre
	open    chan struct{} // cases whose submission the gateway has not answered yet
	stopped atomic.Bool
	done    sync.WaitGroup
	ctx     context.Context

	mu        sync.Mutex
	cases     []*caseFile
	attempts  atomic.Int64
	failed    atomic.Int64 // attempts without an answer
	refused   atomic.Int64 // 429 and 503
	duplicate atomic.Int64
	acked     atomic.Int64
}

// maxOpen bounds how far the gateway's answers may lag behind, so that a program ends in time.
const maxOpen = 64

// startLoad begins with workers messages in flight, every other over HTTP/2.
func startLoad(c *centre, workers int) *load {
	l := &load{c: c, open: make(chan struct{}, maxOpen), ctx: c.w.t.Context()}
	c.mu.Lock()
	c.onFirst = func(env ehds.Envelope) {
		if env.Type == ehds.ApplicationSubmit.Response() {
			select {
			case <-l.open:
			default: // a submission of the program itself
			}
		}
	}
	c.mu.Unlock()
	for i := range workers {
		l.done.Go(func() { l.work([]*http.Client{c.w.client, c.w.client2}[i%2]) })
	}
	return l
}

// stop ends the load: no new case begins, those begun are completed.
func (l *load) stop() {
	l.stopped.Store(true)
	l.done.Wait()
}

func (l *load) work(hc *http.Client) {
	wait := time.NewTimer(time.Hour)
	defer wait.Stop()
	for !l.stopped.Load() && l.ctx.Err() == nil {
		wait.Reset(20 * time.Millisecond)
		select {
		case l.open <- struct{}{}:
			l.one(hc)
		case <-wait.C: // look whether it is over
		}
	}
}

// one runs a case: a submission, often with more messages after it, sometimes in the wrong order.
func (l *load) one(hc *http.Client) {
	id := newApplication(l.c)
	size := 0
	if rand.IntN(4) == 0 {
		size = 1 + rand.IntN(32<<10)
	}
	f := &caseFile{id: id, messages: []*message{l.c.submission(id, size)}}
	if rand.IntN(2) == 0 {
		f.messages = append(f.messages, l.c.amendment(id, 2))
		if rand.IntN(2) == 0 {
			f.messages = append(f.messages, l.c.withdrawal(id, 3))
		}
	}
	l.mu.Lock()
	l.cases = append(l.cases, f)
	l.mu.Unlock()
	order := f.messages
	if len(order) > 1 && rand.IntN(4) == 0 {
		order = append([]*message{order[1], order[0]}, order[2:]...)
	}
	for _, m := range order {
		if !l.acknowledge(hc, m) {
			return
		}
	}
}

// acknowledge sends a message until there is a receipt.
func (l *load) acknowledge(hc *http.Client, m *message) bool {
	pause := time.NewTimer(time.Hour)
	defer pause.Stop()
	for l.ctx.Err() == nil {
		l.attempts.Add(1)
		a, err := l.c.send(l.ctx, hc, m)
		switch {
		case errors.Is(err, errAnswer):
			l.c.fault("%s of %s: %v", m.env.Type, m.env.Case, err)
			return false
		case err != nil:
			m.unanswered++
			l.failed.Add(1)
		case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
			l.refused.Add(1)
		default:
			return l.keep(m, a)
		}
		pause.Reset(10 * time.Millisecond) // between attempts, as a sender would
		<-pause.C
	}
	return false
}

// resume sends the messages of a case that nobody has acknowledged yet.
func (l *load) resume(f *caseFile) bool {
	for _, m := range f.messages {
		if !m.acknowledged() && !(l.acknowledge(l.c.w.client, m) && m.first) {
			return false
		}
	}
	return true
}

// keep notes an acknowledgement.
func (l *load) keep(m *message, a answer) bool {
	switch a.outer.Status {
	case ehds.Received:
		m.original, m.first = a.receipt, true
	case ehds.Duplicate:
		m.original = a.outer.Original
		l.duplicate.Add(1)
		if len(m.tokens) == 1 {
			l.c.fault("%s of %s: DUPLICATE for the only attempt", m.env.Type, m.env.Case)
		}
	default:
		l.c.fault("%s of %s: %s with %d: %s", m.env.Type, m.env.Case, a.outer.Status, a.status, a.final.Problem)
		return false
	}
	m.final = a.final
	l.acked.Add(1)
	return true
}

// list is every case so far.
func (l *load) list() []*caseFile {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]*caseFile(nil), l.cases...)
}

// messages counts the messages of a list and those acknowledged, once the load has stopped.
func messages(list []*caseFile) (all, acknowledged int) {
	for _, f := range list {
		for _, m := range f.messages {
			if all++; m.acknowledged() {
				acknowledged++
			}
		}
	}
	return all, acknowledged
}
