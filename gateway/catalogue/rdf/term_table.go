package rdf

import "hash/maphash"

// termTable numbers terms from 0, in the order they come. It is a hash table
// with open addressing whose slots hold numbers, so that a term costs little
// beyond itself. Finding changes nothing.
type termTable struct {
	terms []Term
	slots []termSlot // a power of two of them, no more than 3/4 in use
	seed  maphash.Seed
}

// termSlot is a term's number plus one, or 0 in an empty slot, with enough of
// the hash to pass over most other terms without a look at them.
type termSlot struct{ id, hash uint32 }

// firstSlots is the size a table starts with: that of a catalogue record.
const firstSlots = 64

func newTermTable() termTable { return termTable{seed: maphash.MakeSeed()} }

// hash is the hash of a term under a seed that nobody outside can know, so
// that a document cannot be made to collide.
func (m *termTable) hash(t *Term) uint32 {
	h := maphash.String(m.seed, t.Value) + uint64(t.Kind)
	if t.Datatype != "" {
		h = h*0x9E3779B97F4A7C15 ^ maphash.String(m.seed, t.Datatype)
	}
	if t.Lang != "" {
		h = h*0x9E3779B97F4A7C15 ^ maphash.String(m.seed, t.Lang)
	}
	return uint32(h ^ h>>32)
}

// find returns the number of a term, if it has one.
func (m *termTable) find(t *Term) (uint32, bool) {
	if len(m.slots) == 0 {
		return 0, false
	}
	_, id, ok := m.probe(t, m.hash(t))
	return id, ok
}

// probe walks from the slot of the hash to the one that has the term or to an
// empty one.
func (m *termTable) probe(t *Term, h uint32) (at, id uint32, ok bool) {
	mask := uint32(len(m.slots) - 1)
	for at = h & mask; ; at = (at + 1) & mask {
		s := m.slots[at]
		if s.id == 0 {
			return at, 0, false
		}
		if s.hash == h && m.terms[s.id-1] == *t {
			return at, s.id - 1, true
		}
	}
}

// number returns the number of a term, giving it the next one if it has none.
func (m *termTable) number(t *Term) uint32 {
	if 4*len(m.terms) >= 3*len(m.slots) {
		m.grow()
	}
	h := m.hash(t)
	at, id, ok := m.probe(t, h)
	if ok {
		return id
	}
	m.terms = append(m.terms, *t)
	m.slots[at] = termSlot{id: uint32(len(m.terms)), hash: h}
	return uint32(len(m.terms) - 1)
}

// grow doubles the number of slots.
func (m *termTable) grow() {
	old := m.slots
	m.slots = make([]termSlot, max(firstSlots, 2*len(old)))
	if old == nil {
		m.terms = make([]Term, 0, firstSlots*3/4)
	}
	mask := uint32(len(m.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		at := s.hash & mask
		for m.slots[at].id != 0 {
			at = (at + 1) & mask
		}
		m.slots[at] = s
	}
}
