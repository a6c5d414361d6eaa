package exchange

import (
	"maps"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// slots are the attempts under way and the lanes that wait. No lane has more than half of the slots,
// and the channel to peers never has the last: whatever a peer does, tasks go on.
type slots struct {
	size int // at least 2

	mu      sync.Mutex
	rows    map[int64]bool
	lanes   map[store.Lane]int       // attempts under way
	central int                      // of them to peers
	until   map[store.Lane]time.Time // lanes whose worker asked to wait
}

func newSlots(parallel int) *slots {
	return &slots{size: max(2, parallel), rows: map[int64]bool{}, lanes: map[store.Lane]int{}, until: map[store.Lane]time.Time{}}
}

func laneOf(row store.Outbox) store.Lane { return store.Lane{Channel: row.Channel, Target: row.Target} }

// take begins an attempt, if its row is not being tried and its lane has a slot left.
func (s *slots) take(row store.Outbox) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	lane := laneOf(row)
	if s.rows[row.ID] || len(s.rows) >= s.size || s.lanes[lane] >= s.size/2 || row.Channel == store.ChannelCentral && s.central >= s.size-1 {
		return false
	}
	s.rows[row.ID] = true
	s.lanes[lane]++
	if row.Channel == store.ChannelCentral {
		s.central++
	}
	return true
}

// release ends an attempt. Its outcome may have changed whether the lane waits.
func (s *slots) release(row store.Outbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lane := laneOf(row)
	delete(s.rows, row.ID)
	delete(s.until, lane)
	if s.lanes[lane]--; s.lanes[lane] == 0 {
		delete(s.lanes, lane)
	}
	if row.Channel == store.ChannelCentral {
		s.central--
	}
}

func (s *slots) wait(row store.Outbox, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until[laneOf(row)] = at
}

func (s *slots) waits(row store.Outbox) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.until[laneOf(row)]
	return ok
}

// closed lists the lanes of which nothing can start now, and forgets waits that are over.
func (s *slots) closed(now time.Time) []store.Lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.until, func(_ store.Lane, at time.Time) bool { return !at.After(now) })
	var out []store.Lane
	for lane := range s.until {
		out = append(out, lane)
	}
	for lane, n := range s.lanes {
		if _, listed := s.until[lane]; !listed && n >= s.size/2 {
			out = append(out, lane)
		}
	}
	if s.central >= s.size-1 {
		out = append(out, store.Lane{Channel: store.ChannelCentral})
	}
	return out
}

// opens is when the first wait is over.
func (s *slots) opens() (at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.until {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	return at, ok
}

// trying is a copy of what is being tried now.
func (s *slots) trying() map[int64]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.rows)
}

func (s *slots) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows) >= s.size
}

func (s *slots) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows) > 0
}
