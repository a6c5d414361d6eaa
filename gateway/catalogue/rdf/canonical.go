package rdf

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"iter"
	"slices"
	"strings"
)

// Bounds that the zero Limits stand for. On top of DefaultMaxNDegreeCalls
// each blank node adds callsPerBlank, because a large dataset of harmless
// records may well need a call or two for each.
const (
	DefaultMaxQuads        = 10_000_000
	DefaultMaxNDegreeCalls = 50_000

	callsPerBlank = 4
)

// relatedPerCall bounds, on average over a dataset, how many related blank
// nodes may be hashed or ordered for each allowed N-degree call.
const relatedPerCall = 20

// Limits bound a canonicalisation. Zero fields mean the defaults.
type Limits struct {
	// MaxQuads bounds the number of statements, repeated ones included.
	MaxQuads int
	// MaxNDegreeCalls bounds the calls of the Hash N-Degree Quads algorithm
	// together with the permutations it tries (RDFC-1.0 §7.1).
	MaxNDegreeCalls int
	// Budget, when set, bounds the same together with the other
	// canonicalisations that were given it.
	Budget *Budget
}

// Canonicalizer canonicalises RDF datasets by RDFC-1.0 with the hash function
// of the caller's choice. The zero value uses SHA-256 and the default limits.
type Canonicalizer struct {
	Limits Limits
	// NewHash returns a new hash; nil means SHA-256.
	NewHash func() hash.Hash
}

// Canonical returns the dataset's canonical N-Quads form by RDFC-1.0 with
// SHA-256: two datasets have the same form exactly when they differ only in
// blank node labels, in order, in repetition and in the case of language
// tags. It returns ErrPoison, where it can a *PoisonError, when the limits do
// not suffice and ctx.Err() when the context ends first.
func Canonical(ctx context.Context, quads iter.Seq[Quad], l Limits) (nquads []byte, err error) {
	return Canonicalizer{Limits: l}.Canonical(ctx, quads)
}

// CanonicalLabels returns the canonical label, such as "c14n0", of each blank
// node label of the dataset. Errors are those of Canonical.
func CanonicalLabels(ctx context.Context, quads iter.Seq[Quad], l Limits) (map[string]string, error) {
	return Canonicalizer{Limits: l}.Labels(ctx, quads)
}

// Digest returns "sha256:" and the lower-case hexadecimal SHA-256 of a
// canonical form.
func Digest(nquads []byte) string {
	sum := sha256.Sum256(nquads)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Canonical is the function Canonical with the receiver's hash and limits.
func (c Canonicalizer) Canonical(ctx context.Context, quads iter.Seq[Quad]) ([]byte, error) {
	r, err := c.run(ctx, quads)
	if err != nil {
		return nil, err
	}
	return r.nquads(), nil
}

// Labels is the function CanonicalLabels with the receiver's hash and limits.
func (c Canonicalizer) Labels(ctx context.Context, quads iter.Seq[Quad]) (map[string]string, error) {
	r, err := c.run(ctx, quads)
	if err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(r.canonical.order))
	for i, id := range r.canonical.order {
		labels[r.set.terms[id].Value] = canonicalLabel(i)
	}
	return labels, nil
}

// run canonicalises a dataset.
func (c Canonicalizer) run(ctx context.Context, quads iter.Seq[Quad]) (*canonicalization, error) {
	l := c.Limits
	if l.MaxQuads <= 0 {
		l.MaxQuads = DefaultMaxQuads
	}
	newHash := c.NewHash
	if newHash == nil {
		newHash = sha256.New
	}
	set := newDataset()
	n := 0
	for q := range quads {
		if n++; n > l.MaxQuads {
			return nil, fmt.Errorf("more than %d statements: %w", l.MaxQuads, ErrPoison)
		}
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		set.add(q)
	}
	if l.MaxNDegreeCalls <= 0 {
		l.MaxNDegreeCalls = DefaultMaxNDegreeCalls + callsPerBlank*len(set.mentions)
	}
	r := &canonicalization{
		ctx: ctx, set: set, hash: newHash(), own: NewBudget(l.MaxNDegreeCalls), shared: l.Budget,
	}
	return r, r.label()
}

// dataset is a set of quads by the numbers of their terms. Number 0 is the
// zero term, the default graph.
type dataset struct {
	terms []Term
	ids   termIDs
	quads [][4]uint32
	seen  map[[4]uint32]struct{}
	// mentions lists the quads each blank node occurs in.
	mentions map[uint32][]int
}

func newDataset() *dataset {
	d := &dataset{
		ids:      newTermIDs(),
		seen:     map[[4]uint32]struct{}{},
		mentions: map[uint32][]int{},
	}
	d.id(Term{})
	return d
}

// add puts a quad into the set, with language tags in lower case.
func (d *dataset) add(q Quad) {
	k := [4]uint32{d.id(q.S), d.id(q.P), d.id(q.O), d.id(q.G)}
	if _, dup := d.seen[k]; dup {
		return
	}
	d.seen[k] = struct{}{}
	at := len(d.quads)
	d.quads = append(d.quads, k)
	for i, id := range k {
		if d.terms[id].Kind == Blank && !slices.Contains(k[:i], id) {
			d.mentions[id] = append(d.mentions[id], at)
		}
	}
}

// id returns the number of a term.
func (d *dataset) id(t Term) uint32 {
	if t.Lang != "" {
		t.Lang = strings.ToLower(t.Lang)
	}
	id, ok := d.ids.find(t)
	if !ok {
		id = uint32(len(d.terms))
		d.ids.put(t, id)
		d.terms = append(d.terms, t)
	}
	return id
}

// appendQuad appends a quad and a line feed, with the blank nodes' labels
// from label.
func (d *dataset) appendQuad(b []byte, k [4]uint32, label func(b []byte, id uint32) []byte) []byte {
	for _, id := range k {
		switch t := d.terms[id]; t.Kind {
		case Blank:
			b = append(label(append(b, '_', ':'), id), ' ')
		case IRI, Literal:
			b = append(appendTerm(b, t), ' ')
		}
	}
	return append(b, '.', '\n')
}

// nquads writes the dataset with canonical labels in code point order.
func (r *canonicalization) nquads() []byte {
	var b []byte
	ends := make([]int, 1, len(r.set.quads)+1)
	for _, k := range r.set.quads {
		b = r.set.appendQuad(b, k, func(b []byte, id uint32) []byte {
			return appendLabel(b, canonicalPrefix, r.canonical.issued[id])
		})
		ends = append(ends, len(b))
	}
	lines := make([][]byte, len(r.set.quads))
	for i := range lines {
		lines[i] = b[ends[i]:ends[i+1]]
	}
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
}
