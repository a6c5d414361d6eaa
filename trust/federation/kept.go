package federation

import "slices"

// What the resolver keeps of entities is bounded: Options.Keep of the onboarded, and as many that
// brought a chain, those last used. One that has to go leaves behind what must not be forgotten, the
// marks that were told not to be active.

// keep remembers an onboarded entity; r.mu is held.
func (r *Resolver) keep(k *resolved) {
	k.carryMarks(r.before(k.entity.ID))
	if gone, ok := r.known.put(k.entity.ID, k); ok {
		r.setAside(gone)
	}
}

// keepBrought remembers an entity by the chain it brought; r.mu is held.
func (r *Resolver) keepBrought(k *resolved) {
	old, _ := r.brought.get(k.entity.ID)
	k.carryMarks(old)
	k.carryMarks(r.before(k.entity.ID))
	if gone, ok := r.brought.put(k.entity.ID, k); ok {
		r.setAside(gone)
	}
}

// before is what was known of an onboarded entity, or what it left behind; nil when nothing was.
func (r *Resolver) before(entity string) *resolved {
	if k, ok := r.known.get(entity); ok {
		return k
	}
	if marks, ok := r.aside.get(entity); ok {
		return &resolved{marks: marks}
	}
	return nil
}

func (r *Resolver) setAside(k *resolved) {
	inactive := slices.DeleteFunc(append(slices.Clone(k.marks), k.gone...), func(m TrustMark) bool { return m.Status == MarkActive })
	if len(inactive) == 0 {
		r.aside.drop(k.entity.ID) // active again since
		return
	}
	r.aside.put(k.entity.ID, inactive)
}
