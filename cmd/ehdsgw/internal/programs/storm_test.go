package programs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// storm sends the same bytes again and again over many connections.
type storm struct {
	w     *world
	m     *message
	token string

	received, duplicate, unanswered, refused atomic.Int64
	mu                                       sync.Mutex
	originals                                map[string]bool
	shown                                    map[string]ehds.Receipt // answers checked already: a cached one is always the same
}

// newStorm signs a submission once.
func newStorm(w *world) *storm {
	w.t.Helper()
	m := w.centre.submission(newApplication(w.centre), 0)
	token, err := w.centre.attempt(m)
	if err != nil {
		w.t.Fatal(err)
	}
	return &storm{w: w, m: m, token: token, originals: map[string]bool{}, shown: map[string]ehds.Receipt{}}
}

// rage sends n times over conns connections, each until it is answered, and calls half after half of
// the answers.
func (s *storm) rage(ctx context.Context, n, conns int, half func()) {
	jobs := make(chan struct{})
	var answered atomic.Int64
	var once sync.Once
	var wg sync.WaitGroup
	for range conns {
		hc := s.w.newClient(false) // a connection of its own
		wg.Go(func() {
			for range jobs {
				s.untilAnswered(ctx, hc)
				if answered.Add(1) >= int64(n/2) {
					once.Do(half)
				}
			}
			hc.CloseIdleConnections()
		})
	}
	for range n {
		jobs <- struct{}{}
	}
	close(jobs)
	wg.Wait()
}

func (s *storm) untilAnswered(ctx context.Context, hc *http.Client) {
	pause := time.NewTimer(time.Hour)
	defer pause.Stop()
	for ctx.Err() == nil {
		a, err := s.w.centre.post(ctx, hc, s.token, s.m)
		switch {
		case errors.Is(err, errAnswer):
			s.w.centre.fault("storm: %v", err)
			return
		case err != nil:
			s.unanswered.Add(1)
		case a.receipt == "":
			s.refused.Add(1)
		default:
			if err := s.note(a); err != nil {
				s.w.centre.fault("storm: %v", err)
			}
			return
		}
		pause.Reset(10 * time.Millisecond) // between attempts, as a sender would
		<-pause.C
	}
}

// note checks an answer and counts it.
func (s *storm) note(a answer) error {
	s.mu.Lock()
	outer, known := s.shown[a.receipt]
	s.mu.Unlock()
	if !known {
		var final ehds.Receipt
		var err error
		if outer, final, err = forge.CheckReceipt(a.receipt, forge.Sent{
			Jti: s.m.env.Jti, From: s.w.centre.entity, To: s.w.entity, Tokens: []string{s.token},
		}, s.w.keys, s.w.log, time.Now()); err != nil {
			return err
		}
		if final.Status != ehds.Received {
			return fmt.Errorf("%s: %s", final.Status, final.Problem)
		}
		s.mu.Lock()
		s.m.final = final
		s.mu.Unlock()
	}
	original := outer.Original
	if outer.Status == ehds.Received {
		s.received.Add(1)
		original = a.receipt
	} else {
		s.duplicate.Add(1)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown[a.receipt], s.originals[original] = outer, true
	return nil
}

// file is the case of the storm, once its one message has one original receipt.
func (s *storm) file() *caseFile {
	s.w.t.Helper()
	if len(s.originals) != 1 {
		s.w.t.Errorf("the storm was shown %d original receipts", len(s.originals))
	}
	if n := s.received.Load(); n > 1 {
		s.w.t.Errorf("the same bytes were RECEIVED %d times", n)
	}
	for original := range s.originals {
		s.m.original = original
	}
	id, err := ehds.ParseCaseID(s.m.env.Case)
	if err != nil {
		s.w.t.Fatal(err)
	}
	return &caseFile{id: id.ID, messages: []*message{s.m}}
}

// One message sent a thousand times over 64 connections, with a crash and a restart in the middle, has
// one effect.
func TestProgramReplayStorm(t *testing.T) {
	size := programSize(t)
	const conns = 64
	w := newWorld(t)
	w.start()
	s := newStorm(w)
	began := time.Now()
	var restart time.Duration
	s.rage(t.Context(), size.repeats, conns, func() {
		w.kill()
		restart = w.start()
	})
	took := time.Since(began)
	list := []*caseFile{s.file()}
	w.drain(list, 30*time.Second)
	v := w.verify(list)
	if got := s.received.Load() + s.duplicate.Load(); got != int64(size.repeats) {
		t.Errorf("%d answers to %d sendings", got, size.repeats)
	}
	t.Logf("replay storm, size %s: N = %d sendings of one jti over %d connections in %v (%.0f/s, restart of %v included)",
		size.name, size.repeats, conns, took.Round(time.Millisecond), float64(size.repeats)/took.Seconds(), restart.Round(time.Millisecond))
	t.Logf("  %d RECEIVED, %d DUPLICATE, %d without an answer and sent again, %d answered 429 or 503; %d original receipt, log of %d leaves, %s",
		s.received.Load(), s.duplicate.Load(), s.unanswered.Load(), s.refused.Load(), len(s.originals), v.leaves, w.claim())
}
