package rdf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"iter"
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

// Canonical returns the canonical form of the graph as a dataset of its own,
// as the function Canonical does for g.Quads(), with less work.
func (g *Graph) Canonical(ctx context.Context, l Limits) ([]byte, error) {
	c := Canonicalizer{Limits: l}
	set, err := datasetOf(ctx, g, c.maxQuads())
	if err != nil {
		return nil, err
	}
	r, err := c.label(ctx, set)
	if err != nil {
		return nil, err
	}
	return r.nquads(), nil
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
	set, err := newDataset(ctx, quads, c.maxQuads())
	if err != nil {
		return nil, err
	}
	return c.label(ctx, set)
}

func (c Canonicalizer) maxQuads() int {
	if c.Limits.MaxQuads > 0 {
		return c.Limits.MaxQuads
	}
	return DefaultMaxQuads
}

// label issues the canonical labels of a dataset.
func (c Canonicalizer) label(ctx context.Context, set *dataset) (*canonicalization, error) {
	calls := c.Limits.MaxNDegreeCalls
	if calls <= 0 {
		calls = DefaultMaxNDegreeCalls + callsPerBlank*len(set.blanks)
	}
	newHash := c.NewHash
	if newHash == nil {
		newHash = sha256.New
	}
	r := &canonicalization{
		ctx: ctx, set: set, hash: newHash(), own: NewBudget(calls), shared: c.Limits.Budget,
	}
	return r, r.label()
}
