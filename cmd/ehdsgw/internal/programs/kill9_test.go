package programs

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Killed at random points under load, the gateway loses nothing it acknowledged, does nothing twice,
// and its log goes on from where it was.
func TestProgramKill9(t *testing.T) {
	s := programSize(t)
	w := newWorld(t)
	first := w.start()
	began := time.Now()
	l := startLoad(w.centre, 12)
	var restarts []time.Duration
	for range s.rounds {
		// The point of the kill is random: this wait is the program, not synchronisation.
		time.Sleep(50*time.Millisecond + rand.N(250*time.Millisecond))
		w.kill()
		restarts = append(restarts, w.start())
	}
	l.stop()
	loaded := time.Since(began)
	list := l.list()
	w.drain(list, 30*time.Second)
	drained := time.Since(began)
	v := w.verify(list)
	received, repeats, lost := w.centre.totals()
	t.Logf("kill -9, size %s: N = %d kills in %v; %d cases, %d messages acknowledged, %s",
		s.name, s.rounds, loaded.Round(time.Millisecond), len(list), v.messages, w.claim())
	t.Logf("  sent %d times, %d without an answer, %d answered 429 or 503, %d acknowledged as DUPLICATE after a lost answer",
		l.attempts.Load(), l.failed.Load(), l.refused.Load(), l.duplicate.Load())
	t.Logf("  the centre received %d messages, %d of them again, %d of its answers lost on purpose", received, repeats, lost)
	t.Logf("  log: %d leaves rebuilt, %d checkpoints handed out, all compared with it", v.leaves, v.checkpoints)
	t.Logf("  ready: first start %v, restarts %s; drained %v after the last round, verified in %v",
		first.Round(time.Millisecond), spread(restarts), (drained - loaded).Round(time.Millisecond), (time.Since(began) - drained).Round(time.Millisecond))
	if m := median(restarts); m > time.Second {
		t.Errorf("ready %v after a restart (median); the bar is 1 s", m)
	}
}
