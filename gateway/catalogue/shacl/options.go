package shacl

import (
	"errors"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds that the zero Options stand for.
const (
	// DefaultMaxSteps and DefaultStepsPerTriple together bound the work of one validation: the
	// triples looked at and the constraints checked.
	DefaultMaxSteps       = 10_000_000
	DefaultStepsPerTriple = 2_000
	// DefaultMaxResults bounds a report.
	DefaultMaxResults = 100_000
	// DefaultMaxDepth bounds how deep shapes may lead to shapes while a node is checked.
	DefaultMaxDepth = 512
)

// ErrTooMuchWork is returned by a validation that exceeds its bounds: nothing is known about the data.
var ErrTooMuchWork = errors.New("shacl: validation takes too much work")

// Source is a shapes document.
type Source struct {
	// File names the document in defects.
	File string
	// Graph holds its triples. Blank nodes of two sources are never the same.
	Graph *rdf.Graph
}

// Options govern Compile. The zero value compiles one unnamed document.
type Options struct {
	// File names the shapes document in defects.
	File string
	// More are further documents, compiled together with the first as one shapes graph.
	More []Source
	// Background holds vocabularies and class hierarchies. What it says counts as data for paths,
	// classes and their subclasses, but none of its nodes is a focus node.
	Background []*rdf.Graph
	// MaxSteps bounds the work of one validation; 0 means DefaultMaxSteps and DefaultStepsPerTriple
	// for each triple of the data.
	MaxSteps int
	// MaxResults bounds the results of one report; 0 means DefaultMaxResults.
	MaxResults int
	// MaxDepth bounds the nesting of checks; 0 means DefaultMaxDepth.
	MaxDepth int
}

// Codes of defects. They are stable.
const (
	// DefectPathless: a property shape has no sh:path; it was read as a node shape.
	DefectPathless = "shape-without-path"
	// DefectSeveralPaths: a property shape has several; it was taken apart, or all but one were dropped.
	DefectSeveralPaths = "several-paths"
	// DefectSeveralValues: a parameter that may have one value has several; all of them apply.
	DefectSeveralValues = "several-values"
	// DefectContradiction: a shape asks for more values than it allows; both constraints apply.
	DefectContradiction = "contradictory-counts"
	// DefectIllFormed: a value, list or path cannot be what it has to be; it was dropped.
	DefectIllFormed = "ill-formed"
	// DefectUnknownTerm: a term of the SHACL namespace that is not of SHACL Core; it was ignored.
	DefectUnknownTerm = "unknown-term"
	// DefectUnsupported: a constraint that this engine cannot check, such as SPARQL.
	DefectUnsupported = "unsupported"
	// DefectImport: owl:imports was not followed.
	DefectImport = "import-not-followed"
	// DefectRecursive: shapes that lead back to themselves.
	DefectRecursive = "recursive-shapes"
)

// Defect is something wrong with a shapes graph, and what was done about it.
type Defect struct {
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"` // from 1; 0 when unknown
	Col    int      `json:"col,omitempty"`
	Code   string   `json:"code"`
	Shape  rdf.Term `json:"-"`
	Name   string   `json:"shape,omitempty"` // of the shape or, when it has none, of the one it belongs to, in N-Triples
	What   string   `json:"what"`            // is wrong
	Action string   `json:"action"`          // what was done
	// Skipped says that something the shapes ask for is not checked.
	Skipped bool `json:"skipped,omitempty"`
}
