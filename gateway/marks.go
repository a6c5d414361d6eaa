package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// markWish is a role mark one of our entities needs.
type markWish struct{ anchor, name, entity string }

// markWishes are the role marks our entities need.
func (g *Gateway) markWishes() []markWish {
	anchor := g.cfg.Trust.Anchors[0].Entity
	wishes := []markWish{{anchor, string(ehds.MarkNCP), g.cfg.Entity}}
	for _, h := range g.cfg.HDABs {
		wishes = append(wishes, markWish{anchor, string(ehds.MarkHDAB), HDABEntity(g.cfg.Entity, h.ID)})
	}
	return wishes
}

// heldMark is a mark and when it ends.
type heldMark struct {
	federation.MarkEntry
	expires time.Time
}

// markShelf keeps the role marks of our entities. Marks live a week at most, so they are fetched
// again every few hours; while one is missing or over, the gateway is not ready.
type markShelf struct {
	wishes []markWish
	mu     sync.Mutex
	marks  map[markWish]heldMark
}

func newMarkShelf(wishes []markWish) *markShelf {
	return &markShelf{wishes: wishes, marks: map[markWish]heldMark{}}
}

func (s *markShelf) of(entity string) []federation.MarkEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []federation.MarkEntry
	for _, w := range s.wishes {
		if m, ok := s.marks[w]; ok && w.entity == entity {
			out = append(out, m.MarkEntry)
		}
	}
	return out
}

// missing names a mark that is not there or is over at a time; ok is false when none is missing.
func (s *markShelf) missing(at time.Time) (w markWish, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wishes {
		if m, ok := s.marks[w]; !ok || !at.Before(m.expires) {
			return w, true
		}
	}
	return markWish{}, false
}

func (s *markShelf) put(w markWish, m federation.MarkEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marks[w] = heldMark{m, markExpiry(m.Token)}
}

// markExpiry reads exp of a mark that was verified.
func markExpiry(token string) time.Time {
	var c struct {
		Exp int64 `json:"exp"`
	}
	t, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{federation.TypMark}})
	if err != nil || json.Unmarshal(t.Payload, &c) != nil {
		return time.Time{} // over: it will be fetched again
	}
	return time.Unix(c.Exp, 0)
}

// Times of the mark worker.
const (
	markRenewal  = 6 * time.Hour
	markRetryMin = 500 * time.Millisecond
	markRetryMax = time.Minute
)

// keepMarks fetches every mark, and again before it grows old, until ctx ends.
func (g *Gateway) keepMarks(ctx context.Context) {
	retry := markRetryMin
	for {
		wait := markRenewal
		if g.fetchMarks(ctx) {
			retry = markRetryMin
		} else {
			wait, retry = retry, min(2*retry, markRetryMax)
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(wait):
		}
	}
}

// fetchMarks fetches all marks once and says whether each could be.
func (g *Gateway) fetchMarks(ctx context.Context) bool {
	complete := true
	for _, w := range g.marks.wishes {
		m, err := g.fetchMark(ctx, w)
		if err != nil {
			complete = false
			if ctx.Err() == nil {
				g.log.WarnContext(ctx, "a role mark cannot be fetched; will try again", "entity", w.entity, "mark", w.name, "error", err)
			}
			continue
		}
		g.marks.put(w, m)
	}
	g.renewStatements()
	return complete
}

// fetchMark asks the anchor for a mark, and when it gives none the superiors it lets issue such marks.
func (g *Gateway) fetchMark(ctx context.Context, w markWish) (federation.MarkEntry, error) {
	m, err := g.resolver.FetchMark(ctx, w.anchor, w.name, w.entity)
	if err == nil || errors.Is(err, federation.ErrUnavailable) || errors.Is(err, federation.ErrAnchorMismatch) {
		return m, err // who else may issue marks is the anchor's word too
	}
	failed := []error{err}
	for _, superior := range g.cfg.Trust.Superiors {
		if superior == w.anchor {
			continue
		}
		m, err := g.resolver.FetchMarkFrom(ctx, superior, w.anchor, w.name, w.entity)
		if err == nil {
			return m, nil
		}
		failed = append(failed, err)
	}
	return federation.MarkEntry{}, errors.Join(failed...)
}
