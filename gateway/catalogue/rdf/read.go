package rdf

import (
	"context"
	"errors"
	"io"
	"iter"
)

var errPending = errors.New("rdf: pending")

// ReadTurtle reads a Turtle document into a graph.
func ReadTurtle(ctx context.Context, r io.Reader, o ReadOptions) (*Graph, error) {
	return nil, errPending
}

// ReadNTriples reads an N-Triples document into a graph.
func ReadNTriples(ctx context.Context, r io.Reader, o ReadOptions) (*Graph, error) {
	return nil, errPending
}

// ReadNQuads reads an N-Quads document.
func ReadNQuads(ctx context.Context, r io.Reader, o ReadOptions) ([]Quad, error) {
	return nil, errPending
}

// ParseTurtle is the streaming form of ReadTurtle.
func ParseTurtle(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple) error) error {
	return errPending
}

// ParseNTriples is the streaming form of ReadNTriples.
func ParseNTriples(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple) error) error {
	return errPending
}

// ParseNQuads is the streaming form of ReadNQuads.
func ParseNQuads(ctx context.Context, r io.Reader, o ReadOptions, emit func(Quad) error) error {
	return errPending
}

// WriteTurtle writes g as Turtle.
func WriteTurtle(w io.Writer, g *Graph, prefixes map[string]string) error { return errPending }

// Limits bound canonicalisation.
type Limits struct {
	MaxQuads, MaxNDegreeCalls int
}

// Canonical returns the canonical N-Quads form.
func Canonical(ctx context.Context, quads iter.Seq[Quad], l Limits) ([]byte, error) {
	return nil, errPending
}

// CanonicalLabels returns the canonical label of each blank node label.
func CanonicalLabels(ctx context.Context, quads iter.Seq[Quad], l Limits) (map[string]string, error) {
	return nil, errPending
}

// Digest returns "sha256:" and the lower-case hexadecimal SHA-256.
func Digest(nquads []byte) string { return "" }
