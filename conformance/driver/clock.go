package driver

import (
	"slices"
	"sync"
	"time"
)

// Shifted is a clock that runs as the real one does, and can be moved ahead: weeks pass in a case. Whoever
// waits on it wakes when its own time has come. It is safe for concurrent use.
type Shifted struct {
	real  func() time.Time
	after func(time.Duration) <-chan time.Time

	mu      sync.Mutex
	ahead   time.Duration
	waiting []*wait
}

type wait struct {
	until time.Time // on this clock
	wake  chan time.Time
}

// NewShifted makes a clock on top of real time and real timers.
func NewShifted(real func() time.Time, after func(time.Duration) <-chan time.Time) *Shifted {
	return &Shifted{real: real, after: after}
}

// Now is the time on this clock.
func (s *Shifted) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

func (s *Shifted) now() time.Time { return s.real().Add(s.ahead) }

// Advance moves the clock ahead and wakes whoever waited for a time that has come.
func (s *Shifted) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += max(d, 0)
	s.fire()
}

// After is time.After on this clock.
func (s *Shifted) After(d time.Duration) <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &wait{until: s.now().Add(d), wake: make(chan time.Time, 1)}
	s.waiting = append(s.waiting, w)
	if d <= 0 {
		s.fire()
		return w.wake
	}
	timer := s.after(d)
	go func() { // ends when d has passed in real time, whatever this clock says
		<-timer
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fire()
	}()
	return w.wake
}

// fire wakes those whose time has come.
func (s *Shifted) fire() {
	now := s.now()
	s.waiting = slices.DeleteFunc(s.waiting, func(w *wait) bool {
		if w.until.After(now) {
			return false
		}
		w.wake <- now
		return true
	})
}
