package digest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// ErrNode is returned for a node whose parts do not fit together: a fault, or a lie, of the other side.
var ErrNode = errors.New("digest: the node does not fit together")

// branch is what is known of a node from its parent.
type branch struct {
	count int
	sum   Sum
}

// node is what the other side shows of one prefix: its entries, or what is below.
type node struct {
	branch
	prefix   string
	leaf     bool
	entries  []keyed
	children [fanout]branch
}

// readNode checks a node of a message by itself: the sum is that of its parts, the count theirs, every
// entry lies under the prefix and in its order, and the form is the one a set of that size has.
func readNode(w ehds.CatalogueDigestNode) (node, error) {
	sum, err := ParseSum(w.Digest)
	if err != nil {
		return node{}, err
	}
	n := node{branch: branch{w.Count, sum}, prefix: w.Prefix, leaf: w.Count <= Bucket}
	switch {
	case w.Count < 0 || len(w.Prefix) > maxPrefix:
		return node{}, fmt.Errorf("%w: count or prefix", ErrNode)
	case n.leaf && (len(w.Children) != 0 || len(w.Entries) != w.Count):
		return node{}, fmt.Errorf("%w: a leaf shows its entries", ErrNode)
	case n.leaf:
		err = n.readEntries(w.Entries)
	case len(w.Entries) != 0 || len(w.Children) != fanout:
		return node{}, fmt.Errorf("%w: an inner node shows sixteen children", ErrNode)
	default:
		err = n.readChildren(w.Children)
	}
	return n, err
}

func (n *node) readEntries(list []ehds.CatalogueDigestEntry) error {
	for i, w := range list {
		sum, err := ParseSum(w.Digest)
		if err != nil {
			return err
		}
		e := Entry{w.Identifier, sum}
		k := keyed{e.key(), e}
		if !strings.HasPrefix(k.key.String()[len(sumPrefix):], n.prefix) {
			return fmt.Errorf("%w: an entry of another prefix", ErrNode)
		}
		if i > 0 && string(n.entries[i-1].key[:]) >= string(k.key[:]) {
			return fmt.Errorf("%w: the entries are not in order", ErrNode)
		}
		n.entries = append(n.entries, k)
	}
	if leafSum(n.entries) != n.sum {
		return fmt.Errorf("%w: the sum is not that of the entries", ErrNode)
	}
	return nil
}

func (n *node) readChildren(list []ehds.CatalogueDigestChild) error {
	var sums [fanout]Sum
	total := 0
	for i, w := range list {
		sum, err := ParseSum(w.Digest)
		if err != nil {
			return err
		}
		if w.Count < 0 || w.Count > n.count || w.Count == 0 && sum != leafSum(nil) {
			return fmt.Errorf("%w: count", ErrNode) // counts are not hashed, and what is empty is not asked for
		}
		total += w.Count
		n.children[i], sums[i] = branch{w.Count, sum}, sum
	}
	if total != n.count || innerSum(&sums) != n.sum {
		return fmt.Errorf("%w: sum or count is not that of the children", ErrNode)
	}
	return nil
}
