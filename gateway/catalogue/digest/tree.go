package digest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// keyed is an entry with its place.
type keyed struct {
	key Sum
	Entry
}

// Tree is the digest of one catalogue. It is safe for one goroutine.
type Tree struct {
	entries []keyed        // in the order of keys
	sums    map[string]Sum // of inner nodes, by prefix
}

// ErrTwice is returned for two entries with one identifier: the centre knows a dataset by it.
var ErrTwice = errors.New("digest: two entries with the same identifier")

// NewTree builds the tree of a set of entries, in any order.
func NewTree(entries []Entry) (*Tree, error) {
	t := &Tree{entries: make([]keyed, len(entries)), sums: map[string]Sum{}}
	for i, e := range entries {
		t.entries[i] = keyed{e.key(), e}
	}
	slices.SortFunc(t.entries, func(a, b keyed) int { return bytes.Compare(a.key[:], b.key[:]) })
	for i := 1; i < len(t.entries); i++ {
		if t.entries[i].key == t.entries[i-1].key {
			return nil, fmt.Errorf("%w: %q", ErrTwice, t.entries[i].Identifier)
		}
	}
	return t, nil
}

// Len is the number of entries.
func (t *Tree) Len() int { return len(t.entries) }

// Root is the sum of the whole catalogue.
func (t *Tree) Root() Sum { return t.sum("", t.entries) }

// Sum is the sum of the entries whose key begins with the prefix.
func (t *Tree) Sum(prefix string) Sum { return t.sum(prefix, t.under(prefix)) }

// Entries lists the entries whose key begins with the prefix, in the order of keys.
func (t *Tree) Entries(prefix string) []Entry {
	list := t.under(prefix)
	out := make([]Entry, len(list))
	for i, e := range list {
		out[i] = e.Entry
	}
	return out
}

func (t *Tree) sum(prefix string, entries []keyed) Sum {
	if len(entries) <= Bucket {
		return leafSum(entries)
	}
	if s, known := t.sums[prefix]; known {
		return s
	}
	var children [fanout]Sum
	for i := range children {
		n := countUnder(entries, len(prefix), i)
		children[i] = t.sum(prefix+hexDigits[i:i+1], entries[:n])
		entries = entries[n:]
	}
	s := innerSum(&children)
	t.sums[prefix] = s
	return s
}

const hexDigits = "0123456789abcdef"

// nibble is the digit of a key at a depth.
func nibble(key *Sum, depth int) int {
	b := key[depth/2]
	if depth%2 == 0 {
		return int(b >> 4)
	}
	return int(b & 15)
}

// countUnder counts the leading entries whose digit at depth is at most digit.
func countUnder(entries []keyed, depth, digit int) int {
	return sort.Search(len(entries), func(i int) bool { return nibble(&entries[i].key, depth) > digit })
}

// under is the range of entries whose key begins with the prefix.
func (t *Tree) under(prefix string) []keyed {
	list := t.entries
	for depth := range len(prefix) {
		digit := strings.IndexByte(hexDigits, prefix[depth])
		if digit < 0 || depth == maxPrefix {
			return nil
		}
		list = list[countUnder(list, depth, digit-1):]
		list = list[:countUnder(list, depth, digit)]
	}
	return list
}

// Digest is that of the entry with an identifier; ok is false when there is none.
func (t *Tree) Digest(identifier string) (digest Sum, ok bool) {
	key := Entry{Identifier: identifier}.key()
	at, found := slices.BinarySearchFunc(t.entries, key, func(e keyed, k Sum) int { return bytes.Compare(e.key[:], k[:]) })
	if !found {
		return Sum{}, false
	}
	return t.entries[at].Entry.Digest, true
}
