package digest

import (
	"maps"
	"slices"
	"strings"
)

// Other is the number of entries and the root of the catalogue that differs from the one shown in exactly
// these ways. told is false when the answers do not tell it: where the other catalogue is so small that a
// leaf holds what here is spread over several, of which some were not shown because they are equal, or
// where a difference lies outside of what was shown.
func (s Showing) Other(found []Difference) (count int, root Sum, told bool) {
	o := &other{Showing: s, differ: map[string]Difference{}}
	for _, d := range found {
		o.differ[Entry{Identifier: d.Identifier}.key().hex()] = d
	}
	o.keys = slices.Sorted(maps.Keys(o.differ))
	top, told := o.at("", branch{s.Count, s.Root})
	return top.count, top.sum, told && o.applied == len(found)
}

// other computes another catalogue.
type other struct {
	Showing
	differ  map[string]Difference // by key
	keys    []string              // of differ, in order
	applied int
}

// piece is what is known of a prefix of the other catalogue.
type piece struct {
	branch
	entries []keyed
	whole   bool // the entries are known
}

// at is the piece at a prefix, of which the catalogue shown has a branch.
func (o *other) at(prefix string, b branch) (piece, bool) {
	n, shown := o.nodes[prefix]
	switch {
	case !shown && b.count > 0:
		return piece{branch: b}, true // it is the same, or a difference is not applied
	case !shown || n.leaf:
		return o.leaf(prefix, n.entries), true
	}
	var sums [fanout]Sum
	all := piece{whole: true}
	for i, child := range n.children {
		p, told := o.at(prefix+hexDigits[i:i+1], child)
		if !told {
			return piece{}, false
		}
		sums[i] = p.sum
		all.count += p.count
		all.whole = all.whole && p.whole
		all.entries = append(all.entries, p.entries...)
	}
	switch {
	case all.count > Bucket:
		all.sum = innerSum(&sums)
	case all.whole:
		all.sum = leafSum(all.entries)
	default:
		return piece{}, false
	}
	return all, true
}

// leaf applies the differences below a prefix of which all entries are known.
func (o *other) leaf(prefix string, entries []keyed) piece {
	have := map[string]keyed{}
	for _, e := range entries {
		have[e.key.hex()] = e
	}
	from, _ := slices.BinarySearch(o.keys, prefix)
	for _, key := range o.keys[from:] {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		o.applied++
		d := o.differ[key]
		e := Entry{d.Identifier, d.Ours}
		if have[key] = (keyed{e.key(), e}); d.Kind == Orphan {
			delete(have, key)
		}
	}
	p := piece{whole: true}
	for _, key := range slices.Sorted(maps.Keys(have)) {
		p.entries = append(p.entries, have[key])
	}
	t := &Tree{sums: map[string]Sum{}}
	p.branch = branch{len(p.entries), t.sum(prefix, p.entries)}
	return p
}
