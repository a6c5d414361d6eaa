package shacl

// set is a set of nodes in the order they were added.
type set struct {
	list  []node
	index map[node]struct{} // of list, once that is long
}

// fewNodes is up to how many nodes looking through the list is faster than a map.
const fewNodes = 16

func (s *set) has(n node) bool {
	if len(s.list) > fewNodes {
		_, ok := s.index[n]
		return ok
	}
	for _, m := range s.list {
		if m == n {
			return true
		}
	}
	return false
}

func (s *set) add(n node) {
	if s.has(n) {
		return
	}
	s.list = append(s.list, n)
	switch {
	case len(s.list) == fewNodes+1:
		if s.index == nil {
			s.index = make(map[node]struct{}, 4*fewNodes)
		}
		for _, m := range s.list {
			s.index[m] = struct{}{}
		}
	case len(s.list) > fewNodes+1:
		s.index[n] = struct{}{}
	}
}

func (s *set) reset() {
	s.list = s.list[:0]
	clear(s.index)
}

// set takes an empty set.
func (r *run) set() *set {
	if n := len(r.sets); n > 0 {
		s := r.sets[n-1]
		r.sets = r.sets[:n-1]
		return s
	}
	return &set{}
}

// free gives a set back.
func (r *run) free(s *set) {
	s.reset()
	r.sets = append(r.sets, s)
}
