package digest

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Showing is what a row of answers shows of a catalogue.
type Showing struct {
	Count   int
	Root    Sum
	Entries []Entry
	whole   map[string]bool // prefixes of which every entry is shown
	nodes   map[string]node // by prefix
}

// Covers says whether the answers show the place of an identifier: either it is among the entries, or
// the catalogue does not have it.
func (s Showing) Covers(identifier string) bool {
	key := Entry{Identifier: identifier}.key().hex()
	for n := range len(key) + 1 {
		if s.whole[key[:n]] {
			return true
		}
	}
	return false
}

// Shown checks a row of answers by themselves, without a catalogue to compare with: they name one
// root, and every node hashes up to it. Auditors use it.
func Shown(answers []ehds.CatalogueDigestAnswer) (Showing, error) {
	out := Showing{whole: map[string]bool{}, nodes: map[string]node{}}
	open := map[string]branch{}
	var top branch
	for i, a := range answers {
		sum, err := ParseSum(a.Root)
		if err != nil {
			return Showing{}, err
		}
		switch now := (branch{a.Count, sum}); {
		case a.Scheme != Scheme:
			return Showing{}, fmt.Errorf("%w: scheme %q", ErrAnswer, a.Scheme)
		case i == 0:
			top, open[""] = now, now
		case now != top:
			return Showing{}, ErrMoved
		}
		for _, w := range a.Nodes {
			n, err := readNode(w)
			if err != nil {
				return Showing{}, err
			}
			if said, known := open[w.Prefix]; !known || said != n.branch {
				return Showing{}, fmt.Errorf("%w: prefix %q is not what its parent says", ErrNode, w.Prefix)
			}
			out.nodes[w.Prefix] = n
			if n.leaf {
				for _, e := range n.entries {
					out.Entries = append(out.Entries, e.Entry)
				}
				out.whole[w.Prefix] = true
				continue
			}
			for i, child := range n.children {
				prefix := w.Prefix + hexDigits[i:i+1]
				open[prefix], out.whole[prefix] = child, child.count == 0
			}
		}
	}
	out.Count, out.Root = top.count, top.sum
	return out, nil
}
