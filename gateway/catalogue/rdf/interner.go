package rdf

import "hash/maphash"

// interner remembers what tokens stand for, so that a document's repeated
// names share one string. It is a bounded cache, not a table: it may forget.
type interner struct {
	seed  maphash.Seed
	slots []slot // a power of two of them
	era   uint32
	puts  int
}

type slot struct {
	raw, val string
	era      uint32
}

const (
	// A record needs few slots, a catalogue as many as are allowed.
	internerFirst = 1 << 8
	internerMost  = 1 << 11
	// internerLongest bounds the tokens that are remembered, and with the
	// number of slots what is held of a document.
	internerLongest = 512
)

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), slots: make([]slot, internerFirst), era: 1}
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
	s := &n.slots[maphash.Bytes(n.seed, raw)&uint64(len(n.slots)-1)]
	return s, s.era == n.era && s.raw == string(raw)
}

// put remembers in a slot that raw stands for val, unless they are long.
func (n *interner) put(s *slot, raw, val string) {
	if len(raw) > internerLongest || len(val) > 2*internerLongest {
		return
	}
	*s = slot{raw: raw, val: val, era: n.era}
	if n.puts++; n.puts > internerFirst/2 && len(n.slots) < internerMost {
		n.grow()
	}
}

// grow makes as many slots as are allowed.
func (n *interner) grow() {
	old := n.slots
	n.slots = make([]slot, internerMost)
	for _, s := range old {
		if s.era == n.era {
			n.slots[maphash.String(n.seed, s.raw)&uint64(len(n.slots)-1)] = s
		}
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
