package rdf

import (
	"errors"
	"fmt"
)

// Codes of SyntaxError.Code.
const (
	// CodeSyntax and the codes of the other formats: the document does not
	// follow the grammar of its format.
	CodeSyntax         = "turtle-syntax"
	CodeTriGSyntax     = "trig-syntax"
	CodeNTriplesSyntax = "n-triples-syntax"
	CodeNQuadsSyntax   = "n-quads-syntax"
	CodeRDFXMLSyntax   = "rdfxml-syntax"
	CodeJSONLDSyntax   = "jsonld-syntax"
	// CodeUnknownContext: a JSON-LD document names a context that is neither
	// bundled nor given; none is fetched.
	CodeUnknownContext = "unknown-context"
	// CodeUndefinedPrefix: a prefixed name uses a prefix nobody declared.
	CodeUndefinedPrefix = "undefined-prefix"
	// CodeBadIRI: an IRI is relative where it must not be or holds a
	// character that an IRI may not hold.
	CodeBadIRI = "bad-iri"
	// CodeBadEscape: an escape sequence is unknown or names no character.
	CodeBadEscape = "bad-escape"
	// CodeBadEncoding: the bytes are not UTF-8.
	CodeBadEncoding = "bad-encoding"
	// CodeTooLarge: the document exceeds MaxBytes or MaxTriples.
	CodeTooLarge = "too-large"
	// CodeTooDeep: blank nodes or collections nest deeper than MaxDepth.
	CodeTooDeep = "too-deep"
	// CodeUnsupported: the construct is of a later or another language, such
	// as RDF-star.
	CodeUnsupported = "unsupported"
)

// ErrPoison is returned when a dataset is too complex to canonicalise within
// the limits (RDFC-1.0 §7.1, dataset poisoning).
var ErrPoison = errors.New("rdf: dataset too complex to canonicalise")

// SyntaxError tells what is wrong with a document and where.
type SyntaxError struct {
	// File is ReadOptions.File, possibly empty.
	File string
	// Line and Col count from 1; Col counts code points.
	Line, Col int
	// Code is one of the Code constants.
	Code string
	// Msg says what is wrong, for a person.
	Msg string
}

// Error returns "file:line:col: msg", without the file when it has no name.
func (e *SyntaxError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
}
