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

const internerSlots = 1 << 11

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

// plain returns raw as a string.
func (n *interner) plain(raw []byte) string {
	s, ok := n.slot(raw)
	if !ok || s.val != s.raw {
		v := string(raw)
		*s = slot{raw: v, val: v, era: n.era}
	}
	return s.val
}
