package federation

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// withMarks returns the entity with the status of its marks as their issuer tells it: asked every
// MarkRefresh, the last answer usable for MarkGrace, unknown after that. The entity returned is the
// caller's own copy.
func (r *Resolver) withMarks(ctx context.Context, k *resolved) *Entity {
	if r.marksDue(k) {
		// One asker at a time; the others wait for its answer, or until they hang up.
		_, _ = r.once(ctx, fmt.Sprintf("marks:%p", k), func(ctx context.Context) (*resolved, error) {
			if r.marksDue(k) {
				r.askMarks(ctx, k)
			}
			return nil, nil
		})
	}
	now := r.o.Clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	e := *k.entity
	e.Marks = slices.Clone(k.marks)
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

func (r *Resolver) marksDue(k *resolved) bool {
	now := r.o.Clock()
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(k.marks) > 0 && !now.Before(k.askAt)
}

// markRetry is the wait after a question about a mark that failed.
const markRetry = 30 * time.Second

// askMarks asks the issuer about every mark. A failed question leaves the last answer.
func (r *Resolver) askMarks(ctx context.Context, k *resolved) {
	r.mu.Lock()
	marks := slices.Clone(k.marks)
	r.mu.Unlock()
	wait := r.o.MarkRefresh
	for i := range marks {
		m := &marks[i]
		status, err := r.askMark(ctx, k, *m)
		if err != nil {
			r.o.Logger.WarnContext(ctx, "the status of a role mark cannot be confirmed now", "entity", k.entity.ID, "mark", m.Name, "error", err)
			wait = min(wait, markRetry)
			continue
		}
		m.Status, m.Checked = status, r.o.Clock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k.marks, k.askAt = marks, r.o.Clock().Add(wait)
}

func (r *Resolver) askMark(ctx context.Context, k *resolved, m TrustMark) (MarkStatus, error) {
	issuer, keys, err := r.issuerOf(ctx, k, m)
	if err != nil {
		return MarkUnknown, err
	}
	answer, err := r.fetch.markStatus(ctx, issuer, m.token)
	if err != nil {
		return MarkUnknown, err
	}
	return readMarkStatus(answer, m.token, m.Issuer, keys, r.o.Clock())
}

// issuerOf is the configuration of a mark's issuer, with the keys it is known by. Of another than the
// anchor the configuration is fetched, when it is a superior we may ask: what a chain in a header names
// beside those is not called.
func (r *Resolver) issuerOf(ctx context.Context, k *resolved, m TrustMark) (*Statement, jose.KeySet, error) {
	keys, err := markIssuer(k.chain, m.Issuer, m.Type)
	if err != nil || m.Issuer == k.anchor().Sub {
		return k.anchor(), keys, err
	}
	if !r.enrolled(m.Issuer) {
		return nil, keys, fmt.Errorf("%w: %s is no superior that may be asked", ErrMarkIssuer, m.Issuer)
	}
	got, err := r.fetch.configuration(ctx, m.Issuer, query{spend: newBudget(), within: r.o.MarkRefresh})
	if err != nil {
		return nil, keys, err
	}
	config := got.statement
	if err := config.Verify(keys); err != nil {
		return nil, keys, err
	}
	return config, keys, config.ValidAt(r.o.Clock())
}

// carryMarks keeps what the issuer told later than it made a mark: a new chain, a new copy of a mark or
// several, or one left out for a while must not undo a suspension. Resolver.mu is held.
func (k *resolved) carryMarks(old *resolved) {
	if old == nil {
		return
	}
	told := append(slices.Clone(old.marks), old.gone...)
	// What was told last comes first, and of one moment what does not allow.
	slices.SortStableFunc(told, func(a, b TrustMark) int {
		return cmp.Or(b.Checked.Compare(a.Checked), cmp.Compare(activeLast(a), activeLast(b)))
	})
	k.marks = slices.Clone(k.marks)
	same := true
	for i := range k.marks {
		m := &k.marks[i]
		j := slices.IndexFunc(told, func(o TrustMark) bool { return m.copyOf(o) && o.token == m.token })
		if j < 0 {
			same, j = false, slices.IndexFunc(told, m.copyOf)
		}
		if j < 0 {
			continue
		}
		if !told[j].Checked.Before(m.Checked) { // the same second counts for what was told
			m.Status, m.Checked = told[j].Status, told[j].Checked
		}
	}
	for _, o := range told {
		if !slices.ContainsFunc(k.marks, o.copyOf) {
			k.gone = append(k.gone, o)
		}
	}
	k.gone = k.gone[:min(len(k.gone), maxMarks)]
	if same && old.askAt.After(k.askAt) {
		k.askAt = old.askAt
	}
}

// copyOf says whether two marks are one role of one issuer, made twice perhaps.
func (m TrustMark) copyOf(o TrustMark) bool { return o.Type == m.Type && o.Issuer == m.Issuer }

func activeLast(m TrustMark) int {
	if m.Status == MarkActive {
		return 1
	}
	return 0
}
