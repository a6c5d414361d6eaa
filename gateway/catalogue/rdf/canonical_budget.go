package rdf

// Budget is an allowance of N-degree work that several canonicalisations
// share, so that many small datasets cost no more than one large one. It is
// not safe for concurrent use.
type Budget struct {
	calls   int // N-degree calls and permutations left
	related int // related blank nodes left to hash or order
}

// NewBudget returns an allowance of that many calls of the Hash N-Degree
// Quads algorithm, permutations included.
func NewBudget(calls int) *Budget {
	return &Budget{calls: calls, related: calls * relatedPerCall}
}

// Spent reports whether nothing is left: a canonicalisation that failed then
// might have succeeded with more.
func (b *Budget) Spent() bool { return b.calls <= 0 || b.related <= 0 }

// spend takes n units of related work and one call, and reports whether they
// were there.
func (b *Budget) spend(n int) bool {
	b.calls--
	b.related -= n
	return b.calls >= 0 && b.related >= 0
}

// PoisonError is an ErrPoison that knows where the dataset is entangled.
type PoisonError struct {
	// Knot holds the blank nodes that could not be told apart in bounded
	// work, in no particular order. A dataset that has all of them is very
	// likely poisonous too.
	Knot []Term
}

// Error is the text of ErrPoison.
func (e *PoisonError) Error() string { return ErrPoison.Error() }

// Unwrap returns ErrPoison.
func (e *PoisonError) Unwrap() error { return ErrPoison }

// knot returns the blank nodes connected with id through blank nodes that
// have no canonical label yet: those the N-degree algorithm walks over.
func (r *canonicalization) knot(id uint32) []Term {
	seen := map[uint32]struct{}{id: {}}
	queue := []uint32{id}
	for at := 0; at < len(queue); at++ {
		for _, q := range r.set.mentions(queue[at]) {
			for _, other := range r.set.quads[q] {
				_, known := seen[other]
				if known || r.set.terms[other].Kind != Blank || r.canonical.has(other) {
					continue
				}
				seen[other] = struct{}{}
				queue = append(queue, other)
			}
		}
	}
	out := make([]Term, len(queue))
	for i, n := range queue {
		out[i] = r.set.terms[n]
	}
	return out
}
