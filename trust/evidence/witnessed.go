package evidence

import (
	"encoding/base64"
	"time"
)

// Witnessed is the earliest time at which a witness of the trust file vouched for a log of the bundle's
// entity that had token in it: the token is at least as old. ok is false when none did. Keys come from the
// trust file alone; a log's own signature counts for nothing here, because whoever stole a signing key
// may hold the log as well.
//
// An entry counts when its leaf commits to the token, its proof leads to its checkpoint, and that
// checkpoint, or another one of the bundle with the same tree, carries the cosignature.
func (b Bundle) Witnessed(token string, t TrustFile) (at time.Time, ok bool) {
	book, err := t.book()
	if err != nil {
		return at, false
	}
	for _, e := range b.Entries {
		if e.Token != token || token == "" {
			continue
		}
		tree, held := b.proves(e, book)
		if !held {
			continue
		}
		for _, c := range append(b.sameTree(tree, book), tree) {
			for _, s := range c.Cosignatures {
				if !ok || s.At.Before(at) {
					at, ok = s.At, true
				}
			}
		}
	}
	return at, ok
}

// proves is the verified tree that an entry's material is in.
func (b Bundle) proves(e Entry, book logBook) (Checkpoint, bool) {
	salt, err := base64.StdEncoding.DecodeString(e.Salt)
	if err != nil {
		return Checkpoint{}, false
	}
	leaf := NewLeaf(e.Class, salt, []byte(e.Token))
	p, err := parseBareProof(e.Proof)
	if err != nil || !leaf.Valid() || string(leaf.Bytes()) != e.Leaf {
		return Checkpoint{}, false
	}
	tree, ok := b.tree(string(p.Checkpoint), book)
	return tree, ok && p.under(tree, leaf.Bytes()) == nil
}

// tree verifies a checkpoint of a log of the bundle's entity.
func (b Bundle) tree(text string, book logBook) (Checkpoint, bool) {
	claimed, err := readCheckpoint([]byte(text))
	if err != nil {
		return Checkpoint{}, false
	}
	keys, ok := book.keys(b.Entity, claimed.Origin)
	if !ok {
		return Checkpoint{}, false
	}
	c, err := OpenCheckpoint([]byte(text), claimed.Origin, keys...)
	return c, err == nil
}

// sameTree are the bundle's other checkpoints of one tree.
func (b Bundle) sameTree(tree Checkpoint, book logBook) (out []Checkpoint) {
	for _, text := range b.Checkpoints {
		c, ok := b.tree(text, book)
		if ok && c.Origin == tree.Origin && c.Size == tree.Size && c.Root == tree.Root {
			out = append(out, c)
		}
	}
	return out
}
