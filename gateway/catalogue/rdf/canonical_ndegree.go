package rdf

import "slices"

// path is the outcome of the Hash N-Degree Quads algorithm.
type path struct {
	hash   string
	issuer *issuer
}

// spend takes one N-degree call or permutation and n units of work on related
// blank nodes from what is left. Copying an issuer counts too, though less.
func (r *canonicalization) spend(n int) error {
	if !r.own.spend(n) || (r.shared != nil && !r.shared.spend(n)) {
		return ErrPoison
	}
	return r.ctx.Err()
}

// maxNDegreeDepth bounds the recursion of hashNDegree, and with it the stack.
const maxNDegreeDepth = 10_000

// hashNDegree is the Hash N-Degree Quads algorithm (RDFC-1.0 §4.8.3). The
// issuer becomes its own; the caller goes on with the one in the result.
func (r *canonicalization) hashNDegree(id uint32, is *issuer) (path, error) {
	if r.depth++; r.depth > maxNDegreeDepth {
		return path{}, ErrPoison
	}
	defer func() { r.depth-- }()
	if err := r.spend(len(r.set.mentions(id))); err != nil {
		return path{}, err
	}
	groups := r.relatedOf(id, is)
	var data []byte
	for _, h := range sortedKeys(groups) {
		data = append(data, h...)
		best := chosen{r: r, from: is, only: len(groups[h]) == 1}
		if err := permutations(groups[h], best.try); err != nil {
			return path{}, err
		}
		data = append(data, best.path...)
		is = best.issuer
	}
	return path{hash: r.digest(data), issuer: is}, nil
}

// relatedOf groups the blank nodes that share a quad with id by their hash
// (RDFC-1.0 §4.8.3 step 3).
func (r *canonicalization) relatedOf(id uint32, is *issuer) map[string][]uint32 {
	groups := map[string][]uint32{}
	for _, at := range r.set.mentions(id) {
		k := r.set.quads[at]
		for _, c := range [...]struct {
			id       uint32
			position byte
		}{{k[0], 's'}, {k[2], 'o'}, {k[3], 'g'}} {
			if c.id != id && r.set.terms[c.id].Kind == Blank {
				h := r.hashRelated(c.id, k[1], is, c.position)
				groups[h] = append(groups[h], c.id)
			}
		}
	}
	return groups
}

// chosen is the least path over the permutations of one group of related
// blank nodes, with the issuer that goes with it (RDFC-1.0 §4.8.3 step 5).
type chosen struct {
	r      *canonicalization
	from   *issuer
	only   bool // there is one permutation, which may take over from
	path   []byte
	issuer *issuer
}

// try makes the path of one permutation and keeps it if it is the least yet.
func (c *chosen) try(order []uint32) error {
	r := c.r
	is, work := c.from, len(order)
	if !c.only {
		work += len(is.order) / 8
	}
	if err := r.spend(work); err != nil {
		return err
	}
	if !c.only {
		is = is.clone()
	}
	var p []byte
	var recursion []uint32
	for _, id := range order {
		p = append(p, '_', ':')
		if n, ok := r.canonical.issued[id]; ok {
			p = appendLabel(p, canonicalPrefix, n)
		} else {
			if !is.has(id) {
				recursion = append(recursion, id)
			}
			p = appendLabel(p, temporaryPrefix, is.issue(id))
		}
		if c.worse(p) {
			return nil
		}
	}
	for _, id := range recursion {
		sub, err := r.hashNDegree(id, is)
		if err != nil {
			return err
		}
		p = append(p, '_', ':')
		p = appendLabel(p, temporaryPrefix, is.issue(id))
		p = append(p, '<')
		p = append(p, sub.hash...)
		p = append(p, '>')
		is = sub.issuer
		if c.worse(p) {
			return nil
		}
	}
	if c.issuer == nil || string(p) < string(c.path) {
		c.path, c.issuer = p, is
	}
	return nil
}

// worse reports whether a path, perhaps not complete, can no longer become
// the least.
func (c *chosen) worse(p []byte) bool {
	return c.issuer != nil && len(p) >= len(c.path) && string(p) > string(c.path)
}

// permutations calls visit with each order of ids until it returns an error.
// The slice is reused.
func permutations(ids []uint32, visit func([]uint32) error) error {
	order := slices.Clone(ids)
	slices.Sort(order)
	for {
		if err := visit(order); err != nil {
			return err
		}
		if !nextPermutation(order) {
			return nil
		}
	}
}

// nextPermutation puts ids into the lexicographically next order and reports
// whether there is one.
func nextPermutation(ids []uint32) bool {
	i := len(ids) - 2
	for i >= 0 && ids[i] >= ids[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(ids) - 1
	for ids[j] <= ids[i] {
		j--
	}
	ids[i], ids[j] = ids[j], ids[i]
	slices.Reverse(ids[i+1:])
	return true
}
