package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// Report is the outcome of a validation (SHACL §3.6.1).
type Report struct {
	// Conforms is true when there is no result of whatever severity.
	Conforms bool
	// Results are in the order of the shapes, within a shape in that of the data.
	Results []Result
}

// Result is one reason why the data does not conform (SHACL §3.6.2).
type Result struct {
	// Focus is the node that was validated.
	Focus rdf.Term
	// Owner is the nearest node with a name that leads to a focus without one; the zero Term when the
	// focus is named or nobody leads to it.
	Owner rdf.Term
	// Path leads from the focus to the values; the zero Path of node shapes.
	Path Path
	// Value is the node that caused the result; the zero Term when no single one did.
	Value rdf.Term
	// Component is the IRI of the constraint component.
	Component string
	// Shape is the shape that declares the constraint.
	Shape rdf.Term
	// Severity is the IRI of the severity.
	Severity string
	// Messages are those of the shape; none when it declares none. Text always says something.
	Messages []rdf.Term
	// Line and Col are where the data says it: the triple that leads to the value or, when there is
	// none, the line where the focus is described. From 1; 0 when unknown.
	Line, Col int
	// File is where that is, when the data is of ValidateSources.
	File string
	// Details say why a value does not conform to the shape it should conform to.
	Details []Result

	want want
}

// want is what a constraint asked for, for messages and hints.
type want struct {
	terms  []rdf.Term // the class, the datatype, the property, the permitted values
	number int        // of values, of characters
	text   string     // a pattern, a language tag
	// undescribed says that nothing in data and background is said about the focus.
	undescribed bool
}

// Worst is the highest severity among the results: Violation (or a severity SHACL does not know), then
// Warning, then Info; empty when there is none.
func (r *Report) Worst() string {
	worst := ""
	for i := range r.Results {
		switch s := r.Results[i].Severity; {
		case s == Info && worst == "":
			worst = Info
		case s == Warning && worst != Violation:
			worst = Warning
		case s != Info && s != Warning:
			return Violation
		}
	}
	return worst
}
