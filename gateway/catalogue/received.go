package catalogue

import (
	"bytes"
	"context"
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Codes of the faults of ParseNQuadsRecord, besides those of package rdf.
const (
	CodeDigestMismatch = "record-digest-mismatch"
	CodeNotCanonical   = "record-not-canonical"
	CodeNotOneDataset  = "record-not-one-dataset"
)

// ParseNQuadsRecord rebuilds a record from its exchanged form: RDFC-1.0 canonical N-Quads with the
// digest of exactly those bytes (wire profile §3). It accepts one dataset and nothing that the
// dataset's description does not reach, so what is recorded is what was signed.
//
// Errors are *fault.Error: too-large, or invalid with the codes above or the codes of package rdf;
// otherwise the context's.
func ParseNQuadsRecord(ctx context.Context, content []byte, digest string) (Record, error) {
	if len(content) > MaxRecordBytes {
		return Record{}, fault.New(fault.TooLarge, CodeRecordTooLarge, "the description exceeds the size of a record")
	}
	if rdf.Digest(content) != digest {
		return Record{}, fault.New(fault.Invalid, CodeDigestMismatch, "the digest is not that of the content")
	}
	g, err := defaultGraph(ctx, content)
	if err != nil {
		return Record{}, err
	}
	roots := g.Subjects(rdfType, classDataset)
	if len(roots) != 1 {
		return Record{}, fault.New(fault.Invalid, CodeNotOneDataset, "the content must describe exactly one dcat:Dataset")
	}
	r, err := newRecord(ctx, newDocument(g), roots[0], Source{})
	switch {
	case errors.Is(err, rdf.ErrPoison):
		return Record{}, fault.Wrap(err, fault.Invalid, CodeRecordTooComplex, "the content cannot be canonicalised in bounded work")
	case errors.Is(err, errTooLarge):
		return Record{}, fault.Wrap(err, fault.TooLarge, CodeRecordTooLarge, "the description exceeds the size of a record")
	case err != nil:
		return Record{}, err
	case !bytes.Equal(r.NQuads, content):
		return Record{}, fault.New(fault.Invalid, CodeNotCanonical, "the content is not the canonical form of one dataset's description")
	}
	r.lines = nil // of the canonical form: no place a person wrote
	return r, nil
}

// defaultGraph reads N-Quads whose statements are all in the default graph.
func defaultGraph(ctx context.Context, content []byte) (*rdf.Graph, error) {
	quads, err := rdf.ReadNQuads(ctx, bytes.NewReader(content), rdf.ReadOptions{MaxBytes: MaxRecordBytes, MaxTriples: MaxRecordTriples})
	if err != nil {
		var syntax *rdf.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fault.Wrap(err, fault.Invalid, syntax.Code, "the content is not N-Quads")
		}
		return nil, err
	}
	g := rdf.NewGraph()
	for _, q := range quads {
		if !q.G.IsZero() {
			return nil, fault.New(fault.Invalid, CodeNotCanonical, "a description has no named graphs")
		}
		g.Add(q.Triple)
	}
	return g, nil
}
