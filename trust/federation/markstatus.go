package federation

import (
	"context"
	"slices"
	"time"
)

// withMarks returns the entity with the status of its marks as their issuer tells it: asked every
// MarkRefresh, the last answer usable for MarkGrace, unknown after that. The entity returned is the
// caller's own copy.
func (r *Resolver) withMarks(ctx context.Context, k *resolved) *Entity {
	now := r.o.Clock()
	r.mu.Lock()
	due := k.marksAt.IsZero() || now.Sub(k.marksAt) > r.o.MarkRefresh
	id := k.entity.ID
	r.mu.Unlock()
	if due {
		// One asker at a time; the others wait for its answer.
		_, _, _ = r.flight.Do("marks:"+id, func() (any, error) {
			r.askMarks(context.WithoutCancel(ctx), k)
			return nil, nil
		})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := *k.entity
	e.Marks = slices.Clone(k.entity.Marks)
	for i := range e.Marks {
		m := &e.Marks[i]
		switch {
		case !now.Before(m.Expires):
			m.Status = MarkExpired
		case now.Sub(m.Checked) > r.o.MarkGrace:
			m.Status = MarkUnknown
		}
	}
	return &e
}

// markRetry is the wait after a question about a mark that failed.
const markRetry = 30 * time.Second

// askMarks asks the issuer about every mark. A failed question leaves the last answer.
func (r *Resolver) askMarks(ctx context.Context, k *resolved) {
	r.mu.Lock()
	id, marks := k.entity.ID, slices.Clone(k.entity.Marks)
	r.mu.Unlock()
	next := r.o.Clock()
	for i := range marks {
		m := &marks[i]
		answer, err := r.fetch.markStatus(ctx, k.anchor, m.token)
		var status MarkStatus
		if err == nil {
			status, err = readMarkStatus(answer, m.token, m.Issuer, k.anchor.JWKS, r.o.Clock())
		}
		if err != nil {
			r.o.Logger.WarnContext(ctx, "the status of a role mark cannot be confirmed now", "entity", id, "mark", m.Name, "error", err)
			next = r.o.Clock().Add(markRetry - r.o.MarkRefresh)
			continue
		}
		m.Status, m.Checked = status, r.o.Clock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	updated := *k.entity
	updated.Marks = marks
	k.entity, k.marksAt = &updated, next
}
