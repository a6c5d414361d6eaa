// Package rdf reads, holds, writes and canonicalises RDF 1.1 graphs.
//
// It serves the catalogue: metadata records arrive as Turtle, TriG, N-Triples,
// N-Quads, RDF/XML or JSON-LD, are validated against shapes and are compared
// and digested by their canonical form. Callers are the catalogue profiles and
// the connectors that exchange records.
//
// Guarantees: the readers accept exactly the documents of the W3C
// Recommendations RDF 1.1 Turtle, TriG, N-Triples, N-Quads and XML Syntax (for
// which see ParseRDFXML) and of JSON-LD 1.1 (see ParseJSONLD); they never panic
// on foreign bytes, bound the size, the number of triples and the nesting depth
// of what they read, and report each fault with the line and column (both
// from 1, columns counted in code points) where it lies. Canonical follows
// RDF Dataset Canonicalization (RDFC-1.0) and refuses datasets whose
// canonicalisation would take unbounded work (ErrPoison).
//
// It does no inference, does not fetch anything, does not normalise literal
// values (two spellings of one number are two terms), and does not read
// RDF-star.
package rdf
