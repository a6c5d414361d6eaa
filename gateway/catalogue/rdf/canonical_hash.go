package rdf

import (
	"context"
	"encoding/hex"
	"errors"
	"hash"
	"slices"
	"strconv"
	"strings"
)

const (
	canonicalPrefix = "c14n"
	temporaryPrefix = "b"
)

// canonicalization is the canonicalization state of RDFC-1.0 §4.2.
type canonicalization struct {
	ctx  context.Context
	set  *dataset
	hash hash.Hash
	buf  []byte

	first     map[uint32]string // hash of each blank node's first-degree quads
	canonical *issuer

	own    *Budget // of this canonicalisation
	shared *Budget // with others; nil when there are none
	depth  int     // of the recursion of hashNDegree
}

// label issues the canonical labels (RDFC-1.0 §4.4.3).
func (r *canonicalization) label() error {
	r.first = make(map[uint32]string, len(r.set.mentions))
	r.canonical = newIssuer()
	byHash := make(map[string][]uint32, len(r.set.mentions))
	n := 0
	for id := range r.set.mentions {
		if n++; n%1024 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		h := r.hashFirstDegree(id)
		r.first[id] = h
		byHash[h] = append(byHash[h], id)
	}
	var shared []string
	for _, h := range sortedKeys(byHash) {
		if ids := byHash[h]; len(ids) == 1 {
			r.canonical.issue(ids[0])
		} else {
			slices.Sort(ids)
			shared = append(shared, h)
		}
	}
	for _, h := range shared {
		if err := r.labelShared(byHash[h]); err != nil {
			return err
		}
	}
	return nil
}

// labelShared issues labels for blank nodes that share a first-degree hash
// (RDFC-1.0 §4.4.3 step 5).
func (r *canonicalization) labelShared(ids []uint32) error {
	var paths []path
	for _, id := range ids {
		if r.canonical.has(id) {
			continue
		}
		is := newIssuer()
		is.issue(id)
		p, err := r.hashNDegree(id, is)
		if errors.Is(err, ErrPoison) {
			return &PoisonError{Knot: r.knot(id)}
		}
		if err != nil {
			return err
		}
		paths = append(paths, p)
	}
	slices.SortStableFunc(paths, func(a, b path) int { return strings.Compare(a.hash, b.hash) })
	for _, p := range paths {
		for _, id := range p.issuer.order {
			r.canonical.issue(id)
		}
	}
	return nil
}

// digest returns the hash of b in hexadecimal.
func (r *canonicalization) digest(b []byte) string {
	r.hash.Reset()
	r.hash.Write(b)
	var sum [64]byte
	return hex.EncodeToString(r.hash.Sum(sum[:0]))
}

// hashFirstDegree is the Hash First Degree Quads algorithm (RDFC-1.0 §4.6.3).
func (r *canonicalization) hashFirstDegree(id uint32) string {
	mentions := r.set.mentions[id]
	lines := make([]string, 0, len(mentions))
	for _, at := range mentions {
		r.buf = r.set.appendQuad(r.buf[:0], r.set.quads[at], func(b []byte, other uint32) []byte {
			if other == id {
				return append(b, 'a')
			}
			return append(b, 'z')
		})
		lines = append(lines, string(r.buf))
	}
	slices.Sort(lines)
	r.buf = r.buf[:0]
	for _, line := range lines {
		r.buf = append(r.buf, line...)
	}
	return r.digest(r.buf)
}

// hashRelated is the Hash Related Blank Node algorithm (RDFC-1.0 §4.7.3).
func (r *canonicalization) hashRelated(related, predicate uint32, is *issuer, position byte) string {
	b := append(r.buf[:0], position)
	if position != 'g' {
		b = appendTerm(b, r.set.terms[predicate])
	}
	if n, ok := r.canonical.issued[related]; ok {
		b = appendLabel(append(b, '_', ':'), canonicalPrefix, n)
	} else if n, ok := is.issued[related]; ok {
		b = appendLabel(append(b, '_', ':'), temporaryPrefix, n)
	} else {
		b = append(b, r.first[related]...)
	}
	r.buf = b
	return r.digest(b)
}

// issuer is an identifier issuer (RDFC-1.0 §4.3): it numbers blank nodes in
// the order they come.
type issuer struct {
	issued map[uint32]int
	order  []uint32
}

func newIssuer() *issuer { return &issuer{issued: map[uint32]int{}} }

// issue returns the number of a blank node, giving it the next one if it has
// none (RDFC-1.0 §4.5.2).
func (i *issuer) issue(id uint32) int {
	n, ok := i.issued[id]
	if !ok {
		n = len(i.order)
		i.issued[id] = n
		i.order = append(i.order, id)
	}
	return n
}

func (i *issuer) has(id uint32) bool {
	_, ok := i.issued[id]
	return ok
}

// clone returns a copy that can issue on its own.
func (i *issuer) clone() *issuer {
	c := &issuer{issued: make(map[uint32]int, len(i.issued)+4), order: slices.Clone(i.order)}
	for n, id := range c.order {
		c.issued[id] = n
	}
	return c
}

// canonicalLabel returns the n-th canonical label.
func canonicalLabel(n int) string { return string(appendLabel(nil, canonicalPrefix, n)) }

// appendLabel appends an issued identifier.
func appendLabel(b []byte, prefix string, n int) []byte {
	return strconv.AppendInt(append(b, prefix...), int64(n), 10)
}

// sortedKeys returns the keys of m in code point order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
