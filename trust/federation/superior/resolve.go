package superior

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// resolveReuse is how long an answer is given again: a stream of requests costs one fetch.
const resolveReuse = 30 * time.Second

// maxResolving bounds the subordinates resolved at the same time: anybody may ask, and each costs a fetch from
// a host that may be slow.
const maxResolving = 16

// errBusy: as many are being resolved as may be.
var errBusy = fmt.Errorf("%w: too many subordinates are being resolved", federation.ErrUnavailable)

// answer is what was found about an entity while its record was of these times.
type answer struct {
	resolution      *federation.Resolution
	err             error
	until           time.Time
	since, enrolled time.Time
}

// Resolve resolves a subordinate we vouch for, up to an anchor, and signs what came of it. Only the
// subordinate's own configuration is fetched; who is not in the register is ErrUnknown, without a
// call. The entity's types are cut to those asked for, if any.
func (s *Superior) Resolve(ctx context.Context, entity string, types []string) (string, error) {
	sub, err := s.vouched(entity)
	if err != nil {
		return "", err
	}
	found, err := s.lookUp(ctx, sub)
	if err != nil {
		return "", err
	}
	e := *found.Entity
	e.Marks = nil
	for _, m := range found.Entity.Marks {
		if m.Issuer == s.o.Entity && sub.markState(m.Type, m.Checked) != federation.MarkActive {
			continue // we know better than the mark
		}
		e.Marks = append(e.Marks, m)
	}
	if len(types) > 0 {
		only := e.Metadata
		e.Metadata = map[string]rawJSON{}
		for _, t := range types {
			if md, ok := only[t]; ok {
				e.Metadata[t] = md
			}
		}
	}
	return s.self.AnswerResolve(&e)
}

// lookUp fetches and verifies, once for all who ask at the same time, or gives what it found a moment
// ago. A failure is kept as well: an entity that is down costs one caller its patience.
func (s *Superior) lookUp(ctx context.Context, sub Subordinate) (*federation.Resolution, error) {
	now := s.o.Clock()
	s.mu.Lock()
	kept, ok := s.resolved[sub.Entity]
	s.mu.Unlock()
	if ok && now.Before(kept.until) && kept.since.Equal(sub.Since) && kept.enrolled.Equal(sub.Enrolled) {
		return kept.resolution, kept.err
	}
	done, err, _ := s.flight.Do(sub.Entity, func() (any, error) {
		select {
		case s.resolving <- struct{}{}:
			defer func() { <-s.resolving }()
		default:
			return nil, errBusy
		}
		// One caller that hangs up must not fail the others; the resolver bounds every fetch.
		found, err := s.find(context.WithoutCancel(ctx), sub.Entity)
		a := answer{found, err, now.Add(resolveReuse), sub.Since, sub.Enrolled}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.resolved[sub.Entity] = a
		return a, nil
	})
	if err != nil {
		return nil, err
	}
	a, _ := done.(answer)
	return a.resolution, a.err
}

func (s *Superior) find(ctx context.Context, entity string) (*federation.Resolution, error) {
	config, above, err := s.above(ctx)
	if err != nil {
		return nil, err
	}
	if s.IsAnchor() {
		above = []string{config}
	}
	about, err := s.Statement(entity)
	if err != nil {
		return nil, err
	}
	anchors, err := s.anchors()
	if err != nil {
		return nil, err
	}
	return s.o.Resolver.Below(ctx, entity, append([]string{about}, above...), anchors, !s.IsAnchor())
}

func isUnknown(err error) bool { return errors.Is(err, ErrUnknown) }
