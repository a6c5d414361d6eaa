package shacl

import (
	"sync"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Shapes is a compiled shapes graph. It does not change and may be used by many goroutines.
type Shapes struct {
	options   Options
	roots     []*shape // those with targets, in the order of the shapes graph
	byTerm    map[rdf.Term][]*shape
	constants []constantTerm
	back      *rdf.Graph // the background as one graph, or nil
	backClass bool       // the background knows of subclasses
	defects   []Defect
	runs      sync.Pool // of *run, whose scratch space is used again
}

// constant is the number of a term that shapes compare terms of the data with.
type constant int

// constantTerm is such a term and its number in the background.
type constantTerm struct {
	term   rdf.Term
	back   rdf.ID
	inBack bool
}

// shape is a node shape or a property shape (SHACL §2).
type shape struct {
	term        rdf.Term
	variant     string // tells the parts of a shape that was taken apart from each other
	path        *pathNode
	deactivated bool
	severity    string
	messages    []rdf.Term
	targets     []target
	constraints []constraint
	recursive   bool // leads back to itself
}

// constraint is a constraint component with its parameters.
type constraint interface {
	// check judges the values of a focus node, r.values[from:to], and reports what is wrong. It
	// returns whether nothing is. When nobody wants results it may stop at the first.
	check(r *run, s *shape, focus node, from, to int) bool
}

// referrer is a constraint that leads to other shapes.
type referrer interface{ shapes() []*shape }

// Defects are what is wrong with the shapes graph, in the order of the documents.
func (s *Shapes) Defects() []Defect { return append([]Defect(nil), s.defects...) }

// Skipped reports whether something the shapes graph asks for is not checked, because of a defect.
func (s *Shapes) Skipped() bool {
	for _, d := range s.defects {
		if d.Skipped {
			return true
		}
	}
	return false
}

// Has reports whether the graph holds a shape with this name.
func (s *Shapes) Has(shape rdf.Term) bool { return len(s.byTerm[shape]) > 0 }
