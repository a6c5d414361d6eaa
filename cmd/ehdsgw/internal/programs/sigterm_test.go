package programs

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Told to stop under load, the gateway answers every request it took and ends with exit code 0. A
// request without an answer was not taken: sent again after the restart, it is new.
func TestProgramSigterm(t *testing.T) {
	size := programSize(t)
	rounds := max(3, min(size.rounds/2, 20))
	if size.name == "N" {
		rounds = 200
	}
	w := newWorld(t)
	w.start()
	began := time.Now()
	l := startLoad(w.centre, 12)
	var stops, restarts []time.Duration
	for range rounds {
		// The point of the signal is random: this wait is the program, not synchronisation.
		time.Sleep(50*time.Millisecond + rand.N(250*time.Millisecond))
		stops = append(stops, w.terminate())
		restarts = append(restarts, w.start())
	}
	l.stop()
	took := time.Since(began)
	list := l.list()
	broken := 0
	for _, f := range list {
		for _, m := range f.messages {
			if m.acknowledged() && !m.first {
				broken++
			}
		}
	}
	if broken > 0 {
		t.Errorf("%d requests were taken and never answered: they were DUPLICATE when sent again", broken)
	}
	w.drain(list, 30*time.Second)
	v := w.verify(list)
	t.Logf("SIGTERM, size %s: N = %d stops in %v, exit code 0 each; %d cases, %d messages acknowledged, %s",
		size.name, rounds, took.Round(time.Millisecond), len(list), v.messages, w.claim())
	t.Logf("  sent %d times, %d refused before they were read, %d answered 429 or 503, %d taken without an answer",
		l.attempts.Load(), l.failed.Load(), l.refused.Load(), broken)
	t.Logf("  stop: %s; ready: %s", spread(stops), spread(restarts))
}
