package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// markWish is a role mark one of our entities needs.
type markWish struct{ anchor, name, entity string }

// markShelf keeps the role marks of our entities. Marks live a week at most, so they are fetched
// again every few hours; while one is missing the gateway is not ready.
type markShelf struct {
	wishes []markWish
	mu     sync.Mutex
	marks  map[markWish]federation.MarkEntry
}

func newMarkShelf(wishes []markWish) *markShelf {
	return &markShelf{wishes: wishes, marks: map[markWish]federation.MarkEntry{}}
}

func (s *markShelf) of(entity string) []federation.MarkEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []federation.MarkEntry
	for _, w := range s.wishes {
		if m, ok := s.marks[w]; ok && w.entity == entity {
			out = append(out, m)
		}
	}
	return out
}

// missing names a mark not there yet, or "".
func (s *markShelf) missing() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wishes {
		if _, ok := s.marks[w]; !ok {
			return w.name
		}
	}
	return ""
}

func (s *markShelf) put(w markWish, m federation.MarkEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marks[w] = m
}

// Times of the mark worker.
const (
	markRenewal  = 6 * time.Hour
	markRetryMin = 500 * time.Millisecond
	markRetryMax = time.Minute
)

// keepMarks fetches every mark, and again before it grows old, until ctx ends.
func (g *Gateway) keepMarks(ctx context.Context) {
	wait := markRetryMin
	for {
		if g.fetchMarks(ctx) {
			wait = markRenewal
		} else if wait *= 2; wait > markRetryMax {
			wait = markRetryMax
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(wait):
		}
		if wait == markRenewal {
			wait = markRetryMin
		}
	}
}

// fetchMarks fetches all marks once and says whether none is missing.
func (g *Gateway) fetchMarks(ctx context.Context) bool {
	complete := true
	for _, w := range g.marks.wishes {
		m, err := g.resolver.FetchMark(ctx, w.anchor, w.name, w.entity)
		if err != nil {
			complete = false
			if ctx.Err() == nil {
				g.log.WarnContext(ctx, "a role mark cannot be fetched; will try again", "entity", w.entity, "mark", w.name, "error", err)
			}
			continue
		}
		g.marks.put(w, m)
	}
	g.house.Head.Renew()
	for _, b := range g.house.Bodies {
		b.Renew()
	}
	return complete
}
