package shacl

import (
	"fmt"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// conforms checks a node against shapes and wants no results.
func (r *run) conforms(shapes []*shape, n node) bool {
	r.quiet++
	defer func() { r.quiet-- }()
	for _, s := range shapes {
		if !r.shape(s, n) {
			return false
		}
	}
	return true
}

// explain collects why a node does not conform to shapes. About a node that nothing is said about, the
// place to look at is where it is mentioned, which the caller knows.
func (r *run) explain(shapes []*shape, n node, by *Result) {
	var details []Result
	outer, quiet := r.results, r.quiet
	r.results, r.quiet = &details, 0
	for _, s := range shapes {
		r.shape(s, n)
	}
	r.results, r.quiet = outer, quiet
	if !r.described(n) {
		for i := range details {
			if d := &details[i]; d.Focus == by.Value {
				d.want.undescribed = true
				d.at(by.File, by.Line, by.Col)
			}
		}
	}
	by.Details = details
}

// described reports whether anything is said about a node.
func (r *run) described(n node) bool {
	if id, ok := r.inData(n); ok {
		if cur := r.data.Find(id, rdf.AnyID, rdf.AnyID); cur.Next() {
			return true
		}
	}
	id, ok := r.inBack(n)
	if !ok {
		return false
	}
	cur := r.shapes.back.Find(id, rdf.AnyID, rdf.AnyID)
	return cur.Next()
}

// report records a result and returns it to be completed, or nil when nobody wants results. The value is
// noNode when no single one is to blame.
func (r *run) report(s *shape, component string, focus, value node, w want) *Result {
	if r.quiet > 0 || r.err != nil {
		return nil
	}
	if r.count++; r.count > r.shapes.options.MaxResults {
		r.err = fmt.Errorf("%w: more than %d results", ErrTooMuchWork, r.shapes.options.MaxResults)
		return nil
	}
	result := Result{
		Focus: r.term(focus), Path: Path{s.path}, Component: component, Shape: s.term, Severity: s.severity,
		Messages: s.messages, want: w,
	}
	if value != noNode {
		result.Value = r.term(value)
	}
	if result.Focus.Kind == rdf.Blank {
		result.Owner = r.owner(focus)
	}
	result.at(r.place(s.path, focus, value))
	*r.results = append(*r.results, result)
	return &(*r.results)[len(*r.results)-1]
}

// reportAt is report for what one value shows without being wrong in itself.
func (r *run) reportAt(s *shape, component string, focus, shown node, w want) {
	if result := r.report(s, component, focus, noNode, w); result != nil {
		result.at(r.place(s.path, focus, shown))
	}
}
