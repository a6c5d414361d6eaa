package digest

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Shown checks a row of answers by themselves, without a catalogue to compare with: they name one
// root, and every node hashes up to it. It returns the entries they show. Auditors use it.
func Shown(answers []ehds.CatalogueDigestAnswer) (count int, root Sum, entries []Entry, err error) {
	open := map[string]branch{}
	var top branch
	for i, a := range answers {
		sum, err := ParseSum(a.Root)
		if err != nil {
			return 0, Sum{}, nil, err
		}
		switch now := (branch{a.Count, sum}); {
		case a.Scheme != Scheme:
			return 0, Sum{}, nil, fmt.Errorf("%w: scheme %q", ErrAnswer, a.Scheme)
		case i == 0:
			top, open[""] = now, now
		case now != top:
			return 0, Sum{}, nil, ErrMoved
		}
		for _, w := range a.Nodes {
			n, err := readNode(w)
			if err != nil {
				return 0, Sum{}, nil, err
			}
			if said, known := open[w.Prefix]; !known || said != n.branch {
				return 0, Sum{}, nil, fmt.Errorf("%w: prefix %q is not what its parent says", ErrNode, w.Prefix)
			}
			if n.leaf {
				for _, e := range n.entries {
					entries = append(entries, e.Entry)
				}
				continue
			}
			for i, child := range n.children {
				open[w.Prefix+hexDigits[i:i+1]] = child
			}
		}
	}
	return top.count, top.sum, entries, nil
}
