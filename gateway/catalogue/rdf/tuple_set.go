package rdf

import "hash/maphash"

// tuple is a statement by the numbers of its terms.
type tuple interface{ [3]uint32 | [4]uint32 }

// tupleSet is a list of different tuples with a hash table of their places in
// it.
type tupleSet[T tuple] struct {
	list  []T
	slots []uint32 // places plus one, 0 in an empty slot; at most 3/4 in use
	shift uint8    // 64 less the binary logarithm of the number of slots
	key   [4]uint64
}

func newTupleSet[T tuple]() tupleSet[T] {
	var s tupleSet[T]
	seed := maphash.MakeSeed()
	for i := range s.key {
		s.key[i] = maphash.Bytes(seed, []byte{byte(i)}) | 1
	}
	return s
}

// home is the slot where the search for a tuple starts: a multilinear hash
// with secret factors, so that a document cannot be made to collide.
func (s *tupleSet[T]) home(k *T) uint32 {
	var h uint64
	for i := range len(*k) {
		h += s.key[i] * (uint64((*k)[i]) + 1)
	}
	return uint32(h >> s.shift)
}

// add appends a tuple to the list unless it is there, and reports whether it
// was new.
func (s *tupleSet[T]) add(k T) bool {
	if 4*len(s.list) >= 3*len(s.slots) {
		s.grow()
	}
	mask := uint32(len(s.slots) - 1)
	at := s.home(&k)
	for ; s.slots[at] != 0; at = (at + 1) & mask {
		if s.list[s.slots[at]-1] == k {
			return false
		}
	}
	s.list = append(s.list, k)
	s.slots[at] = uint32(len(s.list))
	return true
}

// grow doubles the number of slots.
func (s *tupleSet[T]) grow() {
	size := max(firstSlots, 2*len(s.slots))
	if s.slots == nil {
		s.list = make([]T, 0, size*3/4)
	}
	s.slots = make([]uint32, size)
	s.shift = 64
	for n := size; n > 1; n >>= 1 {
		s.shift--
	}
	mask := uint32(size - 1)
	for i := range s.list {
		at := s.home(&s.list[i])
		for s.slots[at] != 0 {
			at = (at + 1) & mask
		}
		s.slots[at] = uint32(i + 1)
	}
}
