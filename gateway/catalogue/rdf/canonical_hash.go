package rdf

import (
	"bytes"
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
	ctx    context.Context
	set    *dataset
	hash   hash.Hash
	buf    []byte
	digits []byte // of a hash

	lines [][]byte // of one blank node

	first     []string // hash of each blank node's first-degree quads
	canonical *issuer

	own    *Budget // of this canonicalisation
	shared *Budget // with others; nil when there are none
	depth  int     // of the recursion of hashNDegree
}

// label issues the canonical labels (RDFC-1.0 §4.4.3).
func (r *canonicalization) label() error {
	r.first = make([]string, len(r.set.terms))
	r.canonical = newIssuer()
	for n, id := range r.set.blanks {
		if n%1024 == 1023 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		r.first[id] = r.hashFirstDegree(id)
	}
	order := slices.Clone(r.set.blanks)
	slices.SortStableFunc(order, func(a, b uint32) int { return strings.Compare(r.first[a], r.first[b]) })
	var shared [][]uint32
	for len(order) > 0 {
		n := 1
		for n < len(order) && r.first[order[n]] == r.first[order[0]] {
			n++
		}
		if n == 1 {
			r.canonical.issue(order[0])
		} else {
			shared = append(shared, order[:n])
		}
		order = order[n:]
	}
	for _, ids := range shared {
		if err := r.labelShared(ids); err != nil {
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
	return r.sum()
}

// sum returns the hash of what was written since it was reset.
func (r *canonicalization) sum() string {
	r.digits = r.hash.Sum(r.digits[:0])
	return hex.EncodeToString(r.digits)
}

// hashFirstDegree is the Hash First Degree Quads algorithm (RDFC-1.0 §4.6.3).
func (r *canonicalization) hashFirstDegree(id uint32) string {
	label := func(b []byte, other uint32) []byte {
		if other == id {
			return append(b, 'a')
		}
		return append(b, 'z')
	}
	b, lines := r.buf[:0], r.lines[:0]
	for _, at := range r.set.mentions(id) {
		from := len(b)
		b = r.set.appendQuad(b, &r.set.quads[at], label)
		lines = append(lines, b[from:])
	}
	r.buf, r.lines = b, lines
	slices.SortFunc(lines, bytes.Compare)
	r.hash.Reset()
	for _, line := range lines {
		r.hash.Write(line)
	}
	return r.sum()
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
