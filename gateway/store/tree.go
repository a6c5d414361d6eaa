package store

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"golang.org/x/mod/sumdb/tlog"
)

// node is one stored hash under its number in the order of tlog.StoredHashIndex.
type node struct {
	index int64
	hash  tlog.Hash
}

// tree is the right edge of the log: all that appending and the root need. It is a value; append
// leaves older copies as they were.
type tree struct {
	size int64
	edge []node // roots of the perfect subtrees, the largest first
}

// ReadHashes implements tlog.HashReader over the edge.
func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
next:
	for i, want := range indexes {
		for _, n := range t.edge {
			if n.index == want {
				out[i] = n.hash
				continue next
			}
		}
		return nil, fmt.Errorf("%w: hash %d is not on the edge of a tree of %d", ErrCorrupt, want, t.size)
	}
	return out, nil
}

// append adds a leaf and returns the nodes it completes.
func (t tree) append(leaf []byte) (tree, []node, error) {
	hashes, err := evidence.StoredHashes(t.size, leaf, t)
	if err != nil {
		return t, nil, err
	}
	first := tlog.StoredHashIndex(0, t.size)
	nodes := make([]node, len(hashes))
	for i, h := range hashes {
		nodes[i] = node{first + int64(i), h}
	}
	// Each level above the leaf swallows the smallest subtree of the edge.
	keep := len(t.edge) - (len(hashes) - 1)
	edge := append(append(make([]node, 0, keep+1), t.edge[:keep]...), nodes[len(nodes)-1])
	return tree{size: t.size + 1, edge: edge}, nodes, nil
}

func (t tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }

func packHashes(nodes []node) []byte {
	out := make([]byte, 0, len(nodes)*tlog.HashSize)
	for _, n := range nodes {
		out = append(out, n.hash[:]...)
	}
	return out
}

// edgeIndexes lists the stored hashes on the edge of a tree of n leaves, the largest subtree first.
func edgeIndexes(n int64) []int64 {
	var out []int64
	for level := 62; level >= 0; level-- {
		if n>>level&1 == 1 {
			out = append(out, tlog.StoredHashIndex(level, n>>level-1))
		}
	}
	return out
}

// loadTree reads the edge of a tree of n leaves from the record.
func loadTree(ctx context.Context, s *session, n int64) (tree, error) {
	t := tree{size: n}
	for _, index := range edgeIndexes(n) {
		h, err := readHash(ctx, s, index)
		if err != nil {
			return tree{}, err
		}
		t.edge = append(t.edge, node{index, h})
	}
	return t, nil
}

// readHash finds a stored hash in the row of the leaf that completed it.
func readHash(ctx context.Context, s *session, index int64) (tlog.Hash, error) {
	var h tlog.Hash
	level, n := tlog.SplitStoredHashIndex(index)
	var packed []byte
	ok, err := s.one(ctx, "SELECT hashes FROM leaf WHERE idx = $1", []any{(n+1)<<level - 1}, &packed)
	if err != nil {
		return h, err
	}
	if from := level * tlog.HashSize; !ok || len(packed) < from+tlog.HashSize {
		return h, fmt.Errorf("%w: no hash %d of level %d", ErrCorrupt, n, level)
	}
	copy(h[:], packed[level*tlog.HashSize:])
	return h, nil
}

// hashCache keeps stored hashes lately used. They never change once committed.
type hashCache struct {
	mu       sync.Mutex
	now, old map[int64]tlog.Hash
}

const hashCacheSize = 1 << 14

func (c *hashCache) put(nodes ...node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range nodes {
		c.set(n)
	}
}

func (c *hashCache) set(n node) {
	if c.now == nil || len(c.now) >= hashCacheSize {
		c.now, c.old = make(map[int64]tlog.Hash), c.now
	}
	c.now[n.index] = n.hash
}

func (c *hashCache) get(index int64) (tlog.Hash, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if h, ok := c.now[index]; ok {
		return h, true
	}
	h, ok := c.old[index]
	if ok {
		c.set(node{index, h})
	}
	return h, ok
}

// storedHashes reads committed hashes for proofs.
type storedHashes struct {
	ctx   context.Context
	s     *session
	cache *hashCache
}

// ReadHashes implements tlog.HashReader.
func (r storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := r.cache.get(index)
		if !ok {
			var err error
			if h, err = readHash(r.ctx, r.s, index); err != nil {
				return nil, err
			}
			r.cache.put(node{index, h})
		}
		out[i] = h
	}
	return out, nil
}

// checkpointSize reads the tree size of one of our own checkpoints.
func checkpointText(note []byte) (size, root string) {
	lines := strings.SplitN(string(note), "\n", 4)
	if len(lines) < 4 {
		return "", ""
	}
	return lines[1], lines[2]
}
