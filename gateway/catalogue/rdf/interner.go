package rdf

import "hash/maphash"

// interner remembers what tokens stand for, so that a document's repeated
// names share one string. It is a bounded cache, not a table: it may forget.
type interner struct {
	seed  maphash.Seed
	slots []slot
	era   uint32
}

type slot struct {
	raw, val string
	era      uint32
}

const (
	internerSlots = 1 << 11
	// internerLongest bounds the tokens that are remembered, and with the
	// number of slots what is held of a document.
	internerLongest = 512
)

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), slots: make([]slot, internerSlots), era: 1}
}

// forget drops every meaning, for when a prefix or the base changes.
func (n *interner) forget() {
	if n.era++; n.era == 0 {
		clear(n.slots)
		n.era = 1
	}
}

// slot returns the place where raw is remembered and whether it is.
func (n *interner) slot(raw []byte) (*slot, bool) {
	s := &n.slots[maphash.Bytes(n.seed, raw)&(internerSlots-1)]
	return s, s.era == n.era && s.raw == string(raw)
}

// put remembers in a slot that raw stands for val, unless they are long.
func (n *interner) put(s *slot, raw, val string) {
	if len(raw) <= internerLongest && len(val) <= 2*internerLongest {
		*s = slot{raw: raw, val: val, era: n.era}
	}
}

// plain returns raw as a string.
func (n *interner) plain(raw []byte) string {
	s, ok := n.slot(raw)
	if ok && s.val == s.raw {
		return s.val
	}
	v := string(raw)
	n.put(s, v, v)
	return v
}
